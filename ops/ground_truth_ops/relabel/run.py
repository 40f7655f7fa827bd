"""From an environment and a campaign to the edit of its file, and what to say about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth.definition import definition_hash
from ground_truth.lifecycle.approval import parse_approval
from ground_truth.lifecycle.lineage import Lineage
from ground_truth.lifecycle.lineage_file import LineageError, from_bytes
from ground_truth.lifecycle.outputs import EarlierOutputError
from ground_truth.lifecycle.wanted import Wanted
from ground_truth.names import job_name_prefix, lineage_key
from ground_truth_ops.deployment import (
    DeployedStack,
    Deployment,
    StackKind,
    find_deployment,
    template_of,
)
from ground_truth_ops.project import environments_of
from ground_truth_ops.relabel.asking import Asking, RelabelError, Stack, next_asking
from ground_truth_ops.relabel.campaign_file import Edit, plan_edit
from ground_truth_ops.relabel.reasons import Reason, reasons
from ground_truth_ops.relabel.world import reading_world

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth.lifecycle.ports import World
    from ground_truth_ops.project import Target
    from stacks.config import Campaign

JOB_TYPE = "Custom::GroundTruthLabelingJob"
SHOWN_OBJECTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """What has no label and why; `edit` is None when the file says it all already.

    `others` are environments that read the same campaign file.
    """

    environment: str
    campaign: str
    asking: Asking
    reasons: tuple[Reason, ...]
    workers: int
    edit: Edit | None
    others: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"campaigns/{self.campaign}/campaign.toml"


def plan_relabel(target: Target, name: str) -> Relabel:
    """Look at the campaign's jobs and plan the edit; reads only, nothing is written.

    Raises RelabelError where an edit would not lead to exactly what is shown.
    """
    (campaign,) = target.project.campaigns
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    wanted = _wanted(target, deployment, campaign)
    world = reading_world(target.clients)
    stack = _stack(target.clients.cloudformation, deployment, name)
    try:
        asking = next_asking(world, _lineage(world, wanted), wanted, stack)
        why = reasons(
            world,
            asking.job,
            asking.objects,
            campaign=name,
            bucket=wanted.output_bucket,
            attribute=wanted.definition.label_attribute,
        )
    except (LineageError, EarlierOutputError) as error:
        raise RelabelError(str(error)) from error
    return Relabel(
        environment=target.environment,
        campaign=name,
        asking=asking,
        reasons=why,
        workers=wanted.definition.workers_per_object,
        edit=_edit(campaign, asking),
        others=_others(target, campaign),
    )


def _wanted(target: Target, deployment: Deployment, campaign: Campaign) -> Wanted:
    """What a deployment of the files as they are would declare.

    A manifest's asset has no name here, so that it was changed is left to the gate to refuse.
    """
    settings = campaign.settings
    buckets = [
        deployment.output(StackKind.STORAGE, key) for key in ("RawBucketName", "OutputBucketName")
    ]
    if not all(buckets):
        raise RelabelError(
            f"environment {target.environment} has no Storage stack with the buckets of its labels;"
            f" deploy it first (make deploy ENV={target.environment})"
        )
    raw, output = (bucket or "" for bucket in buckets)
    return Wanted(
        environment=target.environment,
        campaign=campaign.name,
        prefix=job_name_prefix(target.environment, campaign.name),
        raw_bucket=raw,
        output_bucket=output,
        definition=campaign.definition,
        definition_hash=definition_hash(campaign.definition),
        generation=settings.generation,
        approval=parse_approval(settings.approve),
        dataset_prefix=settings.dataset.prefix or "",
    )


def _lineage(world: World, wanted: Wanted) -> Lineage:
    stored = world.objects.get(wanted.output_bucket, lineage_key(wanted.campaign))
    if stored is None:
        return Lineage(environment=wanted.environment, campaign=wanted.campaign)
    return from_bytes(stored.body, environment=wanted.environment, campaign=wanted.campaign)


def _stack(cloudformation: CloudFormationClient, deployment: Deployment, name: str) -> Stack:
    found = deployment.labeling(name)
    if found is None or found.status == "REVIEW_IN_PROGRESS":  # a change set, and nothing else
        return Stack()
    if found.status.endswith("_IN_PROGRESS"):
        raise RelabelError(f"stack {found.name} is {found.status}; wait until it has settled")
    return Stack(stack_id=found.stack_id, generation=_deployed_generation(cloudformation, found))


def _deployed_generation(cloudformation: CloudFormationClient, stack: DeployedStack) -> int:
    declared = template_of(cloudformation, stack.name).get("Resources", {}).values()
    found = [item["Properties"] for item in declared if item["Type"] == JOB_TYPE]
    return int(found[0].get("Generation", 0)) if found else 0


def _edit(campaign: Campaign, asking: Asking) -> Edit | None:
    changes: dict[str, int | str] = {}
    if asking.generation != campaign.settings.generation:
        changes["generation"] = asking.generation
    if asking.clears_approval:
        changes["approve"] = ""
    return plan_edit(campaign.folder / "campaign.toml", changes) if changes else None


def _others(target: Target, campaign: Campaign) -> tuple[str, ...]:
    runs = campaign.settings.environments
    names = environments_of(target.project.root) if runs is None else sorted(runs)
    return tuple(name for name in names if name != target.environment)


def describe(relabel: Relabel) -> Iterator[str]:
    """The lines a person reads before the edit."""
    job = relabel.asking.job
    counters = job.state.counters
    yield f"{relabel.campaign} in {relabel.environment}: {job.entry.name}"
    yield (
        f"is {job.state.status.value}: {counters.labeled} labeled, {counters.failed} failed, "
        f"{counters.unlabeled} unlabeled"
    )
    count = len(relabel.asking.objects)
    if not count:
        yield "every object has its label; nothing to ask again, the file stays as it is"
        return
    for reason in relabel.reasons:
        yield ""
        yield f"{_objects(len(reason.objects))}: {reason.text}"
        yield from (f"  {name}" for name in reason.objects[:SHOWN_OBJECTS])
        if len(reason.objects) > SHOWN_OBJECTS:
            yield f"  and {len(reason.objects) - SHOWN_OBJECTS} more"
    yield ""
    yield (
        f"the next deployment asks for {_objects(count)}, {relabel.workers} people each: up to "
        f"{count * relabel.workers} answers to pay"
    )


def conclude(relabel: Relabel, *, written: bool) -> Iterator[str]:
    """The lines after the edit, or instead of it."""
    if not relabel.asking.objects:
        return
    if relabel.edit is None:
        yield f"{relabel.file} says so already; deploy it:"
    else:
        yield ""
        yield from relabel.edit.diff(relabel.file)
        yield ""
        yield f"{relabel.file} is edited; deploy it:" if written else "nothing was written"
    if written or relabel.edit is None:
        yield f"  make deploy ENV={relabel.environment} CAMPAIGN={relabel.campaign}"
    if relabel.edit is not None and relabel.others:
        yield (
            f"{', '.join(relabel.others)}: the same file; there too the next deployment asks for "
            "what has no label"
        )


def _objects(count: int) -> str:
    return "1 object" if count == 1 else f"{count} objects"
