"""The tasks Ground Truth has functions of its own for, as data: another one is another row.

Source: the service model (``PreHumanTaskLambdaArn``, ``AnnotationConsolidationLambdaArn``,
``HumanTaskUiArn``, ``LabelAttributeName``, ``LabelCategoryConfigS3Uri``); of the developer guide
the page of each task, "Input data quotas", "Verify and adjust labels", "Automate data labeling".
A test holds the names against the lists in botocore's copy of the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ground_truth.limits import Range


class UiKind(StrEnum):
    """Where the worker's page comes from; CreateLabelingJob takes one and refuses the other."""

    TEMPLATE = "template"
    HUMAN_TASK_UI = "human-task-ui"


class RefSuffix(StrEnum):
    """Whether the label attribute ends ``-ref``: such values are S3 references."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    FREE = "free"


class ObjectKind(StrEnum):
    """What an object of a dataset is; campaigns about the same kind can go on from each other."""

    IMAGE = "image"
    TEXT = "text"
    VIDEO = "video clip"
    VIDEO_FRAMES = "sequence of video frames"
    POINT_CLOUD = "point cloud"
    POINT_CLOUDS = "sequence of point clouds"


class CategoryFormat(StrEnum):
    """What the file ``LabelCategoryConfigS3Uri`` points at looks like.

    LABELS and LABELS_WITH_INSTRUCTIONS are of document-version 2018-11-28, the second with the
    workers' instructions, which have no template to stand in, and a short name for each label.
    FRAMES is of documentVersion 2020-03-01, with instructions and typed attributes.
    """

    LABELS = "labels"
    LABELS_WITH_INSTRUCTIONS = "labels-with-instructions"
    FRAMES = "frames"


class Audit(StrEnum):
    """What a task does with the labels of an earlier one."""

    VERIFICATION = "verification"
    ADJUSTMENT = "adjustment"


_PEOPLE: Final = Range(1, 9)
_ANY: Final = Range(1, None)
_HOURS: Final = Range(30, 28_800)
_OBJECTS: Final = Range(1, 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """What Ground Truth asks of a job with its own functions of one name.

    ``name`` is what stands behind ``PRE-`` and ``ACS-``, ``metadata_type`` what its labels say they
    are. The page is either Amazon's
    (``human_task_ui``) or a template with ``element``, whose answers the functions look for under
    ``answer_name``. ``labels`` are as many as the API takes. ``category_attributes`` and
    ``annotation_types`` say what else the category file may hold. ``algorithm`` is the one that
    labels beside people, "" for none. ``audits`` is the task whose labels are verified or adjusted;
    of video frames and 3D one pair of functions does both.
    """

    name: str
    objects: ObjectKind = ObjectKind.IMAGE
    metadata_type: str
    human_task_ui: str = ""
    element: str = ""
    answer_name: str = ""
    ref_suffix: RefSuffix = RefSuffix.FORBIDDEN
    workers: Range = _PEOPLE
    labels: Range = _ANY
    categories: CategoryFormat = CategoryFormat.LABELS
    category_attributes: bool = False
    annotation_types: tuple[str, ...] = ()
    task_time_limit_seconds: Range = _HOURS
    dataset_objects: Range = _OBJECTS
    frames_per_sequence: Range | None = None
    algorithm: str = ""
    audits: str = ""
    audit_kinds: tuple[Audit, ...] = ()

    @property
    def ui(self) -> UiKind:
        """Which member of ``UiConfig`` the job names."""
        return UiKind.HUMAN_TASK_UI if self.human_task_ui else UiKind.TEMPLATE

    @property
    def pre_annotation(self) -> str:
        """The function that is called before an object is offered."""
        return f"PRE-{self.name}"

    @property
    def consolidation(self) -> str:
        """The function that makes one label of several answers."""
        return f"ACS-{self.name}"


# "Generative AI/Custom - Direct passthrough": nothing is changed on the way in or out.
DIRECT: Final = "PassThrough"

_SEVERAL, _SEVERAL_OF_MANY = Range(2, None), Range(2, 50)
_BOXES: Final = Range(1, 50)
_MASKS: Final = Range(1, 20_000)

_IMAGE_CLASSIFIER: Final = "crowd-image-classifier"
_BOUNDING_BOX: Final = BuiltIn(
    name="BoundingBox",
    metadata_type="groundtruth/object-detection",
    element="crowd-bounding-box",
    answer_name="boundingBox",
    labels=_BOXES,
    algorithm="object-detection",
)
_SEMANTIC_SEGMENTATION: Final = BuiltIn(
    name="SemanticSegmentation",
    metadata_type="groundtruth/semantic-segmentation",
    element="crowd-semantic-segmentation",
    answer_name="crowd-semantic-segmentation",
    ref_suffix=RefSuffix.REQUIRED,
    dataset_objects=_MASKS,
    algorithm="semantic-segmentation",
)
# One worker for a sequence or a point cloud, and 30 days for it.
_FRAMES: Final = BuiltIn(
    name="",
    metadata_type="",
    workers=Range(1, 1),
    labels=Range(1, 30),
    categories=CategoryFormat.FRAMES,
    category_attributes=True,
    task_time_limit_seconds=Range(30, 2_592_000),
)
_VIDEO: Final = replace(
    _FRAMES,
    objects=ObjectKind.VIDEO_FRAMES,
    ref_suffix=RefSuffix.REQUIRED,
    annotation_types=("BoundingBox", "Polyline", "Polygon", "Keypoint"),
    dataset_objects=Range(1, 10),
    frames_per_sequence=Range(1, 2000),
)
_VIDEO_DETECTION: Final = replace(
    _VIDEO,
    name="VideoObjectDetection",
    metadata_type="groundtruth/video-object-detection",
    human_task_ui="VideoObjectDetection",
)
_VIDEO_TRACKING: Final = replace(
    _VIDEO,
    name="VideoObjectTracking",
    metadata_type="groundtruth/video-object-tracking",
    human_task_ui="VideoObjectTracking",
)
# The functions' names begin with 3D, the pages' don't.
_CLOUD_DETECTION: Final = replace(
    _FRAMES,
    name="3DPointCloudObjectDetection",
    objects=ObjectKind.POINT_CLOUD,
    metadata_type="groundtruth/point_cloud_object_detection",
    human_task_ui="PointCloudObjectDetection",
)
_CLOUD_TRACKING: Final = replace(
    _FRAMES,
    name="3DPointCloudObjectTracking",
    objects=ObjectKind.POINT_CLOUDS,
    metadata_type="groundtruth/point_cloud_object_tracking",
    human_task_ui="PointCloudObjectTracking",
    ref_suffix=RefSuffix.REQUIRED,
    frames_per_sequence=Range(1, 500),
)
_CLOUD_SEGMENTATION: Final = replace(
    _FRAMES,
    name="3DPointCloudSemanticSegmentation",
    objects=ObjectKind.POINT_CLOUD,
    metadata_type="groundtruth/point_cloud_single_frame_semantic_segmentation",
    human_task_ui="PointCloudSemanticSegmentation",
    ref_suffix=RefSuffix.REQUIRED,
    category_attributes=False,
)


def _verification(original: BuiltIn) -> BuiltIn:
    """Of images, a class is chosen for the labels that are shown over it."""
    return BuiltIn(
        name=f"Verification{original.name}",
        metadata_type="groundtruth/label-verification",
        element=_IMAGE_CLASSIFIER,
        answer_name=_IMAGE_CLASSIFIER,
        dataset_objects=original.dataset_objects,
        audits=original.name,
        audit_kinds=(Audit.VERIFICATION,),
    )


def _adjustment(original: BuiltIn, *kinds: Audit) -> BuiltIn:
    return replace(
        original,
        name=f"Adjustment{original.name}",
        algorithm="",
        audits=original.name,
        audit_kinds=kinds or (Audit.ADJUSTMENT,),
    )


_EITHER: Final = (Audit.ADJUSTMENT, Audit.VERIFICATION)
_ROWS: Final = (
    BuiltIn(
        name="ImageMultiClass",
        metadata_type="groundtruth/image-classification",
        element=_IMAGE_CLASSIFIER,
        answer_name=_IMAGE_CLASSIFIER,
        labels=_SEVERAL,
        algorithm="image-classification",
    ),
    BuiltIn(
        name="ImageMultiClassMultiLabel",
        metadata_type="groundtruth/image-classification-multilabel",
        element="crowd-image-classifier-multi-select",
        answer_name="crowd-image-classifier-multi-select",
        labels=_SEVERAL_OF_MANY,
    ),
    _BOUNDING_BOX,
    _SEMANTIC_SEGMENTATION,
    BuiltIn(
        name="TextMultiClass",
        objects=ObjectKind.TEXT,
        metadata_type="groundtruth/text-classification",
        element="crowd-classifier",
        answer_name="crowd-classifier",
        labels=_SEVERAL,
        algorithm="text-classification",
    ),
    BuiltIn(
        name="TextMultiClassMultiLabel",
        objects=ObjectKind.TEXT,
        metadata_type="groundtruth/text-classification-multilabel",
        element="crowd-classifier-multi-select",
        answer_name="crowd-classifier-multi-select",
        labels=_SEVERAL_OF_MANY,
    ),
    BuiltIn(
        name="NamedEntityRecognition",
        objects=ObjectKind.TEXT,
        metadata_type="groundtruth/text-span",
        human_task_ui="NamedEntityRecognition",
        categories=CategoryFormat.LABELS_WITH_INSTRUCTIONS,
    ),
    # VideoClassification in the developer guide's text, which no region has
    BuiltIn(
        name="VideoMultiClass",
        objects=ObjectKind.VIDEO,
        metadata_type="groundtruth/video-classification",
        element="crowd-classifier",
        answer_name="crowd-classifier",
        labels=Range(1, 30),
    ),
    _VIDEO_DETECTION,
    _VIDEO_TRACKING,
    _CLOUD_DETECTION,
    _CLOUD_TRACKING,
    _CLOUD_SEGMENTATION,
    _verification(_BOUNDING_BOX),
    _adjustment(_BOUNDING_BOX),
    _verification(_SEMANTIC_SEGMENTATION),
    _adjustment(_SEMANTIC_SEGMENTATION),
    _adjustment(_VIDEO_DETECTION, *_EITHER),
    _adjustment(_VIDEO_TRACKING, *_EITHER),
    _adjustment(_CLOUD_DETECTION, *_EITHER),
    _adjustment(_CLOUD_TRACKING, *_EITHER),
    _adjustment(_CLOUD_SEGMENTATION, *_EITHER),
    BuiltIn(
        name=DIRECT,
        metadata_type="groundtruth/custom",
        ref_suffix=RefSuffix.FREE,
        labels=Range(0, None),
    ),
)
BUILT_IN: Final[Mapping[str, BuiltIn]] = MappingProxyType({row.name: row for row in _ROWS})

# A job without functions, or with the account's own: nothing but the template decides.
CUSTOM: Final = replace(BUILT_IN[DIRECT], name="")
