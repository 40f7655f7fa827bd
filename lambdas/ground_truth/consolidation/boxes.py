"""Bounding boxes of several workers, in pixels from the top left corner.

Boxes are of one thing when they overlap by 0.4 on average (intersection over union, Jaccard 1912):
small things are drawn so variously that 0.5 takes them apart.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

from ground_truth.consolidation import marks
from ground_truth.consolidation.box_fusion import Edges, fuse, worker_spreads
from ground_truth.consolidation.linkage import Similarities, overlaps

_LINK: Final = 0.4
# In pixels: nobody draws less, and the areas of such boxes would be rounded to nothing.
_LEAST_SIDE: Final = 1e-3


def consolidate(
    objects: Sequence[marks.Answers[Edges]], classes: int
) -> list[list[marks.FusedMark[Edges]]]:
    """Return the boxes of each object, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, BoxGeometry())


def overlap(first: Edges, second: Edges) -> float:
    """Return the area two boxes share, as a share of what both cover (Jaccard index), 0-1."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0.0 or height <= 0.0:
        return 0.0
    return width * height / (_area(first) + _area(second) - width * height)


def within(edges: Edges, size: tuple[float, float] | None) -> Edges:
    """Return the part of a box that lies in an image of ``size`` (width, height).

    Raises:
        ValueError: there is none, or the box has no area.
    """
    width, height = size or (math.inf, math.inf)
    left, top, right, bottom = edges
    inside = (
        (max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)) if size else edges
    )
    if min(inside[2] - inside[0], inside[3] - inside[1]) < _LEAST_SIDE:
        where = f" in an image of {width:g} x {height:g}" if size else ""
        raise ValueError(
            f"a box covers nothing{where}: got {right - left:g} x {bottom - top:g} "
            f"at {left:g}, {top:g}"
        )
    return inside


class BoxGeometry:
    """Boxes as shapes that can be clustered and fused."""

    link = _LINK
    nothing = 0.5
    agreement_weight = 6.0

    def order(self, shape: Edges) -> tuple[float, ...]:
        """Return the edges, left first."""
        return shape

    def similarities(self, shapes: Sequence[Edges]) -> Similarities:
        """Return the overlaps of boxes sorted by their left edge."""
        return overlaps(shapes, overlap, lambda box: (box[0], box[2]))

    def fuser(
        self, seen: Sequence[marks.Cluster[Edges]]
    ) -> Callable[[marks.Cluster[Edges]], marks.Fused[Edges]]:
        """Return the fusion of boxes with the spreads of the workers learned from ``seen``."""
        spreads = worker_spreads(seen)
        return lambda cluster: marks.Fused(shape=fuse(cluster, spreads))


def _area(edges: Edges) -> float:
    return (edges[2] - edges[0]) * (edges[3] - edges[1])
