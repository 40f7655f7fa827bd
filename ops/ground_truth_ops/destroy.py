"""`gt destroy`: take an environment down without losing a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import WaiterError

from ground_truth.names import job_name_prefix
from ground_truth_ops.archive import archive
from ground_truth_ops.cdk import Cdk, stack_ids
from ground_truth_ops.consumers import find_consumers
from ground_truth_ops.deployment import (
    DeployedStack,
    Deployment,
    StackKind,
    failures,
    find_deployment,
    resources_of,
    template_of,
)
from ground_truth_ops.errors import OpsError
from ground_truth_ops.export import Export, export_bucket
from ground_truth_ops.jobs import Job, jobs_of
from ground_truth_ops.protection import (
    Protection,
    lift_pool,
    lift_termination,
    protection_of,
    refuse_protected,
)
from ground_truth_ops.wait import wait_until_finished

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth_ops.project import Target

STOP_TIMEOUT_SECONDS = 900.0
RETAINING = ("Retain", "RetainExceptOnCreate")
KINDS = {"AWS::S3::Bucket": "bucket", "AWS::KMS::Key": "key"}
# a version goes with its function, though it is retained for a running job; a policy stays with
# its bucket
PARTS_OF_OTHERS = frozenset({"AWS::Lambda::Version", "AWS::S3::BucketPolicy"})


class DestroyError(OpsError):
    """Refused, or not everything went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A resource that outlives its stack."""

    type: str
    physical_id: str

    @property
    def kind(self) -> str:
        """A word for it."""
        return KINDS.get(self.type, self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is about to happen, for a person to read before agreeing."""

    deployment: Deployment
    running: tuple[Job, ...]
    output_bucket: str | None
    kept: tuple[Kept, ...]
    protection: Protection

    @property
    def exports(self) -> bool:
        """Whether labels would go with their bucket, so that they are saved first."""
        kept = {resource.physical_id for resource in self.kept}
        return self.output_bucket is not None and self.output_bucket not in kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Teardown:
    """How to take an environment down; `assembly` is made by `cdk synth` when None.

    `archive` is where the export is copied to before its bucket goes, as `s3://bucket/prefix`.
    """

    target: Target
    cdk: Cdk
    export_to: Path
    scratch: Path
    assembly: Path | None = None
    archive: str | None = None
    say: Callable[[str], None] = field(default=lambda _line: None)


def make_plan(target: Target, *, protected: bool = False) -> Plan:
    """Look at everything first; raises DestroyError for what must not be destroyed.

    `protected`: a protected environment is meant; without it ProtectionError says so.
    """
    clients = target.clients
    deployment = find_deployment(clients.cloudformation, target.environment)
    _refuse_changing(deployment)
    protection = protection_of(clients, deployment)
    if not protected:
        refuse_protected(protection)
    consumers = find_consumers(clients, deployment)
    if consumers:
        raise DestroyError(
            f"others use what {target.environment} would take away; remove or move them first",
            details=consumers,
        )
    campaigns = {campaign.name for campaign in target.project.campaigns}
    campaigns |= {stack.campaign for stack in deployment.stacks if stack.campaign}
    prefixes = [job_name_prefix(target.environment, name) for name in sorted(campaigns)]
    jobs = jobs_of(clients.sagemaker, target.environment, prefixes)
    return Plan(
        deployment=deployment,
        running=tuple(job for job in jobs if job.live),
        output_bucket=deployment.output(StackKind.STORAGE, "OutputBucketName"),
        kept=tuple(_retained(clients.cloudformation, deployment.stacks)),
        protection=protection,
    )


def refuse_running(plan: Plan) -> None:
    """Raise DestroyError when people are at work: what they would still label is lost."""
    if plan.running:
        raise DestroyError(
            "people may be at work, and nothing was touched; wait (make wait), or say "
            "--running-jobs to stop them (their labels so far are kept):",
            details=tuple(
                f"job {job.name} is {job.status} with {job.labeled} of {job.total} labeled"
                for job in plan.running
            ),
        )


def _refuse_changing(deployment: Deployment) -> None:
    """CloudFormation would refuse to delete them, after others had gone."""
    changing = [s for s in deployment.stacks if s.status.endswith("_IN_PROGRESS")]
    states = [f"{s.name} is {s.status}" for s in changing if s.status != "REVIEW_IN_PROGRESS"]
    if states:
        raise DestroyError(
            f"{', '.join(states)}: nothing was touched; wait until that has ended, then run it "
            "again"
        )


def _retained(
    cloudformation: CloudFormationClient, stacks: Iterable[DeployedStack]
) -> Iterable[Kept]:
    for stack in stacks:
        declared = template_of(cloudformation, stack.name)["Resources"]
        for resource in resources_of(cloudformation, stack.name):
            policy = declared.get(resource.logical_id, {}).get("DeletionPolicy")
            if policy in RETAINING and resource.type not in PARTS_OF_OTHERS:
                yield Kept(type=resource.type, physical_id=resource.physical_id)


def tear_down(teardown: Teardown, plan: Plan) -> Export | None:
    """Labeling stacks, then the export (when buckets go), then the rest.

    Raises DestroyError on what stays by accident.
    """
    if not plan.deployment.stacks:
        return None
    clients = teardown.target.clients
    assembly = teardown.assembly or _synthesize(teardown)
    _destroy(teardown, assembly, plan.deployment.of_kind(StackKind.LABELING))
    if plan.running:
        teardown.say("waiting until every job has stopped and written its labels")
        names = [job.name for job in plan.running]
        wait_until_finished(
            clients.sagemaker,
            names,
            timeout_seconds=STOP_TIMEOUT_SECONDS,
            longest_pause_seconds=15,
        )
    export = None
    if plan.exports and plan.output_bucket is not None:
        teardown.say(f"exporting the labels of {plan.output_bucket} to {teardown.export_to}")
        export = export_bucket(
            clients.s3,
            plan.output_bucket,
            teardown.export_to,
            before_mark=lambda export: _archive(teardown, export),
        )
    if plan.protection.pool is not None:
        teardown.say(f"lifting the protection of user pool {plan.protection.pool}")
        lift_pool(clients, plan.deployment, plan.protection.pool)
    rest = [stack for stack in plan.deployment.stacks if stack.kind is not StackKind.LABELING]
    _destroy(teardown, assembly, rest)
    return export


def _archive(teardown: Teardown, export: Export) -> None:
    if teardown.archive is not None:
        place = archive(teardown.target.clients.s3, export, teardown.archive)
        teardown.say(f"copied to {place}")


def _synthesize(teardown: Teardown) -> Path:
    teardown.say("synthesizing, so that the CDK knows the stacks")
    output = teardown.scratch / "cdk.out"
    teardown.cdk.synth(environment=teardown.target.environment, output=output, checks=False)
    return output


def _destroy(teardown: Teardown, assembly: Path, stacks: Iterable[DeployedStack]) -> None:
    wanted = list(stacks)
    if not wanted:
        return
    cloudformation = teardown.target.clients.cloudformation
    known = stack_ids(assembly)
    ids = [known[stack.name] for stack in wanted if stack.name in known]
    for stack in wanted:
        if stack.protected:
            lift_termination(cloudformation, stack)
        teardown.say(f"destroying {stack.name}")
    if ids:
        teardown.cdk.destroy(assembly, *ids)
    # a campaign whose folder is gone is no part of the app any more
    for stack in wanted:
        if stack.name not in known:
            _delete_stack(cloudformation, stack)
    _refuse_leftovers(cloudformation, teardown.target.environment, {s.name for s in wanted})


def _delete_stack(cloudformation: CloudFormationClient, stack: DeployedStack) -> None:
    cloudformation.delete_stack(StackName=stack.stack_id)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    try:
        waiter.wait(StackName=stack.stack_id, WaiterConfig={"Delay": 2, "MaxAttempts": 900})
    except WaiterError as error:
        raise DestroyError(
            f"stack {stack.name} wasn't deleted: {error}",
            details=failures(cloudformation, stack.stack_id),
        ) from error


def _refuse_leftovers(
    cloudformation: CloudFormationClient, environment: str, names: set[str]
) -> None:
    """The CDK CLI's exit code alone isn't proof."""
    left = [s for s in find_deployment(cloudformation, environment).stacks if s.name in names]
    if left:
        states = ", ".join(f"{stack.name} is {stack.status}" for stack in left)
        reasons = [line for stack in left for line in failures(cloudformation, stack.stack_id)]
        raise DestroyError(
            f"not everything was destroyed: {states}; mend the cause and run it again",
            details=tuple(reasons),
        )
