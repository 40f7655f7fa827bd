"""Marks of several workers on one object: which are one thing, is it there, what and where is it.

One course for every kind of mark, whatever its geometry:

1. Marks that mean the same thing are clustered by how alike they are, at most one of each worker.
   Labels count little there: people agree on where before they agree on what, and marks split
   by label would leave two half-believed things where there is one. Only between equally
   good partners the same label wins.
2. A cluster is a thing of some label with the probability of ``existence``, from who marked it as
   what and who passed it by. Where a geometry says so, marks that lie closely together speak for
   a thing: that is hardly a coincidence.
3. Its shape is fused robustly, weighted by how exactly each worker draws.

A whole job and a batch take the same course; workers' rates are shrunk towards the crowd's by how
little is known of them, so a batch leans on the crowd and a job on its workers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from ground_truth.consolidation.existence import Sighting, learn
from ground_truth.consolidation.linkage import Similarities, clusters
from ground_truth.consolidation.votes import best

_OTHER_LABEL: Final = 0.8  # what being alike counts where labels differ
_USUAL_AGREEMENT: Final = 0.55  # what speaks neither for a thing nor against it

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused(Generic[Shape]):
    """The shape of a cluster, and how likely it is exactly the right one where that can be told."""

    shape: Shape
    certainty: float = 1.0


class Geometry(Protocol[Shape]):
    """What a kind of shape has to know about itself."""

    @property
    def link(self) -> float:
        """How alike the shapes of one thing are on average, at least; 0-1."""
        ...

    @property
    def nothing(self) -> float:
        """The prior probability that a cluster is a mistake, 0-1."""
        ...

    @property
    def agreement_weight(self) -> float:
        """What shapes that are more alike than usual say for a thing, in log odds per likeness."""
        ...

    def order(self, shape: Shape) -> tuple[float, ...]:
        """Return what shapes are sorted by."""
        ...

    def similarities(self, shapes: Sequence[Shape]) -> Similarities:
        """Return how alike the shapes are, sorted by ``order``, where they have any in common."""
        ...

    def fuser(self, seen: Sequence[Cluster[Shape]]) -> Callable[[Cluster[Shape]], Fused[Shape]]:
        """Return what makes one shape of a cluster, having learned from all of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found(Generic[Shape]):
    sighting: Sighting
    shapes: Cluster[Shape]


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
    crowd = learn([thing.sighting for thing in every], classes=classes, nothing=geometry.nothing)
    fuse = geometry.fuser([thing.shapes for thing in every])
    results = []
    for things in found:
        fused = []
        for thing in things:
            label = best(crowd.posterior(thing.sighting))
            made = fuse(thing.shapes)
            fused.append(
                FusedMark(
                    label=label.label,
                    shape=made.shape,
                    confidence=label.confidence * made.certainty,
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
        marked = {drawn[member][0]: drawn[member][1].label for member in members}
        agreement = _mean_similarity(members, similarities)
        surplus = 0.0 if agreement is None else agreement - _USUAL_AGREEMENT
        things.append(
            _Found(
                shapes=[(drawn[member][0], drawn[member][1].shape) for member in members],
                sighting=Sighting(
                    marked=marked,
                    passed=frozenset(answers) - marked.keys(),
                    odds=geometry.agreement_weight * surplus,
                ),
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
