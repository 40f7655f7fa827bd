"""From a job that is written down to one that people work on, or to none."""

import logging
from dataclasses import replace

from ground_truth import names
from ground_truth.lifecycle.deployment import Deployment, SupersededError
from ground_truth.lifecycle.job_request import Uris, job_request
from ground_truth.lifecycle.launch import (
    NameTakenError,
    NotStartedError,
    await_start,
    create_job,
)
from ground_truth.lifecycle.lineage import Entry, Stage, StoppedFor
from ground_truth.lifecycle.ports import JobState
from ground_truth.lifecycle.stopping import stop_jobs
from ground_truth.lifecycle.survey import StackLeavingError, refuse_if_leaving, stack_status

_LAST_STOP_SECONDS = 30.0

_log = logging.getLogger(__name__)


def launch(deployment: Deployment, entry: Entry, uris: Uris, content: bytes) -> JobState:
    """Give a recorded job its input, create it, and see it start.

    Raises:
        NotStartedError: it did not; the record says why, and nothing runs.
        SupersededError, StackLeavingError: nobody wants it any more; it was stopped.
    """
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
    return see_started(deployment, entry)


def see_started(deployment: Deployment, entry: Entry) -> JobState:
    """Wait until people can work on a job, and write down that they can.

    Raises:
        NotStartedError: the job failed or was stuck; the record says why, and nothing runs.
    """
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
