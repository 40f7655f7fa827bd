"""Whether something is there and what, when some workers marked it and others did not.

A cluster of marks shows a thing of one of K labels, or nothing: a mistake. Worker w marks a thing
with probability h_w (hit) and calls it b where it is c with probability l_w(c, b); they add to a
mistake with probability f_w (false alarm) and call it b with probability n(b). With a fixed prior
for "nothing", the posterior of a cluster's label c follows from Bayes' rule over its marks b and
the passes of those who looked and marked nothing:

    q(c)       proportional to  prior(c)        prod_marks h_w l_w(c, b)  prod_passes (1 - h_w)
    q(nothing) proportional to  prior(nothing)  prod_marks f_w n(b)       prod_passes (1 - f_w)

(Dawid and Skene 1979 with an extra class), fitted by expectation maximization in few rounds.

Things nobody marked and mistakes nobody made leave no cluster, so that free rates drift until the
crowd seems to miss little and what few marked is thrown away, sometimes everything. Hence the
crowd's rates H and F and the prior are fixed. Only what sets a worker apart from the crowd is
learned: three numbers, their hits, false alarms and right labels, on the logit scale and with
S clusters of the crowd's average added, so a worker of few answers is an average one. Which labels
are mistaken for which is learned from the crowd as a whole.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

CROWD_HIT: Final = 0.667  # H
CROWD_FALSE_ALARM: Final = 0.2  # F
_WORKER_PRIOR: Final = 30.0  # S, in clusters
_RIGHT_LABEL: Final = 0.9  # before anything is known of the labels, with
_LABEL_PRIOR: Final = 10.0  # the weight of so many marks
_ROUNDS: Final = 8
_SMALL_CHANGE: Final = 0.005
_RATES: Final = (0.02, 0.98)
_LABEL_RATES: Final = (0.3, 0.995)
Key = TypeVar("Key")
# With more labels than that, only those somebody gave are considered for a cluster.
_MANY_LABELS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One cluster: the label everybody who marked it gave, and who passed it by.

    ``odds`` is what else speaks for a thing, as log odds.
    """

    marked: Mapping[str, int]
    passed: frozenset[str]
    odds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often a worker marks what is there (hit) and what is not (false alarm), 0-1.

    ``label_shift`` is how much surer of labels they are than the crowd, as log odds.
    """

    hit: float = CROWD_HIT
    false_alarm: float = CROWD_FALSE_ALARM
    label_shift: float = 0.0


Posterior = Mapping[int, float]
"""The probability of each label; what is left to one is the probability of nothing."""


@dataclass(slots=True, kw_only=True)
class Crowd:
    """What is known of a crowd: its workers' rates and how it labels."""

    classes: int
    nothing: float  # the prior
    rates: Mapping[str, Rates] = field(default_factory=dict)
    labels: Mapping[tuple[int, int], float] = field(default_factory=dict)  # marks of c as b
    things: Mapping[int, float] = field(default_factory=dict)  # marks of things of c
    mistakes: Mapping[int, float] = field(default_factory=dict)  # marks of nothing as b
    frequencies: Mapping[int, float] = field(default_factory=dict)  # clusters of c

    def posterior(self, sighting: Sighting) -> Posterior:
        """Return the probability of every label that comes into question."""
        marks = sorted(sighting.marked.items())
        nothing = [math.log(self.nothing), -sighting.odds]
        there = [math.log(1.0 - self.nothing)]
        for worker, label in marks:
            rate = self.rate(worker)
            nothing.append(math.log(rate.false_alarm * self._mistaken(label)))
            there.append(math.log(rate.hit))
        for worker in sighting.passed:
            rate = self.rate(worker)
            nothing.append(math.log(1.0 - rate.false_alarm))
            there.append(math.log(1.0 - rate.hit))
        scores = {
            label: math.fsum([*there, *self._labeled(label, marks)])
            for label in self._candidates(sighting)
        }
        return _normalized(scores, math.fsum(nothing))

    def rate(self, worker: str) -> Rates:
        """Return a worker's rates; somebody unknown is like the crowd."""
        return self.rates.get(worker, _AVERAGE)

    def right(self, label: int) -> float:
        """Return how often the crowd gives a thing of ``label`` that label, 0-1."""
        return self._share(label, label)

    def _candidates(self, sighting: Sighting) -> Iterable[int]:
        if self.classes <= _MANY_LABELS:
            return range(self.classes)
        return sorted(set(sighting.marked.values()))

    def _labeled(self, label: int, marks: Sequence[tuple[str, int]]) -> list[float]:
        """Return the log probabilities of a thing's label and of what people called it."""
        if self.classes < 2:
            return []
        total = math.fsum(self.frequencies.values()) + self.classes
        parts = [math.log((self.frequencies.get(label, 0.0) + 1.0) / total)]
        right = self.right(label)
        for worker, given in marks:
            shifted = logistic(_logit(right) + self.rate(worker).label_shift)
            own = _between(shifted, _LABEL_RATES)
            wrong = self._share(label, given) * (1.0 - own) / (1.0 - right)
            parts.append(math.log(own if given == label else wrong))
        return parts

    def _share(self, label: int, given: int) -> float:
        usual = _RIGHT_LABEL if label == given else (1.0 - _RIGHT_LABEL) / (self.classes - 1)
        counted = self.labels.get((label, given), 0.0) + _LABEL_PRIOR * usual
        return counted / (self.things.get(label, 0.0) + _LABEL_PRIOR)

    def _mistaken(self, given: int) -> float:
        total = math.fsum(self.mistakes.values()) + _LABEL_PRIOR
        return (self.mistakes.get(given, 0.0) + _LABEL_PRIOR / self.classes) / total


_AVERAGE: Final = Rates()


def learn(sightings: Sequence[Sighting], *, classes: int, nothing: float) -> Crowd:
    """Return the crowd that all the clusters of a batch or a job tell of.

    Args:
        sightings: the clusters.
        classes: how many label categories there are.
        nothing: the prior probability that a cluster is a mistake.
    """
    crowd = Crowd(classes=max(1, classes), nothing=nothing)
    before = [crowd.posterior(sighting) for sighting in sightings]
    for _ in range(_ROUNDS):
        crowd = _learned(sightings, before, crowd)
        after = [crowd.posterior(sighting) for sighting in sightings]
        change = math.fsum(
            abs(new[label] - old[label])
            for old, new in zip(before, after, strict=True)
            for label in new
        )
        before = after
        if change < _SMALL_CHANGE * len(sightings):
            break
    return crowd


def logistic(value: float) -> float:
    """Return the probability with these log odds."""
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0


def _learned(sightings: Sequence[Sighting], posteriors: Sequence[Posterior], crowd: Crowd) -> Crowd:
    there = [min(1.0, math.fsum(posterior.values())) for posterior in posteriors]
    labels: _Sums[tuple[int, int]] = _Sums()
    things: _Sums[int] = _Sums()
    mistakes: _Sums[int] = _Sums()
    frequencies: _Sums[int] = _Sums()
    for sighting, posterior, sure in zip(sightings, posteriors, there, strict=True):
        given = Counter(sighting.marked.values())
        for label, count in given.items():
            mistakes.add(label, count * (1.0 - sure))
        for label, weight in posterior.items():
            frequencies.add(label, weight)
            things.add(label, weight * len(sighting.marked))
            for other, count in given.items():
                labels.add((label, other), weight * count)
    learned = Crowd(
        classes=crowd.classes,
        nothing=crowd.nothing,
        labels=labels.totals(),
        things=things.totals(),
        mistakes=mistakes.totals(),
        frequencies=frequencies.totals(),
    )
    hits = _relative(sightings, there, CROWD_HIT)
    alarms = _relative(sightings, [1.0 - sure for sure in there], CROWD_FALSE_ALARM)
    shifts = _label_shifts(sightings, posteriors, learned)
    learned.rates = {
        worker: Rates(
            hit=hit, false_alarm=min(alarms[worker], hit), label_shift=shifts.get(worker, 0.0)
        )
        for worker, hit in hits.items()
    }
    return learned


def _relative(
    sightings: Sequence[Sighting], weights: Iterable[float], anchor: float
) -> dict[str, float]:
    """Return each worker's share of marks, where the crowd's share is moved to ``anchor``."""
    marks: _Sums[str] = _Sums()
    passes: _Sums[str] = _Sums()
    for sighting, weight in zip(sightings, weights, strict=True):
        for worker in sighting.marked:
            marks.add(worker, weight)
        for worker in sighting.passed:
            passes.add(worker, weight)
    marked, passed = marks.totals(), passes.totals()
    total = math.fsum(marked.values())
    crowd = (total + anchor) / (total + math.fsum(passed.values()) + 1.0)
    moved = {}
    for worker in {*marked, *passed}:
        own = marked.get(worker, 0.0)
        seen = own + passed.get(worker, 0.0)
        share = (own + _WORKER_PRIOR * crowd) / (seen + _WORKER_PRIOR)
        moved[worker] = _between(logistic(_logit(share) + _logit(anchor) - _logit(crowd)), _RATES)
    return moved


def _label_shifts(
    sightings: Sequence[Sighting], posteriors: Sequence[Posterior], crowd: Crowd
) -> dict[str, float]:
    """Return how much surer of labels each worker is than the crowd would be of the same things."""
    if crowd.classes < 2:
        return {}
    right: _Sums[str] = _Sums()
    expected: _Sums[str] = _Sums()
    marks: _Sums[str] = _Sums()
    usual = {label: crowd.right(label) for label in crowd.things}
    for sighting, posterior in zip(sightings, posteriors, strict=True):
        would = math.fsum(weight * usual[label] for label, weight in posterior.items())
        sure = math.fsum(posterior.values())
        for worker, given in sighting.marked.items():
            right.add(worker, posterior.get(given, 0.0))
            expected.add(worker, would)
            marks.add(worker, sure)
    good, counts = right.totals(), marks.totals()
    shifts = {}
    for worker, usually in expected.totals().items():
        share = usually / max(counts[worker], 1e-9)
        own = (good[worker] + _WORKER_PRIOR * share) / (counts[worker] + _WORKER_PRIOR)
        shifts[worker] = _logit(own) - _logit(share)
    return shifts


class _Sums(Generic[Key]):
    """Sums that come out the same in whatever order their parts come."""

    def __init__(self) -> None:
        self._parts: defaultdict[Key, list[float]] = defaultdict(list)

    def add(self, key: Key, part: float) -> None:
        self._parts[key].append(part)

    def totals(self) -> dict[Key, float]:
        return {key: math.fsum(parts) for key, parts in self._parts.items()}


def _normalized(scores: Mapping[int, float], nothing: float) -> Posterior:
    highest = max([nothing, *scores.values()])
    weights = {label: math.exp(score - highest) for label, score in scores.items()}
    total = math.fsum([*weights.values(), math.exp(nothing - highest)])
    return {label: weight / total for label, weight in weights.items()}


def _between(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])


def _logit(value: float) -> float:
    inside = min(max(value, 1e-6), 1.0 - 1e-6)
    return math.log(inside / (1.0 - inside))
