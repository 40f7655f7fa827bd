"""Reading the properties of the gate and of the labeling job resource.

CloudFormation turns every scalar into a string, so numbers are accepted in both forms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from ground_truth import names
from ground_truth.definition import CampaignDefinition, DefinitionError, definition_hash
from ground_truth.lifecycle.approval import Approval, ApprovalError, parse_approval

Part = Literal["gate", "job"]


class PropertiesError(ValueError):
    """A property of the resource that is missing or cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An object in S3."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasedOn:
    """Another campaign of the environment, whose labels are this one's dataset.

    ``accepted`` are the class names whose objects go on, ``accepted_indexes`` the same classes as
    indexes; without any, every labeled object does.
    """

    campaign: str
    label_attribute: str
    accepted: tuple[str, ...] = ()
    accepted_indexes: tuple[str, ...] = ()

    def __str__(self) -> str:
        only = f" ({', '.join(self.accepted)})" if self.accepted else ""
        return f"campaign {self.campaign}{only}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the deployment declares and the decision depends on.

    ``source`` tells one dataset from another; it is empty where the properties don't say.
    """

    environment: str
    campaign: str
    prefix: str
    raw_bucket: str
    output_bucket: str
    definition: CampaignDefinition
    definition_hash: str
    generation: int
    approval: Approval | None
    dataset_prefix: str = ""
    dataset_manifest: Place | None = None
    based_on: BasedOn | None = None

    @property
    def source(self) -> str:
        """Return a text that changes when the dataset is declared to be another one."""
        if self.dataset_manifest is not None:
            return f"manifest {self.dataset_manifest.key.rpartition('/')[2]}"
        if self.based_on is not None:
            return str(self.based_on)
        return f"prefix {self.dataset_prefix}" if self.dataset_prefix else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """Ground Truth's own models beside the people, and where they are trained."""

    algorithm_arn: str
    initial_model_arn: str
    volume_key_arn: str
    security_groups: tuple[str, ...]
    subnets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """What a new job also needs; none of it decides whether a job is the same job.

    A job calls no function whose ARN is empty. Its page is ``template``, or the one Amazon has at
    ``human_task_ui_arn``.
    """

    role_arn: str
    workteam_arn: str
    pre_annotation_arn: str
    consolidation_arn: str
    title: str
    description: str
    keywords: tuple[str, ...]
    availability_seconds: int
    max_concurrent_tasks: int
    template: Place | None
    categories: bytes
    tags: Mapping[str, str] = field(default_factory=dict)
    kms_key_arn: str = ""
    content_classifiers: tuple[str, ...] = ()
    output_topic_arn: str = ""
    automation: Automation | None = None
    human_task_ui_arn: str = ""
    input_topic_arn: str = ""


def read_part(properties: Mapping[str, object]) -> Part:
    """Return which of the two resources this is."""
    part = properties.get("Part")
    if part not in ("gate", "job"):
        raise PropertiesError(f"property Part is wrong: got {part!r}, allowed 'gate' or 'job'")
    return "gate" if part == "gate" else "job"


def read_prefix(properties: Mapping[str, object]) -> str:
    """Return what the campaign's job names begin with, also from properties of older versions."""
    prefix = properties.get("JobNamePrefix")
    if isinstance(prefix, str) and prefix:
        return prefix
    return names.job_name_prefix(_text(properties, "Environment"), _text(properties, "Campaign"))


def read_wanted(properties: Mapping[str, object]) -> Wanted:
    """Read what both parts share; raises ``PropertiesError``."""
    dataset = _mapping(properties, "Dataset") if "Dataset" in properties else {}
    try:
        definition = CampaignDefinition.from_dict(_mapping(properties, "Definition"))
        approval = parse_approval(cast("str", properties.get("Approve") or ""))
    except (DefinitionError, ApprovalError) as error:
        raise PropertiesError(str(error)) from error
    return Wanted(
        environment=_text(properties, "Environment"),
        campaign=_text(properties, "Campaign"),
        prefix=read_prefix(properties),
        raw_bucket=_text(properties, "RawBucket"),
        output_bucket=_text(properties, "OutputBucket"),
        definition=definition,
        definition_hash=_checked_hash(properties, definition),
        generation=_number(properties, "Generation", default=1),
        approval=approval,
        dataset_prefix=cast("str", dataset.get("Prefix") or ""),
        dataset_manifest=_place(dataset, "Manifest") if "Manifest" in dataset else None,
        based_on=_based_on(dataset),
    )


def read_settings(properties: Mapping[str, object]) -> JobSettings:
    """Read what only the job part has; raises ``PropertiesError``."""
    tags = _mapping(properties, "Tags") if "Tags" in properties else {}
    return JobSettings(
        role_arn=_text(properties, "RoleArn"),
        workteam_arn=_text(properties, "WorkteamArn"),
        pre_annotation_arn=cast("str", properties.get("PreAnnotationArn") or ""),
        consolidation_arn=cast("str", properties.get("ConsolidationArn") or ""),
        title=_text(properties, "Title"),
        description=_text(properties, "Description"),
        keywords=_texts(properties, "Keywords"),
        availability_seconds=_number(properties, "TaskAvailabilitySeconds"),
        max_concurrent_tasks=_number(properties, "MaxConcurrentTasks"),
        template=_page(properties),
        categories=_text(properties, "LabelCategories").encode(),
        tags={str(key): str(value) for key, value in tags.items()},
        kms_key_arn=cast("str", properties.get("OutputKmsKeyArn") or ""),
        content_classifiers=_texts(properties, "ContentClassifiers"),
        output_topic_arn=cast("str", properties.get("OutputTopicArn") or ""),
        automation=_automation(properties),
        human_task_ui_arn=cast("str", properties.get("HumanTaskUiArn") or ""),
        input_topic_arn=cast("str", properties.get("InputTopicArn") or ""),
    )


def _page(properties: Mapping[str, object]) -> Place | None:
    """Return the template; None where the page is Amazon's."""
    return None if properties.get("HumanTaskUiArn") else _place(properties, "Template")


def _based_on(dataset: Mapping[str, object]) -> BasedOn | None:
    if "BasedOn" not in dataset:
        return None
    given = _mapping(dataset, "BasedOn")
    return BasedOn(
        campaign=_text(given, "Campaign"),
        label_attribute=_text(given, "LabelAttribute"),
        accepted=_texts(given, "Accepted"),
        accepted_indexes=_texts(given, "AcceptedIndexes"),
    )


def _automation(properties: Mapping[str, object]) -> Automation | None:
    if "AutomatedLabeling" not in properties:
        return None
    given = _mapping(properties, "AutomatedLabeling")
    return Automation(
        algorithm_arn=_text(given, "AlgorithmArn"),
        initial_model_arn=cast("str", given.get("InitialModelArn") or ""),
        volume_key_arn=cast("str", given.get("VolumeKmsKeyArn") or ""),
        security_groups=_texts(given, "SecurityGroups"),
        subnets=_texts(given, "Subnets"),
    )


def _checked_hash(properties: Mapping[str, object], definition: CampaignDefinition) -> str:
    """Return the hash; synth and this function must agree on it, or approvals mean nothing."""
    declared = properties.get("DefinitionHash")
    computed = definition_hash(definition)
    if declared is not None and declared != computed:
        raise PropertiesError(
            f"DefinitionHash does not fit the Definition: got {declared!r}, computed {computed}; "
            "synthesize and deploy with one version of the project"
        )
    return computed


def _text(properties: Mapping[str, object], name: str) -> str:
    value = properties.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(name, value, "a non-empty text")
    return value


def _texts(properties: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = properties.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(name, value, "a list of texts")
    return tuple(value)


def _number(properties: Mapping[str, object], name: str, default: int | None = None) -> int:
    value = properties.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong(name, value, "a whole number")


def _mapping(properties: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = properties.get(name)
    if not isinstance(value, Mapping):
        raise _wrong(name, value, "an object")
    return value


def _place(properties: Mapping[str, object], name: str) -> Place:
    value = _mapping(properties, name)
    return Place(bucket=_text(value, "Bucket"), key=_text(value, "Key"))


def _wrong(name: str, value: object, allowed: str) -> PropertiesError:
    got = "nothing" if value is None else f"{type(value).__name__}"
    return PropertiesError(f"property {name} is wrong: got {got}, allowed {allowed}")
