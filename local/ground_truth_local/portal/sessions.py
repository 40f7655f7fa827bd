"""Sessions kept on the server; the browser holds a random name for one and nothing else."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ground_truth_local.service.kept import NothingKept
from ground_truth_local.service.queue import Worker

if TYPE_CHECKING:
    from ground_truth_local.service.kept import Kept

IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=12)
CHALLENGE = timedelta(minutes=10)
# Anyone who opens the sign-in page gets a session, so their number must be bounded.
MOST = 10_000
_KIND = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A temporary password was right and a new one is to be chosen before ``until``."""

    username: str
    password: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is on the other side, if they signed in, and the token their requests must carry."""

    csrf_token: str
    started_at: datetime
    seen_at: datetime
    worker: Worker | None = None
    challenge: Challenge | None = None


class Sessions:
    """All sessions of one portal. Thread-safe; keyed by a digest, so names can't be timed."""

    def __init__(self, now: Callable[[], datetime], kept: Kept | None = None) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._kept: Kept = kept or NothingKept()
        rows = sorted(self._kept.rows(_KIND), key=lambda found: str(found[1]["started_at"]))
        self._sessions = {key: _restored(row, now()) for key, row in rows}

    def find(self, name: str | None) -> Session | None:
        """The live session of this name, marked as seen."""
        if not name:
            return None
        key, now = _digest(name), self._now()
        with self._lock:
            session = self._sessions.pop(key, None)
            if session is None:
                return None
            if _over(session, now):
                self._kept.drop(_KIND, key)
                return None
            seen = replace(session, seen_at=now)
            self._sessions[key] = seen  # put last: the first is the one longest unseen
            return seen

    def start(self, *, worker: Worker | None = None, challenge: Challenge | None = None) -> str:
        """A new session; returns its name, which is given to nobody but the browser."""
        name, now = secrets.token_urlsafe(32), self._now()
        session = Session(
            csrf_token=secrets.token_urlsafe(32),
            started_at=now,
            seen_at=now,
            worker=worker,
            challenge=challenge,
        )
        with self._lock:
            while len(self._sessions) >= MOST:
                self._forget(next(iter(self._sessions)))
            self._sessions[_digest(name)] = session
            if worker is not None:
                self._kept.put(_KIND, _digest(name), _row(session, worker))
        return name

    def end(self, name: str | None) -> None:
        """Forget the session; unknown names are fine."""
        if name:
            with self._lock:
                self._forget(_digest(name))

    def _forget(self, key: str) -> None:
        self._sessions.pop(key, None)
        self._kept.drop(_KIND, key)


def _row(session: Session, worker: Worker) -> dict[str, object]:
    """A session somebody signed in with; passwords on their way to a new one stay in memory."""
    return {
        "csrf_token": session.csrf_token,
        "started_at": session.started_at.isoformat(),
        "worker": asdict(worker),
    }


def _restored(row: Mapping[str, Any], now: datetime) -> Session:
    worker = Worker(**{**row["worker"], "groups": tuple(row["worker"]["groups"])})
    started = datetime.fromisoformat(row["started_at"])
    return Session(csrf_token=row["csrf_token"], started_at=started, seen_at=now, worker=worker)


def _over(session: Session, now: datetime) -> bool:
    return now - session.seen_at > IDLE or now - session.started_at > LONGEST


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
