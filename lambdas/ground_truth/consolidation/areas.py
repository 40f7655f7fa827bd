"""How much area two polygons share, whatever their form.

Measured along horizontal lines through both: on each line the stretches inside a polygon are known
exactly (even-odd rule, so lines that cross themselves leave holes), and the lines lie closely.
"""

import math
from collections.abc import Sequence
from typing import Final

from ground_truth.consolidation.planes import Points, bounds, segments

_LINES: Final = 64
# In square pixels: nobody draws less, and lines across such a polygon would lie at one height.
_LEAST_AREA: Final = 1e-6


def outline(points: Points) -> Points:
    """Return a polygon that is not closed twice; raises ``ValueError`` where it has no area.

    Args:
        points: its vertices, none of which only repeats the one before.
    """
    found = points[:-1] if points and points[0] == points[-1] else points
    if len(found) < 3 or area(found) < _LEAST_AREA:
        raise ValueError(f"a polygon has no area: got {len(found)} different vertices in a row")
    return found


def area(polygon: Points) -> float:
    """Return the area a polygon's edge goes around (shoelace formula)."""
    return (
        abs(
            math.fsum(
                start[0] * end[1] - end[0] * start[1]
                for start, end in segments(polygon, closed=True)
            )
        )
        / 2.0
    )


def shared_area(first: Points, second: Points) -> float:
    """Return the area two polygons share, as a share of what both cover (Jaccard index), 0-1."""
    here, there = bounds(first), bounds(second)
    apart = max(here[0], there[0]) > min(here[2], there[2])
    if apart or max(here[1], there[1]) > min(here[3], there[3]):
        return 0.0  # as the lines would tell, in a hundredth of the time
    top, bottom = min(here[1], there[1]), max(here[3], there[3])
    if bottom <= top:
        return 0.0
    rows = zip(_stretches(first, top, bottom), _stretches(second, top, bottom), strict=True)
    common, total = [], []
    for one, other in rows:
        common.append(_common(one, other))
        total += [end - start for start, end in (*one, *other)]
    inside = math.fsum(common)
    either = math.fsum(total) - inside
    return inside / either if either > 0.0 else 0.0


Stretches = Sequence[tuple[float, float]]


def _stretches(polygon: Points, top: float, bottom: float) -> list[Stretches]:
    """Return the stretches inside the polygon on every line from ``top`` to ``bottom``."""
    crossings: list[list[float]] = [[] for _ in range(_LINES)]
    step = (bottom - top) / _LINES
    for start, end in segments(polygon, closed=True):
        (x, y), (other_x, other_y) = sorted((start, end), key=lambda point: (point[1], point[0]))
        if y == other_y:
            continue
        slope = (other_x - x) / (other_y - y)
        # Lines lie in the middle of their rows; one end of an edge belongs to it, the other not.
        first = max(0, math.ceil((y - top) / step - 0.5))
        for line in range(first, _LINES):
            height = top + (line + 0.5) * step
            if height >= other_y:
                break
            crossings[line].append(x + slope * (height - y))
    found: list[Stretches] = []
    for places in crossings:
        places.sort()
        found.append(list(zip(places[::2], places[1::2], strict=False)))
    return found


def _common(first: Stretches, second: Stretches) -> float:
    shared, here, there = 0.0, 0, 0
    while here < len(first) and there < len(second):
        (start, end), (other_start, other_end) = first[here], second[there]
        shared += max(0.0, min(end, other_end) - max(start, other_start))
        if end < other_end:
            here += 1
        else:
            there += 1
    return shared
