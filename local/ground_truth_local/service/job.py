"""A labeling job's state and its transitions; pure, called with the service's lock held.

Everything that takes time (Lambda, S3) happens in the runner, between two transitions.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.batches import Batches
from ground_truth_local.service.counts import Counts
from ground_truth_local.service.deadlines import Deadlines
from ground_truth_local.service.journal import Journal
from ground_truth_local.service.ledger import Ledger
from ground_truth_local.service.limits import Counters, Limits
from ground_truth_local.service.objects import (
    FINAL,
    IN_PEOPLES_HANDS,
    Answer,
    DataObject,
    Held,
    Hold,
    State,
)
from ground_truth_local.service.request import input_topic

if TYPE_CHECKING:
    from ground_truth_local.service.manifest import Line

MAX_AGE = timedelta(days=30)  # ground-truth.md 3.4
RUNNING = ("Initializing", "InProgress", "Stopping")


class Job:
    """One labeling job."""

    def __init__(
        self,
        request: dict[str, Any],
        *,
        arn: str,
        reference: str,
        created: datetime,
        journal: Journal | None = None,
    ) -> None:
        self.journal = journal or Journal()
        self.request = request
        self.name: str = request["LabelingJobName"]
        self.arn = arn
        self.reference = reference
        self.created = created
        self.modified = created
        self.role_arn: str = request["RoleArn"]
        self.limits = Limits.of(request)
        self.team_arn: str = request["HumanTaskConfig"]["WorkteamArn"]
        self.attribute: str = request["LabelAttributeName"]
        self.status = "Initializing"
        self.failure_reason: str | None = None
        self.closed = False
        self.counters = Counters()
        self.counts = Counts(self.limits)
        self.batches = Batches()
        self.ledger = Ledger()
        self.template = ""
        self.categories: list[str] | None = None
        self.loaded = False
        self.objects: list[DataObject] = []
        self._waiting: deque[DataObject] = deque()
        self._arrived: set[str] = set()
        self.streams = input_topic(request) is not None
        self._open: dict[str, DataObject] = {}
        self._indexes = {State.OPEN: self._open, State.ANSWERED: self.batches.answered}
        self._held: dict[str, Held] = {}
        self._held_by: dict[str, Held] = {}
        self._deadlines = Deadlines()

    # -- the dataset

    def load(self, lines: Sequence[Line]) -> None:
        """The manifest's lines; those that carry the label already count as labeled (3.6)."""
        for line in lines:
            self._add(line)
        self.loaded = True
        self.journal.lines(lines)
        self.line_up()

    def line_up(self) -> None:
        """Put every object that waits into the line of those to be sent."""
        self._waiting = deque(o for o in self.objects if o.state is State.WAITING)

    def arrive(self, line: Line, identity: str) -> None:
        """An object that was sent to a streaming job; once, however often it was (3.5)."""
        if identity in self._arrived or self.closed:
            return
        self._arrived.add(identity)
        self.journal.arrived(len(self.objects), line, identity)
        entry = self._add(line)
        if entry.state is State.WAITING:
            self._waiting.append(entry)

    def _add(self, line: Line) -> DataObject:
        state = State.CHAINED if line.labeled else State.WAITING
        number = str(len(self.objects))
        entry = DataObject(id=number, line=line.text, state=state, human=line.human)
        self.objects.append(entry)
        self.counts.add(entry)
        return entry

    def move(self, entry: DataObject, state: State) -> None:
        """Every change of state goes through here."""
        self.counts.move(entry.state, state)
        for indexed, index in self._indexes.items():
            if state is indexed:
                index[entry.id] = entry
            else:
                index.pop(entry.id, None)
        entry.state = state
        self.journal.object(entry)

    def count(self, *states: State) -> int:
        """How many objects are in these states."""
        return self.counts.of(*states)

    @property
    def done(self) -> int:
        """Objects that wait for nobody."""
        return self.count(State.ANSWERED, State.CONSOLIDATING, *FINAL)

    def publish(self, now: datetime) -> None:
        """Bring Describe's counters up to date; until the first time they are all 0 (3.2)."""
        self.counters = self.counts.counters()
        self.modified = now

    # -- sending objects to people

    def to_prepare(self, at_once: int) -> list[DataObject]:
        """The next objects for the pre-annotation function, within the window and `at_once`."""
        room = min(self.counts.room(), at_once - self.count(State.PREPARING))
        chosen = [self._waiting.popleft() for _ in range(min(max(room, 0), len(self._waiting)))]
        for entry in chosen:
            self.move(entry, State.PREPARING)
        return chosen

    def open(self, entry: DataObject, task_input: dict[str, object], now: datetime) -> None:
        """The pre-annotation function has answered: offer the object to workers."""
        if self.closed:  # stopped meanwhile: it was never offered
            self.move(entry, State.WAITING)
            return
        self.offer(entry, task_input, now + self.limits.availability)

    def offer(self, entry: DataObject, task_input: dict[str, object], closes: datetime) -> None:
        """Open to workers until it closes."""
        entry.task_input = task_input
        entry.closes_at = closes
        self.move(entry, State.OPEN)
        self._deadlines.at(closes, lambda: self._object_expired(entry, closes))

    # -- people

    def offers(self, sub: str) -> int:
        """How many tasks this worker could take now, the open one included."""
        if self.closed:
            return 0
        own = 1 if self.held_by(sub) else 0
        return own + sum(e.open_for(sub, self.limits.workers) for e in self._open.values())

    def held_by(self, sub: str) -> Held | None:
        """The worker's open assignment."""
        return self._held_by.get(sub)

    def assignment(self, assignment_id: str) -> Held | None:
        """An assignment of this job, whatever became of it."""
        return self._held.get(assignment_id)

    def take(self, sub: str, now: datetime) -> Held | None:
        """The open assignment, else the first object in manifest order this worker may have."""
        held = self.held_by(sub)
        if held is not None or self.closed:
            return held
        mine = [e for e in self._open.values() if e.open_for(sub, self.limits.workers)]
        entry = min(mine, key=lambda e: int(e.id), default=None)
        if entry is None or entry.closes_at is None:
            return None
        expires = min(now + self.limits.time_limit, entry.closes_at)
        held = Held(
            id=secrets.token_hex(16), sub=sub, object=entry, accepted_at=now, expires_at=expires
        )
        self.hold(held)
        return held

    def hold(self, held: Held) -> None:
        """Remember an assignment; one that is open keeps the object for its worker."""
        self._held[held.id] = held
        if held.status is Hold.OPEN:
            held.object.holders.add(held.sub)
            self._held_by[held.sub] = held
            self._deadlines.at(held.expires_at, lambda: self._end(held, Hold.EXPIRED))
        self.journal.held(held)

    def submit(self, held: Held, answer: Answer) -> None:
        """Record an answer; the last of N completes the object."""
        entry = held.object
        entry.answers.append(answer)
        self.journal.answer(entry, answer)
        held.digest = answer.digest
        self._end(held, Hold.SUBMITTED)
        if len(entry.answers) >= self.limits.workers:
            self._answer_complete(entry, answer.submitted_at)

    def decline(self, held: Held) -> None:
        """Not offered to this worker again."""
        held.object.declined.add(held.sub)
        self.journal.object(held.object)
        self._end(held, Hold.DECLINED)

    def release(self, held: Held) -> None:
        """Back in the queue, also for the same worker."""
        self._end(held, Hold.RELEASED)

    def _end(self, held: Held, status: Hold) -> None:
        if held.status is not Hold.OPEN:
            return
        entry = held.object
        held.status = status
        entry.holders.discard(held.sub)
        self._held_by.pop(held.sub, None)
        self.journal.held(held)
        # 3.4: declined by as many workers as are asked, the object is expired and not sent again
        declined = len(entry.declined) >= self.limits.workers
        if entry.state is State.OPEN and declined and not entry.answers and not entry.holders:
            self.fail_object(entry, "all of the workers declined the task")

    def close(self) -> None:
        """The job stops, fails or is over: nobody holds or gets anything, no time matters."""
        self.closed = True
        for held in list(self._held_by.values()):
            self._end(held, Hold.EXPIRED)
        self._deadlines.clear()

    def retire(self) -> None:
        """Everything is written: keep the counts, let the data go."""
        self.journal.ended(self)
        for entry in self.objects:
            entry.line, entry.output, entry.task_input = "", None, None
            entry.answers.clear()

    # -- time

    def expire(self, now: datetime) -> None:
        """Do everything whose time has come."""
        self._deadlines.expire(now)

    def next_deadline(self) -> datetime | None:
        """When `expire` has something to do again; the job's own end at the latest."""
        if self.status != "InProgress":
            return None
        end = [] if self.streams else [self.created + MAX_AGE]
        return min([*end, *self._deadlines.next()], default=None)

    def _object_expired(self, entry: DataObject, now: datetime) -> None:
        """5.3, 3.4: one answer is enough to count; without any the object has failed."""
        if entry.state is not State.OPEN:
            return
        for held in [held for held in self._held_by.values() if held.object is entry]:
            self._end(held, Hold.EXPIRED)
        if entry.answers:
            self._answer_complete(entry, now)
        else:
            self.fail_object(entry, "the task expired before a worker labeled it")

    def _answer_complete(self, entry: DataObject, now: datetime) -> None:
        entry.answered_at = now
        self.move(entry, State.ANSWERED)

    def fail_object(self, entry: DataObject, reason: str) -> None:
        """Non-retryable: counted, marked in the output, never in a payload."""
        entry.failure = reason
        entry.task_input = None
        self.move(entry, State.FAILED)

    # -- consolidation

    def batch(self, now: datetime, size: int, idle: timedelta) -> list[DataObject]:
        """The next consolidation batch, or nothing yet; one batch at a time."""
        if self.count(State.CONSOLIDATING):
            return []
        more = self.count(*IN_PEOPLES_HANDS) > 0 and self.status == "InProgress"
        batch = self.batches.next(now, size, idle, more=more)
        if batch:
            self.journal.batch(batch)
        for entry in batch:
            self.move(entry, State.CONSOLIDATING)
        return batch

    def batch_deadline(self, idle: timedelta) -> datetime | None:
        """When `batch` has something to give at the latest; None while one is under way."""
        return None if self.count(State.CONSOLIDATING) else self.batches.due(idle)

    def label(self, entry: DataObject, output: str) -> None:
        """The object's line of the output manifest is known."""
        entry.output = output
        entry.task_input = None
        self.move(entry, State.LABELED)

    @property
    def settled(self) -> bool:
        """Every object is final."""
        return self.counts.settled
