"""What a job remembers of its answers for whoever runs it, also after the answers are let go."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Final

RECENT: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer as it came: `content` is its JSON text, `line` the object's line."""

    object_id: str
    line: str
    email: str
    worker_id: str
    content: str
    submitted_at: datetime
    seconds: float


@dataclass(slots=True, kw_only=True)
class _Sheet:
    email: str
    worker_id: str
    seconds: list[float] = field(default_factory=list)
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A worker's part in a job: answers, seconds for half of them, when the last one came."""

    email: str
    worker_id: str
    answers: int
    median_seconds: float
    last: datetime


class Ledger:
    """Counts of everybody, content of the last few. Called with the service's lock held."""

    def __init__(self) -> None:
        self._sheets: dict[str, _Sheet] = {}
        self._recent: deque[Given] = deque(maxlen=RECENT)

    def record(self, given: Given) -> None:
        """Keep one submitted answer."""
        sheet = self._sheets.setdefault(
            given.worker_id,
            _Sheet(email=given.email, worker_id=given.worker_id, last=given.submitted_at),
        )
        sheet.seconds.append(given.seconds)
        sheet.last = given.submitted_at
        self._recent.append(given)

    def tallies(self) -> list[Tally]:
        """Everybody who answered, the busiest first."""
        found = [
            Tally(
                email=sheet.email,
                worker_id=sheet.worker_id,
                answers=len(sheet.seconds),
                median_seconds=median(sheet.seconds),
                last=sheet.last,
            )
            for sheet in self._sheets.values()
        ]
        return sorted(found, key=lambda tally: (-tally.answers, tally.worker_id))

    def recent(self) -> list[Given]:
        """The last answers, the newest first."""
        return list(reversed(self._recent))

    def dump(self) -> dict[str, Any]:
        """All of it as JSON."""
        sheets = [{**asdict(s), "last": s.last.isoformat()} for s in self._sheets.values()]
        recent = [{**asdict(g), "submitted_at": g.submitted_at.isoformat()} for g in self._recent]
        return {"sheets": sheets, "recent": recent}

    @classmethod
    def of(cls, dumped: Mapping[str, Any]) -> Ledger:
        """The ledger that `dump` was made of."""
        ledger = cls()
        for row in dumped["sheets"]:
            sheet = _Sheet(**{**row, "last": datetime.fromisoformat(row["last"])})
            ledger._sheets[sheet.worker_id] = sheet
        for row in dumped["recent"]:
            at = datetime.fromisoformat(row["submitted_at"])
            ledger._recent.append(Given(**{**row, "submitted_at": at}))
        return ledger
