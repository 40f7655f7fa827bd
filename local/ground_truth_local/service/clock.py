"""Time for the engine: what it is, and waiting for it without polling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Condition
from typing import Protocol


class Clock(Protocol):
    """Injected so that tests own the time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def wait(self, changed: Condition, until: datetime | None) -> None:
        """Wait, holding `changed`, until it is notified or `until` has come."""
        ...


class SystemClock:
    """The platform's time, and what a test has let it go ahead."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead = timedelta()

    def move(self, by: timedelta) -> None:
        """Let jobs live so much later; sign-in, sessions and credentials keep the real time."""
        self._ahead += by

    def now(self) -> datetime:
        return self._now() + self._ahead

    def wait(self, changed: Condition, until: datetime | None) -> None:
        left = None if until is None else max(0.0, (until - self.now()).total_seconds())
        changed.wait(left)
