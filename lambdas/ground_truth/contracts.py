"""Wire payloads: what Ground Truth, CloudFormation and our own files exchange, as they are spelled.

Sources: developer guide "Lambda function requirements" and "Output data"; the service model.
"""

from typing import Literal, NotRequired, TypedDict


class LabelCategory(TypedDict):
    """One label of the category file."""

    label: str


# Functional form: the key has a hyphen.
LabelCategoryDocument = TypedDict(
    "LabelCategoryDocument", {"document-version": str, "labels": list[LabelCategory]}
)


class InstructionsDocument(TypedDict):
    """What workers read beside the task, as HTML."""

    shortInstruction: str
    fullInstruction: str


class EntityCategory(LabelCategory):
    """A label that workers may see shortened."""

    shortDisplayName: NotRequired[str]


EntityCategoryDocument = TypedDict(
    "EntityCategoryDocument",
    {
        "document-version": str,
        "labels": list[EntityCategory],
        "instructions": InstructionsDocument,
    },
)


class AttributeDocument(TypedDict, total=False):
    """What workers say of a label's object or of a frame; ``name`` and ``type`` always."""

    name: str
    type: Literal["string", "number"]
    description: str
    enum: list[str]
    minimum: int
    maximum: int
    editsAllowed: Literal["any", "none"]
    isRequired: bool


class FrameLabelDocument(LabelCategory):
    """A label of video frames or point clouds."""

    categoryAttributes: NotRequired[list[AttributeDocument]]
    editsAllowed: NotRequired[Literal["any", "none"]]


class FrameCategoryDocument(TypedDict):
    """The label category file of video frames and point clouds."""

    documentVersion: str
    labels: list[FrameLabelDocument]
    instructions: InstructionsDocument
    frameAttributes: NotRequired[list[AttributeDocument]]
    categoryGlobalAttributes: NotRequired[list[AttributeDocument]]
    annotationType: NotRequired[str]
    auditLabelAttributeName: NotRequired[str]


class PreAnnotationRequest(TypedDict):
    """What Ground Truth sends before an object is offered; ``dataObject`` is its manifest line."""

    version: str
    labelingJobArn: str
    dataObject: dict[str, object]


class TaskInput(TypedDict):
    """What our template may use: ``task.input.taskObject`` and ``task.input.labels``.

    A verification's or an adjustment's has the earlier label, too, as elements begin with it, and
    the classes of the earlier job.
    """

    taskObject: str
    labels: list[str]
    initialValue: NotRequired[object]
    earlierLabels: NotRequired[list[str]]


class PreAnnotationResponse(TypedDict):
    """``isHumanAnnotationRequired`` is a JSON boolean; false leaves the object out."""

    taskInput: TaskInput
    isHumanAnnotationRequired: bool


class AnnotationData(TypedDict, total=False):
    """An answer: ``content`` is a JSON string; large ones are in S3 instead."""

    content: str
    s3Uri: str


class WorkerAnnotation(TypedDict):
    """One worker's answer for one object."""

    workerId: str
    annotationData: AnnotationData


class AnnotatedObject(TypedDict):
    """One object of the consolidation payload with the answers for it."""

    datasetObjectId: str
    dataObject: dict[str, object]
    annotations: list[WorkerAnnotation]


class PayloadReference(TypedDict):
    """Where the list of annotated objects lies."""

    s3Uri: str


class ConsolidationRequest(TypedDict):
    """What Ground Truth sends for a batch; ``labelCategories`` may be null."""

    version: str
    labelingJobArn: str
    labelAttributeName: str
    roleArn: str
    payload: PayloadReference
    labelCategories: NotRequired[list[str] | None]
    outputConfig: NotRequired[str]
    kmsKeyId: NotRequired[str]


class ConsolidatedAnnotation(TypedDict):
    """``content`` is merged into the object's line of the output manifest."""

    content: dict[str, object]


class ConsolidatedObject(TypedDict):
    """One object of the answer; objects left out count as failed.

    The id is documented as text; a number would go back as the number it came as.
    """

    datasetObjectId: str | int
    consolidatedAnnotation: ConsolidatedAnnotation


# Functional form: the keys have hyphens.
ClassificationMetadata = TypedDict(
    "ClassificationMetadata",
    {
        "class-name": str,
        "confidence": float,
        "type": str,
        "human-annotated": Literal["yes", "no"],
        "job-name": str,
        "creation-date": str,
    },
)


class WorkerFeedback(TypedDict):
    """What a worker had to say about the labels that were verified."""

    comment: str


# Without comments there is no worker-feedback.
VerificationMetadata = TypedDict(
    "VerificationMetadata",
    {
        "class-name": str,
        "confidence": float,
        "type": str,
        "human-annotated": Literal["yes", "no"],
        "job-name": str,
        "creation-date": str,
        "worker-feedback": NotRequired[list[WorkerFeedback]],
    },
)


# Keys of both maps are class indexes as text.
LabelSetMetadata = TypedDict(
    "LabelSetMetadata",
    {
        "class-map": dict[str, str],
        "confidence-map": dict[str, float],
        "type": str,
        "human-annotated": Literal["yes", "no"],
        "job-name": str,
        "creation-date": str,
    },
)


class StoppingDocument(TypedDict, total=False):
    """Stopping conditions of a definition."""

    max_labeled_objects: int
    max_labeled_percent: int


class DefinitionDocument(TypedDict):
    """A campaign definition as JSON; CloudFormation turns the numbers into strings."""

    task: str
    label_attribute: str
    labels: list[str]
    template_sha256: str
    categories_sha256: str
    workers_per_object: int
    dataset_revision: int
    task_time_limit_seconds: int
    pre_annotation_behaviour: int
    consolidation_behaviour: int
    stopping: NotRequired[StoppingDocument]
    automated_labeling: NotRequired[str]
    initial_model: NotRequired[str]
    functions: NotRequired[str]
    audited_attribute: NotRequired[str]


class ObjectLocation(TypedDict):
    """An object in S3."""

    Bucket: str
    Key: str


class BasedOnProperty(TypedDict):
    """Another campaign whose labels go on: all of them, or those of the accepted classes."""

    Campaign: str
    LabelAttribute: str
    Accepted: list[str]
    AcceptedIndexes: list[str]


class DatasetProperty(TypedDict, total=False):
    """Where the dataset is: a prefix of the raw bucket, a given manifest, another's labels."""

    Prefix: str
    Manifest: ObjectLocation
    BasedOn: BasedOnProperty


class GateProperties(TypedDict):
    """Properties of ``Custom::GroundTruthGate``; numbers arrive as strings."""

    Part: Literal["gate", "job"]
    Environment: str
    Campaign: str
    JobNamePrefix: str
    RawBucket: str
    OutputBucket: str
    Definition: DefinitionDocument
    DefinitionHash: str
    Generation: int | str
    Approve: str


class AutomatedLabelingProperty(TypedDict):
    """Ground Truth's own models beside the people; lists and texts are empty where not set."""

    AlgorithmArn: str
    InitialModelArn: str
    VolumeKmsKeyArn: str
    SecurityGroups: list[str]
    Subnets: list[str]


class LabelingJobProperties(GateProperties):
    """Properties of ``Custom::GroundTruthLabelingJob``."""

    RoleArn: str
    WorkteamArn: str
    PreAnnotationArn: NotRequired[str]
    ConsolidationArn: NotRequired[str]
    HumanTaskUiArn: NotRequired[str]
    Title: str
    Description: str
    Keywords: list[str]
    TaskAvailabilitySeconds: int | str
    MaxConcurrentTasks: int | str
    Tags: dict[str, str]
    Template: NotRequired[ObjectLocation]
    LabelCategories: str
    Dataset: DatasetProperty
    OutputKmsKeyArn: NotRequired[str]
    SampleDataDigest: NotRequired[str]
    ContentClassifiers: NotRequired[list[str]]
    OutputTopicArn: NotRequired[str]
    AutomatedLabeling: NotRequired[AutomatedLabelingProperty]
