"""The labeling job: started by a deployment, adopted by the next, stopped by a destroy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from constructs import Construct, IDependable

from ground_truth import names
from ground_truth.tasks import rules_for
from ground_truth_cdk.arns import bucket_arn
from ground_truth_cdk.assets import file_asset, location
from ground_truth_cdk.built_in_functions import BuiltInFunctions
from ground_truth_cdk.execution_role import ExecutionRole
from ground_truth_cdk.function import custom_resource
from ground_truth_cdk.grants import Grant, permissions_of
from ground_truth_cdk.job_options import JobOptions
from ground_truth_cdk.labeling_gate import JOB_NAMES_VARY, LabelingGate, labeling_jobs_arn

if TYPE_CHECKING:
    from aws_cdk import CustomResource
    from aws_cdk import aws_s3_assets as s3_assets

    from ground_truth_cdk.annotation_functions import AnnotationFunctions
    from ground_truth_cdk.labeling_gate import CampaignDataset


class PublicCrowdError(ValueError):
    """The work team is the public crowd, which no longer exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPresentation:
    """What workers see and how tasks are handed out; changing it never asks for labels again."""

    title: str
    description: str
    keywords: Sequence[str]
    task_availability_seconds: int
    max_concurrent_tasks: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingJobProps:
    """`gate` carries identity, definition and dataset; `template` has its instructions in it.

    `annotation` is None for a job without functions. `template` isn't used where the page is
    Amazon's, `categories` is the label category file. `sample_data_digest` makes an upload come
    first.
    """

    gate: LabelingGate
    annotation: AnnotationFunctions | BuiltInFunctions | None
    workteam_arn: str
    template: str
    categories: bytes
    presentation: JobPresentation
    options: JobOptions = field(default_factory=JobOptions)
    sample_data_digest: str | None = None


class LabelingJob(Construct):
    """The job resource with its role, assets and permissions.

    `wait_for` names what else must be in place before the job starts; it also goes only after the
    job was stopped.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: LabelingJobProps) -> None:
        super().__init__(scope, construct_id)
        refuse_public_crowd(props.workteam_arn)
        gate = props.gate.props
        definition = gate.definition
        template = self._template(props)
        role = ExecutionRole(
            self,
            "ExecutionRole",
            storage=gate.storage,
            campaign=gate.campaign,
            raw_prefix=_shown_prefix(definition.task, gate.dataset),
            calls=props.annotation.calls if _made_here(props.annotation) else None,
            earlier=gate.dataset.based_on.references if gate.dataset.based_on else (),
            options=props.options,
        )
        policy = permissions_of(
            self,
            "Permissions",
            role=props.gate.function.role,
            grants=self._starting(props, role, template),
        )
        resource = custom_resource(
            self,
            "Job",
            resource_type="Custom::GroundTruthLabelingJob",
            function=props.gate.function,
            properties={
                **props.gate.properties("job"),
                "RoleArn": role.role.role_arn,
                "WorkteamArn": props.workteam_arn,
                **_functions(props.annotation),
                **_presentation(props.presentation),
                **props.options.properties(),
                **({"Template": location(template)} if template else {}),
                "LabelCategories": props.categories.decode(),
                **({"OutputKmsKeyArn": gate.storage.key_arn} if gate.storage.key_arn else {}),
                **(
                    {"SampleDataDigest": props.sample_data_digest}
                    if props.sample_data_digest
                    else {}
                ),
            },
        )
        props.gate.guard(role, policy)
        self.resource: CustomResource = resource
        self.wait_for(props.gate.resource, role, policy)
        if _made_here(props.annotation):
            self.wait_for(props.annotation)

    def wait_for(self, *dependables: IDependable) -> None:
        """Start the job after these, and remove these after the job."""
        self.resource.node.add_dependency(*dependables)

    def attribute(self, name: str) -> str:
        """Return JobName, JobArn, OutputManifestUri or Generation."""
        return self.resource.get_att_string(name)

    def _template(self, props: LabelingJobProps) -> s3_assets.Asset | None:
        if _is_amazons_page(props.annotation):
            return None
        return file_asset(self, "Template", name="template.html", content=props.template.encode())

    def _starting(
        self, props: LabelingJobProps, role: ExecutionRole, template: s3_assets.Asset | None
    ) -> list[Grant]:
        gate = props.gate.props
        storage = gate.storage
        prefix = gate.dataset.prefix
        assets = [each for each in (template, props.gate.manifest) if each]
        grants = [
            Grant(
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreateLabelingJob",
                    "sagemaker:DeleteTags",
                    "sagemaker:StopLabelingJob",
                ],
                resources=[labeling_jobs_arn(gate.job_name_prefix)],
                wildcard=JOB_NAMES_VARY,
            ),
            Grant(
                actions=["iam:PassRole"],
                resources=[role.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            ),
            Grant(
                actions=["s3:PutObject"],
                resources=[storage.output_objects(names.campaign_prefix(gate.campaign))],
                wildcard="the campaign's own records and manifests, named after its jobs",
            ),
            *_reading(assets),
            *storage.encrypt_and_decrypt(),
        ]
        if prefix is None:
            return grants
        grants.append(storage.list_raw(prefix))
        if rules_for(gate.definition.task).manifest_key == "source":  # texts travel in the manifest
            grants.append(
                Grant(
                    actions=["s3:GetObject"],
                    resources=[storage.raw_objects(prefix)],
                    wildcard="the dataset is every object below this prefix",
                )
            )
        return grants


def refuse_public_crowd(workteam_arn: str) -> None:
    """Raise PublicCrowdError for the public work team; tokens are looked at by Ground Truth."""
    if "workteam/public-crowd/" in workteam_arn:
        raise PublicCrowdError(
            f"work team is the public crowd: got {workteam_arn!r}, allowed private or vendor"
            " teams; Mechanical Turk closed on 30 September 2026"
        )


def _shown_prefix(task: str, dataset: CampaignDataset) -> str | None:
    if rules_for(task).manifest_key == "source":
        return None
    return dataset.shown_prefix


def _reading(assets: Sequence[s3_assets.Asset]) -> list[Grant]:
    resources = [f"{bucket_arn(each.s3_bucket_name)}/{each.s3_object_key}" for each in assets]
    return [Grant(actions=["s3:GetObject"], resources=resources)] if assets else []


def _made_here(
    functions: AnnotationFunctions | BuiltInFunctions | None,
) -> TypeGuard[AnnotationFunctions]:
    return functions is not None and not isinstance(functions, BuiltInFunctions)


def _is_amazons_page(functions: AnnotationFunctions | BuiltInFunctions | None) -> bool:
    return isinstance(functions, BuiltInFunctions) and bool(functions.human_task_ui_arn)


def _functions(functions: AnnotationFunctions | BuiltInFunctions | None) -> dict[str, str]:
    if functions is None:
        return {}
    named = {
        "PreAnnotationArn": functions.pre_annotation_arn,
        "ConsolidationArn": functions.consolidation_arn,
    }
    if isinstance(functions, BuiltInFunctions) and functions.human_task_ui_arn:
        named["HumanTaskUiArn"] = functions.human_task_ui_arn
    return named


def _presentation(presentation: JobPresentation) -> dict[str, Any]:
    return {
        "Title": presentation.title,
        "Description": presentation.description,
        "Keywords": list(presentation.keywords),
        "TaskAvailabilitySeconds": presentation.task_availability_seconds,
        "MaxConcurrentTasks": presentation.max_concurrent_tasks,
        "Tags": dict(presentation.tags),
    }
