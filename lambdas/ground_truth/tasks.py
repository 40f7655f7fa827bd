"""Task types and their rules: those of ``task_rows``, and the audits of their labels.

Source: developer guide, "Verify and Adjust Labels", and the service model.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ground_truth.built_in import BUILT_IN, Audit, BuiltIn, RefSuffix
from ground_truth.limits import Range
from ground_truth.task_rows import ROWS
from ground_truth.task_types import AnswerKind, TaskRules, TaskType

__all__ = ["TASK_RULES", "AnswerKind", "TaskRules", "TaskType", "rules_for"]

_FIRST: Final = {row.task: row for row in ROWS}


def _built_in(kind: str, audited: TaskType) -> BuiltIn | None:
    """Ground Truth's own audit of a task, None where it has none."""
    first = _FIRST[audited].built_in
    return BUILT_IN.get(f"{kind}{first.name}") if first else None


def _verification(
    task: TaskType, audited: TaskType, element: str = "crowd-image-classifier"
) -> TaskRules:
    """One judgement of all labels of an object (developer guide, "Label Verification").

    The guide's examples end the attribute of a mask's judgement in ``-ref``; the service model
    forbids it, as a judgement is no reference.
    """
    return replace(
        _FIRST[audited],
        task=task,
        built_in=_built_in("Verification", audited),
        answers=AnswerKind.SINGLE_LABEL,
        ref_suffix=RefSuffix.FORBIDDEN,
        labels=Range(2, None),
        template_element=element,
        metadata_type="groundtruth/label-verification",
        audit=Audit.VERIFICATION,
        audited=audited,
    )


def _adjustment(task: TaskType, audited: TaskType) -> TaskRules:
    """The same task begun with the labels there are; the output's ``type`` doesn't change."""
    return replace(
        _FIRST[audited],
        task=task,
        built_in=_built_in("Adjustment", audited),
        audit=Audit.ADJUSTMENT,
        audited=audited,
    )


# All but those of boxes and masks are custom tasks: Ground Truth has no functions for them.
_AUDITS: Final = (
    _verification(TaskType.IMAGE_CLASSIFICATION_VERIFICATION, TaskType.IMAGE_CLASSIFICATION),
    _verification(
        TaskType.TEXT_CLASSIFICATION_VERIFICATION, TaskType.TEXT_CLASSIFICATION, "crowd-classifier"
    ),
    _verification(TaskType.BOUNDING_BOX_VERIFICATION, TaskType.BOUNDING_BOX),
    _verification(TaskType.SEMANTIC_SEGMENTATION_VERIFICATION, TaskType.SEMANTIC_SEGMENTATION),
    _adjustment(TaskType.BOUNDING_BOX_ADJUSTMENT, TaskType.BOUNDING_BOX),
    _adjustment(TaskType.SEMANTIC_SEGMENTATION_ADJUSTMENT, TaskType.SEMANTIC_SEGMENTATION),
    _adjustment(TaskType.POLYGON_ADJUSTMENT, TaskType.POLYGON),
    _adjustment(TaskType.POLYLINE_ADJUSTMENT, TaskType.POLYLINE),
    _adjustment(TaskType.KEYPOINT_ADJUSTMENT, TaskType.KEYPOINT),
    _adjustment(TaskType.NAMED_ENTITY_RECOGNITION_ADJUSTMENT, TaskType.NAMED_ENTITY_RECOGNITION),
)
# One pair of functions verifies and adjusts; what workers may edit is in the label categories.
_FRAME_AUDITS: Final = tuple(
    replace(
        row,
        task=TaskType(f"{row.task}-{audit}"),
        built_in=_built_in("Adjustment", row.task),
        audit=audit,
        audited=row.task,
    )
    for row in ROWS
    if row.answers is AnswerKind.UNREAD
    for audit in Audit
)
TASK_RULES: Final[Mapping[TaskType, TaskRules]] = MappingProxyType(
    {row.task: row for row in (*ROWS, *_AUDITS, *_FRAME_AUDITS)}
)


def rules_for(task: TaskType | str) -> TaskRules:
    """Return the rules of ``task``; raises ``ValueError`` naming the tasks there are."""
    try:
        return TASK_RULES[TaskType(task)]
    except ValueError as error:
        known = ", ".join(TaskType)
        message = f"unknown task: got {task!r}, allowed {known}; correct task in the campaign file"
        raise ValueError(message) from error
