"""A labeling job's life, from its manifest to its output manifest.

One loop per job decides; the pool does what takes time. States go Initializing → InProgress →
Completed, Failed, or Stopping → Stopped (ground-truth.md 3.2).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ground_truth_local.platform.port import RoleNotAssumableError
from ground_truth_local.service.consolidation import Consolidator, Labeled
from ground_truth_local.service.dataset import read_dataset
from ground_truth_local.service.engine import Engine, EngineStoppedError, Token
from ground_truth_local.service.failures import JobFailedError, client_error
from ground_truth_local.service.job import MAX_AGE, Job
from ground_truth_local.service.kept import NotKeptError
from ground_truth_local.service.listener import Listener, announce
from ground_truth_local.service.manifest import ManifestError
from ground_truth_local.service.objects import DataObject, State
from ground_truth_local.service.preflight import role_message
from ground_truth_local.service.preparation import ObjectFailedError, Preparer
from ground_truth_local.service.reports import Reports
from ground_truth_local.service.results import Results

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.locations import S3Location
    from ground_truth_local.service.output import OutputTree
    from ground_truth_local.service.role import RoleSession
    from ground_truth_local.service.stream import Stream

_logger = logging.getLogger(__name__)
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
_PREPARED_PER_THREAD = 2
_HELD_LOOK = timedelta(seconds=0.2)  # how soon a job notices that it is held no more


class JobExpiredError(JobFailedError):
    """30 days passed (3.4); what was labeled is in the output manifest, to be chained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a job works with."""

    role: RoleSession
    manifest: S3Location | None
    stream: Stream | None
    output_topic: str | None
    most_objects: int
    output: OutputTree
    preparer: Preparer
    consolidator: Consolidator


class Runner:
    """Runs one job; `run` is the target of its thread."""

    def __init__(self, context: Context, engine: Engine, job: Job, tools: Tools) -> None:
        self._context = context
        self._engine = engine
        self._job = job
        self._tools = tools
        self._idle = timedelta(seconds=context.tuning.consolidation_idle_seconds)
        self._failure: Exception | None = None
        self._in_flight = 0
        self._reports = Reports(context, engine.telemetry, job)
        self._results = Results(
            job,
            lock=engine.changed,
            output=tools.output,
            labeling=tools.consolidator.labeling,
        )
        # what was never offered had failed before that, also in an earlier process
        self._unprepared = [
            str(entry.failure)
            for entry in job.objects
            if entry.state is State.FAILED and entry.closes_at is None
        ]
        self._listener = (
            Listener(context, engine, job, tools.stream, self._reports) if tools.stream else None
        )

    def run(self, token: Token) -> None:
        """Until the job is over or the service stops."""
        try:
            if not self._job.loaded:  # else an earlier process has read the manifest
                self._initialize(token)
            elif self._tools.stream is not None:
                self._tools.stream.open()
            while self._round(token):
                pass
            self._finish()
        except EngineStoppedError:
            pass
        except Exception as error:
            self._fail(token, error)

    # -- Initializing

    def _initialize(self, token: Token) -> None:
        job, tools = self._job, self._tools
        self._reports.log("Initializing the labeling job")
        self._suffer(token)
        lines = read_dataset(tools.role, tools.manifest, job.attribute, most=tools.most_objects)
        # written before anyone works, so that a role that may not write costs nobody's time
        tools.output.intermediate(line.text for line in lines)
        if tools.stream is not None:
            tools.stream.open()
        with self._engine.changed:
            job.load(lines)
            if job.status == "Initializing":
                self._reports.become("InProgress")
            self._engine.notify()

    def _suffer(self, token: Token) -> None:
        """The faults somebody asked for; a job that is being stopped is past them."""
        reason = self._context.faults.failure(self._job.name)
        if reason is not None:
            raise JobFailedError(reason)
        with self._engine.changed:
            while self._held("Initializing"):
                self._engine.pause(token, self._context.clock.now() + _HELD_LOOK)

    def _held(self, status: str) -> bool:
        return self._job.status == status and self._context.faults.held(self._job.name, status)

    # -- InProgress

    def _round(self, token: Token) -> bool:
        """One look at the job; False when nothing is left to do."""
        engine, job = self._engine, self._job
        with engine.changed:
            engine.check()
            now = self._context.clock.now()
            if self._failure is not None:
                raise self._failure
            job.expire(now)
            self._check_age(now)
            self._listen(now)
            if job.status == "InProgress" and job.counts.budget_spent:
                self._reports.become("Stopping")
            self._reports.progress(now)
            dispatched = self._dispatch(now)
            if not dispatched and self._held("Stopping"):
                engine.pause(token, now + _HELD_LOOK)
            elif not dispatched and self._over():
                return False
            elif not dispatched:
                engine.pause(token, self._wake())
        return True

    def _check_age(self, now: datetime) -> None:
        job = self._job
        if not job.streams and job.status == "InProgress" and now >= job.created + MAX_AGE:
            raise JobExpiredError(
                "ClientError: The labeling job expired because it was not completed within 30 "
                "days. Create a new labeling job from its output manifest to label the rest"
            )

    def _listen(self, now: datetime) -> None:
        """3.5: take what was sent; ten days without anything end the job."""
        listener = self._listener
        if listener is None or self._job.status != "InProgress":
            return
        if listener.idle(now):
            self._reports.become("Stopping")
        elif listener.due(now):
            self._spawn(listener.listen, now)

    def _dispatch(self, now: datetime) -> bool:
        job, tuning = self._job, self._context.tuning
        # no more than keeps the pool busy: a stop, and other jobs, needn't wait for the rest
        at_once = _PREPARED_PER_THREAD * tuning.threads
        to_prepare = job.to_prepare(at_once) if job.status == "InProgress" else []
        for entry in to_prepare:
            self._spawn(self._prepare, entry)
        batch = job.batch(now, tuning.consolidation_batch_objects, self._idle)
        if batch:
            self._spawn(self._consolidate, batch)
        return bool(to_prepare or batch)

    def _over(self) -> bool:
        job = self._job
        if self._in_flight or job.count(State.ANSWERED, State.CONSOLIDATING):
            return False
        return job.status == "Stopping" or (job.settled and not job.streams)

    def _wake(self) -> datetime | None:
        listens = self._listener.next_look if self._listener else None
        deadlines = (self._job.next_deadline(), self._job.batch_deadline(self._idle), listens)
        return min((when for when in deadlines if when is not None), default=None)

    def _spawn(self, work: Callable[..., None], argument: object) -> None:
        self._in_flight += 1
        self._engine.spawn(lambda: self._guarded(work, argument))

    def _guarded(self, work: Callable[..., None], argument: object) -> None:
        failure: Exception | None = None
        try:
            if self._failure is None:
                work(argument)
        except Exception as error:
            failure = error
        with self._engine.changed:
            self._in_flight -= 1
            self._failure = self._failure or failure
            self._engine.notify()

    def _prepare(self, entry: DataObject) -> None:
        try:
            task_input = self._tools.preparer.prepare(entry.line)
        except ObjectFailedError as error:
            with self._engine.changed:
                self._unprepared.append(str(error))
                self._job.fail_object(entry, str(error))
            self._reports.log(f"Data object {entry.id} failed: {error}")
            return
        with self._engine.changed:
            if task_input is None:
                self._job.move(entry, State.SKIPPED)
            else:
                self._job.open(entry, task_input, self._context.clock.now())
            self._engine.notify()

    def _consolidate(self, batch: Sequence[DataObject]) -> None:
        now = self._context.clock.now()
        with suppress(NotKeptError):  # then a kill could make it another batch
            self._context.kept.flush()
        outcomes = self._tools.consolidator.run(batch, now)
        labeled: list[str] = []
        with self._engine.changed:
            for entry in batch:
                outcome = outcomes[entry.id]
                if isinstance(outcome, Labeled):
                    self._job.label(entry, outcome.line)
                    labeled.append(outcome.line)
                else:
                    self._job.fail_object(entry, outcome.reason)
            self._reports.progress(now)
        self._results.write_progress(now)
        if self._tools.output_topic:
            announce(self._tools.role, self._tools.output_topic, labeled)

    # -- the end

    def _finish(self) -> None:
        job, now = self._job, self._context.clock.now()
        if not job.streams and self._unprepared and len(self._unprepared) == len(job.objects):
            raise client_error(
                f"Labeling tasks failed for all {len(job.objects)} data objects. The first: "
                f"{self._unprepared[0]}"
            )
        self._results.write_unfinished(now)
        self._results.write_manifest(now)
        if self._tools.stream is not None:
            self._tools.stream.close()
        with self._engine.changed:
            self._reports.end("Stopped" if job.status == "Stopping" else "Completed", now)
            self._engine.notify()

    def _fail(self, token: Token, error: Exception) -> None:
        try:
            with self._engine.changed:
                self._failure = error
                self._job.close()
                while self._in_flight:
                    self._engine.pause(token, None)
            self._save_what_there_is(error)
        except EngineStoppedError:
            return
        now = self._context.clock.now()
        with self._engine.changed:
            self._job.failure_reason = self._reason(error)
            self._reports.end("Failed", now)
            self._engine.notify()

    def _save_what_there_is(self, error: Exception) -> None:
        now = self._context.clock.now()
        # the failure may be that nothing can be written; its reason is the one to tell
        with suppress(JobFailedError, RoleNotAssumableError):
            self._results.write_unfinished(now)
            if isinstance(error, JobExpiredError):
                self._results.write_manifest(now)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, JobFailedError):
            return error.reason
        if isinstance(error, ManifestError):
            return client_error(f"The manifest is invalid: {error}").reason
        if isinstance(error, RoleNotAssumableError):
            return client_error(role_message(error.role_arn)).reason
        _logger.error("labeling job %s failed", self._job.name, exc_info=error)
        return _INTERNAL
