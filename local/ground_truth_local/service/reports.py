"""What the world hears of a job: status, counters, events, metrics, log (sections 3.2 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_local.service.objects import State
from ground_truth_local.service.telemetry import JOB_LOG

if TYPE_CHECKING:
    from datetime import datetime

    from ground_truth_local.service.context import Context
    from ground_truth_local.service.job import Job
    from ground_truth_local.service.telemetry import Telemetry

_OUTCOMES = {"Completed": "JobsSucceeded", "Failed": "JobsFailed", "Stopped": "JobsStopped"}


class Reports:
    """Called with the lock held, except for `log`."""

    def __init__(self, context: Context, telemetry: Telemetry, job: Job) -> None:
        self._context = context
        self._telemetry = telemetry
        self._job = job
        self._published = 0

    def become(self, status: str) -> None:
        """The job's next status; only in progress can anyone hold a task."""
        job = self._job
        job.status = status
        job.modified = self._context.clock.now()
        if status != "InProgress":
            job.close()
        job.journal.job(job)
        self.log(f"The labeling job is {status}. {job.failure_reason or ''}".rstrip())

    def end(self, status: str, now: datetime) -> None:
        """The job is over: last counters, metric, event; its data is let go."""
        job = self._job
        self._publish(now)
        self.become(status)
        job.retire()
        self._telemetry.job_metric(_OUTCOMES[status], 1, role_arn=job.role_arn)
        self._telemetry.state_changed(job.arn, status)

    def progress(self, now: datetime) -> None:
        """Counters move when objects become final; before that all are 0 (3.2)."""
        final = self._job.count(State.LABELED, State.FAILED)
        if final != self._published:
            self._published = final
            self._publish(now)

    def _publish(self, now: datetime) -> None:
        job = self._job
        job.publish(now)
        counters = job.counters
        for name, value in (
            ("DatasetObjectsHumanAnnotated", counters.human),
            ("DatasetObjectsLabelingFailed", counters.failed),
            ("TotalDatasetObjectsLabeled", counters.human + counters.machine),
        ):
            self._telemetry.job_metric(name, value, role_arn=job.role_arn, job_name=job.name)

    def log(self, message: str) -> None:
        """A line in the job's stream."""
        fields = {"labeling-job-name": self._job.name, "event-log-message": message}
        self._telemetry.log(JOB_LOG, self._job.name, fields, role_arn=self._job.role_arn)
