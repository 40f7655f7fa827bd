"""Marks of several workers on one object: which are one thing, is it there, what and where is it.

One course for every kind of mark, whatever its geometry:

1. Marks that mean the same thing are clustered by how alike they are, at most one of each worker.
   Labels count little there: people agree on where before they agree on what, and marks split
   by label would leave two half-believed things where there is one. Only between equally
   good partners the same label wins.
2. A cluster is there with the probability of ``existence``, from who marked it and who passed it
   by; marks that lie closely together are hardly a coincidence, so that agreement raises it.
3. Its label is the one-coin model's, with every cluster as an object people voted on.
4. Its shape is fused robustly, weighted by how exactly each worker draws.

A whole job and a batch take the same course; workers' rates are shrunk towards the crowd's by how
little is known of them, so a batch leans on the crowd and a job on its workers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from ground_truth.consolidation import one_coin
from ground_truth.consolidation.existence import Sighting, log_odds, logistic, worker_rates
from ground_truth.consolidation.linkage import Similarities, clusters
from ground_truth.consolidation.votes import Consensus, Vote

_OTHER_LABEL: Final = 0.8  # what being alike counts where labels differ
_USUAL_AGREEMENT: Final = 0.55
_AGREEMENT_WEIGHT: Final = 6.0

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Generic[Shape]):
    """One thing one worker marked; ``label`` is an index into the label categories."""

    label: int
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedMark(Generic[Shape]):
    """One thing of the object; ``confidence`` estimates that it is there, alike and so labeled."""

    label: int
    shape: Shape
    confidence: float


Answers = Mapping[str, Sequence[Mark[Shape]]]
"""The marks of every worker who looked at an object, also of those who marked nothing."""

Cluster = Sequence[tuple[str, Shape]]
"""Who drew which shape of one thing, at most one of each worker."""


class Geometry(Protocol[Shape]):
    """What a kind of shape has to know about itself."""

    @property
    def link(self) -> float:
        """How alike the shapes of one thing are on average, at least; 0-1."""
        ...

    def order(self, shape: Shape) -> tuple[float, ...]:
        """Return what shapes are sorted by."""
        ...

    def similarities(self, shapes: Sequence[Shape]) -> Similarities:
        """Return how alike the shapes are, sorted by ``order``, where they have any in common."""
        ...

    def fuser(self, seen: Sequence[Cluster[Shape]]) -> Callable[[Cluster[Shape]], Shape]:
        """Return what makes one shape of a cluster, having learned from all of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found(Generic[Shape]):
    marks: Sequence[tuple[str, Mark[Shape]]]
    sighting: Sighting
    agreement: float | None  # the mean similarity of its shapes; of one alone nothing is known

    @property
    def shapes(self) -> Cluster[Shape]:
        return [(worker, mark.shape) for worker, mark in self.marks]


def consolidate(
    objects: Sequence[Answers[Shape]], classes: int, geometry: Geometry[Shape]
) -> list[list[FusedMark[Shape]]]:
    """Return the things of each object, the likeliest first.

    The result depends neither on the order of workers, marks or objects nor on what workers are
    called. Somebody else who draws exactly the fused shape never lowers its confidence in a batch
    of one object; with more objects, what is learned about workers moves all of them a little.

    Args:
        objects: who marked what; a worker without marks has seen nothing there.
        classes: how many label categories there are.
        geometry: of the shapes.
    """
    found = [_found(answers, geometry) for answers in objects]
    every = [thing for things in found for thing in things]
    rates = worker_rates([thing.sighting for thing in every])
    labels = iter(_labels(every, classes))
    fuse = geometry.fuser([thing.shapes for thing in every])
    results = []
    for things in found:
        fused = []
        for thing in things:
            label = next(labels)
            there = logistic(log_odds(thing.sighting, rates) + _agreement_odds(thing.agreement))
            fused.append(
                FusedMark(
                    label=label.label, shape=fuse(thing.shapes), confidence=there * label.confidence
                )
            )
        # Sorted by position first: of equally likely things the order is settled, too.
        fused.sort(key=lambda mark: (geometry.order(mark.shape), mark.label))
        results.append(sorted(fused, key=lambda mark: -mark.confidence))
    return results


def _found(answers: Answers[Shape], geometry: Geometry[Shape]) -> list[_Found[Shape]]:
    """Return an object's clusters of marks."""
    drawn = sorted(
        ((worker, mark) for worker, marks in answers.items() for mark in marks),
        key=lambda item: (geometry.order(item[1].shape), item[1].label, item[0]),
    )
    similarities = geometry.similarities([mark.shape for _, mark in drawn])
    linked = clusters(
        [worker for worker, _ in drawn],
        {
            (first, second): similarity
            if drawn[first][1].label == drawn[second][1].label
            else similarity * _OTHER_LABEL
            for (first, second), similarity in similarities.items()
        },
        threshold=geometry.link,
    )
    things = []
    for members in linked:
        marked = frozenset(drawn[member][0] for member in members)
        things.append(
            _Found(
                marks=[drawn[member] for member in members],
                sighting=Sighting(marked=marked, passed=frozenset(answers) - marked),
                agreement=_mean_similarity(members, similarities),
            )
        )
    return things


def _mean_similarity(members: Sequence[int], similarities: Similarities) -> float | None:
    pairs = [
        similarities.get((first, second), 0.0)
        for position, first in enumerate(members)
        for second in members[position + 1 :]
    ]
    return math.fsum(pairs) / len(pairs) if pairs else None


def _agreement_odds(agreement: float | None) -> float:
    return 0.0 if agreement is None else _AGREEMENT_WEIGHT * (agreement - _USUAL_AGREEMENT)


def _labels(things: Sequence[_Found[Shape]], classes: int) -> list[Consensus]:
    """Return the label of each thing and how sure it is, given that the thing is there."""
    if classes < 2:
        return [Consensus(label=0, confidence=1.0)] * len(things)
    votes = [
        [Vote(worker=worker, label=mark.label) for worker, mark in thing.marks] for thing in things
    ]
    return one_coin.consolidate(votes, classes)
