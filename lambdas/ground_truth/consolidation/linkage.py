"""Which shapes of several workers mean the same thing: average-linkage clustering.

Starts with every shape on its own and joins the two clusters whose shapes are most alike on
average (Sokal and Michener 1958), until no two reach the threshold. A cluster never holds two
shapes of one worker: somebody who drew two boxes saw two things.

Average linkage needs most of a cluster's shapes to be alike. Single linkage would chain a row of
neighbours into one, complete linkage would let one careless box split a thing in two.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Shape = TypeVar("Shape")

Similarities = Mapping[tuple[int, int], float]
"""How alike two shapes are, 0-1, by their positions, the smaller first; what is left out is 0."""

# Averages closer than this are a tie, which goes to the clusters of the first shapes.
_TIE_DIGITS = 9


def overlaps(
    shapes: Sequence[Shape],
    overlap: Callable[[Shape, Shape], float],
    extent: Callable[[Shape], tuple[float, float]],
) -> Similarities:
    """Return the overlaps of shapes sorted by where they begin.

    Args:
        shapes: what may overlap.
        overlap: how far two shapes do, 0-1.
        extent: where a shape begins and ends, along one axis.
    """
    extents = list(map(extent, shapes))
    found = {}
    for first, (_, end) in enumerate(extents):
        for second in range(first + 1, len(shapes)):
            if extents[second][0] >= end:
                break  # it and all further ones begin behind this one
            shared = overlap(shapes[first], shapes[second])
            if shared > 0.0:
                found[first, second] = shared
    return found


def clusters(
    workers: Sequence[str], similarities: Similarities, *, threshold: float
) -> list[list[int]]:
    """Return positions of shapes by cluster, both in ascending order.

    Ties go to the shapes that come first, so callers put them into an order that does not depend
    on the order of workers.

    Args:
        workers: who drew each shape.
        similarities: of every pair with something in common.
        threshold: the least average similarity at which two clusters are joined, above 0.
    """
    linkage = _Linkage(workers, similarities, threshold)
    linkage.run()
    return sorted(linkage.members.values())


class _Linkage:
    def __init__(
        self, workers: Sequence[str], similarities: Similarities, threshold: float
    ) -> None:
        self.members = {position: [position] for position in range(len(workers))}
        self._workers = {position: {worker} for position, worker in enumerate(workers)}
        self._threshold = threshold
        # Sums of similarities between clusters: averages of joined clusters need no second look.
        self._sums: dict[int, dict[int, float]] = {position: {} for position in self.members}
        self._best: list[tuple[float, int, int, int, int]] = []
        for (first, second), similarity in sorted(similarities.items()):
            if similarity > 0.0:
                self._sums[first][second] = self._sums[second][first] = similarity
                self._offer(first, second)
        self._next = len(workers)

    def run(self) -> None:
        while self._best:
            *_, first, second = heapq.heappop(self._best)
            if first in self.members and second in self.members:
                self._join(first, second)

    def _offer(self, first: int, second: int) -> None:
        """Remember two clusters that may be joined; a cluster keeps its number until it is."""
        if self._workers[first] & self._workers[second]:
            return
        pairs = len(self.members[first]) * len(self.members[second])
        average = round(self._sums[first][second] / pairs, _TIE_DIGITS)
        if average >= self._threshold:
            low, high = sorted((self.members[first][0], self.members[second][0]))
            heapq.heappush(self._best, (-average, low, high, first, second))

    def _join(self, first: int, second: int) -> None:
        joined = self._next
        self._next += 1
        self.members[joined] = sorted(self.members.pop(first) + self.members.pop(second))
        self._workers[joined] = self._workers.pop(first) | self._workers.pop(second)
        sums = self._sums.pop(first)
        for other, total in self._sums.pop(second).items():
            sums[other] = sums.get(other, 0.0) + total
        self._sums[joined] = {
            other: total for other, total in sorted(sums.items()) if other not in (first, second)
        }
        for other, total in self._sums[joined].items():
            neighbours = self._sums[other]
            neighbours.pop(first, None)
            neighbours.pop(second, None)
            neighbours[joined] = total
            self._offer(joined, other)
