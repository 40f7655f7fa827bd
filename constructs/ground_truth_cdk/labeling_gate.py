"""The gate: decides whether a campaign may change before anything of it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Aws
from constructs import Construct, IConstruct

from ground_truth import names
from ground_truth.definition import CampaignDefinition, definition_hash
from ground_truth_cdk.arns import arn
from ground_truth_cdk.assets import file_asset, location
from ground_truth_cdk.function import (
    ANSWERS_CLOUDFORMATION,
    LONGEST_TIMEOUT_SECONDS,
    FunctionSettings,
    SecureFunction,
    custom_resource,
)
from ground_truth_cdk.grants import Grant

if TYPE_CHECKING:
    from aws_cdk import aws_s3_assets as s3_assets

    from ground_truth_cdk.storage_reference import StorageReference

JOB_NAMES_VARY = "labeling jobs end in the hashes of the requests that start them"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasedOn:
    """Another campaign of the environment, whose labels are the dataset.

    `labels` are its classes in index order, `accepted` those whose objects go on (none: all).
    `raw_prefix` is what of the raw bucket its objects lie below, "" where that isn't known;
    `references` are the campaigns of the chain whose labels are objects, such as masks.
    """

    campaign: str
    label_attribute: str
    labels: Sequence[str]
    accepted: Sequence[str] = ()
    raw_prefix: str = ""
    references: Sequence[str] = ()

    def properties(self) -> dict[str, Any]:
        """The property of both resources."""
        return {
            "Campaign": self.campaign,
            "LabelAttribute": self.label_attribute,
            "Accepted": list(self.accepted),
            "AcceptedIndexes": [str(list(self.labels).index(label)) for label in self.accepted],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDataset:
    """Where the objects come from: a prefix of the raw bucket, a manifest's bytes, labels."""

    prefix: str | None = None
    manifest: bytes | None = None
    based_on: BasedOn | None = None

    def properties(self, manifest: s3_assets.Asset | None) -> dict[str, Any]:
        """The property of both resources."""
        if self.based_on is not None:
            return {"BasedOn": self.based_on.properties()}
        return {"Manifest": location(manifest)} if manifest else {"Prefix": self.prefix}

    @property
    def shown_prefix(self) -> str:
        """What of the raw bucket workers may be shown; "" for all of it."""
        return self.based_on.raw_prefix if self.based_on else self.prefix or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingGateProps:
    """`generation` counts deliberate new starts; `approve` is the one-shot approval or ""."""

    functions: FunctionSettings
    storage: StorageReference
    environment: str
    campaign: str
    definition: CampaignDefinition
    dataset: CampaignDataset
    generation: int
    approve: str

    @property
    def job_name_prefix(self) -> str:
        """What the names of all jobs of this campaign in this environment start with."""
        return names.job_name_prefix(self.environment, self.campaign)


class LabelingGate(Construct):
    """Read-only resource in front of a campaign, and the function it shares with the job.

    An update that a running job doesn't allow fails here, while roles, functions and rules are
    still as the job needs them. Only the gate's own function, role and policy come before it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: LabelingGateProps) -> None:
        super().__init__(scope, construct_id)
        self.props = props
        self.manifest = _manifest_asset(self, props.dataset)
        self.function = SecureFunction(
            self,
            "Function",
            module="ground_truth_functions.labeling_job",
            description="Starts, adopts and stops the campaign's labeling jobs",
            settings=props.functions,
            dead_letters=ANSWERS_CLOUDFORMATION,
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            # a hundred thousand boxes of an earlier campaign take 540 MB to read
            memory_mb=512 if props.dataset.based_on is None else 2048,
            grants=self._reading(),
        )
        self.resource = custom_resource(
            self,
            "Gate",
            resource_type="Custom::GroundTruthGate",
            function=self.function,
            properties=self.properties("gate"),
        )

    def properties(self, part: str) -> dict[str, Any]:
        """Return what gate and job are both told, so that both decide on the same grounds."""
        props = self.props
        return {
            "Part": part,
            "Environment": props.environment,
            "Campaign": props.campaign,
            "JobNamePrefix": props.job_name_prefix,
            "RawBucket": props.storage.raw_bucket,
            "OutputBucket": props.storage.output_bucket,
            "Definition": props.definition.to_dict(),
            "DefinitionHash": definition_hash(props.definition),
            "Dataset": props.dataset.properties(self.manifest),
            "Generation": props.generation,
            "Approve": props.approve,
        }

    def guard(self, *constructs: IConstruct) -> None:
        """Let constructs change only after the gate has agreed."""
        for construct in constructs:
            construct.node.add_dependency(self.resource)

    def _reading(self) -> list[Grant]:
        prefix = names.campaign_prefix(self.props.campaign)
        return [
            Grant(
                actions=["sagemaker:ListLabelingJobs"],
                resources=["*"],
                wildcard="ListLabelingJobs knows no resources; names are filtered by the prefix",
            ),
            Grant(
                actions=["sagemaker:DescribeLabelingJob", "sagemaker:ListTags"],
                resources=[labeling_jobs_arn(self.props.job_name_prefix)],
                wildcard=JOB_NAMES_VARY,
            ),
            Grant(actions=["cloudformation:DescribeStacks"], resources=[Aws.STACK_ID]),
            self.props.storage.list_output(prefix),
            Grant(
                actions=["s3:GetObject"],
                resources=[self.props.storage.output_objects(prefix)],
                wildcard="the campaign's own records and manifests, named after its jobs",
            ),
            *self._base(),
            *self._queues(),
            *self.props.storage.decrypt(),
        ]

    def _queues(self) -> list[Grant]:
        """Removing what Ground Truth leaves behind of a streaming job."""
        if not self.props.definition.streaming:
            return []
        return [
            Grant(
                actions=["sqs:DeleteQueue", "sqs:GetQueueUrl"],
                resources=[queues_arn(self.props.job_name_prefix)],
                wildcard="Ground Truth names a queue after each job",
            )
        ]

    def _base(self) -> list[Grant]:
        """Reading the labels the dataset is made of."""
        base = self.props.dataset.based_on
        if base is None:
            return []
        prefix = names.campaign_prefix(base.campaign)
        return [
            Grant(
                actions=["sagemaker:DescribeLabelingJob"],
                resources=[
                    labeling_jobs_arn(names.job_name_prefix(self.props.environment, base.campaign))
                ],
                wildcard=JOB_NAMES_VARY,
            ),
            self.props.storage.list_output(prefix),
            Grant(
                actions=["s3:GetObject"],
                resources=[self.props.storage.output_objects(prefix)],
                wildcard="the other campaign's record and manifests, named after its jobs",
            ),
        ]


def _manifest_asset(scope: Construct, dataset: CampaignDataset) -> s3_assets.Asset | None:
    if dataset.manifest is None:
        return None
    return file_asset(scope, "Manifest", name="manifest.jsonl", content=dataset.manifest)


def queues_arn(job_name_prefix: str) -> str:
    """ARN of the queues of a campaign's streaming jobs."""
    return arn("sqs", names.queue_name(names.job_name_pattern(job_name_prefix)))


def labeling_jobs_arn(job_name_prefix: str) -> str:
    """ARN of all labeling jobs of a campaign and of no other."""
    return arn("sagemaker", f"labeling-job/{names.job_name_pattern(job_name_prefix)}")
