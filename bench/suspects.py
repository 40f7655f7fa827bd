"""What made crowds have in common of which some people don't look, and how well those are found."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

HabitT = TypeVar("HabitT", bound=StrEnum)
Who = TypeVar("Who", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Generic[HabitT]):
    """Each of the `objects` is answered by `people_per_object` of the workers, drawn anew.

    The first workers have the `habits`, the others are `honest`.
    """

    honest: ClassVar[StrEnum]
    objects: int
    workers: int
    people_per_object: int = 3
    habits: Sequence[HabitT] = ()

    def habit(self, worker: int) -> StrEnum:
        return self.habits[worker] if worker < len(self.habits) else self.honest

    def asked(self, chance: random.Random) -> list[int]:
        """Draw who answers an object."""
        return chance.sample(range(self.workers), self.people_per_object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of so many `crowds`: guilty people found, and crowds in which somebody innocent was accused.

    `accused` and `innocent` count people over all crowds.
    """

    crowds: int
    guilty: int
    caught: int
    innocent: int
    accused: int
    crowds_with_false_alarm: int


def found_of(
    suspects: Iterable[AbstractSet[Who]], *, guilty: Mapping[Who, AbstractSet[Who]], workers: int
) -> Found:
    """Hold the suspects of each crowd against the guilty.

    Args:
        suspects: who is suspected in each crowd.
        guilty: who is to be found, and whom it counts for to suspect.
        workers: how many people a crowd has.
    """
    allowed = {name for names in guilty.values() for name in names}
    crowds = caught = accused = alarms = 0
    for suspected in suspects:
        crowds += 1
        caught += sum(bool(suspected & names) for names in guilty.values())
        accused += len(suspected - allowed)
        alarms += bool(suspected - allowed)
    return Found(
        crowds=crowds,
        guilty=len(guilty) * crowds,
        caught=caught,
        innocent=(workers - len(guilty)) * crowds,
        accused=accused,
        crowds_with_false_alarm=alarms,
    )


def show(rows: Iterable[tuple[str, Found]]) -> None:
    """Print a Markdown table."""
    out = sys.stdout.write
    out(
        "| crowd | found | accused though honest | crowds with a false alarm |\n|---|---|---|---|\n"
    )
    for name, found in rows:
        caught = f"{found.caught / found.guilty:.1%}" if found.guilty else "-"
        innocent = f"{found.accused} of {found.innocent}"
        alarms = found.crowds_with_false_alarm / found.crowds
        out(f"| {name} | {caught} | {innocent} | {alarms:.1%} |\n")
