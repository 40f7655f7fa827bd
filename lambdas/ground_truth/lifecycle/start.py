"""Starting a new generation: stop the old one, gather its labels, ask for the rest."""

import logging
from dataclasses import dataclass, replace

from ground_truth import names
from ground_truth.lifecycle.dataset import check_input, frozen_dataset
from ground_truth.lifecycle.earlier import earlier_lines
from ground_truth.lifecycle.job_request import (
    BudgetSpentError,
    Uris,
    job_request,
    stopping_conditions,
)
from ground_truth.lifecycle.launch import (
    NameTakenError,
    NotStartedError,
    await_start,
    create_job,
)
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage, StoppedFor
from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.materials import publish_materials
from ground_truth.lifecycle.merge import Line, Merged, merge
from ground_truth.lifecycle.plan import Plan, Situation
from ground_truth.lifecycle.ports import JobState, World
from ground_truth.lifecycle.stopping import stop_for_successor, stop_jobs
from ground_truth.lifecycle.survey import (
    Event,
    StackLeavingError,
    known_jobs,
    refuse_if_leaving,
    stack_status,
)
from ground_truth.lifecycle.wanted import JobSettings, Wanted
from ground_truth.manifest import serialize

STOP_SECONDS = 240.0
_LAST_STOP_SECONDS = 30.0

_log = logging.getLogger(__name__)


class LineageMovedError(RuntimeError):
    """Another deployment wrote a job into the record since the decision was made."""


class SupersededError(RuntimeError):
    """A late repetition of a request that has been undone in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything one Create or Update works with."""

    world: World
    record: LineageFile
    wanted: Wanted
    settings: JobSettings
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAsk:
    """No job is needed: every object has its label, or the budget is spent."""

    merged: Merged
    why: str


def start(deployment: Deployment, plan: Plan, situation: Situation) -> JobState | NothingToAsk:
    """Start the next generation and return it, unless nothing is left to ask.

    Everything that can be checked is checked before the old job is stopped.
    """
    world, wanted = deployment.world, deployment.wanted
    uris = _publish(deployment)
    dataset = frozen_dataset(world.objects, wanted, situation.lineage)
    stop(deployment, plan, situation)
    merged = _gather(deployment, dataset, plan.parents)
    if not merged.left:
        return NothingToAsk(merged=merged, why="every object has a label")
    try:
        stopping_conditions(wanted, merged.carried)
    except BudgetSpentError as error:
        return NothingToAsk(merged=merged, why=str(error))
    content = serialize(merged.lines)
    check_input(merged.lines, wanted, content)
    entry = _intend(deployment, plan, situation, merged)
    return _launch(deployment, entry, uris, content)


def resume(deployment: Deployment, entry: Entry) -> JobState:
    """Go on with the job this very request has started or was about to start.

    Raises:
        SupersededError: the stack has moved on since.
        NotStartedError: the job could not be started then, for the same reason as then.
    """
    if entry.undone or entry.stopped is StoppedFor.DELETE:
        raise SupersededError(
            f"job {entry.name} of this request was undone by a later one; nothing was started"
        )
    if entry.stage is Stage.ABANDONED:
        raise NotStartedError(entry.failure or f"labeling job {entry.name} did not start")
    if deployment.world.jobs.describe(entry.name) is not None:
        return _see_started(deployment, entry)
    return _launch(deployment, entry, _publish(deployment), _content(deployment, entry))


def stop(deployment: Deployment, plan: Plan, situation: Situation) -> None:
    """Stop the jobs of the plan and see them end; written down before, so no stop is a riddle."""
    if not plan.stop and not plan.undo:
        return
    running = {job.entry.name for job in situation.jobs if job.state.status.runs}

    def change(newest: Lineage) -> Lineage:
        marked = newest.changed(
            running & set(plan.stop), lambda entry: replace(entry, stopped=plan.stop_reason)
        )
        return marked.changed(plan.undo, lambda entry: replace(entry, undone=True))

    deployment.record.update(change)
    stop_for_successor(
        deployment.world, plan.stop, owner=deployment.event.owner, seconds=STOP_SECONDS
    )


def _publish(deployment: Deployment) -> Uris:
    template, categories = publish_materials(
        deployment.world.objects, deployment.wanted, deployment.settings
    )
    return Uris(template=template, categories=categories)


def _gather(deployment: Deployment, dataset: tuple[Line, ...], parents: tuple[str, ...]) -> Merged:
    """Merge the dataset with the parents' labels, read after their end."""
    wanted = deployment.wanted
    lineage = deployment.record.load()
    entries = [entry for name in parents if (entry := lineage.named(name)) is not None]
    attribute = wanted.definition.label_attribute
    earlier = earlier_lines(
        deployment.world,
        known_jobs(deployment.world, entries),
        bucket=wanted.output_bucket,
        campaign=wanted.campaign,
        attribute=attribute,
        restart=f"{wanted.definition_hash}:restart",
    )
    return merge(dataset, earlier, attribute)


def _intend(deployment: Deployment, plan: Plan, situation: Situation, merged: Merged) -> Entry:
    """Write the job down before it exists, under the generation this request keeps."""
    wanted, event = deployment.wanted, deployment.event
    decided_on = [entry.name for entry in situation.lineage.entries]

    def change(newest: Lineage) -> Lineage:
        if newest.of_request(event.request_id) is not None:
            return newest  # the same event, delivered twice at once
        if [entry.name for entry in newest.entries] != decided_on:
            raise LineageMovedError(
                f"another deployment of campaign {wanted.campaign} started a job at the same time"
            )
        generation = newest.next_generation
        return newest.with_entry(
            Entry(
                name=names.job_name(wanted.prefix, event.owner, generation, event.request_id),
                generation=generation,
                request=event.request_id,
                owner=event.owner,
                definition=dict(wanted.definition.to_dict()),
                definition_hash=wanted.definition_hash,
                wanted_generation=wanted.generation,
                dataset_revision=wanted.definition.dataset_revision,
                created_at=deployment.world.clock.now().isoformat(),
                source=wanted.source,
                replaces=event.replaces,
                approval=plan.approval,
                parents=plan.parents,
                objects=len(merged.lines),
                carried=merged.carried,
            )
        )

    entry = deployment.record.update(change).of_request(event.request_id)
    if entry is None:
        raise LineageMovedError(f"the record of campaign {wanted.campaign} lost a job")
    return entry


def _content(deployment: Deployment, entry: Entry) -> bytes:
    """Return the input of a recorded job: as it was written, or built again."""
    wanted, world = deployment.wanted, deployment.world
    key = names.input_manifest_key(wanted.campaign, entry.name)
    stored = world.objects.get(wanted.output_bucket, key)
    if stored is not None:
        return stored.body
    dataset = frozen_dataset(world.objects, wanted, deployment.record.load())
    return serialize(_gather(deployment, dataset, entry.parents).lines)


def _launch(deployment: Deployment, entry: Entry, uris: Uris, content: bytes) -> JobState:
    world, wanted, event = deployment.world, deployment.wanted, deployment.event
    world.objects.put(
        wanted.output_bucket,
        names.input_manifest_key(wanted.campaign, entry.name),
        content,
        content_type="application/jsonlines",
    )
    request = job_request(wanted, deployment.settings, entry, uris)
    try:
        create_job(world, request, owner=event.owner, request_id=event.request_id)
    except (NotStartedError, NameTakenError) as error:
        _abandon(deployment, entry, str(error))
        raise
    _stop_if_unwanted(deployment, entry)
    return _see_started(deployment, entry)


def _see_started(deployment: Deployment, entry: Entry) -> JobState:
    try:
        state = await_start(deployment.world, entry.name, owner=entry.owner)
    except NotStartedError as error:
        give_up(deployment, entry, str(error))
        raise
    deployment.record.update(
        lambda newest: newest.changed(
            [entry.name], lambda found: replace(found, stage=Stage.STARTED)
        )
    )
    return state


def give_up(deployment: Deployment, entry: Entry, failure: str) -> None:
    """Write down that a job did not begin: a failed one holds nothing, a stuck one may."""
    state = deployment.world.jobs.describe(entry.name)
    if state is None or (state.status.ended and not state.counters.labeled):
        _abandon(deployment, entry, failure)
        return
    deployment.record.update(
        lambda newest: newest.changed(
            [entry.name],
            lambda found: replace(found, stopped=StoppedFor.STUCK, failure=failure),
        )
    )


def _abandon(deployment: Deployment, entry: Entry, failure: str) -> None:
    _log.warning("job %s did not start", entry.name)
    deployment.record.update(
        lambda newest: newest.changed(
            [entry.name], lambda found: replace(found, stage=Stage.ABANDONED, failure=failure)
        )
    )


def _stop_if_unwanted(deployment: Deployment, entry: Entry) -> None:
    """Look again once the job exists: a Delete may have looked just before it did."""
    newest = deployment.record.load().named(entry.name)
    gone = newest is None or newest.undone or newest.stopped is StoppedFor.DELETE
    try:
        if gone:
            raise SupersededError(f"job {entry.name} was undone while it was being created")
        refuse_if_leaving(stack_status(deployment.world, deployment.event), deployment.event)
    except (SupersededError, StackLeavingError):
        stop_jobs(
            deployment.world,
            [entry.name],
            owner=deployment.event.owner,
            seconds=_LAST_STOP_SECONDS,
        )
        give_up(deployment, entry, "the stack was on its way out")
        raise
