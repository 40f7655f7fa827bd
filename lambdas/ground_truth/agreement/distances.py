"""How far two answers are from each other, 0 (the same) to 1 (nothing in common).

One function for each kind of answer; all are symmetric. They are meant for ``alpha.structured``.
An answer that marks nothing is an answer: two of them are the same.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeVar

from ground_truth.consolidation.box_fusion import Edges
from ground_truth.consolidation.boxes import overlap as box_overlap
from ground_truth.consolidation.marks import Mark

Shape = TypeVar("Shape")
Place = tuple[int, int]
"""Where a span of a text begins, and where it ends: the first character outside of it."""

_SUBSET: Final = 2.0 / 3.0
_OVERLAP: Final = 1.0 / 3.0


def jaccard(first: AbstractSet[Hashable], second: AbstractSet[Hashable]) -> float:
    """Return the share of the labels in either set that is not in both (Jaccard 1912)."""
    either = len(first | second)
    return 1.0 - len(first & second) / either if either else 0.0


def masi(first: AbstractSet[Hashable], second: AbstractSet[Hashable]) -> float:
    """Return 1 - J M for sets of labels.

    J is the Jaccard index; M is 1 for equal sets, 2/3 where one holds the other, 1/3 where they
    overlap, 0 where they are disjoint: leaving a label out is less than choosing another.
    Source: Passonneau, "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
    Annotation" (LREC 2006).
    """
    if first == second:
        return 0.0
    shared = first & second
    if not shared:
        return 1.0
    kept = _SUBSET if shared in (first, second) else _OVERLAP
    return 1.0 - (1.0 - jaccard(first, second)) * kept


def boxes(first: Sequence[Mark[Edges]], second: Sequence[Mark[Edges]]) -> float:
    """Return the distance of boxes by their intersection over union; see ``matched``."""
    return matched(first, second, box_overlap)


def matched(
    first: Sequence[Mark[Shape]],
    second: Sequence[Mark[Shape]],
    alike: Callable[[Shape, Shape], float],
) -> float:
    """Return 1 - how alike matched shapes are, as a share of all things either person marked.

    Shapes of one label are matched one to one, the most alike first; n pairs of k and m shapes make
    1 - (sum of their likenesses) / (k + m - n). With one box each this is 1 - IoU, and with shapes
    that are the same or have nothing in common it is the Jaccard distance.
    """
    pairs = sorted(
        (-likeness, left, right)
        for left, mark in enumerate(first)
        for right, other in enumerate(second)
        if mark.label == other.label and (likeness := alike(mark.shape, other.shape)) > 0.0
    )
    used: tuple[set[int], set[int]] = (set(), set())
    total = 0.0
    for negative, left, right in pairs:
        if left not in used[0] and right not in used[1]:
            used[0].add(left)
            used[1].add(right)
            total -= negative
    things = len(first) + len(second) - len(used[0])
    return 1.0 - total / things if things else 0.0


def spans(first: Sequence[Mark[Place]], second: Sequence[Mark[Place]]) -> float:
    """Return the share of the characters either person marked that not both gave the same label.

    A character under two labels counts for each.
    """
    mine, theirs = _characters(first), _characters(second)
    labels = mine.keys() | theirs.keys()
    either = sum(len(mine[label] | theirs[label]) for label in labels)
    both = sum(len(mine[label] & theirs[label]) for label in labels)
    return 1.0 - both / either if either else 0.0


def _characters(marked: Sequence[Mark[Place]]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for mark in marked:
        found[mark.label].update(range(*mark.shape))
    return found


def masks(first: Mapping[str, int], second: Mapping[str, int]) -> float:
    """Return 1 - mean intersection over union of the labels either person painted.

    A mask is a whole number for each label, with a bit for each pixel.
    """
    overlaps = [
        (mine & theirs).bit_count() / (mine | theirs).bit_count()
        for label in sorted(first.keys() | second.keys())
        if (mine := first.get(label, 0)) | (theirs := second.get(label, 0))
    ]
    return 1.0 - sum(overlaps) / len(overlaps) if overlaps else 0.0
