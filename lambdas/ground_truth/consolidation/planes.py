"""Points and lines in a plane: what polygons, polylines and keypoints share."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

Point = tuple[float, float]
Points = tuple[Point, ...]

MOST_VERTICES: Final = 2_000
"""of one line; nobody sets more by hand"""

_ROUNDS: Final = 50
_CLOSE: Final = 1e-6


def inside(point: Point, size: tuple[float, float] | None) -> Point:
    """Return the nearest place in an image of ``size`` (width, height), if that is known."""
    width, height = size or (math.inf, math.inf)
    return min(max(point[0], 0.0), width), min(max(point[1], 0.0), height)


def steps(points: Iterable[Point]) -> Points:
    """Return a line's points without those that only repeat the one before."""
    return tuple(point for point, _ in itertools.groupby(points))


def median_point(points: Sequence[Point]) -> Point:
    """Return the geometric median: the place with the least sum of distances (Weiszfeld 1937).

    Up to half of the points may lie anywhere without moving it far; of two it is the middle.
    """
    ordered = sorted(points)
    x = math.fsum(point[0] for point in ordered) / len(ordered)
    y = math.fsum(point[1] for point in ordered) / len(ordered)
    for _ in range(_ROUNDS if len(ordered) > 2 else 0):
        # Bounded, so that a point the median lies on has no infinite weight.
        weights = [1.0 / max(math.dist((x, y), point), _CLOSE) for point in ordered]
        total = math.fsum(weights)
        moved = (
            math.fsum(w * point[0] for w, point in zip(weights, ordered, strict=True)) / total,
            math.fsum(w * point[1] for w, point in zip(weights, ordered, strict=True)) / total,
        )
        done = math.dist((x, y), moved) < _CLOSE
        x, y = moved
        if done:
            break
    return x, y


def nearest(point: Point, line: Points, *, closed: bool) -> Point:
    """Return the point of a line, or of a polygon's edge, that lies nearest to ``point``."""
    return min(
        (_on_segment(point, start, end) for start, end in segments(line, closed=closed)),
        key=lambda candidate: (math.dist(point, candidate), candidate),
    )


def segments(line: Points, *, closed: bool) -> Iterator[tuple[Point, Point]]:
    """Yield the pieces of a line; a closed one goes back to where it began."""
    yield from itertools.pairwise(line)
    if closed or len(line) == 1:
        yield line[-1], line[0]


def length(line: Points) -> float:
    """Return how long a line is."""
    return math.fsum(math.dist(start, end) for start, end in segments(line, closed=False))


def bounds(line: Points) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what a line covers."""
    xs, ys = [x for x, _ in line], [y for _, y in line]
    return min(xs), min(ys), max(xs), max(ys)


def merged(lines: Sequence[Points], middle: int, *, closed: bool) -> Points:
    """Return the line at ``middle`` with every vertex moved to the middle of all lines there."""
    return tuple(
        median_point([nearest(vertex, line, closed=closed) for line in lines])
        for vertex in lines[middle]
    )


def _on_segment(point: Point, start: Point, end: Point) -> Point:
    across, down = end[0] - start[0], end[1] - start[1]
    squared = across * across + down * down
    if squared == 0.0:
        return start
    along = ((point[0] - start[0]) * across + (point[1] - start[1]) * down) / squared
    share = min(max(along, 0.0), 1.0)
    return start[0] + share * across, start[1] + share * down
