"""Task types and their rules, as data: another task is another row.

Source: developer guide pages of each task, input data quotas and the service model of
CreateLabelingJob (the rules of ``LabelAttributeName``, ``UiConfig`` and ``HumanTaskConfig``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ground_truth.limits import Range


class TaskType(StrEnum):
    """Tasks a campaign may ask for, by the name used in campaign files."""

    IMAGE_CLASSIFICATION = "image-classification"
    TEXT_CLASSIFICATION = "text-classification"


class AnswerKind(StrEnum):
    """What a worker's answer is; each kind is read and consolidated in its own way."""

    SINGLE_LABEL = "single-label"
    MULTI_LABEL = "multi-label"
    BOXES = "boxes"
    POLYGONS = "polygons"
    POLYLINES = "polylines"
    KEYPOINTS = "keypoints"
    SPANS = "spans"
    MASK = "mask"


class UiKind(StrEnum):
    """Where the worker's page comes from; CreateLabelingJob takes one and refuses the other."""

    TEMPLATE = "template"
    HUMAN_TASK_UI = "human-task-ui"


class RefSuffix(StrEnum):
    """Whether the label attribute ends ``-ref``: such values are S3 references."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRules:
    """What Ground Truth asks of one task type.

    ``extensions`` are the object names that may be labeled: for ``manifest_key`` "source-ref" the
    objects themselves, for "source" the text files a dataset may be built from.
    """

    task: TaskType
    answers: AnswerKind
    ui: UiKind
    ref_suffix: RefSuffix
    workers: Range
    labels: Range
    task_time_limit_seconds: Range
    dataset_objects: Range
    manifest_key: str
    extensions: tuple[str, ...]
    template_element: str
    metadata_type: str
    automated_labeling: bool


TASK_RULES: Final[Mapping[TaskType, TaskRules]] = MappingProxyType(
    {
        TaskType.IMAGE_CLASSIFICATION: TaskRules(
            task=TaskType.IMAGE_CLASSIFICATION,
            answers=AnswerKind.SINGLE_LABEL,
            ui=UiKind.TEMPLATE,
            ref_suffix=RefSuffix.FORBIDDEN,
            workers=Range(1, 9),
            labels=Range(2, None),
            task_time_limit_seconds=Range(30, 28_800),
            dataset_objects=Range(1, 100_000),
            manifest_key="source-ref",
            extensions=(".jpg", ".jpeg", ".png"),
            template_element="crowd-image-classifier",
            metadata_type="groundtruth/image-classification",
            automated_labeling=True,
        ),
        TaskType.TEXT_CLASSIFICATION: TaskRules(
            task=TaskType.TEXT_CLASSIFICATION,
            answers=AnswerKind.SINGLE_LABEL,
            ui=UiKind.TEMPLATE,
            ref_suffix=RefSuffix.FORBIDDEN,
            workers=Range(1, 9),
            labels=Range(2, None),
            task_time_limit_seconds=Range(30, 28_800),
            dataset_objects=Range(1, 100_000),
            manifest_key="source",
            extensions=(".txt",),
            template_element="crowd-classifier",
            metadata_type="groundtruth/text-classification",
            automated_labeling=True,
        ),
    }
)


def rules_for(task: TaskType | str) -> TaskRules:
    """Return the rules of ``task``; raises ``ValueError`` naming the tasks there are."""
    try:
        return TASK_RULES[TaskType(task)]
    except ValueError as error:
        known = ", ".join(TaskType)
        message = f"unknown task: got {task!r}, allowed {known}; correct task in the campaign file"
        raise ValueError(message) from error
