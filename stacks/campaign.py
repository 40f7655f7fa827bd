"""The campaign file: what is asked, of which data, of how many people."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from stacks.environment import Items, Table, Tags, matching

RelativePath = Annotated[
    str, matching(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+", "a path inside the campaign's folder")
]
Prefix = Annotated[
    str,
    matching(
        r"(?!.*//)[A-Za-z0-9!_.*'()][A-Za-z0-9!_.*'()/-]{0,499}/",
        "letters, digits and !_.*'()- with single slashes, ending in a slash",
    ),
]
Approval = Annotated[
    str,
    matching(
        r"([0-9a-f]{12}:(continue|restart))?",
        "empty, or the line a refused change prints: '<definition hash>:continue' or ':restart'",
    ),
]


def _label(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Label(Table):
    """A class to choose; the description is for people who read the file."""

    name: str
    description: str = ""


class Dataset(Table):
    """The objects to label: a prefix of the raw bucket, or a manifest in the campaign folder."""

    prefix: Prefix | None = None
    manifest: RelativePath | None = None
    revision: Annotated[int, Field(ge=1)] = 1
    sample_data: RelativePath | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.prefix is None) == (self.manifest is None):
            raise ValueError("needs exactly one of prefix and manifest; remove or add one")
        if self.sample_data is not None and self.prefix is None:
            raise ValueError("sample_data without prefix; it is uploaded to a prefix")
        return self


class Instructions(Table):
    """HTML fragments put into the template's placeholders."""

    short: RelativePath = "instructions/short.html"
    full: RelativePath = "instructions/full.html"


class Stopping(Table):
    """Ground Truth's StoppingConditions: the job stops when any is met."""

    max_labeled_objects: Annotated[int, Field(ge=1)] | None = None
    max_labeled_percent: Annotated[int, Field(ge=1, le=100)] | None = None


class CampaignFile(Table):
    """`campaigns/<name>/campaign.toml`; ranges that depend on the task are checked afterwards."""

    title: str
    description: str
    task: Literal["image-classification", "text-classification"]
    label_attribute: str
    labels: Items[Annotated[Label, BeforeValidator(_label)]]
    workers_per_object: int = 3
    task_time_limit_seconds: int = 300
    task_availability_seconds: int = 864_000
    max_concurrent_tasks: int = 1000
    keywords: Items[str] = ()
    template: RelativePath = "template.liquid.html"
    generation: Annotated[int, Field(ge=1)] = 1
    approve: Approval = ""
    environments: Items[str] | None = None
    tags: Tags = Field(default_factory=dict)
    dataset: Dataset
    instructions: Instructions = Instructions()
    stopping: Stopping = Stopping()

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels in file order, which is part of a campaign's identity."""
        return tuple(label.name for label in self.labels)
