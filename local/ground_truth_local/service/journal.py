"""A job's changes as rows that outlive the process; `resume` reads them back.

An object with the pre-annotation or the consolidation function has no row for that: after a restart
the function is called again, as it is on AWS when a call is lost. Consolidation gets the same batch
of objects again, which is how a function can tell that it had it before.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ground_truth_local.service.kept import NothingKept
from ground_truth_local.service.objects import State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ground_truth_local.service.job import Job
    from ground_truth_local.service.kept import Kept
    from ground_truth_local.service.manifest import Line
    from ground_truth_local.service.objects import Answer, DataObject, Held

ARRIVED, BATCH = "arrived", "batch"
JOB, LINES, OBJECT, ANSWER, HELD, ENDED = "job", "lines", "object", "answer", "held", "ended"
_PASSING = frozenset({State.WAITING, State.PREPARING, State.CONSOLIDATING})


class Journal:
    """One job's rows. Called with the service's lock held, after each change."""

    def __init__(self, kept: Kept | None = None, name: str = "") -> None:
        self._kept: Kept = kept or NothingKept()
        self._below = f"{name.lower()}/"

    def job(self, job: Job) -> None:
        """Its request, and where it is in its life."""
        if self._kept.keeps:
            row = {
                "request": job.request,
                "arn": job.arn,
                "reference": job.reference,
                "created": job.created.isoformat(),
                "modified": job.modified.isoformat(),
                "status": job.status,
                "failure_reason": job.failure_reason,
                "template": job.template,
                "categories": job.categories,
                "counters": asdict(job.counters),
            }
            self._kept.put(JOB, self._below[:-1], row)

    def lines(self, lines: Iterable[Line]) -> None:
        """The dataset as it was read."""
        if self._kept.keeps:
            row = [[line.text, line.labeled, line.human] for line in lines]
            self._kept.put(LINES, self._below[:-1], row)

    def arrived(self, number: int, line: Line, identity: str) -> None:
        """An object that was sent to a streaming job."""
        if self._kept.keeps:
            row = [line.text, line.labeled, line.human, identity]
            self._kept.put(ARRIVED, f"{self._below}{number:09}", row)

    def object(self, entry: DataObject) -> None:
        """An object's state; until its first row it waits."""
        if self._kept.keeps and entry.state not in _PASSING:
            row = {
                "state": entry.state.name,
                "task_input": entry.task_input,
                "closes_at": _text(entry.closes_at),
                "answered_at": _text(entry.answered_at),
                "declined": sorted(entry.declined),
                "output": entry.output,
                "failure": entry.failure,
            }
            self._kept.put(OBJECT, f"{self._below}{entry.id}", row)

    def answer(self, entry: DataObject, answer: Answer) -> None:
        """An answer, which nothing takes away before the job's end."""
        if self._kept.keeps:
            row = {
                **asdict(answer),
                "accepted_at": answer.accepted_at.isoformat(),
                "submitted_at": answer.submitted_at.isoformat(),
            }
            self._kept.put(ANSWER, f"{self._below}{entry.id}/{len(entry.answers):04}", row)

    def batch(self, entries: Iterable[DataObject]) -> None:
        """The objects that are about to be consolidated together; one batch at a time."""
        if self._kept.keeps:
            self._kept.put(BATCH, self._below[:-1], [entry.id for entry in entries])

    def held(self, held: Held) -> None:
        """Who has what until when, or what became of it."""
        if self._kept.keeps:
            row = {
                "sub": held.sub,
                "object": held.object.id,
                "accepted_at": held.accepted_at.isoformat(),
                "expires_at": held.expires_at.isoformat(),
                "status": held.status.name,
                "digest": held.digest,
            }
            self._kept.put(HELD, f"{self._below}{held.id}", row)

    def ended(self, job: Job) -> None:
        """Only what is told of a job that is over."""
        if self._kept.keeps:
            row = {
                "objects": [[entry.state.name, entry.failure] for entry in job.objects],
                "ledger": job.ledger.dump(),
            }
            self._kept.put(ENDED, self._below[:-1], row)
            self._kept.drop(LINES, self._below[:-1])
            self._kept.drop(BATCH, self._below[:-1])
            self._kept.drop(ARRIVED, self._below)
            self._kept.drop(OBJECT, self._below)
            self._kept.drop(ANSWER, self._below)


def _text(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
