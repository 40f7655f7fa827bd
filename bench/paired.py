"""Two things measured alternately in one run, so that a busy machine slows both."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Seconds of one round."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def measure(
    ours: Callable[[], float], theirs: Callable[[], float], *, rounds: int
) -> tuple[Pair, ...]:
    """One unmeasured round to fill caches, then `rounds` pairs that swap who goes first."""
    ours()
    theirs()
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = theirs()
            pairs.append(Pair(ours=ours(), theirs=second))
        else:
            pairs.append(Pair(ours=ours(), theirs=theirs()))
    return tuple(pairs)


def median_ratio(pairs: Sequence[Pair]) -> float:
    """The middle of the rounds' own ratios, which one slow round doesn't move."""
    return statistics.median(pair.ratio for pair in pairs)
