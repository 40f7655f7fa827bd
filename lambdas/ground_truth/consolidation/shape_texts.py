"""Shapes as CSV files have them: one or a few columns of numbers; with the standard library alone.

All raise ``ValueError`` where there is no such shape.
"""

import math
from collections.abc import Sequence
from typing import Final

from ground_truth.consolidation.box_fusion import Edges
from ground_truth.consolidation.planes import MOST_VERTICES, Points

BOX: Final = ("left", "top", "width", "height")
LINE: Final = ("vertices",)
POINT: Final = ("x", "y")
SPAN: Final = ("start", "end")

# Coordinates beyond that are no image's; their areas still have all digits that matter.
_MOST: Final = 1e9


def number(text: str) -> float:
    """Return a number of an image's size."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: got {text!r}")
    if abs(value) > _MOST:
        raise ValueError(f"number is out of range: got {text!r}, allowed {-_MOST:g} to {_MOST:g}")
    return value


def edges(values: Sequence[str]) -> Edges:
    """Return the edges of left, top, width and height, wherever they lie."""
    left, top, width, height = map(number, values)
    return left, top, left + width, top + height


def points(values: Sequence[str]) -> Points:
    """Return the points of one text: x and y of each in turn, with spaces between them."""
    coordinates = values[0].split()
    if len(coordinates) % 2 or len(coordinates) > 2 * MOST_VERTICES:
        raise ValueError(
            f"vertices are not x and y in turn: got {len(coordinates)} numbers, "
            f"allowed an even number up to {2 * MOST_VERTICES}"
        )
    found = [number(value) for value in coordinates]
    return tuple(zip(found[::2], found[1::2], strict=True))


def span(values: Sequence[str], length: int | None = None) -> tuple[int, int]:
    """Return start and end, within a text of ``length`` where that is known."""
    start, end = map(int, values)
    if not 0 <= start < end or (length is not None and end > length):
        allowed = "the text" if length is None else f"a text of {length} characters"
        raise ValueError(f"a span is not within {allowed}: got {start} to {end}")
    return start, end
