"""Task types and their rules, as data: another task is another row.

Source: developer guide pages of each task, input data quotas and the service model of
CreateLabelingJob (the rules of ``LabelAttributeName``, ``UiConfig`` and ``HumanTaskConfig``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ground_truth.built_in import BUILT_IN, Audit, BuiltIn, ObjectKind, RefSuffix, UiKind
from ground_truth.limits import Range


class TaskType(StrEnum):
    """Tasks a campaign may ask for, by the name used in campaign files."""

    IMAGE_CLASSIFICATION = "image-classification"
    IMAGE_CLASSIFICATION_MULTI_LABEL = "image-classification-multi-label"
    BOUNDING_BOX = "bounding-box"
    SEMANTIC_SEGMENTATION = "semantic-segmentation"
    POLYGON = "polygon"
    POLYLINE = "polyline"
    KEYPOINT = "keypoint"
    TEXT_CLASSIFICATION = "text-classification"
    TEXT_CLASSIFICATION_MULTI_LABEL = "text-classification-multi-label"
    NAMED_ENTITY_RECOGNITION = "named-entity-recognition"
    VIDEO_CLASSIFICATION = "video-classification"
    VIDEO_FRAME_OBJECT_DETECTION = "video-frame-object-detection"
    VIDEO_FRAME_OBJECT_TRACKING = "video-frame-object-tracking"
    POINT_CLOUD_OBJECT_DETECTION = "3d-point-cloud-object-detection"
    POINT_CLOUD_OBJECT_TRACKING = "3d-point-cloud-object-tracking"
    POINT_CLOUD_SEMANTIC_SEGMENTATION = "3d-point-cloud-semantic-segmentation"
    IMAGE_CLASSIFICATION_VERIFICATION = "image-classification-verification"
    BOUNDING_BOX_VERIFICATION = "bounding-box-verification"
    SEMANTIC_SEGMENTATION_VERIFICATION = "semantic-segmentation-verification"
    BOUNDING_BOX_ADJUSTMENT = "bounding-box-adjustment"
    SEMANTIC_SEGMENTATION_ADJUSTMENT = "semantic-segmentation-adjustment"
    POLYGON_ADJUSTMENT = "polygon-adjustment"
    POLYLINE_ADJUSTMENT = "polyline-adjustment"
    KEYPOINT_ADJUSTMENT = "keypoint-adjustment"
    NAMED_ENTITY_RECOGNITION_ADJUSTMENT = "named-entity-recognition-adjustment"


class AnswerKind(StrEnum):
    """What a worker's answer is; each kind is read and consolidated in its own way.

    UNREAD are those of AWS's own pages: only its own functions make labels of them.
    """

    SINGLE_LABEL = "single-label"
    MULTI_LABEL = "multi-label"
    BOXES = "boxes"
    POLYGONS = "polygons"
    POLYLINES = "polylines"
    KEYPOINTS = "keypoints"
    SPANS = "spans"
    MASK = "mask"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRules:
    """What Ground Truth asks of one task type.

    ``extensions`` are the object names that may be labeled, none for any: for ``manifest_key``
    "source-ref" the objects themselves, for "source" the text files a dataset may be built from.
    ``built_in`` is the task Ground Truth has functions of its own for; None where it has only the
    template's element.
    ``audit`` is of the labels that the task ``audited`` has given; both are None for a task that
    begins with nothing.
    """

    task: TaskType
    objects: ObjectKind
    built_in: BuiltIn | None
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
    audit: Audit | None = None
    audited: TaskType | None = None


_PEOPLE: Final = Range(1, 9)
_TIME_LIMIT: Final = Range(30, 28_800)
_OBJECTS: Final = Range(1, 100_000)
_IMAGES: Final = (".jpg", ".jpeg", ".png")
_TEXTS: Final = (".txt",)
_VIDEOS: Final = (".mp4", ".ogg", ".webm")
_SEQUENCES: Final = (".json",)


def _images(
    task: TaskType,
    answers: AnswerKind,
    element: str,
    metadata_type: str,
    labels: Range,
    *,
    built_in: str = "",
    ref_suffix: RefSuffix = RefSuffix.FORBIDDEN,
    objects: Range = _OBJECTS,
    extensions: tuple[str, ...] = _IMAGES,
    kind: ObjectKind = ObjectKind.IMAGE,
) -> TaskRules:
    return TaskRules(
        task=task,
        objects=kind,
        built_in=BUILT_IN[built_in] if built_in else None,
        answers=answers,
        ui=UiKind.TEMPLATE,
        ref_suffix=ref_suffix,
        workers=_PEOPLE,
        labels=labels,
        task_time_limit_seconds=_TIME_LIMIT,
        dataset_objects=objects,
        manifest_key="source-ref",
        extensions=extensions,
        template_element=element,
        metadata_type=metadata_type,
    )


def _texts(
    task: TaskType,
    answers: AnswerKind,
    element: str,
    metadata_type: str,
    labels: Range,
    *,
    built_in: str = "",
) -> TaskRules:
    return TaskRules(
        task=task,
        objects=ObjectKind.TEXT,
        built_in=BUILT_IN[built_in] if built_in else None,
        answers=answers,
        ui=UiKind.TEMPLATE,
        ref_suffix=RefSuffix.FORBIDDEN,
        workers=_PEOPLE,
        labels=labels,
        task_time_limit_seconds=_TIME_LIMIT,
        dataset_objects=_OBJECTS,
        manifest_key="source",
        extensions=_TEXTS,
        template_element=element,
        metadata_type=metadata_type,
    )


def _frames(task: TaskType, name: str) -> TaskRules:
    """Video frames and point clouds, on Amazon's page and by AWS's functions alone."""
    built_in = BUILT_IN[name]
    return TaskRules(
        task=task,
        objects=built_in.objects,
        built_in=built_in,
        answers=AnswerKind.UNREAD,
        ui=built_in.ui,
        ref_suffix=built_in.ref_suffix,
        workers=built_in.workers,
        labels=built_in.labels,
        task_time_limit_seconds=built_in.task_time_limit_seconds,
        dataset_objects=built_in.dataset_objects,
        manifest_key="source-ref",
        extensions=_SEQUENCES if built_in.frames_per_sequence else (),
        template_element="",
        metadata_type=built_in.metadata_type,
    )


# Labels: two at least to choose from (the model), as many as the input data quotas allow over the
# API. Polygons, polylines and keypoints are no tasks of Ground Truth's own, only elements of its
# templates; they have the quotas of boxes, and their type is that of custom tasks.
_ROWS: Final = (
    _images(
        TaskType.IMAGE_CLASSIFICATION,
        AnswerKind.SINGLE_LABEL,
        "crowd-image-classifier",
        "groundtruth/image-classification",
        Range(2, None),
        built_in="ImageMultiClass",
    ),
    _images(
        TaskType.IMAGE_CLASSIFICATION_MULTI_LABEL,
        AnswerKind.MULTI_LABEL,
        "crowd-image-classifier-multi-select",
        "groundtruth/image-classification-multilabel",
        Range(2, 50),
        built_in="ImageMultiClassMultiLabel",
    ),
    _images(
        TaskType.BOUNDING_BOX,
        AnswerKind.BOXES,
        "crowd-bounding-box",
        "groundtruth/object-detection",
        Range(1, 50),
        built_in="BoundingBox",
    ),
    _images(
        TaskType.SEMANTIC_SEGMENTATION,
        AnswerKind.MASK,
        "crowd-semantic-segmentation",
        "groundtruth/semantic-segmentation",
        Range(1, None),
        built_in="SemanticSegmentation",
        ref_suffix=RefSuffix.REQUIRED,
        objects=Range(1, 20_000),
    ),
    _images(
        TaskType.POLYGON,
        AnswerKind.POLYGONS,
        "crowd-polygon",
        "groundtruth/custom",
        Range(1, 50),
    ),
    _images(
        TaskType.POLYLINE,
        AnswerKind.POLYLINES,
        "crowd-polyline",
        "groundtruth/custom",
        Range(1, 50),
    ),
    _images(
        TaskType.KEYPOINT,
        AnswerKind.KEYPOINTS,
        "crowd-keypoint",
        "groundtruth/custom",
        Range(1, 50),
    ),
    _texts(
        TaskType.TEXT_CLASSIFICATION,
        AnswerKind.SINGLE_LABEL,
        "crowd-classifier",
        "groundtruth/text-classification",
        Range(2, None),
        built_in="TextMultiClass",
    ),
    _texts(
        TaskType.TEXT_CLASSIFICATION_MULTI_LABEL,
        AnswerKind.MULTI_LABEL,
        "crowd-classifier-multi-select",
        "groundtruth/text-classification-multilabel",
        Range(2, 50),
        built_in="TextMultiClassMultiLabel",
    ),
    _texts(
        TaskType.NAMED_ENTITY_RECOGNITION,
        AnswerKind.SPANS,
        "crowd-entity-annotation",
        "groundtruth/text-span",
        Range(1, None),
        built_in="NamedEntityRecognition",
    ),
    _images(
        TaskType.VIDEO_CLASSIFICATION,
        AnswerKind.SINGLE_LABEL,
        "crowd-classifier",
        "groundtruth/video-classification",
        Range(2, 30),
        built_in="VideoMultiClass",
        extensions=_VIDEOS,
        kind=ObjectKind.VIDEO,
    ),
    _frames(TaskType.VIDEO_FRAME_OBJECT_DETECTION, "VideoObjectDetection"),
    _frames(TaskType.VIDEO_FRAME_OBJECT_TRACKING, "VideoObjectTracking"),
    _frames(TaskType.POINT_CLOUD_OBJECT_DETECTION, "3DPointCloudObjectDetection"),
    _frames(TaskType.POINT_CLOUD_OBJECT_TRACKING, "3DPointCloudObjectTracking"),
    _frames(TaskType.POINT_CLOUD_SEMANTIC_SEGMENTATION, "3DPointCloudSemanticSegmentation"),
)
_FIRST: Final = {row.task: row for row in _ROWS}


def _built_in(kind: str, audited: TaskType) -> BuiltIn | None:
    """Ground Truth's own audit of a task, None where it has none."""
    first = _FIRST[audited].built_in
    return BUILT_IN.get(f"{kind}{first.name}") if first else None


def _verification(task: TaskType, audited: TaskType) -> TaskRules:
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
        template_element="crowd-image-classifier",
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
    _verification(TaskType.BOUNDING_BOX_VERIFICATION, TaskType.BOUNDING_BOX),
    _verification(TaskType.SEMANTIC_SEGMENTATION_VERIFICATION, TaskType.SEMANTIC_SEGMENTATION),
    _adjustment(TaskType.BOUNDING_BOX_ADJUSTMENT, TaskType.BOUNDING_BOX),
    _adjustment(TaskType.SEMANTIC_SEGMENTATION_ADJUSTMENT, TaskType.SEMANTIC_SEGMENTATION),
    _adjustment(TaskType.POLYGON_ADJUSTMENT, TaskType.POLYGON),
    _adjustment(TaskType.POLYLINE_ADJUSTMENT, TaskType.POLYLINE),
    _adjustment(TaskType.KEYPOINT_ADJUSTMENT, TaskType.KEYPOINT),
    _adjustment(TaskType.NAMED_ENTITY_RECOGNITION_ADJUSTMENT, TaskType.NAMED_ENTITY_RECOGNITION),
)
TASK_RULES: Final[Mapping[TaskType, TaskRules]] = MappingProxyType(
    {row.task: row for row in (*_ROWS, *_AUDITS)}
)


def rules_for(task: TaskType | str) -> TaskRules:
    """Return the rules of ``task``; raises ``ValueError`` naming the tasks there are."""
    try:
        return TASK_RULES[TaskType(task)]
    except ValueError as error:
        known = ", ".join(TaskType)
        message = f"unknown task: got {task!r}, allowed {known}; correct task in the campaign file"
        raise ValueError(message) from error
