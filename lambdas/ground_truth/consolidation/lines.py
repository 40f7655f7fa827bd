"""Polygons, polylines and keypoints of several workers, in pixels from the top left corner.

Polygons are alike by the area they share (Jaccard index), polylines and keypoints by how near they
lie: a polyline by its mean distance from the other, against a fifth of their length; a keypoint by
its distance against a fortieth of the image's diagonal.

One shape is made of several by taking the one most like the others and moving each of its vertices
to the geometric median of the nearest points on all of them; where that is less like them than the
one taken, which happens with few and very different ones, it stays as it was drawn. A keypoint is
the geometric median. Nobody's spread is learned here: there was no data to show that it helps.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ground_truth.consolidation import marks
from ground_truth.consolidation.areas import shared_area
from ground_truth.consolidation.linkage import Similarities
from ground_truth.consolidation.planes import (
    Point,
    Points,
    bounds,
    length,
    median_point,
    merged,
    nearest,
    segments,
)

_LINK: Final = 0.4
_NOTHING: Final = 0.5
_AGREEMENT_WEIGHT: Final = 6.0
_OF_LENGTH: Final = 0.2
_SAMPLES: Final = 24
_USUAL_REACH: Final = 20.0  # pixels, for an image of unknown size

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, order=True)
class Keypoint:
    """A point, and within which distance another one may mean the same (``reach``), in pixels."""

    x: float
    y: float
    reach: float = _USUAL_REACH


def polygons(
    objects: Sequence[marks.Answers[Points]], classes: int
) -> list[list[marks.FusedMark[Points]]]:
    """Return the polygons of each object, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, _Drawn(alike=shared_area, closed=True))


def polylines(
    objects: Sequence[marks.Answers[Points]], classes: int
) -> list[list[marks.FusedMark[Points]]]:
    """Return the lines of each object, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, _Drawn(alike=nearness, closed=False))


def keypoints(
    objects: Sequence[marks.Answers[Keypoint]], classes: int
) -> list[list[marks.FusedMark[Keypoint]]]:
    """Return the points of each object, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, _Pointed())


def line(points: Points) -> Points:
    """Return the points of a line, which has two different ones; raises ``ValueError``."""
    if len(points) < 2:
        raise ValueError(f"a line has two different vertices or more: got {len(points)}")
    return points


def keypoint(place: Point, size: tuple[float, float] | None) -> Keypoint:
    """Return a point with the reach it has in an image of ``size``, where that is known."""
    return Keypoint(*place, reach_in(*size)) if size else Keypoint(*place)


def nearness(first: Points, second: Points) -> float:
    """Return how near two lines lie, 0-1, whichever end they were begun at."""
    scale = _OF_LENGTH * max(length(first), length(second), 1.0)
    away = (_distance(first, second) + _distance(second, first)) / 2.0
    return max(0.0, 1.0 - away / scale)


def closeness(first: Keypoint, second: Keypoint) -> float:
    """Return how near two points lie, 0-1: 0 at twice their reach."""
    reach = max(first.reach, second.reach)
    return max(0.0, 1.0 - math.dist((first.x, first.y), (second.x, second.y)) / (2.0 * reach))


def reach_in(width: float, height: float) -> float:
    """Return how near keypoints of one thing lie in an image of that size, in pixels."""
    return max(math.hypot(width, height) / 40.0, 1.0)


class _Linked(Generic[Shape]):
    link = _LINK
    nothing = _NOTHING
    agreement_weight = _AGREEMENT_WEIGHT

    def similarities(self, shapes: Sequence[Shape]) -> Similarities:
        return {
            (first, second): likeness
            for first, shape in enumerate(shapes)
            for second in range(first + 1, len(shapes))
            if (likeness := self.likeness(shape, shapes[second])) > 0.0
        }

    def likeness(self, first: Shape, second: Shape) -> float:
        raise NotImplementedError


class _Drawn(_Linked[Points]):
    def __init__(self, *, alike: Callable[[Points, Points], float], closed: bool) -> None:
        self._alike = alike
        self._closed = closed
        self._bounds: dict[Points, tuple[float, float, float, float]] = {}

    def order(self, shape: Points) -> tuple[float, ...]:
        return tuple(value for point in shape for value in point)

    def likeness(self, first: Points, second: Points) -> float:
        here, there = self._place(first), self._place(second)
        room = 0.0 if self._closed else _OF_LENGTH * (length(first) + length(second))
        apart = (
            max(here[0], there[0]) - min(here[2], there[2]) > room
            or max(here[1], there[1]) - min(here[3], there[3]) > room
        )
        return 0.0 if apart else self._alike(first, second)

    def fuser(
        self, seen: Sequence[marks.Cluster[Points]]
    ) -> Callable[[marks.Cluster[Points]], marks.Fused[Points]]:
        del seen
        return self._fuse

    def _fuse(self, cluster: marks.Cluster[Points]) -> marks.Fused[Points]:
        drawn = sorted(shape for _, shape in cluster)
        likeness = [self._mean(shape, drawn) for shape in drawn]
        middle = max(range(len(drawn)), key=lambda place: (round(likeness[place], 9), -place))
        moved = merged(drawn, middle, closed=self._closed)
        better = self._mean(moved, drawn) > likeness[middle]
        return marks.Fused(shape=moved if better else drawn[middle])

    def _mean(self, shape: Points, drawn: Sequence[Points]) -> float:
        return math.fsum(self._alike(shape, other) for other in drawn) / len(drawn)

    def _place(self, shape: Points) -> tuple[float, float, float, float]:
        if shape not in self._bounds:
            self._bounds[shape] = bounds(shape)
        return self._bounds[shape]


class _Pointed(_Linked[Keypoint]):
    def order(self, shape: Keypoint) -> tuple[float, ...]:
        return shape.x, shape.y, shape.reach

    def likeness(self, first: Keypoint, second: Keypoint) -> float:
        return closeness(first, second)

    def fuser(
        self, seen: Sequence[marks.Cluster[Keypoint]]
    ) -> Callable[[marks.Cluster[Keypoint]], marks.Fused[Keypoint]]:
        del seen

        def fuse(cluster: marks.Cluster[Keypoint]) -> marks.Fused[Keypoint]:
            x, y = median_point([(shape.x, shape.y) for _, shape in cluster])
            reach = max(shape.reach for _, shape in cluster)
            return marks.Fused(shape=Keypoint(x, y, reach))

        return fuse


def _distance(line: Points, other: Points) -> float:
    """Return the mean distance of a line's points from the other line."""
    places = _sampled(line)
    return math.fsum(
        math.dist(place, nearest(place, other, closed=False)) for place in places
    ) / len(places)


def _sampled(line: Points) -> list[Point]:
    """Return points at equal distances along a line, its ends included."""
    total = length(line)
    step = total / (_SAMPLES - 1)
    found: list[Point] = []
    gone = 0.0
    for start, end in segments(line, closed=False):
        piece = math.dist(start, end)
        while piece and len(found) < _SAMPLES and len(found) * step <= gone + piece + 1e-9:
            share = min(1.0, (len(found) * step - gone) / piece)
            found.append(
                (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            )
        gone += piece
    return found or [line[0]]
