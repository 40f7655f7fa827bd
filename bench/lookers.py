"""Made crowds that draw boxes or choose sets of labels, with people who don't look: how many are
found, and how often somebody innocent is accused. `python -m bench.lookers` prints the table of
docs/quality.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bench.suspects import Found, People, found_of, show
from ground_truth.agreement import distances
from ground_truth.agreement.looking import Looking
from ground_truth.consolidation.marks import Mark

_WIDTH, _HEIGHT = 1000.0, 700.0
Edges = tuple[float, float, float, float]


class Habit(StrEnum):
    """How somebody answers."""

    HONEST = "honest"
    SOMETIMES = "looks at 6 of 10, and says there is nothing otherwise"
    NOTHING = "there is nothing"
    CONSTANT = "always the same"
    RANDOM = "as another object would be answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd(People[Habit]):
    """Boxes or sets of labels of people some of whom don't look.

    Up to `things` boxes, or labels of ten, are there. Honest people find each with a chance of
    their own, `skills` at random, and add one that isn't there now and then; how far their edges
    lie off is `noise`, in twentieths of a side.
    """

    honest = Habit.HONEST
    kind: str
    things: tuple[int, int] = (0, 4)
    skills: tuple[float, float] = (0.4, 0.95)
    noise: tuple[float, float] = (0.3, 2.5)

    def answers(self, seed: int) -> Iterator[Mapping[str, Any]]:
        """Draw the answers of each object, by worker."""
        chance = random.Random(seed)  # noqa: S311  # a simulation
        people = [
            (chance.uniform(*self.skills), chance.uniform(*self.noise)) for _ in range(self.workers)
        ]
        for _ in range(self.objects):
            truth = self._things(chance)
            asked = self.asked(chance)
            yield {
                name_of(worker): self._given(self._answer(chance, worker, truth, *people[worker]))
                for worker in asked
            }

    def _answer(
        self, chance: random.Random, worker: int, truth: list[Any], skill: float, noise: float
    ) -> list[Any]:
        habit = self.habit(worker)
        if habit is Habit.CONSTANT:
            return [(0.0, 0.0, _WIDTH, _HEIGHT)] if self.kind == "boxes" else [worker % 10]
        if habit is Habit.NOTHING or (habit is Habit.SOMETIMES and chance.random() < 0.4):
            return []
        there = self._things(chance) if habit is Habit.RANDOM else truth
        added = [self._thing(chance)] if chance.random() < 0.1 else []
        return [
            self._drawn(chance, thing, noise)
            for thing in [*there, *added]
            if chance.random() < skill
        ]

    def _things(self, chance: random.Random) -> list[Any]:
        return [self._thing(chance) for _ in range(chance.randint(*self.things))]

    def _thing(self, chance: random.Random) -> Any:
        if self.kind == "sets":
            # low labels are frequent, high ones rare
            return int(10 * chance.random() ** 2)
        left, top = chance.uniform(0, _WIDTH), chance.uniform(0, _HEIGHT)
        return left, top, left + chance.uniform(20, 200), top + chance.uniform(20, 200)

    def _drawn(self, chance: random.Random, thing: Any, noise: float) -> Any:
        if self.kind == "sets":
            return thing
        left, top, right, bottom = thing
        sides = (right - left, bottom - top) * 2
        edges = [
            edge + chance.gauss(0.0, noise * side / 20.0)
            for edge, side in zip(thing, sides, strict=True)
        ]
        return edges[0], edges[1], max(edges[2], edges[0] + 1), max(edges[3], edges[1] + 1)

    def _given(self, things: Sequence[Any]) -> Any:
        if self.kind == "sets":
            return frozenset(things)
        return [Mark(label=0, shape=edges) for edges in things]


def name_of(worker: int) -> str:
    return f"w{worker:02}"


DISTANCES: Mapping[str, Callable[[Any, Any], float]] = {
    "boxes": distances.boxes,
    "sets": distances.masi,
}
LOOKING = (Habit.HONEST, Habit.SOMETIMES)


def measure(crowd: Crowd, *, crowds: int) -> Found:
    """Look for those who don't look in `crowds` draws of a crowd."""
    people = {name_of(worker): crowd.habit(worker) for worker in range(crowd.workers)}
    return found_of(
        (_suspects(crowd, seed) for seed in range(crowds)),
        guilty={name: {name} for name, habit in people.items() if habit not in LOOKING},
        workers=crowd.workers,
    )


def _suspects(crowd: Crowd, seed: int) -> set[str]:
    looking: Looking[Any] = Looking(DISTANCES[crowd.kind])
    for answers in crowd.answers(seed):
        looking.add(answers)
    return {name for name, each in looking.result().items() if each.spammer}


SPAM = (Habit.NOTHING, Habit.CONSTANT, Habit.RANDOM)
_BOXES = Crowd(kind="boxes", objects=400, workers=20, habits=SPAM)
_SETS = Crowd(kind="sets", objects=400, workers=20, habits=SPAM)
_HONEST = Crowd(kind="boxes", objects=400, workers=20)


def rows() -> Iterator[tuple[str, Crowd]]:
    """Yield the crowds of the table."""
    for crowd in (_BOXES, _SETS):
        for each in (30, 60, 150):
            objects = each * crowd.workers // crowd.people_per_object
            name = f"{crowd.kind}: 20 workers, 3 don't look, {each} answers each"
            yield name, replace(crowd, objects=objects)
    yield (
        "boxes: 2 people an object, 60 answers each",
        replace(_BOXES, objects=600, people_per_object=2),
    )
    yield (
        "boxes: 5 people an object, 60 answers each",
        replace(_BOXES, objects=240, people_per_object=5),
    )
    yield (
        "boxes: 6 of 20 don't look, 150 answers each",
        replace(_BOXES, objects=1000, habits=SPAM * 2),
    )
    yield "boxes: nothing there in half of the images, 60 each", replace(_BOXES, things=(0, 1))
    yield "boxes: 20 honest workers", _HONEST
    yield (
        "boxes: 20 honest workers, careless ones",
        replace(_HONEST, skills=(0.2, 0.6), noise=(2.0, 5.0)),
    )
    yield "boxes: 3 of 20 look at 6 of 10", replace(_HONEST, habits=(Habit.SOMETIMES,) * 3)
    yield "boxes: 5 honest workers, 20 answers each", replace(_HONEST, objects=33, workers=5)
    yield "sets: 20 honest workers, skills 0.2-0.6", replace(_SETS, habits=(), skills=(0.2, 0.6))


def main(crowds: int = 100) -> None:
    """Measure every row."""
    show((name, measure(crowd, crowds=crowds)) for name, crowd in rows())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
