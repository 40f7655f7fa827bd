"""How many objects of a job are where, and how many more people may be given.

Counted as objects come and move, so that nothing is ever recounted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_local.service.limits import Counters, Limits
from ground_truth_local.service.objects import FINAL, IN_PEOPLES_HANDS, State

if TYPE_CHECKING:
    from ground_truth_local.service.objects import DataObject


class Counts:
    """Of one job; called with the service's lock held."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._states = dict.fromkeys(State, 0)
        self._total = 0
        self._human = 0
        self._chained_human = 0

    def add(self, entry: DataObject) -> None:
        """An object that is new; of those that came labeled it counts who has labeled them."""
        self._total += 1
        self._states[entry.state] += 1
        self._chained_human += entry.state is State.CHAINED and entry.human

    def move(self, before: State, after: State) -> None:
        """An object's state has changed."""
        self._states[before] -= 1
        self._states[after] += 1
        self._human += after is State.LABELED

    def of(self, *states: State) -> int:
        """How many objects are in these states."""
        return sum(self._states[state] for state in states)

    @property
    def settled(self) -> bool:
        """Every object is final."""
        return self.of(*FINAL) == self._total

    def counters(self) -> Counters:
        """What Describe shows (3.2)."""
        human, failed = self._human + self._chained_human, self._states[State.FAILED]
        machine = self._states[State.CHAINED] - self._chained_human
        rest = self._total - human - machine - failed
        return Counters(human=human, machine=machine, failed=failed, unlabeled=rest)

    def room(self) -> int:
        """MaxConcurrentTaskCount is a flow-control window (3.1); the budget is never exceeded."""
        in_hands = self.of(*IN_PEOPLES_HANDS)
        room = self._limits.window - in_hands
        budget = self._budget()
        if budget is not None:
            room = min(room, budget - in_hands - self.of(State.ANSWERED, State.CONSOLIDATING))
        return room

    def _budget(self) -> int | None:
        return self._limits.budget(
            total=self._total, human=self._human, chained=self._states[State.CHAINED]
        )

    @property
    def budget_spent(self) -> bool:
        """A stopping condition is met while objects are left."""
        budget = self._budget()
        return budget is not None and budget <= 0 and self._states[State.WAITING] > 0
