"""Data objects, the answers people give for them, and who holds which."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto


class State(Enum):
    """Where a data object is on its way from the input manifest to the output manifest."""

    WAITING = auto()  # not sent to people yet
    PREPARING = auto()  # with the pre-annotation function
    OPEN = auto()  # offered to workers
    ANSWERED = auto()  # nothing more will come; waits for its consolidation batch
    CONSOLIDATING = auto()
    LABELED = auto()
    FAILED = auto()  # non-retryable
    SKIPPED = auto()  # isHumanAnnotationRequired was false (ground-truth.md 5.2)
    CHAINED = auto()  # the line came with a label (3.6)


IN_PEOPLES_HANDS = frozenset({State.PREPARING, State.OPEN})
FINAL = frozenset({State.LABELED, State.FAILED, State.SKIPPED, State.CHAINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One worker's answer; `content` is its JSON text, `digest` the digest of that."""

    sub: str
    email: str
    issuer: str
    worker_id: str
    content: str
    digest: str
    accepted_at: datetime
    submitted_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class DataObject:
    """One line of the input manifest; its id is the line's number from 0, as a string."""

    id: str
    line: str
    state: State = State.WAITING
    task_input: dict[str, object] | None = None
    closes_at: datetime | None = None
    answered_at: datetime | None = None
    answers: list[Answer] = field(default_factory=list)
    holders: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    human: bool = True
    output: str | None = None
    failure: str | None = None

    def open_for(self, sub: str, workers: int) -> bool:
        """Whether this person may take it: N different people, none twice, none who declined."""
        return (
            self.state is State.OPEN
            and len(self.answers) + len(self.holders) < workers
            and sub not in self.holders
            and sub not in self.declined
            and all(answer.sub != sub for answer in self.answers)
        )


class Hold(Enum):
    """What became of an assignment."""

    OPEN = auto()
    SUBMITTED = auto()
    DECLINED = auto()
    RELEASED = auto()
    EXPIRED = auto()


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """An assignment as the service keeps it; `digest` stands for the answer that was submitted."""

    id: str
    sub: str
    object: DataObject
    accepted_at: datetime
    expires_at: datetime
    status: Hold = Hold.OPEN
    digest: str | None = None


def worker_id(region: str, sub: str) -> str:
    """The opaque id payloads carry: stable per person, tells nothing about them (6.2)."""
    return f"private.{region}.{hashlib.sha256(sub.encode()).hexdigest()[:16]}"


def digest(content: str) -> str:
    """The same for answers that are the same JSON, in whatever order their keys come."""
    text = json.dumps(json.loads(content), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
