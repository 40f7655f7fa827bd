"""A small platform and work queue, for the portal and the simulated workers to be tested against.

The queue keeps the promises of `ground_truth_local.service.queue.WorkQueue` in memory: N different
workers per object, one open assignment per worker and job, first answer stands.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ground_truth_liquid import render
from ground_truth_local.platform.port import (
    Identity,
    Mail,
    PasswordPolicyError,
    RedirectMismatchError,
    SignInResult,
    WrongPasswordError,
)
from ground_truth_local.service.queue import (
    AlreadySubmittedError,
    AnswerTooLargeError,
    Assignment,
    AssignmentNotFoundError,
    ExpiredError,
    JobCard,
    JobNotFoundError,
    Worker,
)
from ground_truth_local.service.watch import Progress, Report, UnknownJobError, Watching

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
POOL, CLIENT = "us-east-1_Pool", "client1"

IMAGE_TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-image-classifier name="crowd-image-classifier"
    src="{{ task.input.taskObject | grant_read_access }}"
    categories="{{ task.input.labels | to_json | escape }}" header="Which digit is this?">
    <short-instructions>Choose the digit you see.</short-instructions>
    <full-instructions header="All about digits">Sevens may have a bar.</full-instructions>
  </crowd-image-classifier>
</crowd-form>
"""
TEXT_TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier name="crowd-classifier" categories="{{ task.input.labels | to_json | escape }}"
    header="What does the customer feel?">
    <classification-target>{{ task.input.taskObject }}</classification-target>
    <short-instructions>Read all of it.</short-instructions>
  </crowd-classifier>
</crowd-form>
"""


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class User:
    email: str
    password: str
    must_change: bool = True
    groups: tuple[str, ...] = ("labelers",)


class FakePlatform:
    """Cognito sign-in, captured mail and a clock."""

    account_id = "123456789012"
    partition = "aws"
    region = "us-east-1"
    redirects: Sequence[str] | None = None

    def __init__(self, now: Callable[[], datetime], media_url: str = "http://127.0.0.1:1") -> None:
        self.now = now
        self.media_url = media_url
        self.users: dict[str, User] = {}
        self._mails: list[Mail] = []

    def invite(self, email: str, password: str = "Temp-1234!") -> None:
        self.users[email] = User(email=email, password=password)
        html = (
            "<p>You are invited to label.</p>"
            f"<p>User name: {email}<br>Temporary password: {password.replace('&', '&amp;')}</p>"
            '<p><a href="http://127.0.0.1:1/">http://127.0.0.1:1/</a></p>'
        )
        mail = Mail(
            number=len(self._mails) + 1,
            to=email,
            subject="Your invitation",
            html=html,
            sent_at=self.now(),
            user_pool_id=POOL,
            username=email,
            trigger="CustomMessage_AdminCreateUser",
        )
        self._mails.append(mail)

    def mails(self) -> Sequence[Mail]:
        return list(self._mails)

    def sign_in(
        self,
        *,
        user_pool_id: str,
        client_id: str,
        username: str,
        password: str,
        new_password: str | None = None,
        redirect_uri: str,
    ) -> SignInResult:
        if self.redirects is not None and redirect_uri not in self.redirects:
            raise RedirectMismatchError("redirect_mismatch", "the portal isn't a callback URL")
        user = self.users.get(username)
        if user is None or user.password != password or (user_pool_id, client_id) != (POOL, CLIENT):
            raise WrongPasswordError("NotAuthorizedException", "Incorrect username or password.")
        if user.must_change:
            if new_password is None:
                return SignInResult(challenge="NEW_PASSWORD_REQUIRED")
            if len(new_password) < 8:
                raise PasswordPolicyError("InvalidPasswordException", "Password not long enough")
            user.password, user.must_change = new_password, False
        return SignInResult(
            identity=Identity(
                sub=f"sub-{username}",
                username=username,
                email=user.email,
                issuer="https://issuer",
                user_pool_id=user_pool_id,
                client_id=client_id,
                groups=user.groups,
            )
        )


@dataclass(kw_only=True)
class Job:
    name: str
    objects: list[str]
    labels: list[str]
    template: str = IMAGE_TEMPLATE
    inputs: Mapping[str, object] | None = None  # by default the object and the labels
    workers_per_object: int = 3
    time_limit_seconds: int = 300
    answers: dict[int, dict[str, dict[str, object]]] = field(default_factory=dict)
    declined: set[tuple[int, str]] = field(default_factory=set)


@dataclass(kw_only=True)
class _Open:
    assignment: Assignment
    worker: str
    index: int
    state: str = "open"


class FakeQueue:
    """A work queue in memory, thread-safe."""

    def __init__(self, now: Callable[[], datetime], link: Callable[[str], str]) -> None:
        self._now, self._link = now, link
        self._lock = threading.RLock()
        self.work: dict[str, Job] = {}
        self._assignments: dict[str, _Open] = {}
        self._numbers = itertools.count(1)
        self.max_answer_characters = 100_000

    def clear(self) -> None:
        """No jobs and no tasks, as at first."""
        with self._lock:
            self.work.clear()
            self._assignments.clear()

    def jobs(self, worker: Worker) -> list[JobCard]:
        with self._lock:
            return [self._card(worker, job) for job in self.work.values() if not self._done(job)]

    def take(self, worker: Worker, job_name: str) -> Assignment | None:
        with self._lock:
            job = self.work.get(job_name)
            if job is None:
                raise JobNotFoundError(f"no job {job_name} is offered to you")
            for known in self._assignments.values():
                mine = known.worker == worker.sub and known.assignment.job_name == job_name
                if mine and self._live(known):
                    return known.assignment
            index = next(iter(self._offered(worker, job)), None)
            if index is None:
                return None
            return self._assign(worker, job, index)

    def assignment(self, worker: Worker, assignment_id: str) -> Assignment:
        with self._lock:
            return self._mine(worker, assignment_id).assignment

    def html(self, worker: Worker, assignment_id: str) -> str:
        found = self._mine(worker, assignment_id)
        job = self.work[found.assignment.job_name]
        usual = {"taskObject": job.objects[found.index], "labels": job.labels}
        task_input = usual if job.inputs is None else job.inputs
        return render(job.template, task_input=task_input, grant_read_access=self._link)

    def submit(self, worker: Worker, assignment_id: str, answer: dict[str, object]) -> None:
        with self._lock:
            found = self._mine(worker, assignment_id, submitting=True)
            job = self.work[found.assignment.job_name]
            if found.state == "submitted":
                if job.answers[found.index][worker.sub] != answer:
                    raise AlreadySubmittedError("another answer was submitted before")
                return
            if len(str(answer)) > self.max_answer_characters:
                raise AnswerTooLargeError("the answer is too large")
            job.answers.setdefault(found.index, {})[worker.sub] = answer
            found.state = "submitted"

    def decline(self, worker: Worker, assignment_id: str) -> None:
        with self._lock:
            found = self._mine(worker, assignment_id)
            self.work[found.assignment.job_name].declined.add((found.index, worker.sub))
            found.state = "declined"

    def release(self, worker: Worker, assignment_id: str) -> None:
        with self._lock:
            self._mine(worker, assignment_id).state = "released"

    def state(self, assignment_id: str) -> str:
        return self._assignments[assignment_id].state

    def object_of(self, assignment_id: str) -> str:
        return self._assignments[assignment_id].assignment.object_id

    def expire(self, assignment_id: str) -> None:
        """Let its time be over."""
        self._assignments[assignment_id].state = "expired"

    def is_live(self, assignment_id: str) -> bool:
        return self._live(self._assignments[assignment_id])

    def _mine(self, worker: Worker, assignment_id: str, *, submitting: bool = False) -> _Open:
        found = self._assignments.get(assignment_id)
        if found is None or found.worker != worker.sub:
            raise AssignmentNotFoundError("there is no such task of yours")
        if found.state == "submitted":
            if submitting:
                return found
            raise AlreadySubmittedError("this task was submitted before")
        if not self._live(found):
            raise ExpiredError("the time for this task is over")
        return found

    def _live(self, one: _Open) -> bool:
        return one.state == "open" and one.assignment.expires_at > self._now()

    def _assign(self, worker: Worker, job: Job, index: int) -> Assignment:
        now = self._now()
        assignment = Assignment(
            id=f"task-{next(self._numbers):04d}",
            job_name=job.name,
            title="Which digit is this?",
            description="Choose the digit that was written by hand",
            object_id=str(index),
            accepted_at=now,
            expires_at=now + timedelta(seconds=job.time_limit_seconds),
        )
        self._assignments[assignment.id] = _Open(
            assignment=assignment, worker=worker.sub, index=index
        )
        return assignment

    def _offered(self, worker: Worker, job: Job) -> list[int]:
        offered = []
        for index in range(len(job.objects)):
            holders = {
                one.worker
                for one in self._assignments.values()
                if one.assignment.job_name == job.name and one.index == index and self._live(one)
            }
            busy = holders | set(job.answers.get(index, {}))
            if worker.sub in busy or (index, worker.sub) in job.declined:
                continue
            if len(busy) < job.workers_per_object:
                offered.append(index)
        return offered

    def _has_open(self, worker: Worker, job: Job) -> bool:
        return any(
            one.worker == worker.sub and one.assignment.job_name == job.name and self._live(one)
            for one in self._assignments.values()
        )

    def _done(self, job: Job) -> bool:
        return self._count_done(job) == len(job.objects)

    def _count_done(self, job: Job) -> int:
        return sum(len(answers) >= job.workers_per_object for answers in job.answers.values())

    def _card(self, worker: Worker, job: Job) -> JobCard:
        return JobCard(
            job_name=job.name,
            title="Which digit is this?",
            description="Choose the digit that was written by hand",
            keywords=("digits", "images"),
            created_at=START,
            time_limit_seconds=job.time_limit_seconds,
            workers_per_object=job.workers_per_object,
            total=len(job.objects),
            done=self._count_done(job),
            available=len(self._offered(worker, job)) + self._has_open(worker, job),
        )


class NothingToWatch:
    """The requester's view of a service without jobs."""

    def jobs(self) -> list[Progress]:
        return []

    def job(self, name: str) -> Report:
        raise UnknownJobError(f"there is no job {name}")


class FakeService:
    """The API call the portal makes, and the queue."""

    watch: Watching = NothingToWatch()

    def __init__(self, queue: FakeQueue) -> None:
        self.queue = queue
        self.workforces: list[Mapping[str, object]] = [
            {"WorkforceName": "w", "CognitoConfig": {"UserPool": POOL, "ClientId": CLIENT}}
        ]

    def allow(self, *cidrs: str) -> None:
        (workforce,) = self.workforces
        self.workforces = [{**workforce, "SourceIpConfig": {"Cidrs": list(cidrs)}}]

    def call(
        self, operation: str, params: Mapping[str, object], caller_arn: str
    ) -> Mapping[str, object]:
        assert operation == "ListWorkforces"
        return {"Workforces": self.workforces}
