"""What the annotation functions are and are told; imports no aws_cdk: configuration uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ground_truth.canonical import canonical_json
from ground_truth.tasks import AnswerKind, rules_for

if TYPE_CHECKING:
    from ground_truth.task_input import Audited
    from ground_truth.tasks import TaskType

PRE_ANNOTATION = "ground_truth_functions.pre_annotation"
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


def audited_variable(audited: Audited) -> str:
    """Return what is audited as the pre-annotation function reads it."""
    document = {"attribute": audited.attribute, "labels": list(audited.labels)}
    return canonical_json(document).decode()


def annotation_settings(
    task: TaskType, labels: Sequence[str], audited: Audited | None = None
) -> dict[str, str]:
    """Return the environment variables of both functions; raises TooManyLabelsError.

    What is audited is for the one that tells the page alone.
    """
    settings = {"TASK": task.value, "LABELS": labels_variable(labels)}
    if audited is None:
        return settings
    settings["AUDITED"] = audited_variable(audited)
    taken = len(settings["LABELS"]) + len(settings["AUDITED"])
    if taken > LARGEST_LABELS_BYTES:
        raise TooManyLabelsError(
            f"labels and those they judge take {taken} bytes of a function's environment,"
            f" allowed {LARGEST_LABELS_BYTES}; shorten or merge labels"
        )
    return settings


def consolidation_module(task: TaskType) -> str:
    """Return the module that consolidates a task; masks take libraries no other has to carry."""
    masks = rules_for(task).answers is AnswerKind.MASK
    return f"ground_truth_functions.{'mask_consolidation' if masks else 'consolidation'}"
