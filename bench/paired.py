"""Two things measured alternately in one run, so that a busy machine slows both."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds on the clock, and seconds of processor time of all child processes."""

    clock: float
    processor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One round."""

    ours: Took
    theirs: Took


def took(run: Callable[[], None]) -> Took:
    """Run something that works in child processes and measure it."""
    began, used = time.perf_counter(), _processor_seconds()
    run()
    return Took(clock=time.perf_counter() - began, processor=_processor_seconds() - used)


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(
    ours: Callable[[], None], theirs: Callable[[], None], *, rounds: int
) -> tuple[Pair, ...]:
    """One unmeasured round to fill caches, then `rounds` pairs that swap who goes first."""
    ours()
    theirs()
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = took(theirs)
            pairs.append(Pair(ours=took(ours), theirs=second))
        else:
            pairs.append(Pair(ours=took(ours), theirs=took(theirs)))
    return tuple(pairs)


def median_ratio(pairs: Sequence[Pair], of: Callable[[Took], float]) -> float:
    """The middle of the rounds' own ratios, which one slow round doesn't move."""
    return statistics.median(of(pair.ours) / of(pair.theirs) for pair in pairs)
