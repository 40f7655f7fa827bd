"""Starting a new generation: stop the old one, gather its labels, ask for the rest."""

from dataclasses import dataclass, replace

from ground_truth import names
from ground_truth.lifecycle.arrived import with_arrived
from ground_truth.lifecycle.begin import launch, see_started
from ground_truth.lifecycle.dataset import check_count, check_input, frozen_dataset
from ground_truth.lifecycle.deployment import Deployment, LineageMovedError, SupersededError
from ground_truth.lifecycle.earlier import earlier_labels, restart_advice
from ground_truth.lifecycle.job_request import BudgetSpentError, Uris, stopping_conditions
from ground_truth.lifecycle.launch import NotStartedError
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage, StoppedFor
from ground_truth.lifecycle.materials import publish_materials
from ground_truth.lifecycle.merge import Line, Merged, merge
from ground_truth.lifecycle.plan import Plan, Situation
from ground_truth.lifecycle.ports import JobState
from ground_truth.lifecycle.stopping import stop_for_successor
from ground_truth.lifecycle.survey import known_jobs
from ground_truth.manifest import serialize

STOP_SECONDS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAsk:
    """No job is needed: every object has its label, or the budget is spent."""

    merged: Merged
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Lines of a job's input, and those of them with labels of earlier jobs."""

    objects: int
    carried: int


def start(deployment: Deployment, plan: Plan, situation: Situation) -> JobState | NothingToAsk:
    """Start the next generation and return it, unless nothing is left to ask.

    Everything that can be checked is checked before the old job is stopped.
    """
    world, wanted = deployment.world, deployment.wanted
    uris = _publish(deployment)
    dataset = frozen_dataset(world, wanted, situation.lineage)
    check_count(len(_with_sent(deployment, dataset)), wanted)
    stop(deployment, plan, situation)
    merged = _gather(deployment, dataset, plan.parents)
    if not merged.left and not wanted.definition.streaming:
        return NothingToAsk(merged=merged, why="every object has a label")
    try:
        stopping_conditions(wanted, merged.carried)
    except BudgetSpentError as error:
        return NothingToAsk(merged=merged, why=str(error))
    content = serialize(merged.lines)
    size = Size(objects=len(merged.lines), carried=merged.carried)
    del dataset, merged  # a hundred thousand lines, and the check reads them once more
    if size.objects:
        check_input(size.objects, wanted, content)
    entry = _intend(deployment, plan, situation, size)
    return launch(deployment, entry, uris, content)


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
        return see_started(deployment, entry)
    return launch(deployment, entry, _publish(deployment), _content(deployment, entry))


def stop(deployment: Deployment, plan: Plan, situation: Situation) -> None:
    """Stop the jobs of the plan and see them end; written down before, so no stop is a riddle."""
    if not plan.stop and not plan.undo:
        return
    running = {job.entry.name for job in situation.jobs if job.state.status.runs}

    def change(newest: Lineage) -> Lineage:
        # What was undone before keeps its own reason
        stopped = running & {name for name in plan.stop if not _undone(newest, name)}
        marked = newest.changed(stopped, lambda entry: replace(entry, stopped=plan.stop_reason))
        return marked.changed(plan.undo, lambda entry: replace(entry, undone=True))

    deployment.record.update(change)
    stop_for_successor(
        deployment.world, plan.stop, owner=deployment.event.owner, seconds=STOP_SECONDS
    )


def _undone(lineage: Lineage, name: str) -> bool:
    entry = lineage.named(name)
    return entry is not None and entry.undone


def _publish(deployment: Deployment) -> Uris:
    template, categories = publish_materials(
        deployment.world.objects, deployment.wanted, deployment.settings
    )
    return Uris(template=template, categories=categories)


def _gather(deployment: Deployment, dataset: tuple[Line, ...], parents: tuple[str, ...]) -> Merged:
    """Merge the dataset, and what was sent, with the parents' labels, read after their end."""
    wanted = deployment.wanted
    lineage = deployment.record.load()
    entries = [entry for name in parents if (entry := lineage.named(name)) is not None]
    attribute = wanted.definition.label_attribute
    earlier = earlier_labels(
        deployment.world,
        known_jobs(deployment.world, entries),
        bucket=wanted.output_bucket,
        campaign=wanted.campaign,
        attribute=attribute,
        advice=restart_advice(wanted.definition_hash),
    )
    return merge(_with_sent(deployment, dataset), earlier, attribute)


def _with_sent(deployment: Deployment, dataset: tuple[Line, ...]) -> tuple[Line, ...]:
    wanted = deployment.wanted
    if not wanted.definition.streaming:
        return dataset
    return with_arrived(
        deployment.world.objects,
        dataset,
        bucket=wanted.output_bucket,
        campaign=wanted.campaign,
        task=wanted.definition.task,
    )


def _intend(deployment: Deployment, plan: Plan, situation: Situation, size: Size) -> Entry:
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
                objects=size.objects,
                carried=size.carried,
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
    dataset = frozen_dataset(world, wanted, deployment.record.load())
    return serialize(_gather(deployment, dataset, entry.parents).lines)
