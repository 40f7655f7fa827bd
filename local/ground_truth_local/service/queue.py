"""What the worker portal sees of the service: workers, job cards, assignments, their errors.

The portal holds no state of its own about tasks; everything goes through `WorkQueue`, which is
thread-safe and identifies people by the `sub` of their Cognito user (ground-truth.md 4.1, 6.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class QueueError(Exception):
    """Base of everything the queue refuses; `str(error)` may be shown to the worker."""


class JobNotFoundError(QueueError):
    """No running job of this name is offered to this worker."""


class AssignmentNotFoundError(QueueError):
    """The assignment doesn't exist or belongs to someone else."""


class ExpiredError(QueueError):
    """The time limit passed, or the job ended: the answer is not taken."""


class AlreadySubmittedError(QueueError):
    """A different answer was submitted before; the first one stands."""


class AnswerTooLargeError(QueueError):
    """The serialised answer exceeds the limit."""


class AnswerInvalidError(QueueError):
    """The answer isn't a JSON object."""


class RenderError(QueueError):
    """The template can't be rendered for this task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A signed-in member of a team; `groups` are the user pool's groups at sign-in."""

    sub: str
    username: str
    email: str
    issuer: str
    user_pool_id: str
    client_id: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """A job in a worker's list.

    `total` counts the manifest's objects and `done` those no longer waiting for people;
    `available` is how many tasks this worker could take now, their open assignment included.
    """

    job_name: str
    title: str
    description: str
    keywords: tuple[str, ...]
    created_at: datetime
    time_limit_seconds: int
    workers_per_object: int
    total: int
    done: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One object in the hands of one worker until `expires_at` (aware UTC)."""

    id: str
    job_name: str
    title: str
    description: str
    object_id: str
    accepted_at: datetime
    expires_at: datetime


class WorkQueue(Protocol):
    """The portal's side of the service. Every method may raise a `QueueError`."""

    def jobs(self, worker: Worker) -> list[JobCard]:
        """Jobs in progress for the worker's teams, oldest first."""
        ...

    def take(self, worker: Worker, job_name: str) -> Assignment | None:
        """The worker's open assignment of this job, else a new one, else None.

        Raises JobNotFoundError when the job isn't offered to this worker at all; a job that has
        ended gives None.
        """
        ...

    def assignment(self, worker: Worker, assignment_id: str) -> Assignment:
        """Raises AssignmentNotFoundError when it isn't theirs, ExpiredError when it is over."""
        ...

    def html(self, worker: Worker, assignment_id: str) -> str:
        """The rendered template with links signed by the execution role, else RenderError."""
        ...

    def submit(self, worker: Worker, assignment_id: str, answer: dict[str, object]) -> None:
        """Record the answer; the same answer again is accepted and changes nothing."""
        ...

    def decline(self, worker: Worker, assignment_id: str) -> None:
        """Give the task back and never see this object again."""
        ...

    def release(self, worker: Worker, assignment_id: str) -> None:
        """Give the task back to the queue ("stop and resume later")."""
        ...
