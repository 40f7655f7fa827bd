"""Tasks that begin with nothing but their objects, as data: another one is another row.

Source: developer guide pages of each task, input data quotas and the service model of
CreateLabelingJob (the rules of ``LabelAttributeName``, ``UiConfig`` and ``HumanTaskConfig``).
"""

from typing import Final

from ground_truth.built_in import BUILT_IN, ObjectKind, RefSuffix, UiKind
from ground_truth.limits import Range
from ground_truth.task_types import AnswerKind, TaskRules, TaskType

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
ROWS: Final = (
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
