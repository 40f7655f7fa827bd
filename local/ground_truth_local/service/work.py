"""The work queue over all jobs: who may see what, time limits, answers (ground-truth.md 3, 4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ground_truth_liquid import TemplateError, render
from ground_truth_local.platform.port import RoleNotAssumableError
from ground_truth_local.service.ledger import Given
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.objects import Answer, Held, Hold, digest, worker_id
from ground_truth_local.service.queue import (
    AlreadySubmittedError,
    AnswerInvalidError,
    AnswerTooLargeError,
    Assignment,
    AssignmentNotFoundError,
    ExpiredError,
    JobCard,
    JobNotFoundError,
    RenderError,
    Worker,
)
from ground_truth_local.service.telemetry import WORKER_LOG

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.engine import Engine
    from ground_truth_local.service.job import Job
    from ground_truth_local.service.objects import DataObject
    from ground_truth_local.service.role import RoleSession
    from ground_truth_local.service.workteams import Workteams


class Desk:
    """The WorkQueue of this service."""

    def __init__(
        self,
        context: Context,
        engine: Engine,
        teams: Workteams,
        jobs: Callable[[], Iterable[Job]],
        roles: Callable[[Job], RoleSession],
    ) -> None:
        self._context = context
        self._engine = engine
        self._teams = teams
        self._jobs = jobs
        self._roles = roles

    def jobs(self, worker: Worker) -> list[JobCard]:
        """Jobs in progress for the worker's teams, oldest first."""
        with self._context.lock:
            now = self._context.clock.now()
            running = [job for job in self._visible(worker) if job.status == "InProgress"]
            for job in running:
                job.expire(now)
            return [_card(job, worker) for job in sorted(running, key=lambda job: job.created)]

    def take(self, worker: Worker, job_name: str) -> Assignment | None:
        """The worker's open assignment, else a new one, else None."""
        with self._context.lock:
            job = self._job(worker, job_name)
            now = self._context.clock.now()
            job.expire(now)
            known = job.held_by(worker.sub)
            held = known or job.take(worker.sub, now)
            if held is not None and known is None:
                self._record(job, worker, held, "TasksAccepted", now)
            self._engine.notify()
        self._context.kept.flush()
        return _assignment(job, held) if held else None

    def assignment(self, worker: Worker, assignment_id: str) -> Assignment:
        """The worker's own open assignment."""
        with self._context.lock:
            job, held = self._open(worker, assignment_id)
            return _assignment(job, held)

    def html(self, worker: Worker, assignment_id: str) -> str:
        """The task as the worker's browser gets it."""
        with self._context.lock:
            job, held = self._open(worker, assignment_id)
            template, task_input = job.template, dict(held.object.task_input or {})
            role = self._roles(job)
        return render_task(template, task_input, role)

    def submit(self, worker: Worker, assignment_id: str, answer: dict[str, object]) -> None:
        """Record the answer; the same one again changes nothing."""
        content = _content(answer, self._context.tuning.max_answer_bytes)
        self._submit(worker, assignment_id, content, digest(content))
        # also for one that was here before: its first sender may not have been told yet
        self._context.kept.flush()

    def _submit(self, worker: Worker, assignment_id: str, content: str, mark: str) -> None:
        with self._context.lock:
            job, held = self._held(worker, assignment_id)
            if held.status is Hold.SUBMITTED:
                if held.digest == mark:
                    return
                raise AlreadySubmittedError("another answer was submitted for this task before")
            _check_open(held)
            now = self._context.clock.now()
            given = Answer(
                sub=worker.sub,
                email=worker.email,
                issuer=worker.issuer,
                worker_id=worker_id(self._context.platform.region, worker.sub),
                content=content,
                digest=mark,
                accepted_at=held.accepted_at,
                submitted_at=now,
            )
            job.submit(held, given)
            job.ledger.record(given_by(held.object, given))
            self._record(job, worker, held, "TasksSubmitted", now)
            self._engine.notify()

    def decline(self, worker: Worker, assignment_id: str) -> None:
        """Give the task back and never see this object again."""
        with self._context.lock:
            job, held = self._open(worker, assignment_id)
            job.decline(held)
            self._record(job, worker, held, "TasksDeclined", self._context.clock.now())
            self._engine.notify()
        self._context.kept.flush()

    def release(self, worker: Worker, assignment_id: str) -> None:
        """Give the task back to the queue."""
        with self._context.lock:
            job, held = self._open(worker, assignment_id)
            job.release(held)
            self._record(job, worker, held, "TasksReturned", self._context.clock.now())
            self._engine.notify()
        self._context.kept.flush()

    def _visible(self, worker: Worker) -> list[Job]:
        return [job for job in self._jobs() if self._is_member(worker, job)]

    def _is_member(self, worker: Worker, job: Job) -> bool:
        """4.1: a team is groups of one pool, reached through one client."""
        team = self._teams.by_arn(job.team_arn)
        return (
            team is not None
            and (team.user_pool, team.client_id) == (worker.user_pool_id, worker.client_id)
            and not set(team.groups).isdisjoint(worker.groups)
        )

    def _job(self, worker: Worker, job_name: str) -> Job:
        wanted = job_name.lower()
        for job in self._visible(worker):
            if job.name.lower() == wanted:
                return job
        raise JobNotFoundError(f"there is no job {job_name} for you")

    def _held(self, worker: Worker, assignment_id: str) -> tuple[Job, Held]:
        now = self._context.clock.now()
        for job in self._jobs():
            held = job.assignment(assignment_id)
            if held is not None and held.sub == worker.sub:
                job.expire(now)
                return job, held
        raise AssignmentNotFoundError(f"there is no task {assignment_id} of yours")

    def _open(self, worker: Worker, assignment_id: str) -> tuple[Job, Held]:
        job, held = self._held(worker, assignment_id)
        _check_open(held)
        return job, held

    def _record(self, job: Job, worker: Worker, held: Held, event: str, now: datetime) -> None:
        """Worker metrics and the activity log (section 7)."""
        telemetry, team = self._engine.telemetry, job.team_arn.rsplit("/", 1)[-1]
        telemetry.worker_metric(event, 1, team)
        fields: dict[str, object] = {
            "worker_id": worker_id(self._context.platform.region, worker.sub),
            "cognito_user_pool_id": worker.user_pool_id,
            "cognito_sub_id": worker.sub,
            "task_accepted_time": held.accepted_at.isoformat(),
            "workteam_arn": job.team_arn,
            "labeling_job_arn": job.arn,
            "event_type": event,
        }
        if event != "TasksAccepted":
            spent = (now - held.accepted_at).total_seconds()
            telemetry.worker_metric("TimeSpent", spent, team, "Seconds")
            fields[_TIMES[event]] = now.isoformat()
        telemetry.log(WORKER_LOG, job.name, fields, role_arn=job.role_arn)


_TIMES = {
    "TasksSubmitted": "task_submitted_time",
    "TasksDeclined": "task_declined_time",
    "TasksReturned": "task_returned_time",
}


def render_task(template: str, task_input: dict[str, object], role: RoleSession) -> str:
    """The template over a task input, with links signed by the role."""

    def grant(uri: str) -> str:
        location = parse_s3_uri(uri)
        if location is None or not location.key:
            raise RenderError(f"grant_read_access: {uri} names no S3 object")
        return role.link(location.bucket, location.key)

    try:
        return render(template, task_input=task_input, grant_read_access=grant)
    except (TemplateError, RoleNotAssumableError) as error:
        raise RenderError(str(error)) from error


def _card(job: Job, worker: Worker) -> JobCard:
    human = job.request["HumanTaskConfig"]
    return JobCard(
        job_name=job.name,
        title=human["TaskTitle"],
        description=human["TaskDescription"],
        keywords=tuple(human.get("TaskKeywords", ())),
        created_at=job.created,
        time_limit_seconds=human["TaskTimeLimitInSeconds"],
        workers_per_object=job.limits.workers,
        total=len(job.objects),
        done=job.done,
        available=job.offers(worker.sub),
    )


def _assignment(job: Job, held: Held) -> Assignment:
    human = job.request["HumanTaskConfig"]
    return Assignment(
        id=held.id,
        job_name=job.name,
        title=human["TaskTitle"],
        description=human["TaskDescription"],
        object_id=held.object.id,
        accepted_at=held.accepted_at,
        expires_at=held.expires_at,
    )


def given_by(entry: DataObject, answer: Answer) -> Given:
    """An answer as the job's ledger has it."""
    return Given(
        object_id=entry.id,
        line=entry.line,
        email=answer.email,
        worker_id=answer.worker_id,
        content=answer.content,
        submitted_at=answer.submitted_at,
        seconds=(answer.submitted_at - answer.accepted_at).total_seconds(),
    )


def _check_open(held: Held) -> None:
    if held.status is Hold.SUBMITTED:
        raise AlreadySubmittedError("this task was submitted before")
    if held.status is not Hold.OPEN:
        raise ExpiredError("this task is no longer yours: its time is over or you gave it back")


def _content(answer: object, most: int) -> str:
    if not isinstance(answer, dict):
        raise AnswerInvalidError("an answer is a JSON object, one key per named element")
    try:
        content = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AnswerInvalidError(f"an answer is a JSON object: {error}") from error
    size = len(content.encode("utf-8", "surrogatepass"))
    if size > most:
        raise AnswerTooLargeError(f"the answer has {size} bytes, allowed are at most {most}")
    return content
