"""Delete: stop what the stack owns, and nothing else."""

import logging
from dataclasses import replace

from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.lineage import Entry, Lineage, Stage, StoppedFor
from ground_truth.lifecycle.lineage_file import LineageError, LineageFile
from ground_truth.lifecycle.ports import JobState, Status, World
from ground_truth.lifecycle.queues import remove_queues, streams
from ground_truth.lifecycle.stopping import NotStoppedInTimeError, owned, stop_jobs

STOP_SECONDS = 300.0

_log = logging.getLogger(__name__)


def remove(
    world: World, record: LineageFile | None, *, prefix: str, owner: str, streaming: bool = False
) -> None:
    """Stop every job that carries our owner tag, whatever the resource's physical id says.

    Jobs are looked for by name prefix and tag, and in the record, which also knows a job that a
    dying function was just about to start. A job that is still Stopping when the time is up is
    left to itself: it cannot be forced, and nobody is asked any more.

    The queues of ended jobs go as well, of those the record knows to be streaming and, where the
    campaign is ``streaming``, of every job of ours.

    Raises:
        ApiError: AWS refused; a job may still run.
        NotStoppedInTimeError: a job still runs.
    """
    lineage = _load(record)
    running = {
        state.name: state
        for state in world.jobs.list(prefix)
        if not state.status.ended and _is_named(state, prefix) and owned(world, state, owner)
    }
    recorded = _recorded(lineage, owner)
    unseen = [entry for entry in recorded if entry.name not in running]
    states = {entry.name: world.jobs.describe(entry.name) for entry in unseen}
    mark = {name for name, state in running.items() if state.status.runs} | {
        entry.name for entry in unseen if _may_still_run(entry, states[entry.name])
    }
    _mark(record, lineage, mark)
    late = [name for name, state in states.items() if state and not state.status.ended]
    at_work = stop_jobs(
        world, (*sorted(running), *late), owner=owner, seconds=STOP_SECONDS, reserve=15
    )
    stubborn = [state.name for state in at_work if state.status is not Status.STOPPING]
    if stubborn:
        raise NotStoppedInTimeError(
            f"{', '.join(stubborn)} did not stop within {int(STOP_SECONDS)} seconds and people "
            "may still be working; delete the stack again, or stop it in the console"
        )
    queued = {entry.name for entry in recorded if streams(entry)}
    if streaming:
        queued |= {
            state.name
            for state in world.jobs.list(prefix)
            if _is_named(state, prefix) and owned(world, state, owner)
        }
    remove_queues(world, sorted(queued))


def _is_named(state: JobState, prefix: str) -> bool:
    return state.name.lower().startswith(f"{prefix.lower()}-")


def _recorded(lineage: Lineage | None, owner: str) -> list[Entry]:
    if lineage is None:
        return []
    return [
        entry
        for entry in lineage.entries
        if entry.owner == owner and entry.stage is not Stage.ABANDONED
    ]


def _may_still_run(entry: Entry, state: JobState | None) -> bool:
    if state is None:
        return entry.stage is Stage.INTENDED
    return state.status.runs


def _load(record: LineageFile | None) -> Lineage | None:
    """Return the record; without it the tags alone tell what is ours."""
    if record is None:
        return None
    try:
        return record.load()
    except (ApiError, LineageError) as error:
        _log.warning("the record of jobs cannot be read, tags decide alone: %s", error)
        return None


def _mark(record: LineageFile | None, lineage: Lineage | None, job_names: set[str]) -> None:
    """Write down that we stop these jobs, so that a later deployment goes on from them.

    Removal must not fail for a note: the bucket may be gone already.
    """
    if record is None or lineage is None or not job_names:
        return

    def change(newest: Lineage) -> Lineage:
        return newest.changed(
            job_names,
            lambda entry: (
                entry
                if entry.stopped is not StoppedFor.NOTHING
                else replace(entry, stopped=StoppedFor.DELETE)
            ),
        )

    try:
        record.update(change)
    except (ApiError, LineageError) as error:
        if isinstance(error, ApiError) and error.fault is Fault.MISSING:
            return
        _log.warning("the record of jobs cannot be written: %s", error)
