"""What a campaign asks for that works, and may not give what its author expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ground_truth.automation import ADVISED_OBJECTS, LEAST_OBJECTS
from ground_truth.functions import Functions
from ground_truth.tasks import AnswerKind, rules_for

if TYPE_CHECKING:
    from stacks.campaign import CampaignFile

Doubt = tuple[str, str]
"""The key it is about, and the message."""


def doubts(settings: CampaignFile, manifest: bytes | None) -> Iterator[Doubt]:
    """Every doubt; `manifest` is the campaign's own, where it has one."""
    yield from _direct(settings)
    if settings.automated_labeling is not None:
        for message in _automated(settings, manifest):
            yield "automated_labeling", message


def _direct(settings: CampaignFile) -> Iterator[Doubt]:
    """Nothing consolidates the answers."""
    if not settings.job_rules.direct:
        return
    masks = rules_for(settings.task).answers is AnswerKind.MASK
    later = "" if masks else ", of which `gt reconsolidate` makes labels"
    kept = f"what workers said stays in their responses{later}"
    message = f"got 'none', so no label is made of the answers: labels are empty, and {kept}"
    if settings.functions is Functions.AWS:
        message = (
            f"got 'aws', which for {settings.task} is PassThrough: no label is made of the answers,"
            f" and what stands in its place isn't documented, as it is for 'none'; {kept}"
        )
    yield "functions", message


def _automated(settings: CampaignFile, manifest: bytes | None) -> Iterator[str]:
    """What Ground Truth's models will hardly learn from, where that is known."""
    if settings.functions is Functions.OWN:
        yield (
            "Ground Truth documents it with its own functions alone; with functions of the project"
            " it isn't known to work"
        )
    expected = settings.dataset.expected_objects
    objects = expected if manifest is None else manifest.count(b"\n")
    if objects is not None and objects < LEAST_OBJECTS:
        yield (
            f"got {objects} objects, needed {LEAST_OBJECTS} or more, advised {ADVISED_OBJECTS}:"
            " of fewer no model is made; add some, or remove the table"
        )
