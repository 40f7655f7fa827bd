"""`gt destroy`: take an environment down without losing a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import WaiterError

from ground_truth.names import job_name_prefix
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
from ground_truth_ops.wait import wait_until_finished

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth_ops.project import Target

STOP_TIMEOUT_SECONDS = 900.0
RETAINING = ("Retain", "RetainExceptOnCreate")
# retained so that a running job keeps its version; removed with the function it belongs to
PARTS_OF_OTHERS = frozenset({"AWS::Lambda::Version"})


class DestroyError(OpsError):
    """Refused, or not everything went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is about to happen, for a person to read before agreeing."""

    deployment: Deployment
    running: tuple[Job, ...]
    output_bucket: str | None
    exports: bool
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teardown:
    """How to take an environment down; `assembly` is made by `cdk synth` when None."""

    target: Target
    cdk: Cdk
    export_to: Path
    scratch: Path
    assembly: Path | None = None
    say: Callable[[str], None] = field(default=lambda _line: None)


def make_plan(target: Target) -> Plan:
    """Look at everything first; raises DestroyError for what must not be destroyed."""
    clients = target.clients
    deployment = find_deployment(clients.cloudformation, target.environment)
    _refuse_protected(deployment)
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
    stays = tuple(_retained(clients.cloudformation, deployment.stacks))
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    return Plan(
        deployment=deployment,
        running=tuple(job for job in jobs if job.live),
        output_bucket=bucket,
        exports=bucket is not None and not any(bucket in line for line in stays),
        stays=stays,
    )


def _refuse_protected(deployment: Deployment) -> None:
    protected = [stack.name for stack in deployment.stacks if stack.protected]
    if not protected:
        return
    commands = [
        "aws cloudformation update-termination-protection --no-enable-termination-protection "
        f"--stack-name {name}"
        for name in protected
    ]
    raise DestroyError(
        f"termination protection is on for {', '.join(protected)}: nothing was touched. An "
        "environment that "
        "protects its stacks holds labels that cost money. To take it down on purpose, set "
        "storage.termination_protection = false in its file and deploy, or lift it by hand; "
        "what is retained "
        "(buckets and their key) then stays in the account all the same:",
        details=tuple(commands),
    )


def _retained(
    cloudformation: CloudFormationClient, stacks: Iterable[DeployedStack]
) -> Iterable[str]:
    for stack in stacks:
        declared = template_of(cloudformation, stack.name)["Resources"]
        for resource in resources_of(cloudformation, stack.name):
            policy = declared.get(resource.logical_id, {}).get("DeletionPolicy")
            if policy in RETAINING and resource.type not in PARTS_OF_OTHERS:
                yield f"{resource.type} {resource.physical_id} ({stack.name})"


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
        export = export_bucket(clients.s3, plan.output_bucket, teardown.export_to)
    rest = [stack for stack in plan.deployment.stacks if stack.kind is not StackKind.LABELING]
    _destroy(teardown, assembly, rest)
    return export


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
