"""Sessions kept on the server; the browser holds a random name for one and nothing else."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_local.service.queue import Worker

IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=12)
CHALLENGE = timedelta(minutes=10)
# Anyone who opens the sign-in page gets a session, so their number must be bounded.
MOST = 10_000


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

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def find(self, name: str | None) -> Session | None:
        """The live session of this name, marked as seen."""
        if not name:
            return None
        key, now = _digest(name), self._now()
        with self._lock:
            session = self._sessions.pop(key, None)
            if session is None or _over(session, now):
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
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_digest(name)] = session
        return name

    def end(self, name: str | None) -> None:
        """Forget the session; unknown names are fine."""
        if name:
            with self._lock:
                self._sessions.pop(_digest(name), None)


def _over(session: Session, now: datetime) -> bool:
    return now - session.seen_at > IDLE or now - session.started_at > LONGEST


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
