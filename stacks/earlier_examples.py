"""A label as an earlier job would have given it, for pages that begin with one to be tried with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ground_truth.output import classification_output
from ground_truth.output_shapes import (
    entities_output,
    image_shapes_output,
    metadata_of,
    segmentation_output,
)
from ground_truth.task_input import Audited
from ground_truth.tasks import AnswerKind, rules_for

if TYPE_CHECKING:
    from ground_truth.tasks import TaskType

MASK: Final = "s3://earlier-labels/mask.png"
# In pixels; small, as pictures may be.
_SIZE: Final = (64, 64)
_OUTLINE: Final = ({"x": 16, "y": 20}, {"x": 52, "y": 16}, {"x": 56, "y": 52})
_SHAPES: Final[Mapping[AnswerKind, tuple[str, Mapping[str, object]]]] = {
    AnswerKind.BOXES: ("annotations", {"left": 16, "top": 20, "width": 40, "height": 28}),
    AnswerKind.POLYGONS: ("polygons", {"vertices": list(_OUTLINE)}),
    AnswerKind.POLYLINES: ("polylines", {"vertices": list(_OUTLINE)}),
    AnswerKind.KEYPOINTS: ("keypoints", {"x": 36, "y": 28}),
}
STAND_IN: Final = Audited(attribute="earlier-label", labels=("a label", "another label"))
"""For a campaign whose chain isn't known, because it has problems."""


def example_label(task: TaskType, audited: Audited) -> Mapping[str, object]:
    """What a line of a manifest carries for `audited` when `task` is about to audit it.

    Nothing where the page is Amazon's, which nobody can try.
    """
    earlier = rules_for(task).audited
    if earlier is None or rules_for(earlier).answers is AnswerKind.UNREAD:
        return {}
    rules = rules_for(earlier)
    created = datetime.fromtimestamp(0, UTC)
    common: dict[str, Any] = {"object_id": "0", "attribute": audited.attribute}
    metadata = metadata_of(metadata_type=rules.metadata_type, job_name="earlier", created=created)
    if rules.answers is AnswerKind.SINGLE_LABEL:
        output = classification_output(
            **common,
            class_index=0,
            class_name=audited.labels[0],
            confidence=0.9,
            metadata_type=rules.metadata_type,
            job_name="earlier",
            created=created,
        )
    elif rules.answers is AnswerKind.SPANS:
        output = entities_output(
            **common, entities=[(0, (2, 6), 0.9)], labels=audited.labels, metadata=metadata
        )
    elif rules.answers is AnswerKind.MASK:
        output = segmentation_output(
            **common,
            uri=MASK,
            confidence=0.9,
            labels=audited.labels,
            palette=palette(audited.labels),
            metadata=metadata,
        )
    else:
        key, shape = _SHAPES[rules.answers]
        output = image_shapes_output(
            **common,
            key=key,
            entries=[(0, shape, 0.9)],
            labels=audited.labels,
            image_size=_SIZE,
            metadata=metadata,
        )
    return output["consolidatedAnnotation"]["content"]


def palette(labels: Sequence[str]) -> list[int]:
    """White for nothing and a color for each label, 0xRRGGBB."""
    return [0xFFFFFF, *(0x2CA02C + 0x3A5F1 * number & 0xFFFFFF for number in range(len(labels)))]
