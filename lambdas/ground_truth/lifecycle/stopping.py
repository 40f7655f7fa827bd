"""Stopping jobs: only our own, only what runs, and for a bounded time."""

from collections.abc import Iterable

from ground_truth import names
from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.patience import pauses, until
from ground_truth.lifecycle.ports import JobState, World


class ForeignJobError(RuntimeError):
    """A job that carries another owner's tag; it is never stopped."""


class NotStoppedInTimeError(RuntimeError):
    """A job that is still at work after the time there was for stopping it."""


def stop_jobs(
    world: World, job_names: Iterable[str], *, owner: str, seconds: float, reserve: float = 0.0
) -> tuple[JobState, ...]:
    """Stop the jobs and wait for their end; return those that have not ended in time.

    Jobs that are gone or ended count as stopped. A refused stop is tried again as long as the job
    runs: jobs that are Initializing cannot always be stopped.

    Raises:
        ForeignJobError: a running job does not carry our owner tag.
        ApiError: a permission is missing, or throttling does not end.
    """
    moment = until(world, seconds, reserve=reserve)
    pending = tuple(dict.fromkeys(job_names))
    for number, pause in enumerate(pauses()):
        states = [state for name in pending if (state := world.jobs.describe(name))]
        at_work = tuple(state for state in states if not state.status.ended)
        pending = tuple(state.name for state in at_work)
        # Never by a look from before anything was asked, however little time there was
        if not at_work or (number and world.clock.now() >= moment):
            return at_work
        for state in at_work:
            if state.status.runs:
                _ask_to_stop(world, state, owner)
        world.clock.sleep(pause)
    raise AssertionError("unreachable")  # pragma: no cover


def stop_for_successor(
    world: World, job_names: Iterable[str], *, owner: str, seconds: float
) -> None:
    """Stop jobs and see them end, so that nothing is asked twice.

    Raises:
        NotStoppedInTimeError: no new job may start yet.
    """
    at_work = stop_jobs(world, job_names, owner=owner, seconds=seconds, reserve=60)
    if at_work:
        shown = ", ".join(f"{state.name} is {state.status.value}" for state in at_work)
        raise NotStoppedInTimeError(
            f"{shown} after {int(seconds)} seconds of waiting for its end; no new job was "
            "started, because both would ask for the same objects. All labels are kept. Deploy "
            "again when it has stopped; a stack in UPDATE_ROLLBACK_FAILED needs "
            "'aws cloudformation continue-update-rollback' first"
        )


def owned(world: World, state: JobState, owner: str) -> bool:
    """Return whether a job carries our owner tag; a job that has gone does not."""
    try:
        return world.jobs.tags(state.arn).get(names.TAG_OWNER) == owner
    except ApiError as error:
        if error.fault is Fault.MISSING:
            return False
        raise


def _ask_to_stop(world: World, state: JobState, owner: str) -> None:
    if not owned(world, state, owner):
        raise ForeignJobError(
            f"{state.name} is {state.status.value} and does not carry the tag "
            f"{names.TAG_OWNER} = {owner}; it was not touched. Stop it yourself if it is yours"
        )
    try:
        world.jobs.stop(state.name)
    except ApiError as error:
        # Ended in between, or Initializing: the next look tells
        if error.fault is not Fault.MISSING and error.code != "ValidationException":
            raise
