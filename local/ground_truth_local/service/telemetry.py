"""Events, metrics and logs of the service, written by one thread in the background (section 7)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_local.platform.port import Platform

EVENT_SOURCE = "aws.sagemaker"
STATE_CHANGE = "SageMaker Ground Truth Labeling Job State Change"
JOB_NAMESPACE = "AWS/SageMaker"
WORKER_NAMESPACE = "AWS/SageMaker/Workteam"
JOB_LOG = "/aws/sagemaker/LabelingJobs"
WORKER_LOG = "/aws/sagemaker/groundtruth/WorkerActivity"

_logger = logging.getLogger(__name__)


class Telemetry:
    """Never in a worker's or a caller's way, and never a reason for a job to fail."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._pending = 0
        self._done = Condition()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin writing; what was handed over before is kept."""
        self._thread = Thread(target=self._run, name="ground-truth-telemetry", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, then end."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def drain(self, timeout: float) -> bool:
        """Wait until everything handed over is written."""
        with self._done:
            return self._done.wait_for(lambda: self._pending == 0, timeout)

    def state_changed(self, job_arn: str, status: str) -> None:
        """The event: only the ARN and the status, no name, no counters."""
        self._add(
            lambda: self._platform.put_service_event(
                source=EVENT_SOURCE,
                detail_type=STATE_CHANGE,
                resources=[job_arn],
                detail={"LabelingJobStatus": status},
            )
        )

    def job_metric(
        self, name: str, value: float, *, role_arn: str, job_name: str | None = None
    ) -> None:
        """With dimension LabelingJobName for dataset objects, without for finished jobs.

        The execution role's grants name PutMetricData and the logs, so both are its doing (5.5).
        """
        dimensions = {"LabelingJobName": job_name} if job_name else {}
        self._metric(
            namespace=JOB_NAMESPACE,
            name=name,
            value=value,
            dimensions=dimensions,
            unit="Count",
            role_arn=role_arn,
        )

    def worker_metric(self, name: str, value: float, team: str, unit: str = "Count") -> None:
        """TasksAccepted and its like, per team."""
        dimensions = {"Workteam": team}
        self._metric(
            namespace=WORKER_NAMESPACE, name=name, value=value, dimensions=dimensions, unit=unit
        )

    def _metric(self, **metric: Any) -> None:
        self._add(lambda: self._platform.put_service_metric(**metric))

    def log(self, group: str, stream: str, fields: Mapping[str, object], *, role_arn: str) -> None:
        """One JSON line, in the name of the job's execution role."""
        line = json.dumps(fields, ensure_ascii=False)
        self._add(lambda: self._platform.log(group, stream, line, role_arn=role_arn))

    def _add(self, write: Callable[[], None]) -> None:
        with self._done:
            self._pending += 1
        self._queue.put(write)

    def _run(self) -> None:
        while (write := self._queue.get()) is not None:
            try:
                write()
            except Exception:
                _logger.exception("could not write an event, a metric or a log line")
            finally:
                with self._done:
                    self._pending -= 1
                    self._done.notify_all()
