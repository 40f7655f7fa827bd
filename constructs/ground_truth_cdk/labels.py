"""How labels reach the annotation functions; imports no aws_cdk, so configuration may use it."""

from __future__ import annotations

from collections.abc import Sequence

from ground_truth.canonical import canonical_json

# Lambda allows 4096 bytes of environment for all variables together.
LARGEST_LABELS_BYTES = 3800


class TooManyLabelsError(ValueError):
    """The labels don't fit into a function's environment."""


def labels_variable(labels: Sequence[str]) -> str:
    """Return labels as the functions read them; raises TooManyLabelsError when too long."""
    text = canonical_json(list(labels)).decode()
    if len(text) > LARGEST_LABELS_BYTES:
        raise TooManyLabelsError(
            f"labels take {len(text)} bytes of a function's environment, allowed"
            f" {LARGEST_LABELS_BYTES}; shorten or merge labels"
        )
    return text
