"""Which answered objects the consolidation function is given together, and when (5.3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ground_truth_local.service.objects import State

if TYPE_CHECKING:
    from ground_truth_local.service.objects import DataObject


class Batches:
    """Of one job. `answered` are the objects that wait, by id, the longest waiting first."""

    def __init__(self) -> None:
        self.answered: dict[str, DataObject] = {}
        self._begun: list[DataObject] = []

    def begin_again(self, entries: Iterable[DataObject]) -> None:
        """An earlier process had begun this batch; unless it was done, it is the next one."""
        self._begun = [entry for entry in entries if entry.state is State.ANSWERED]

    def next(self, now: datetime, size: int, idle: timedelta, *, more: bool) -> list[DataObject]:
        """The next batch, or nothing yet.

        It is full, unless its oldest object has waited for `idle` or no `more` are to come.
        """
        begun, self._begun = self._begun, []
        due = self.due(idle)
        if begun or due is None:
            return begun
        if more and len(self.answered) < size and now < due:
            return []
        return list(itertools.islice(self.answered.values(), size))

    def due(self, idle: timedelta) -> datetime | None:
        """When the oldest answered object has waited long enough."""
        oldest = next(iter(self.answered.values()), None)
        return None if oldest is None or oldest.answered_at is None else oldest.answered_at + idle
