"""One person's answer against what everybody else says about the same object.

Nobody is judged by a consensus they have voted in themselves: with three people an object, that
would make everybody right most of the time.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from ground_truth.agreement.distances import masi

Answer = tuple[int, int]
"""Worker and label, as numbers."""

Objects = Sequence[Sequence[Answer]]
"""The answers of each object, at most one of each worker."""

Leaders = tuple[int, ...]
"""The labels most people chose, several when they are at odds, none when there is nobody."""


def leaders(counts: Counter[int], *without: int) -> Leaders:
    """Return the labels with the most votes, not counting one vote for each of ``without``."""
    rest = counts.copy()
    for label in without:
        rest[label] -= 1
    most = max(rest.values(), default=0)
    return tuple(sorted(label for label, count in rest.items() if count == most)) if most else ()


def compared(objects: Objects) -> Iterator[tuple[int, int, Leaders]]:
    """Yield every answer that others can be held against: worker, label, the others' leaders."""
    for answers in objects:
        counts = Counter(label for _, label in answers)
        for worker, label in answers:
            others = leaders(counts, label)
            if others:
                yield worker, label, others


def credit(label: int, others: Leaders) -> float:
    """Return how far an answer agrees: of k labels that lead together, each is worth 1/k."""
    return 1.0 / len(others) if label in others else 0.0


LabelSets = Sequence[Sequence[tuple[int, frozenset[int]]]]


def compared_sets(objects: LabelSets) -> Iterator[tuple[int, float]]:
    """Yield worker and agreement, 0-1, for every set of labels that others can be held against.

    The others' set has the labels that at least half of them chose; agreement is 1 - MASI distance.
    """
    for answers in objects:
        counts = Counter(label for _, labels in answers for label in labels)
        others = len(answers) - 1
        for worker, labels in answers if others else ():
            theirs = frozenset(
                label
                for label, count in counts.items()
                if count - (label in labels) and 2 * (count - (label in labels)) >= others
            )
            yield worker, 1.0 - masi(labels, theirs)
