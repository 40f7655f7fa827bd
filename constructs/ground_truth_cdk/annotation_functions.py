"""The two functions Ground Truth calls: before an object is offered, and when answers are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ground_truth import names
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_cdk.function import (
    CALLED_SYNCHRONOUSLY,
    LONGEST_TIMEOUT_SECONDS,
    FunctionSettings,
    SecureFunction,
)
from ground_truth_cdk.grants import Grant
from ground_truth_cdk.labels import PRE_ANNOTATION, annotation_settings, consolidation_module

if TYPE_CHECKING:
    from ground_truth.task_input import Audited
    from ground_truth.tasks import TaskType
    from ground_truth_cdk.storage_reference import StorageReference


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationFunctionsProps:
    """`labels` in class index order; `audited` is what verifications, adjustments begin with."""

    functions: FunctionSettings
    task: TaskType
    campaign: str
    labels: Sequence[str]
    storage: StorageReference
    audited: Audited | None = None


class AnnotationFunctions(Construct):
    """Pre-annotation as a published version, consolidation behind an alias.

    A running job goes on calling the version it was given, so old pre-annotation versions are
    kept until the function itself goes. Corrections of the consolidation reach running jobs
    through the alias. `calls` is what Ground Truth needs to call both.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, props: AnnotationFunctionsProps
    ) -> None:
        super().__init__(scope, construct_id)
        environment = annotation_settings(props.task, props.labels)
        tallies = names.tallies_prefix(props.campaign)
        masks = rules_for(props.task).answers is AnswerKind.MASK
        pre_annotation = SecureFunction(
            self,
            "PreAnnotation",
            module=PRE_ANNOTATION,
            description="Ground Truth: what a worker is shown",
            settings=props.functions,
            dead_letters=CALLED_SYNCHRONOUSLY,
            environment=annotation_settings(props.task, props.labels, props.audited),
            timeout_seconds=30,
            version_removal=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        consolidation = SecureFunction(
            self,
            "Consolidation",
            module=consolidation_module(props.task),
            description="Ground Truth: one label of several answers",
            settings=props.functions,
            dead_letters=CALLED_SYNCHRONOUSLY,
            environment=environment | {"TALLIES": f"s3://{props.storage.output_bucket}/{tallies}"},
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            memory_mb=3008 if masks else 1024,
            grants=[
                Grant(
                    actions=["s3:GetObject"],
                    resources=[props.storage.output_objects(names.labels_prefix(props.campaign))],
                    wildcard="Ground Truth names the requests and large answers it puts there",
                ),
                *(_pictures(props) if masks else _tallies(props, tallies)),
                *props.storage.encrypt_and_decrypt(),
            ],
        )
        alias = lambda_.Alias(
            self,
            "ConsolidationAlias",
            alias_name="live",
            version=consolidation.function.current_version,
        )
        self.pre_annotation_arn = pre_annotation.function.current_version.function_arn
        self.consolidation_arn = alias.function_arn
        self.calls = Grant(
            actions=["lambda:InvokeFunction"],
            resources=[f"{pre_annotation.function.function_arn}:*", alias.function_arn],
            wildcard="a running job keeps calling the version of the pre-annotation it started"
            " with, also after an update has published the next",
        )


def _pictures(props: AnnotationFunctionsProps) -> list[Grant]:
    """Return what writing masks takes: they lie in S3, where Ground Truth's own would."""
    pictures = "*/annotations/consolidated-annotation/output/"
    return [
        Grant(
            actions=["s3:PutObject"],
            resources=[
                props.storage.output_objects(f"{names.labels_prefix(props.campaign)}{pictures}")
            ],
            wildcard="one picture for every object of whichever job of the campaign is running",
        ),
    ]


def _tallies(props: AnnotationFunctionsProps, prefix: str) -> list[Grant]:
    """Return what it takes that the batches of a job learn from each other."""
    return [
        Grant(
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[props.storage.output_objects(prefix)],
            wildcard="an object for every batch, named by its request",
        ),
        props.storage.list_output(prefix),
    ]
