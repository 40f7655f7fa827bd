"""Spans of text of several workers (named entities): start and end, the end exclusive.

People miss half of what is there and agree on where it is more than on where it ends. Spans are of
one entity when they overlap by 0.3 on average (Jaccard index); starts and ends are voted on by
themselves, since one word too many on the left says nothing about the right. A vote counts by how
often the worker's starts, or ends, turned out right (one coin a worker, places for labels).

Confidence estimates that there is such an entity, times how sure its ends are; the latter to the
power of 0.7, which stands between "exactly this span" and "an entity about here".
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ground_truth.consolidation import marks
from ground_truth.consolidation.linkage import Similarities, overlaps

Span = tuple[int, int]
"""start and end in characters, start < end"""

_LINK: Final = 0.3
_NOTHING: Final = 0.35
_ENDS_WEIGHT: Final = 0.7

# A boundary vote: right with the worker's probability, else at one of a few other places.
_PLACES: Final = 5
_RIGHT: Final = 0.85
_CROWD_VOTES: Final = 20.0
_WORKER_VOTES: Final = 10.0
_ACCURACIES: Final = (0.3, 0.99)
_ROUNDS: Final = 8
_VOTE_SHARE: Final = 0.1
_TIE_DIGITS: Final = 9

Accuracies = Callable[[str], float]


def consolidate(
    objects: Sequence[marks.Answers[Span]], classes: int
) -> list[list[marks.FusedMark[Span]]]:
    """Return the spans of each text, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, SpanGeometry())


def overlap(first: Span, second: Span) -> float:
    """Return the characters two spans share, as a share of what both cover (Jaccard), 0-1."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return shared / (max(first[1], second[1]) - min(first[0], second[0])) if shared > 0 else 0.0


class SpanGeometry:
    """Spans as shapes that can be clustered and fused."""

    link = _LINK
    nothing = _NOTHING
    agreement_weight = 0.0

    def order(self, shape: Span) -> tuple[float, ...]:
        """Return the start, then the end."""
        return shape

    def similarities(self, shapes: Sequence[Span]) -> Similarities:
        """Return the overlaps of spans sorted by their start."""
        return overlaps(shapes, overlap, lambda span: (span[0], span[1]))

    def fuser(
        self, seen: Sequence[marks.Cluster[Span]]
    ) -> Callable[[marks.Cluster[Span]], marks.Fused[Span]]:
        """Return the vote on both ends, with workers' accuracies learned from ``seen``."""
        starts, ends = (
            _accuracies([_places(cluster, side) for cluster in seen]) for side in (0, 1)
        )

        def fuse(cluster: marks.Cluster[Span]) -> marks.Fused[Span]:
            start, start_sure = _vote(_places(cluster, 0), starts)
            end, end_sure = _vote(_places(cluster, 1), ends)
            if start >= end:  # of spans that hardly meet: a whole one instead
                start, end = min(span for _, span in cluster)
            return marks.Fused(
                shape=(start, end), certainty=(start_sure * end_sure) ** _ENDS_WEIGHT
            )

        return fuse


Places = Sequence[tuple[str, int]]


def _places(cluster: marks.Cluster[Span], side: int) -> Places:
    return [(worker, span[side]) for worker, span in cluster]


def _accuracies(clusters: Sequence[Places]) -> Accuracies:
    """Return how often each worker's places are right, by expectation maximization."""
    pool = _RIGHT
    known: dict[str, float] = {}
    shared = [places for places in clusters if len(places) > 1]
    for _ in range(_ROUNDS):
        right: dict[str, list[float]] = defaultdict(list)
        for places in shared:
            posterior = _posterior(places, known, pool)
            for worker, place in places:
                right[worker].append(posterior[place])
        every = [value for values in right.values() for value in values]
        pool = _shrunk(every, _RIGHT, _CROWD_VOTES)
        known = {worker: _shrunk(values, pool, _WORKER_VOTES) for worker, values in right.items()}
    return lambda worker: known.get(worker, pool)


def _shrunk(values: Sequence[float], prior: float, strength: float) -> float:
    share = (prior * strength + math.fsum(values)) / (strength + len(values))
    return min(max(share, _ACCURACIES[0]), _ACCURACIES[1])


def _vote(places: Places, accuracy: Accuracies) -> tuple[int, float]:
    """Return the likeliest place and how likely it is, leaning a little on its mere share."""
    posterior = _posterior(places, {worker: accuracy(worker) for worker, _ in places}, _RIGHT)
    place = min(posterior, key=lambda each: (-round(posterior[each], _TIE_DIGITS), each))
    share = (sum(each == place for _, each in places) + 1.0) / (len(places) + 2.0)
    return place, (1.0 - _VOTE_SHARE) * posterior[place] + _VOTE_SHARE * share


def _posterior(places: Places, known: Mapping[str, float], pool: float) -> dict[int, float]:
    """Return the probability of every place somebody chose; the rest lies elsewhere."""
    parts: dict[int, list[float]] = defaultdict(list)
    for worker, place in places:
        accuracy = known.get(worker, pool)
        parts[place].append(math.log(accuracy * (_PLACES - 1) / (1.0 - accuracy)))
    evidence = {place: math.fsum(logs) for place, logs in parts.items()}
    highest = max(0.0, *evidence.values())
    weights = {place: math.exp(value - highest) for place, value in evidence.items()}
    elsewhere = max(1, _PLACES - len(weights)) * math.exp(-highest)
    total = math.fsum([*weights.values(), elsewhere])
    return {place: weight / total for place, weight in weights.items()}
