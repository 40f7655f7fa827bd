"""Segmentation masks of several workers: drop what is about something else, vote, smooth.

A mask is an array of class numbers, 0 where nothing was marked. Two masks agree by the pixels both
give the same class, as a share of the pixels either marked (the Jaccard index with one class).

1. A mask that agrees with the others less than 0.6 times as well as the middle one does is dropped:
   an empty page, another thing, an inverted drawing. Among two nobody can tell which it is.
2. Where workers differ, every pixel goes to the class with most votes, a vote weighing what its
   mask agrees with the others; of equals to the lower class, so to nothing before something.
3. The votes are smoothed over about 2 % of the size of what is marked, as ragged edges are drawn
   by chance. What everybody gave the same class keeps it.

Votes are whole numbers, so that no order of workers changes a pixel.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.unsignedinteger[Any]]
_Counts = npt.NDArray[np.int64]
_Slices = tuple[slice, slice]

_LEAST_OF_MIDDLE: Final = 0.6
_VOTE: Final = 1000  # of a mask that agrees entirely
_RADIUS: Final = 0.01  # of the square root of the marked area, so 2 % across
_LARGEST_RADIUS: Final = 5
ROOM: Final = 2 * _LARGEST_RADIUS + 1
"""pixels beyond what is marked that smoothing looks at"""
_TRIMMED: Final = 4  # one in so many
_ALONE: Final = 0.75  # what one worker's mask can be expected to overlap with the right one


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedMask:
    """One mask of several.

    ``confidence`` estimates how well it overlaps with the right one; ``class_confidences`` is the
    same for every class in it. ``dropped`` are the positions of masks that did not count.
    """

    mask: Mask
    confidence: float
    class_confidences: dict[int, float]
    dropped: tuple[int, ...]


def consolidate(masks: Sequence[Mask]) -> FusedMask:
    """Return one mask of several of equal height and width.

    The order of masks changes nothing, and somebody who draws exactly the result never lowers the
    confidence where nobody was dropped. One mask alone stays as it is.

    Raises:
        ValueError: there are no masks, or they differ in size.
    """
    if not masks or any(mask.shape != masks[0].shape for mask in masks):
        shapes = ", ".join(str(mask.shape) for mask in masks) or "none"
        raise ValueError(f"masks are not of one size: got {shapes}")
    place = _marked(masks)
    parts: list[Mask] = [np.ascontiguousarray(mask[place]) for mask in masks]
    agreements = mutual_agreement(parts)
    kept = _kept(agreements)
    votes = [max(1, round(_VOTE * agreements[position])) for position in kept]
    part = _voted([parts[position] for position in kept], votes)
    whole = np.zeros_like(masks[0])
    whole[place] = part
    return FusedMask(
        mask=whole,
        confidence=_confidence([agreement(part, mask) for mask in parts], len(kept)),
        class_confidences={
            number: _confidence(
                [agreement(part == number, mask == number) for mask in parts], len(kept)
            )
            for number in present(part)
        },
        dropped=tuple(sorted(set(range(len(masks))) - set(kept))),
    )


def agreement(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Return the pixels of the same class as a share of those either marked; 1 for none at all."""
    either = int(np.count_nonzero((first != 0) | (second != 0)))
    same = int(np.count_nonzero((first == second) & (first != 0)))
    return same / either if either else 1.0


def mutual_agreement(masks: Sequence[Mask]) -> list[float]:
    """Return how well each mask agrees with the others on average; 1 for one alone."""
    found: list[list[float]] = [[] for _ in masks]
    for first, mask in enumerate(masks):
        for second in range(first + 1, len(masks)):
            shared = agreement(mask, masks[second])
            found[first].append(shared)
            found[second].append(shared)
    return [math.fsum(values) / len(values) if values else 1.0 for values in found]


def present(mask: Mask) -> Iterator[int]:
    """Yield the classes in a mask, in ascending order; nothing is none."""
    counts = np.bincount(mask.ravel())
    yield from (int(number) for number in np.flatnonzero(counts) if number)


def _marked(masks: Sequence[Mask]) -> _Slices:
    """Return the part of the image that anybody marked, with room to smooth in."""
    marked = np.zeros(masks[0].shape, dtype=bool)
    for mask in masks:
        marked |= mask != 0
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return (
        slice(max(0, int(rows[0]) - ROOM), int(rows[-1]) + ROOM + 1),
        slice(max(0, int(columns[0]) - ROOM), int(columns[-1]) + ROOM + 1),
    )


def _kept(agreements: Sequence[float]) -> list[int]:
    if len(agreements) < 3:
        return list(range(len(agreements)))
    least = _LEAST_OF_MIDDLE * float(np.median(agreements))
    return [position for position, value in enumerate(agreements) if value >= least]


def _voted(masks: Sequence[Mask], votes: Sequence[int]) -> Mask:
    """Return the class with most votes for every pixel, smoothed where workers differ."""
    differ = np.zeros(masks[0].shape, dtype=bool)
    for mask in masks[1:]:
        differ |= mask != masks[0]
    result = masks[0].copy()
    if not differ.any():
        return result
    classes = sorted({int(number) for mask in masks for number in np.unique(mask[differ])})
    result[differ] = _winners(masks, votes, classes, differ, radius=0)
    radius = _radius(result)
    if radius:
        result[differ] = _winners(masks, votes, classes, differ, radius=radius)
    return result


def _winners(
    masks: Sequence[Mask],
    votes: Sequence[int],
    classes: Sequence[int],
    differ: npt.NDArray[np.bool_],
    *,
    radius: int,
) -> Mask:
    """Return the class with most votes of the pixels that differ, counted over a neighbourhood."""
    most = np.full(int(np.count_nonzero(differ)), -1, dtype=np.int64)
    winner = np.zeros(most.shape, dtype=masks[0].dtype)
    for number in classes:
        counts = _counted(masks, votes, number, differ, radius)
        better = counts > most
        most[better] = counts[better]
        winner[better] = number
    return winner


def _counted(
    masks: Sequence[Mask],
    votes: Sequence[int],
    number: int,
    differ: npt.NDArray[np.bool_],
    radius: int,
) -> _Counts:
    if not radius:
        counts = np.zeros(int(np.count_nonzero(differ)), dtype=np.int64)
        for mask, vote in zip(masks, votes, strict=True):
            counts += vote * (mask[differ] == number)
        return counts
    field = np.zeros(differ.shape, dtype=np.int64)
    for mask, vote in zip(masks, votes, strict=True):
        field += vote * (mask == number)
    # Twice a box is close enough to a bell, and stays in whole numbers.
    for axis in (0, 0, 1, 1):
        field = _box(field, radius, axis)
    found: _Counts = field[differ]
    return found


def _box(field: _Counts, radius: int, axis: int) -> _Counts:
    """Return sums over 2 radius + 1 pixels along an axis; pixels at an edge count on beyond it."""
    room = [(0, 0), (0, 0)]
    room[axis] = (radius + 1, radius)
    sums = np.cumsum(np.pad(field, room, mode="edge"), axis=axis)
    width = 2 * radius + 1
    moved: _Counts = np.take(sums, range(width, sums.shape[axis]), axis=axis) - np.take(
        sums, range(sums.shape[axis] - width), axis=axis
    )
    return moved


def _radius(mask: Mask) -> int:
    """Return how far to smooth, by the size of what is marked of a class in the middle."""
    areas = np.bincount(mask.ravel())[1:]
    areas = areas[areas > 0]
    size = math.sqrt(float(np.median(areas))) if areas.size else 0.0
    return min(_LARGEST_RADIUS, round(_RADIUS * size))


def _confidence(overlaps: Sequence[float], kept: int) -> float:
    """Return the mean overlap of the workers with the result, without the worst."""
    count = len(overlaps)
    if count == 1:
        return _ALONE
    worst = max(count - kept, max(1, count // _TRIMMED) if count > 2 else 0)
    best = sorted(overlaps)[worst:]
    return math.fsum(best) / len(best)
