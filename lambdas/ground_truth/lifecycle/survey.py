"""Looking at what there is before anything is decided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ground_truth import names
from ground_truth.lifecycle import messages
from ground_truth.lifecycle.decision import decide
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage
from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.patience import patiently
from ground_truth.lifecycle.plan import KnownJob, Plan, RefusedError, Situation
from ground_truth.lifecycle.ports import JobState, World
from ground_truth.lifecycle.rollback import decide_rollback
from ground_truth.lifecycle.wanted import Wanted


class StackLeavingError(RuntimeError):
    """The stack is being rolled back or deleted, so nothing may be started for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The request of CloudFormation; ``replaces`` is the definition hash of the old properties."""

    kind: Literal["Create", "Update"]
    owner: str
    request_id: str
    replaces: str = ""
    old_tags: tuple[str, ...] = ()


def review(world: World, record: LineageFile, wanted: Wanted, event: Event) -> Plan:
    """Return what this event would do; reads only.

    Raises:
        RefusedError: nothing was changed; never during a rollback.
    """
    rolling_back = is_rolling_back(stack_status(world, event))
    return plan(
        survey(world, record.load(), wanted, event.owner), rolling_back=rolling_back, world=world
    )


def plan(situation: Situation, *, rolling_back: bool, world: World) -> Plan:
    """Decide; beside a running job that the record does not know, nothing may be started.

    A job that was undone and is still at work is stopped, or seen end, whatever else is done: the
    try that wrote it down died before the job's end.

    Raises:
        RefusedError: nothing was changed; never during a rollback.
    """
    if rolling_back:
        return _with_undone(decide_rollback(situation), situation)
    unrecorded = unrecorded_job(world, situation)
    if unrecorded is not None:
        key = names.lineage_key(situation.wanted.campaign)
        raise RefusedError(messages.unrecorded_job_runs(job=unrecorded.name, key=key))
    return _with_undone(decide(situation), situation)


def _with_undone(decided: Plan, situation: Situation) -> Plan:
    at_work = tuple(
        job.entry.name
        for job in situation.jobs
        if job.entry.undone and not job.state.status.ended and job.entry.owner == situation.owner
    )
    return replace(decided, stop=(*at_work, *decided.stop))


def survey(world: World, lineage: Lineage, wanted: Wanted, owner: str) -> Situation:
    """Return the recorded jobs that exist, as they are now."""
    entries = [entry for entry in lineage.entries if entry.stage is not Stage.ABANDONED]
    return Situation(wanted=wanted, owner=owner, lineage=lineage, jobs=known_jobs(world, entries))


def known_jobs(world: World, entries: Iterable[Entry]) -> tuple[KnownJob, ...]:
    """Return those of the recorded jobs that exist."""
    return tuple(
        KnownJob(entry=entry, state=state)
        for entry in entries
        if (state := world.jobs.describe(entry.name)) is not None
    )


def stack_status(world: World, event: Event) -> str:
    """Return the own stack's status."""
    return patiently(world, lambda: world.stacks.status(event.owner))


def is_rolling_back(status: str) -> bool:
    """Return whether a stack status is one of a rollback."""
    return "ROLLBACK" in status


def refuse_if_leaving(status: str, event: Event) -> None:
    """A Create can outlive its stack's patience: its job would be nobody's.

    Raises:
        StackLeavingError: the stack no longer wants what this Create would make.
    """
    if event.kind == "Create" and (is_rolling_back(status) or status.startswith("DELETE")):
        raise StackLeavingError(
            f"the stack is in {status}, so no labeling job is started for its resource"
        )


def unrecorded_job(world: World, situation: Situation) -> JobState | None:
    """Return a running job of our stack that the record does not know: the record was lost."""
    wanted = situation.wanted
    ours = f"{wanted.prefix}-{names.owner_digest(situation.owner)}-".lower()
    recorded = {entry.name for entry in situation.lineage.entries}
    return next(
        (
            state
            for state in world.jobs.list(wanted.prefix)
            if state.name.lower().startswith(ours)
            and state.status.runs
            and state.name not in recorded
        ),
        None,
    )
