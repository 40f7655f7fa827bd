"""Krippendorff's alpha: how far people agree beyond what chance would bring about.

    alpha = 1 - D_o / D_e

D_o is the mean distance of two answers for the same object, every object weighing as much as it
has answers; D_e is the mean distance of two answers whatever their objects. 1 is perfect agreement,
0 what chance gives, less is worse than chance. Objects with one answer say nothing and are left
out. Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A-D.

Distances other than "equal or not" are allowed as they stand there; for answers with a structure
(sets, boxes, spans) see ``distances``.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeVar

Value = TypeVar("Value")
Label = TypeVar("Label", bound=Hashable)

# Pairs of answers of all objects that are compared one by one; of more, so many are drawn.
_PAIRS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """``alpha`` is None where nothing can vary: no object with two answers, or one answer only.

    ``objects`` and ``answers`` are those that count: of objects with two answers or more.
    """

    alpha: float | None
    objects: int
    answers: int


def nominal(objects: Iterable[Sequence[Label]]) -> Agreement:
    """Return alpha where answers are equal or not, in one pass over the answers of each object."""
    totals: Counter[Label] = Counter()
    observed: list[float] = []
    paired = 0
    for answers in objects:
        size = len(answers)
        if size < 2:
            continue
        counts = Counter(answers)
        totals.update(counts)
        paired += 1
        differing = size * size - sum(count * count for count in counts.values())
        observed.append(differing / (size - 1))
    number = totals.total()
    expected = number * number - sum(count * count for count in totals.values())
    return Agreement(
        alpha=_alpha(math.fsum(observed) * (number - 1), expected), objects=paired, answers=number
    )


def structured(
    objects: Iterable[Sequence[Value]], distance: Callable[[Value, Value], float]
) -> Agreement:
    """Return alpha for a distance of 0-1 that is symmetric and 0 for the same answer.

    D_e takes every pair of answers up to 200 of them; of more, 20,000 pairs are drawn, with the
    same ones for the same answers. Its standard error is then below 0.004.
    """
    counted = [answers for answers in objects if len(answers) > 1]
    observed = math.fsum(
        2.0 * math.fsum(distance(*pair) for pair in combinations(answers, 2)) / (len(answers) - 1)
        for answers in counted
    )
    pooled = [answer for answers in counted for answer in answers]
    expected = _mean_distance(pooled, distance)
    return Agreement(
        alpha=_alpha(observed, expected * len(pooled)), objects=len(counted), answers=len(pooled)
    )


def _mean_distance(answers: Sequence[Value], distance: Callable[[Value, Value], float]) -> float:
    number = len(answers)
    pairs = number * (number - 1) // 2
    if pairs <= _PAIRS:
        every = math.fsum(distance(*pair) for pair in combinations(answers, 2))
        return every / pairs if pairs else 0.0
    # Not for secrets: the same answers have to give the same figure.
    chance = random.Random(number)  # noqa: S311
    drawn = (chance.sample(range(number), 2) for _ in range(_PAIRS))
    return math.fsum(distance(answers[a], answers[b]) for a, b in drawn) / _PAIRS


def _alpha(observed: float, expected: float) -> float | None:
    return 1.0 - observed / expected if expected > 0.0 else None
