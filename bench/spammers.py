"""Simulated crowds with people who don't look and people who copy: how many are found, and how
often somebody innocent is accused. `python -m bench.spammers` prints the table of docs/quality.md.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.suspects import Found, People, found_of, show
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
class Crowd(People[Habit]):
    """Single labels of people some of whom don't look.

    Honest people know an easy object's label with a chance of their own, `skills` at random; of
    `hard` objects, all of them take the same wrong label for it half of the time. The first label
    is `first_share` of all.
    """

    honest = Habit.HONEST
    classes: int = 4
    skills: tuple[float, float] = (0.65, 0.95)
    hard: float = 0.1
    first_share: float = 0.25

    def answers(self, seed: int) -> list[list[Answer]]:
        """Draw the answers of every object; copycats copy an honest person who was asked, too."""
        chance = random.Random(seed)  # noqa: S311  # a simulation
        skills = [chance.uniform(*self.skills) for _ in range(self.workers)]
        found = []
        for _ in range(self.objects):
            asked = self.asked(chance)
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


def measure(crowd: Crowd, *, crowds: int, copying: bool = False) -> Found:
    """Look for spammers (or copyists) in `crowds` draws of a crowd."""
    sought = (Habit.COPYCAT,) if copying else SPAM
    return found_of(
        (_suspects(crowd, seed, copying=copying) for seed in range(crowds)),
        # of a pair, either may be named: answers don't tell who copied
        guilty={
            worker: {worker, worker + copying}
            for worker in range(crowd.workers)
            if crowd.habit(worker) in sought
        },
        workers=crowd.workers,
    )


def _suspects(crowd: Crowd, seed: int, *, copying: bool) -> set[int]:
    objects = crowd.answers(seed)
    found = _spammers(objects, crowd.classes)
    if not copying:
        return found
    return {copy.worker for copy in copies(looking(objects, found), crowd.classes)}


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


def main(crowds: int = 200) -> None:
    """Measure every row."""
    show((name, measure(crowd, crowds=crowds, copying=copying)) for name, crowd, copying in ROWS)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
