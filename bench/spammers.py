"""Simulated crowds with people who don't look and people who copy: how many are found, and how
often somebody innocent is accused. `python -m bench.spammers` prints the table of docs/quality.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ground_truth.agreement.copies import copies, looking
from ground_truth.agreement.spammers import suspicions

if TYPE_CHECKING:
    from ground_truth.agreement.peers import Answer


class Habit(StrEnum):
    """How somebody answers."""

    HONEST = "honest"
    RANDOM = "random"
    CONSTANT = "constant"
    FREQUENT = "as often as the crowd"
    COPYCAT = "copycat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Each object is answered by `people_per_object` of the workers, drawn anew.

    Honest people know an easy object's label with a chance of their own, `skills` at random; of
    `hard` objects, all of them take the same wrong label for it half of the time. The first label
    is `first_share` of all.
    """

    objects: int
    workers: int
    classes: int = 4
    people_per_object: int = 3
    skills: tuple[float, float] = (0.65, 0.95)
    hard: float = 0.1
    first_share: float = 0.25
    habits: Sequence[Habit] = ()

    def habit(self, worker: int) -> Habit:
        return self.habits[worker] if worker < len(self.habits) else Habit.HONEST

    def answers(self, seed: int) -> list[list[Answer]]:
        """Draw the answers of every object; copycats copy an honest person who was asked, too."""
        chance = random.Random(seed)  # noqa: S311  # a simulation
        skills = [chance.uniform(*self.skills) for _ in range(self.workers)]
        found = []
        for _ in range(self.objects):
            asked = chance.sample(range(self.workers), self.people_per_object)
            truth = self._label(chance)
            decoy = (truth + chance.randrange(1, self.classes)) % self.classes
            mistaken = decoy if chance.random() < self.hard else None
            given = {
                worker: self._answer(chance, worker, truth, mistaken, skills[worker])
                for worker in asked
            }
            self._copy(given)
            found.append(list(given.items()))
        return found

    def _label(self, chance: random.Random) -> int:
        if chance.random() < self.first_share:
            return 0
        return chance.randrange(1, self.classes)

    def _answer(
        self, chance: random.Random, worker: int, truth: int, decoy: int | None, skill: float
    ) -> int:
        match self.habit(worker):
            case Habit.RANDOM:
                return chance.randrange(self.classes)
            case Habit.CONSTANT:
                return worker % self.classes
            case Habit.FREQUENT:
                return self._label(chance)
            case _:
                return self._look(chance, truth, decoy, skill)

    def _look(self, chance: random.Random, truth: int, decoy: int | None, skill: float) -> int:
        if decoy is not None and chance.random() < 0.5:
            return decoy
        if chance.random() < skill:
            return truth
        return (truth + chance.randrange(1, self.classes)) % self.classes

    def _copy(self, given: dict[int, int]) -> None:
        """A copycat copies the person after them in the list, where both were asked."""
        for worker in given:
            if self.habit(worker) is Habit.COPYCAT and worker + 1 in given:
                given[worker] = given[worker + 1]


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


def measure(crowd: Crowd, *, crowds: int, copying: bool = False) -> Found:
    """Look for spammers (or copyists) in `crowds` draws of a crowd."""
    everybody = range(crowd.workers)
    spamming = {who for who in everybody if crowd.habit(who) in SPAM}
    guilty = (
        {who for who in everybody if crowd.habit(who) is Habit.COPYCAT} if copying else spamming
    )
    caught = accused = alarms = 0
    for seed in range(crowds):
        objects = crowd.answers(seed)
        suspects = _spammers(objects, crowd.classes)
        if copying:
            suspects = {copy.worker for copy in copies(looking(objects, suspects), crowd.classes)}
        # of a pair, either may be named: answers don't tell who copied
        allowed = guilty | ({worker + 1 for worker in guilty} if copying else set())
        caught += sum(bool(suspects & {worker, worker + copying}) for worker in guilty)
        accused += len(suspects - allowed)
        alarms += bool(suspects - allowed)
    return Found(
        crowds=crowds,
        guilty=len(guilty) * crowds,
        caught=caught,
        innocent=(crowd.workers - len(guilty)) * crowds,
        accused=accused,
        crowds_with_false_alarm=alarms,
    )


def _spammers(objects: list[list[Answer]], classes: int) -> set[int]:
    return {item.worker for item in suspicions(objects, classes) if item.spammer}


SPAM = (Habit.RANDOM, Habit.CONSTANT, Habit.FREQUENT)
ROWS: tuple[tuple[str, Crowd, bool], ...] = (
    ("20 workers, 3 spammers, 30 answers each", Crowd(objects=200, workers=20, habits=SPAM), False),
    ("20 workers, 3 spammers, 60 answers each", Crowd(objects=400, workers=20, habits=SPAM), False),
    (
        "20 workers, 3 spammers, 150 answers each",
        Crowd(objects=1000, workers=20, habits=SPAM),
        False,
    ),
    (
        "20 workers, 6 spammers, 150 answers each",
        Crowd(objects=1000, workers=20, habits=SPAM * 2),
        False,
    ),
    (
        "3 spammers, two labels, the first 80 %, 150 each",
        Crowd(objects=1000, workers=20, classes=2, first_share=0.8, habits=SPAM),
        False,
    ),
    (
        "3 spammers, ten labels, 150 each",
        Crowd(objects=1000, workers=20, classes=10, first_share=0.1, habits=SPAM),
        False,
    ),
    (
        "3 spammers, a third of the objects hard, skills 0.5-0.9",
        Crowd(objects=1000, workers=20, hard=0.33, skills=(0.5, 0.9), habits=SPAM),
        False,
    ),
    (
        "20 honest workers, skills 0.5-0.95",
        Crowd(objects=400, workers=20, skills=(0.5, 0.95)),
        False,
    ),
    (
        "20 honest workers, two labels, 80 % the first",
        Crowd(objects=400, workers=20, classes=2, first_share=0.8),
        False,
    ),
    ("5 honest workers, 20 answers each", Crowd(objects=33, workers=5), False),
    (
        "8 workers, 1 copyist, 60 objects shared",
        Crowd(objects=600, workers=8, habits=(Habit.COPYCAT,)),
        True,
    ),
    (
        "8 workers, 1 copyist, 20 objects shared",
        Crowd(objects=200, workers=8, habits=(Habit.COPYCAT,)),
        True,
    ),
    ("8 honest workers, copyists sought", Crowd(objects=600, workers=8), True),
    (
        "5 workers, one always says the same, 120 answers each",
        Crowd(objects=200, workers=5, habits=(Habit.CONSTANT,)),
        True,
    ),
    (
        "6 workers, two answer at random, 20 answers each",
        Crowd(objects=40, workers=6, habits=(Habit.RANDOM, Habit.RANDOM)),
        True,
    ),
    (
        "6 honest, a third of the objects hard",
        Crowd(objects=600, workers=6, hard=0.33),
        True,
    ),
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


def main(crowds: int = 200) -> None:
    """Measure every row."""
    show((name, measure(crowd, crowds=crowds, copying=copying)) for name, crowd, copying in ROWS)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
