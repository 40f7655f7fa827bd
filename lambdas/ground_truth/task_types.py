"""Names of tasks and of kinds of answers, and what is known of a task."""

from dataclasses import dataclass
from enum import StrEnum

from ground_truth.built_in import Audit, BuiltIn, ObjectKind, RefSuffix, UiKind
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
    TEXT_CLASSIFICATION_VERIFICATION = "text-classification-verification"
    BOUNDING_BOX_VERIFICATION = "bounding-box-verification"
    SEMANTIC_SEGMENTATION_VERIFICATION = "semantic-segmentation-verification"
    BOUNDING_BOX_ADJUSTMENT = "bounding-box-adjustment"
    SEMANTIC_SEGMENTATION_ADJUSTMENT = "semantic-segmentation-adjustment"
    POLYGON_ADJUSTMENT = "polygon-adjustment"
    POLYLINE_ADJUSTMENT = "polyline-adjustment"
    KEYPOINT_ADJUSTMENT = "keypoint-adjustment"
    NAMED_ENTITY_RECOGNITION_ADJUSTMENT = "named-entity-recognition-adjustment"
    VIDEO_FRAME_OBJECT_DETECTION_VERIFICATION = "video-frame-object-detection-verification"
    VIDEO_FRAME_OBJECT_DETECTION_ADJUSTMENT = "video-frame-object-detection-adjustment"
    VIDEO_FRAME_OBJECT_TRACKING_VERIFICATION = "video-frame-object-tracking-verification"
    VIDEO_FRAME_OBJECT_TRACKING_ADJUSTMENT = "video-frame-object-tracking-adjustment"
    POINT_CLOUD_OBJECT_DETECTION_VERIFICATION = "3d-point-cloud-object-detection-verification"
    POINT_CLOUD_OBJECT_DETECTION_ADJUSTMENT = "3d-point-cloud-object-detection-adjustment"
    POINT_CLOUD_OBJECT_TRACKING_VERIFICATION = "3d-point-cloud-object-tracking-verification"
    POINT_CLOUD_OBJECT_TRACKING_ADJUSTMENT = "3d-point-cloud-object-tracking-adjustment"
    POINT_CLOUD_SEMANTIC_SEGMENTATION_VERIFICATION = (
        "3d-point-cloud-semantic-segmentation-verification"
    )
    POINT_CLOUD_SEMANTIC_SEGMENTATION_ADJUSTMENT = "3d-point-cloud-semantic-segmentation-adjustment"


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
    template's element. ``audit`` is of the labels that the task ``audited`` has given; both are
    None for a task that begins with nothing.
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
