"""Whether something is there at all, when some workers marked it and others did not.

Every cluster of marks either shows a thing or is a mistake. A worker w who looked at the object
marks a thing with probability h_w (hit) and adds to a mistake with probability f_w (false alarm),
so the log odds that cluster j is a thing are

    logit(p_j) = sum over marks of log(h_w / f_w)
               + sum over passes of log((1 - h_w) / (1 - f_w))

(Dawid and Skene 1979 with two classes, either as likely before anybody looked). Things nobody
marked and mistakes nobody made leave no cluster, so rates fitted freely drift: the crowd seems to
miss little, and what few marked is thrown away. Hence the crowd's rates are fixed, and only what
sets one worker apart from the crowd is learned, on the logit scale and shrunk:

    logit(h_w) = logit(H) + logit(own hits, S of the crowd's added) - logit(the crowd's hits)
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CROWD_HIT: Final = 0.667  # H
CROWD_FALSE_ALARM: Final = 0.2  # F
_WORKER_PRIOR: Final = 20.0  # S, in clusters
_ROUNDS: Final = 10
_LOWEST, _HIGHEST = 0.02, 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One cluster: who marked it, and who looked at the object without marking it."""

    marked: frozenset[str]
    passed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often a worker marks what is there (hit) and what is not (false alarm), 0-1."""

    hit: float = CROWD_HIT
    false_alarm: float = CROWD_FALSE_ALARM


CROWD: Final = Rates()


def logistic(value: float) -> float:
    """Return the probability with these log odds."""
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0


def log_odds(sighting: Sighting, rates: Mapping[str, Rates]) -> float:
    """Return the log odds that a cluster shows a thing; unknown workers are the crowd."""
    odds = []
    for worker in sighting.marked:
        rate = rates.get(worker, CROWD)
        odds.append(math.log(rate.hit / rate.false_alarm))
    for worker in sighting.passed:
        rate = rates.get(worker, CROWD)
        odds.append(math.log((1.0 - rate.hit) / (1.0 - rate.false_alarm)))
    return math.fsum(odds)


def worker_rates(sightings: Sequence[Sighting]) -> dict[str, Rates]:
    """Return every worker's rates, from all the clusters of a batch or a job."""
    rates: dict[str, Rates] = {}
    for _ in range(_ROUNDS):
        there = [logistic(log_odds(sighting, rates)) for sighting in sightings]
        hits = _relative(sightings, there, CROWD_HIT)
        alarms = _relative(sightings, [1.0 - value for value in there], CROWD_FALSE_ALARM)
        rates = {
            worker: Rates(hit=hit, false_alarm=min(alarms[worker], hit))
            for worker, hit in hits.items()
        }
    return rates


def _relative(
    sightings: Sequence[Sighting], weights: Iterable[float], anchor: float
) -> dict[str, float]:
    """Return each worker's share of marks, where the crowd's share is moved to ``anchor``."""
    marks: dict[str, list[float]] = defaultdict(list)
    passes: dict[str, list[float]] = defaultdict(list)
    for sighting, weight in zip(sightings, weights, strict=True):
        for worker in sighting.marked:
            marks[worker].append(weight)
        for worker in sighting.passed:
            passes[worker].append(weight)
    marked = {worker: math.fsum(marks[worker]) for worker in {*marks, *passes}}
    seen = {worker: marked[worker] + math.fsum(passes[worker]) for worker in marked}
    crowd = (math.fsum(marked.values()) + anchor) / (math.fsum(seen.values()) + 1.0)
    shift = _logit(anchor) - _logit(crowd)
    own = {
        worker: (marked[worker] + _WORKER_PRIOR * crowd) / (seen[worker] + _WORKER_PRIOR)
        for worker in marked
    }
    return {
        worker: min(max(logistic(_logit(share) + shift), _LOWEST), _HIGHEST)
        for worker, share in own.items()
    }


def _logit(value: float) -> float:
    inside = min(max(value, 1e-6), 1.0 - 1e-6)
    return math.log(inside / (1.0 - inside))
