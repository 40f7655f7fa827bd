"""Answers laid out so that a step over all of them is a few long array operations.

Objects are sorted by their number of answers, most first; the answers are cut into ranks, and rank
r holds the r-th answer of every object that has so many. In a rank each object comes once and they
are the first ones without a gap, so sums per object are plain additions to a slice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, Integers

# Small enough for a processor's cache with a few labels, large enough to amortize the calls.
_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Answers by rank, each as worker * classes + label.

    ``order`` has each place's object. The first ``shared`` places have two answers or more.
    """

    classes: int
    workers: int
    order: Integers
    ranks: tuple[Integers, ...]

    @property
    def places(self) -> int:
        """How many objects there are."""
        return len(self.order)

    @property
    def shared(self) -> int:
        """How many objects have two answers or more."""
        return len(self.ranks[1]) if len(self.ranks) > 1 else 0

    def blocks(self) -> Iterator[slice]:
        """Yield places in pieces that fit into a cache."""
        for start in range(0, self.places, _BLOCK):
            yield slice(start, min(start + _BLOCK, self.places))

    def votes(self, places: slice) -> Floats:
        """Return how many workers chose each label: label by place."""
        width = places.stop - places.start
        found = np.zeros((self.classes, width))
        for rank in self.ranks:
            labels = rank[places] % self.classes
            found[labels, np.arange(len(labels))] += 1.0
        return found

    def shares(self, places: slice) -> Floats:
        """Return the share of the answers for each label: label by place."""
        votes = self.votes(places)
        found: Floats = votes / votes.sum(axis=0)
        return found

    def only(self, places: Integers) -> "Layout":
        """Return the layout of these places alone, which are in ascending order."""
        ranks = (rank[places[places < len(rank)]] for rank in self.ranks)
        return Layout(
            classes=self.classes,
            workers=self.workers,
            order=self.order[places],
            ranks=tuple(rank for rank in ranks if len(rank)),
        )


def layout_of(answers: Answers) -> Layout:
    """Lay ``answers`` out; there are two classes at least, also where one label is used."""
    counts = answers.counts
    classes = max(2, len(answers.labels))
    order = np.argsort(-counts, kind="stable")
    starts = (np.cumsum(counts) - counts)[order]
    sizes = counts[order]
    code = answers.worker * classes + answers.label
    ranks = []
    for rank in range(int(sizes[0]) if len(sizes) else 0):
        # sizes fall, so the objects with more answers than this rank come first
        wide = int(np.searchsorted(-sizes, -rank, side="left"))
        ranks.append(code[starts[:wide] + rank])
    return Layout(classes=classes, workers=len(answers.workers), order=order, ranks=tuple(ranks))


def agreement(layout: Layout) -> float | None:
    """Return the chance that two answers for an object agree; None where no object has two."""
    total = 0.0
    for places in layout.blocks():
        votes = layout.votes(places)
        size = votes.sum(axis=0)
        votes, size = votes[:, size > 1], size[size > 1]
        total += float(((votes * (votes - 1)).sum(axis=0) / (size * (size - 1))).sum())
    return total / layout.shared if layout.shared else None
