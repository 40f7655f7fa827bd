"""The requester's view of all jobs: what DescribeLabelingJob tells, and who answered what."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ground_truth_local.platform.port import RoleNotAssumableError
from ground_truth_local.service.locations import parse_s3_uri
from ground_truth_local.service.objects import State

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.job import Job
    from ground_truth_local.service.ledger import Given, Tally
    from ground_truth_local.service.role import RoleSession


class UnknownJobError(Exception):
    """There is no job of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A job's state; every object is in one of `labeled`, `failed`, `with_people`, `waiting`.

    `with_people` also counts what is being consolidated; `skipped` objects are among `waiting`,
    as Ground Truth's counters have it.
    """

    name: str
    title: str
    status: str
    created: datetime
    failure_reason: str | None
    total: int
    labeled: int
    failed: int
    with_people: int
    waiting: int
    workers_per_object: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer with what it was given for: a text, or a signed link to the object."""

    given: Given
    answer: Mapping[str, object]
    source: str
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A job in detail; `failures` counts objects by the reason they have no label."""

    progress: Progress
    tallies: tuple[Tally, ...]
    recent: tuple[Seen, ...]
    failures: tuple[tuple[str, int], ...]


class Watching(Protocol):
    """What the requester's pages need."""

    def jobs(self) -> list[Progress]:
        """Every job, the newest first."""
        ...

    def job(self, name: str) -> Report:
        """One job; raises UnknownJobError."""
        ...


class Watch:
    """Watching, over the service's jobs."""

    def __init__(
        self,
        context: Context,
        jobs: Callable[[], Iterable[Job]],
        roles: Callable[[Job], RoleSession],
    ) -> None:
        self._context = context
        self._jobs = jobs
        self._roles = roles

    def jobs(self) -> list[Progress]:
        with self._context.lock:
            found = sorted(self._jobs(), key=lambda job: job.created, reverse=True)
            return [_progress(job) for job in found]

    def job(self, name: str) -> Report:
        with self._context.lock:
            job = next((job for job in self._jobs() if job.name.lower() == name.lower()), None)
            if job is None:
                raise UnknownJobError(f"there is no job {name}")
            progress, role = _progress(job), self._roles(job)
            tallies, recent = tuple(job.ledger.tallies()), job.ledger.recent()
            failures = Counter(entry.failure for entry in job.objects if entry.failure)
        return Report(
            progress=progress,
            tallies=tallies,
            # outside of the lock: signing may assume the role
            recent=tuple(_seen(given, role) for given in recent),
            failures=tuple(failures.most_common()),
        )


def _progress(job: Job) -> Progress:
    labeled, failed = job.count(State.LABELED, State.CHAINED), job.count(State.FAILED)
    people = job.count(State.PREPARING, State.OPEN, State.ANSWERED, State.CONSOLIDATING)
    total = len(job.objects)
    return Progress(
        name=job.name,
        title=job.request["HumanTaskConfig"]["TaskTitle"],
        status=job.status,
        created=job.created,
        failure_reason=job.failure_reason,
        total=total,
        labeled=labeled,
        failed=failed,
        with_people=people,
        waiting=total - labeled - failed - people,
        workers_per_object=job.limits.workers,
        answers=sum(tally.answers for tally in job.ledger.tallies()),
    )


def _seen(given: Given, role: RoleSession) -> Seen:
    line = json.loads(given.line)
    source = str(line.get("source-ref", ""))
    return Seen(
        given=given,
        answer=json.loads(given.content),
        source=source,
        text=str(line.get("source", "")),
        link=_link(source, role),
    )


def _link(source: str, role: RoleSession) -> str:
    location = parse_s3_uri(source) if source else None
    if location is None or not location.key:
        return ""
    try:
        return role.link(location.bucket, location.key)
    except RoleNotAssumableError:
        return ""  # the campaign's stack is gone: its labels are told without the picture
