"""Labels, and what workers of video frames and point clouds say beside them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from ground_truth import checks
from ground_truth.built_in import CategoryFormat
from ground_truth.checks import Problem as DomainProblem
from ground_truth.frame_categories import Attribute, EditsAllowed, FrameCategories, FrameLabel
from ground_truth.functions import Functions, job_rules
from ground_truth.tasks import TaskType, rules_for
from ground_truth_cdk.labels import TooManyLabelsError, labels_variable
from stacks.problems import checked
from stacks.tables import Items, Table

AnnotationType = Literal["BoundingBox", "Polyline", "Polygon", "Keypoint"]
# What Ground Truth takes where the file says nothing
DEFAULT_ANNOTATION: AnnotationType = "BoundingBox"


class AttributeTable(Table):
    """An attribute of a label's objects, or of frames."""

    name: str
    type: Literal["string", "number"]
    description: str = ""
    enum: Items[str] = ()
    minimum: int | None = None
    maximum: int | None = None
    is_required: bool | None = None
    edits_allowed: EditsAllowed | None = None

    @model_validator(mode="after")
    def _quotas(self) -> Self:
        found = checks.check_attribute(self.attribute)
        if found:
            raise ValueError("\n".join(map(str, found)))
        return self

    @property
    def attribute(self) -> Attribute:
        """As the label category file has it."""
        return Attribute(**self.model_dump())


Attributes = Items[AttributeTable]


class LabelCategoriesTable(Table):
    """The label category file of video frames and point clouds, but for labels and instructions."""

    annotation_type: AnnotationType | None = None
    frame_attributes: Attributes = ()
    category_global_attributes: Attributes = ()


class Label(Table):
    """A class to choose; the task's own template shows workers the description.

    `short_name` is what Amazon's page for named entities shows on marked text, and
    `category_attributes` what workers of video frames and point clouds say of its objects.
    """

    name: str
    description: str = ""
    short_name: Annotated[str, checked(checks.check_short_name)] = ""
    category_attributes: Attributes = ()
    edits_allowed: EditsAllowed | None = None


def as_label(value: Any) -> Any:
    """Take a bare text for a label's name."""
    return {"name": value} if isinstance(value, str) else value


def check_labels(labels: Sequence[Label], task: TaskType) -> list[DomainProblem]:
    """Check names and number of labels."""
    return checks.check_labels([label.name for label in labels], task)


def check_short_names(labels: Sequence[Label], task: TaskType, functions: Functions) -> list[str]:
    """Check that somebody sees the short names."""
    if job_rules(task, functions).categories is CategoryFormat.LABELS_WITH_INSTRUCTIONS:
        return []
    return [
        f"short_name of {label.name!r}: only Amazon's page for named entities shows it"
        " (functions = 'aws'); remove it"
        for label in labels
        if label.short_name
    ]


def check_frames(
    table: LabelCategoriesTable, task: TaskType, labels: Sequence[Label]
) -> list[str | DomainProblem]:
    """Check attributes and annotation type, together with the labels."""
    rules = rules_for(task)
    built_in = rules.built_in
    if built_in is not None and built_in.categories is CategoryFormat.FRAMES:
        categories = frame_categories(table, labels)
        return [*checks.check_frame_categories(categories, built_in, rules.audit)]
    own = [label.name for label in labels if label.category_attributes or label.edits_allowed]
    if table == LabelCategoriesTable() and not own:
        return []
    return [
        f"only workers of video frames and point clouds see attributes and annotation types, not"
        f" those of {task}; remove the table, and category_attributes and edits_allowed of labels"
    ]


def frame_categories(table: LabelCategoriesTable, labels: Sequence[Label]) -> FrameCategories:
    """The label categories of video frames or point clouds, as the campaign file has them."""
    return FrameCategories(
        labels=tuple(
            FrameLabel(
                name=label.name,
                attributes=tuple(each.attribute for each in label.category_attributes),
                edits_allowed=label.edits_allowed,
            )
            for label in labels
        ),
        global_attributes=tuple(each.attribute for each in table.category_global_attributes),
        frame_attributes=tuple(each.attribute for each in table.frame_attributes),
        annotation_type=table.annotation_type or "",
    )


def check_fitting(labels: Sequence[Label], functions: Functions) -> list[str]:
    """Check that functions of ours have room for the labels."""
    try:
        if functions is Functions.OWN:
            labels_variable([label.name for label in labels])
    except TooManyLabelsError as error:
        return [str(error)]
    return []
