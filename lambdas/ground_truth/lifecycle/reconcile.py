"""Create and Update of the job part: bring the campaign to the one job that is wanted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ground_truth import names
from ground_truth.lifecycle.begin import give_up
from ground_truth.lifecycle.dataset import DatasetError
from ground_truth.lifecycle.deployment import Deployment, LineageMovedError
from ground_truth.lifecycle.faults import ApiError
from ground_truth.lifecycle.job_request import own_tags
from ground_truth.lifecycle.launch import NotStartedError, await_start
from ground_truth.lifecycle.lineage import Entry, Stage, StoppedFor
from ground_truth.lifecycle.outputs import EarlierOutputError
from ground_truth.lifecycle.plan import Action, KnownJob, Plan, Situation
from ground_truth.lifecycle.ports import JobState, Status
from ground_truth.lifecycle.queues import tidy
from ground_truth.lifecycle.start import NothingToAsk, resume, start, stop
from ground_truth.lifecycle.survey import (
    is_rolling_back,
    plan,
    refuse_if_leaving,
    stack_status,
    survey,
    unrecorded_job,
)
from ground_truth.manifest import serialize

_TRIES = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The campaign's job after the deployment."""

    name: str
    arn: str
    generation: int
    output_manifest_uri: str

    def attributes(self) -> Mapping[str, str]:
        """Return what GetAtt can read."""
        return {
            "JobName": self.name,
            "JobArn": self.arn,
            "OutputManifestUri": self.output_manifest_uri,
            "Generation": str(self.generation),
        }


def reconcile(deployment: Deployment) -> Reconciled:
    """Return the wanted job, adopted or started; people are never waited for.

    A repeated event finds the job of its own earlier try by its request id.
    """
    status = stack_status(deployment.world, deployment.event)
    refuse_if_leaving(status, deployment.event)
    for attempt in range(_TRIES):
        try:
            reconciled = _reconcile_once(deployment, rolling_back=is_rolling_back(status))
        except LineageMovedError:
            # Decide again on what the other deployment has left
            if attempt == _TRIES - 1:
                raise
        else:
            tidy(deployment.world, deployment.record.load(), owner=deployment.event.owner)
            return reconciled
    raise AssertionError("unreachable")  # pragma: no cover


def _reconcile_once(deployment: Deployment, *, rolling_back: bool) -> Reconciled:
    lineage = deployment.record.load()
    own = lineage.of_request(deployment.event.request_id)
    if own is not None:
        return _reconciled(deployment, own, resume(deployment, own))
    situation = survey(deployment.world, lineage, deployment.wanted, deployment.event.owner)
    decision = plan(situation, rolling_back=rolling_back, world=deployment.world)
    _log.info(
        "%s %s: %s",
        decision.action.value,
        decision.job.entry.name if decision.job else "the first job",
        decision.why,
    )
    if decision.action is Action.START:
        if rolling_back:
            return _started_again(deployment, decision, situation)
        return _started(deployment, decision, situation)
    stop(deployment, decision, situation)
    if decision.job is None:
        raise AssertionError("adopting and leaving are about a job")
    if decision.action is Action.LEAVE:
        return _reconciled(deployment, decision.job.entry, decision.job.state)
    return _adopted(deployment, decision.job)


def _started_again(deployment: Deployment, decision: Plan, situation: Situation) -> Reconciled:
    """Start again what an update had stopped; what forbids that is no reason to fail a rollback.

    The update has failed and says why; the next deployment tries again.
    """
    unrecorded = unrecorded_job(deployment.world, situation)
    if unrecorded is not None:
        tags = deployment.world.jobs.tags(unrecorded.arn)
        generation = int(tags.get(names.TAG_GENERATION, "0"))
        return _shown(deployment, unrecorded, generation)
    try:
        return _started(deployment, decision, situation)
    except EarlierOutputError as error:
        if decision.job is None:
            raise
        _log.warning("the campaign stays stopped: %s", error)
        return _reconciled(deployment, decision.job.entry, decision.job.state)


def _started(deployment: Deployment, decision: Plan, situation: Situation) -> Reconciled:
    result = start(deployment, decision, situation)
    if isinstance(result, NothingToAsk):
        return _finished(deployment, decision, result)
    entry = deployment.record.load().named(result.name)
    if entry is None:
        raise LineageMovedError(f"job {result.name} is gone from the record")
    return _reconciled(deployment, entry, result)


def _finished(deployment: Deployment, decision: Plan, result: NothingToAsk) -> Reconciled:
    """Keep the last job as the campaign's: starting one that asks nothing would be odd."""
    _log.info("no new job: %s", result.why)
    wanted = deployment.wanted
    if decision.job is None:
        raise DatasetError(
            f"campaign {wanted.campaign} has nothing to ask: every object of its dataset carries "
            f"{wanted.definition.label_attribute!r} already; choose another label_attribute, or "
            "take the labels out of the manifest"
        )
    entry = decision.job.entry
    state = deployment.world.jobs.describe(entry.name) or decision.job.state
    if state.status is Status.COMPLETED:
        return _reconciled(deployment, entry, state)
    # A job that was stopped has no manifest with everything in it; this one has
    key = names.input_manifest_key(wanted.campaign, f"{entry.name}-complete")
    deployment.world.objects.put(
        wanted.output_bucket,
        key,
        serialize(result.merged.lines),
        content_type="application/jsonlines",
    )
    return replace(
        _reconciled(deployment, entry, state),
        output_manifest_uri=names.s3_uri(wanted.output_bucket, key),
    )


def _adopted(deployment: Deployment, job: KnownJob) -> Reconciled:
    state = job.state
    if state.status is Status.INITIALIZING:
        try:
            state = await_start(deployment.world, job.entry.name, owner=job.entry.owner)
        except NotStartedError as error:
            give_up(deployment, job.entry, str(error))
            raise
    runs = state.status.runs

    def adopt(entry: Entry) -> Entry:
        return replace(
            entry,
            wanted_generation=max(entry.wanted_generation, deployment.wanted.generation),
            stage=Stage.STARTED,
            # Marked by a try that died before it stopped the job
            stopped=StoppedFor.NOTHING if runs else entry.stopped,
        )

    deployment.record.update(lambda newest: newest.changed([job.entry.name], adopt))
    if job.entry.owner == deployment.event.owner:
        _sync_tags(deployment, state)
    return _reconciled(deployment, job.entry, state)


def _sync_tags(deployment: Deployment, state: JobState) -> None:
    """Bring the campaign's own tags up to date; a deployment does not fail for a tag."""
    wanted = own_tags(deployment.settings.tags)
    try:
        present = deployment.world.jobs.tags(state.arn)
        missing = {key: value for key, value in wanted.items() if present.get(key) != value}
        if missing:
            deployment.world.jobs.add_tags(state.arn, missing)
        old = own_tags(dict.fromkeys(deployment.event.old_tags, ""))
        dropped = [key for key in old if key in present and key not in wanted]
        if dropped:
            deployment.world.jobs.delete_tags(state.arn, dropped)
    except ApiError as error:
        _log.warning("tags of %s were not updated: %s", state.name, error)


def _reconciled(deployment: Deployment, entry: Entry, state: JobState) -> Reconciled:
    return _shown(deployment, state, entry.generation)


def _shown(deployment: Deployment, state: JobState, generation: int) -> Reconciled:
    wanted = deployment.wanted
    key = names.output_manifest_key(wanted.campaign, state.name)
    return Reconciled(
        name=state.name,
        arn=state.arn,
        generation=generation,
        output_manifest_uri=state.output_manifest_uri or names.s3_uri(wanted.output_bucket, key),
    )
