"""What the next deployment would ask for, decided by the lifecycle's own rules.

Nothing here decides anew: the deployment's function is asked what it would do with the campaign
file as it is, and with a raised `generation`. So what is shown is what will happen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ground_truth import names
from ground_truth.lifecycle import messages
from ground_truth.lifecycle.arrived import with_arrived
from ground_truth.lifecycle.continuity import differences
from ground_truth.lifecycle.decision import decide
from ground_truth.lifecycle.earlier import earlier_labels, restart_advice
from ground_truth.lifecycle.job_request import BudgetSpentError, stopping_conditions
from ground_truth.lifecycle.merge import Line, has_label, merge
from ground_truth.lifecycle.outputs import EarlierOutputError, manifest_lines
from ground_truth.lifecycle.plan import Action, KnownJob, Plan, RefusedError, Situation
from ground_truth.lifecycle.survey import survey, unrecorded_job
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from ground_truth.lifecycle.lineage import Lineage
    from ground_truth.lifecycle.ports import World
    from ground_truth.lifecycle.wanted import Wanted

NEW_STACK = "a stack that is not there yet"


class RelabelError(OpsError):
    """Raising `generation` would not ask for exactly the objects without a label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The campaign's stack, if there is one, and the `generation` it was deployed with."""

    stack_id: str = NEW_STACK
    generation: int = 0

    @property
    def exists(self) -> bool:
        return self.stack_id != NEW_STACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the next deployment asks for, once the campaign file says so.

    `objects` are the lines of its manifest without a label, empty when nothing is left to ask;
    `generation` is what the file must say, `clears_approval` whether an approval must go from it.
    """

    job: KnownJob
    objects: tuple[Line, ...]
    generation: int
    clears_approval: bool


def next_asking(world: World, lineage: Lineage, wanted: Wanted, stack: Stack) -> Asking:
    """Raises RelabelError where raising `generation` would change nothing, or ask for more."""
    situation = survey(world, lineage, wanted, stack.stack_id)
    current = _current(world, situation)
    _refuse_other_definition(situation, current)
    generation = _generation(situation, current, stack)
    raised, cleared = _without_renewed_restart(situation, generation)
    plan = _decide(raised)
    if plan.action is not Action.START:
        return Asking(job=current, objects=(), generation=wanted.generation, clears_approval=False)
    objects = _left(world, raised, plan)
    if not objects:
        generation, cleared = wanted.generation, False
    return Asking(job=current, objects=objects, generation=generation, clears_approval=cleared)


def _current(world: World, situation: Situation) -> KnownJob:
    wanted = situation.wanted
    unrecorded = unrecorded_job(world, situation)
    if unrecorded is not None:
        key = names.lineage_key(wanted.campaign)
        raise RelabelError(messages.unrecorded_job_runs(job=unrecorded.name, key=key))
    for job in situation.jobs:
        if not job.state.status.ended:
            counters = job.state.counters
            raise RelabelError(
                f"job {job.entry.name} is {job.state.status.value} with {counters.labeled} of "
                f"{job.entry.objects} objects labeled, {counters.failed} failed; wait until it "
                f"has ended (make wait ENV={wanted.environment})"
            )
    standing = [job for job in situation.jobs if not job.entry.undone]
    if not standing:
        raise RelabelError(
            f"campaign {wanted.campaign} has no job in {wanted.environment} yet; deploy it "
            f"(make deploy ENV={wanted.environment} CAMPAIGN={wanted.campaign})"
        )
    return standing[-1]


def _refuse_other_definition(situation: Situation, current: KnownJob) -> None:
    wanted = situation.wanted
    if current.entry.definition_hash != wanted.definition_hash:
        changed = ", ".join(differences(current.entry, wanted.definition))
        raise RelabelError(
            f"the files of campaign {wanted.campaign} differ from what job {current.entry.name} "
            f"asked ({changed}), so a deployment would do more than ask again for what has no "
            "label; deploy that change first, or undo it"
        )


def _generation(situation: Situation, current: KnownJob, stack: Stack) -> int:
    """The file's own where a deployment acts on it, else the next.

    An update reaches the function only when a property has changed, a new stack always does.
    """
    wanted = situation.wanted
    if not stack.exists and _decide(situation).action is Action.START:
        return wanted.generation
    generation = max(wanted.generation, current.entry.wanted_generation + 1, stack.generation + 1)
    if generation > names.HIGHEST_GENERATION:
        raise RelabelError(
            f"generation would be {generation}, allowed 1-{names.HIGHEST_GENERATION}; rename the "
            "campaign to begin a new lineage"
        )
    return generation


def _without_renewed_restart(situation: Situation, generation: int) -> tuple[Situation, bool]:
    """The situation under a generation; raising it would renew a used approval, restarts too."""
    wanted = situation.wanted
    approval, raised = wanted.approval, replace(wanted, generation=generation)
    if (
        approval is None
        or approval.verb != "restart"
        or approval.definition_hash != wanted.definition_hash
    ):
        return replace(situation, wanted=raised), False
    if not situation.lineage.approval_used(str(approval), wanted.generation):
        raise RelabelError(
            f'approve = "{approval}" in campaign.toml is not used yet: the next deployment asks '
            "for everything again, not only for what has no label; take the line out and run "
            "this again, or deploy"
        )
    return replace(situation, wanted=replace(raised, approval=None)), True


def _decide(situation: Situation) -> Plan:
    try:
        return decide(situation)
    except RefusedError as error:
        raise RelabelError(f"the next deployment would be refused: {error}") from error


def _left(world: World, situation: Situation, plan: Plan) -> tuple[Line, ...]:
    wanted = situation.wanted
    attribute = wanted.definition.label_attribute
    parents = [job for name in plan.parents for job in situation.jobs if job.entry.name == name]
    try:
        dataset: Iterable[Line] = _frozen_dataset(world, situation)
        if wanted.definition.streaming:
            dataset = with_arrived(
                world.objects,
                dataset,
                bucket=wanted.output_bucket,
                campaign=wanted.campaign,
                task=wanted.definition.task,
            )
        earlier = earlier_labels(
            world,
            parents,
            bucket=wanted.output_bucket,
            campaign=wanted.campaign,
            attribute=attribute,
            advice=restart_advice(wanted.definition_hash),
        )
        merged = merge(dataset, earlier, attribute)
        if merged.left:
            stopping_conditions(wanted, merged.carried)
    except (EarlierOutputError, BudgetSpentError) as error:
        raise RelabelError(f"the next deployment would start no job: {error}") from error
    return tuple(line for line in merged.lines if not has_label(line, attribute))


def _frozen_dataset(world: World, situation: Situation) -> list[Line]:
    wanted = situation.wanted
    revision = wanted.definition.dataset_revision
    key = names.dataset_key(wanted.campaign, revision)
    if not situation.lineage.binds_dataset(revision):
        raise RelabelError(
            f"nobody was asked about dataset revision {revision} yet, so the next deployment "
            "builds it anew; deploy again"
        )
    stored = world.objects.get(wanted.output_bucket, key)
    if stored is None:
        raise RelabelError(
            f"the frozen dataset {key} is gone from bucket {wanted.output_bucket}; restore it (the "
            "bucket is versioned)"
        )
    return list(manifest_lines(stored.body, where=names.s3_uri(wanted.output_bucket, key)))
