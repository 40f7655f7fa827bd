"""What is to be done when its time has come."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime


class Deadlines:
    """Actions by their time, those of the same time in the order they were asked for."""

    def __init__(self) -> None:
        self._actions: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self._actions, (when, next(self._order), action))

    def expire(self, now: datetime) -> None:
        """Do everything whose time has come."""
        while self._actions and self._actions[0][0] <= now:
            heapq.heappop(self._actions)[2]()

    def next(self) -> list[datetime]:
        """The next time, if there is one."""
        return [entry[0] for entry in self._actions[:1]]

    def clear(self) -> None:
        self._actions.clear()
