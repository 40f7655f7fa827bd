"""The service's entry: one object that answers API calls and runs labeling jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.clock import Clock, SystemClock
from ground_truth_local.service.context import Context, NoFaults, Tuning
from ground_truth_local.service.engine import Engine
from ground_truth_local.service.errors import ServiceError
from ground_truth_local.service.jobs import LabelingJobs
from ground_truth_local.service.kept import KeptRows, NothingKept
from ground_truth_local.service.model import check_request
from ground_truth_local.service.tags import Tags
from ground_truth_local.service.ui import render_ui_template
from ground_truth_local.service.watch import Watch, Watching
from ground_truth_local.service.work import Desk
from ground_truth_local.service.workteams import Workteams

if TYPE_CHECKING:
    from ground_truth_local.platform.port import Platform, ServiceConfig
    from ground_truth_local.service.context import JobFaults
    from ground_truth_local.service.queue import WorkQueue

Operation = Callable[[Mapping[str, Any]], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class KeptIn:
    """The service's file. `keep_the_rest` writes what a job, a team or a workforce refers to.

    It is called before one is made: a job without its role would fail in the next process.
    """

    file: Path
    keep_the_rest: Callable[[], None]


class GroundTruth:
    """SageMaker Ground Truth over a platform; `portal_domain` is the portal's `host:port`.

    When it is `kept` it goes on where the process before has ended, however it ended.
    """

    def __init__(
        self,
        platform: Platform,
        portal_domain: str,
        config: ServiceConfig,
        *,
        tuning: Tuning | None = None,
        clock: Clock | None = None,
        faults: JobFaults | None = None,
        kept: KeptIn | None = None,
    ) -> None:
        lock = RLock()
        self._kept_in = kept
        self._rows = KeptRows(kept.file, lock) if kept else None
        context = Context(
            platform=platform,
            portal_domain=portal_domain,
            portal_scheme=config.portal_scheme,
            tuning=tuning or Tuning(),
            clock=clock or SystemClock(platform.now),
            lock=lock,
            faults=faults or NoFaults(),
            kept=self._rows or NothingKept(),
        )
        self.kept = context.kept
        self._engine = Engine(context)
        tags = Tags(context)
        jobs = LabelingJobs(context, self._engine, tags)
        teams = Workteams(context, tags, jobs.team_is_busy)
        self.queue: WorkQueue = Desk(context, self._engine, teams, jobs.all, jobs.role)
        self.watch: Watching = Watch(context, jobs.all, jobs.role)
        self._operations = _operations(context, tags, teams, jobs)

    def call(
        self,
        operation: str,
        params: Mapping[str, object],
        caller_arn: str,  # noqa: ARG002 - part of the port; the platform has authorized the caller
    ) -> Mapping[str, object]:
        """Answer one API operation; raises ServiceError(code, message, status).

        `params` are as on the wire: timestamps may be numbers or datetimes. Timestamps in the
        answer are aware datetimes.
        """
        handler = self._operations.get(operation)
        if handler is None:
            known = ", ".join(sorted(self._operations))
            raise ServiceError(
                "UnknownOperationException",
                f"SageMaker.{operation} is not offered locally; these are: {known}",
                400,
            )
        check_request(operation, params)
        if self._kept_in is not None and operation.startswith("Create"):
            self._kept_in.keep_the_rest()
        answer = handler({name: value for name, value in params.items() if value is not None})
        self.kept.flush()
        return answer

    def start(self) -> None:
        """Begin running jobs, those created before included."""
        self._engine.start()

    def stop(self) -> None:
        """End every thread; running jobs stay as they are."""
        self._engine.stop()
        if self._rows is not None:
            self._rows.close()

    def look_again(self) -> None:
        """Let every job look at the time, which has moved."""
        with self._engine.changed:
            self._engine.notify()

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until no job has anything to do before its next deadline; False on timeout."""
        return self._engine.settle(timeout)


def _operations(
    context: Context, tags: Tags, teams: Workteams, jobs: LabelingJobs
) -> dict[str, Operation]:
    forces = teams.workforces
    return {
        "CreateLabelingJob": lambda params: jobs.create(params, teams),
        "DescribeLabelingJob": jobs.describe,
        "ListLabelingJobs": jobs.list,
        "ListLabelingJobsForWorkteam": lambda params: jobs.list_for_team(params, teams),
        "StopLabelingJob": jobs.stop,
        "CreateWorkforce": forces.create,
        "DescribeWorkforce": forces.describe,
        "UpdateWorkforce": forces.update,
        "DeleteWorkforce": forces.delete,
        "ListWorkforces": forces.list,
        "CreateWorkteam": teams.create,
        "DescribeWorkteam": teams.describe,
        "UpdateWorkteam": teams.update,
        "DeleteWorkteam": teams.delete,
        "ListWorkteams": teams.list,
        "AddTags": tags.add,
        "DeleteTags": tags.delete,
        "ListTags": tags.show,
        "RenderUiTemplate": lambda params: render_ui_template(context, params),
    }
