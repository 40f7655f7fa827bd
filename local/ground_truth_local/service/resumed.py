"""Jobs as an earlier process left them, read back from their rows (see `journal`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.service import journal as rows
from ground_truth_local.service.job import Job
from ground_truth_local.service.journal import Journal
from ground_truth_local.service.ledger import Ledger
from ground_truth_local.service.limits import Counters
from ground_truth_local.service.manifest import Line
from ground_truth_local.service.objects import Answer, DataObject, Held, Hold, State
from ground_truth_local.service.work import given_by

if TYPE_CHECKING:
    from ground_truth_local.service.kept import Kept


def kept_jobs(kept: Kept) -> Iterator[Job]:
    """Every job, the oldest first.

    An object that was with a function waits for it again, in the same batch as before; what people
    hold stays theirs until its time is over.
    """
    for name, row in sorted(kept.rows(rows.JOB), key=lambda found: str(found[1]["created"])):
        job = _job(row)
        below = f"{name}/"
        for _, lines in kept.rows(rows.LINES, name):
            job.load([Line(text=t, labeled=labeled, human=human) for t, labeled, human in lines])
            for _, (text, labeled, human, identity) in kept.rows(rows.ARRIVED, below):
                job.arrive(Line(text=text, labeled=labeled, human=human), identity)
            _restore_objects(job, kept, below)
            for _, batch in kept.rows(rows.BATCH, name):
                job.batches.begin_again(job.objects[int(number)] for number in batch)
        for _, ended in kept.rows(rows.ENDED, name):
            _restore_ended(job, ended)
        for key, held in kept.rows(rows.HELD, below):
            job.hold(_held(job, key.rpartition("/")[2], held))
        job.line_up()
        job.closed = job.status not in ("Initializing", "InProgress")
        job.journal = Journal(kept, name)  # only now: what was read need not be written
        yield job


def _job(row: Mapping[str, Any]) -> Job:
    job = Job(
        row["request"],
        arn=row["arn"],
        reference=row["reference"],
        created=_when(row["created"]),
    )
    job.modified = _when(row["modified"])
    job.status = row["status"]
    job.failure_reason = row["failure_reason"]
    job.template, job.categories = row["template"], row["categories"]
    job.counters = Counters(**row["counters"])
    return job


def _restore_objects(job: Job, kept: Kept, below: str) -> None:
    answers = _answers(kept, below)
    found = [
        (job.objects[int(key.rpartition("/")[2])], row)
        for key, row in kept.rows(rows.OBJECT, below)
    ]
    # answered ones in the order they were answered, so that the longest waiting goes first
    for entry, row in sorted(found, key=lambda one: str(one[1]["answered_at"] or "")):
        entry.answers = answers.get(entry.id, [])
        _restore_object(job, entry, row)
    given = [(entry, answer) for entry in job.objects for answer in entry.answers]
    for entry, answer in sorted(given, key=lambda one: one[1].submitted_at):
        job.ledger.record(given_by(entry, answer))


def _answers(kept: Kept, below: str) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for key, row in kept.rows(rows.ANSWER, below):
        times = {name: _when(row[name]) for name in ("accepted_at", "submitted_at")}
        found.setdefault(key.split("/")[1], []).append(Answer(**{**row, **times}))
    return found


def _restore_object(job: Job, entry: DataObject, row: Mapping[str, Any]) -> None:
    entry.declined = set(row["declined"])
    entry.output, entry.failure = row["output"], row["failure"]
    entry.answered_at = _when(row["answered_at"]) if row["answered_at"] else None
    entry.closes_at = _when(row["closes_at"]) if row["closes_at"] else None
    entry.task_input = row["task_input"]
    state = State[row["state"]]
    if state is State.OPEN and entry.closes_at and entry.task_input is not None:
        job.offer(entry, entry.task_input, entry.closes_at)
    else:
        job.move(entry, state)


def _restore_ended(job: Job, row: Mapping[str, Any]) -> None:
    """Nothing is written about a job that is over, so its lines and answers aren't there."""
    job.load([Line(text="", labeled=False, human=True) for _ in row["objects"]])
    for entry, (state, failure) in zip(job.objects, row["objects"], strict=True):
        entry.failure = failure
        job.move(entry, State[state])
    job.ledger = Ledger.of(row["ledger"])


def _held(job: Job, key: str, row: Mapping[str, Any]) -> Held:
    return Held(
        id=key,
        sub=row["sub"],
        object=job.objects[int(row["object"])],
        accepted_at=_when(row["accepted_at"]),
        expires_at=_when(row["expires_at"]),
        status=Hold[row["status"]],
        digest=row["digest"],
    )


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)
