"""Instances of several workers: things of which each has an area of pixels of its own.

Which areas mean the same thing, and whether it is there, is told as of boxes, by the pixels two
share as a share of what both cover (Jaccard index); the area of a thing is made of those that mean
it as a mask is (``masks``). Of instances that touch, both may claim a pixel: neither is cut.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ground_truth.consolidation import marks, masks
from ground_truth.consolidation.linkage import Similarities, overlaps

_LINK: Final = 0.4

_Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Area:
    """Pixels of an image, as the part from the topmost to the lowest, leftmost to rightmost one.

    ``height`` and ``width`` are the image's, ``bits`` a bit for each pixel of the part, row by row.
    """

    height: int
    width: int
    top: int
    left: int
    rows: int
    columns: int
    bits: bytes

    @classmethod
    def of(cls, part: _Pixels, size: tuple[int, int], *, top: int = 0, left: int = 0) -> "Area":
        """Return what a part of an image of ``size`` (height, width) marks, not 0 being marked.

        Raises:
            ValueError: that is nothing.
        """
        marked = part != 0
        down, across = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
        if not down.size:
            raise ValueError("an instance has no pixels")
        inner = marked[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        return cls(
            height=size[0],
            width=size[1],
            top=top + int(down[0]),
            left=left + int(across[0]),
            rows=inner.shape[0],
            columns=inner.shape[1],
            bits=np.packbits(inner).tobytes(),
        )

    @cached_property
    def part(self) -> _Pixels:
        """The pixels of the part, 1 where they are marked."""
        bits = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8))
        return bits[: self.rows * self.columns].reshape(self.rows, self.columns)

    @cached_property
    def pixels(self) -> int:
        """How many there are."""
        return int(np.count_nonzero(self.part))

    def window(self, top: int, left: int, bottom: int, right: int) -> _Pixels:
        """Return the pixels of another part of the image, all of this one's within it or not."""
        found = np.zeros((bottom - top, right - left), dtype=np.uint8)
        first, last = max(top, self.top), min(bottom, self.top + self.rows)
        start, end = max(left, self.left), min(right, self.left + self.columns)
        if first < last and start < end:
            found[first - top : last - top, start - left : end - left] = self.part[
                first - self.top : last - self.top, start - self.left : end - self.left
            ]
        return found


def consolidate(
    objects: Sequence[marks.Answers[Area]], classes: int
) -> list[list[marks.FusedMark[Area]]]:
    """Return the instances of each object, the likeliest first; see ``marks.consolidate``."""
    return marks.consolidate(objects, classes, _Areas())


def overlap(first: Area, second: Area) -> float:
    """Return the pixels two areas share, as a share of what both cover (Jaccard index), 0-1."""
    top, left = max(first.top, second.top), max(first.left, second.left)
    bottom = min(first.top + first.rows, second.top + second.rows)
    right = min(first.left + first.columns, second.left + second.columns)
    if (first.height, first.width) != (second.height, second.width):
        return 0.0
    if top >= bottom or left >= right:
        return 0.0
    place = top, left, bottom, right
    shared = int(np.count_nonzero(first.window(*place) & second.window(*place)))
    return shared / (first.pixels + second.pixels - shared)


class _Areas:
    link = _LINK
    nothing = 0.5
    agreement_weight = 6.0

    def order(self, shape: Area) -> tuple[float, ...]:
        place = (shape.left, shape.top, shape.columns, shape.rows, shape.height, shape.width)
        return (*place, zlib.crc32(shape.bits))

    def similarities(self, shapes: Sequence[Area]) -> Similarities:
        return overlaps(shapes, overlap, lambda area: (area.left, area.left + area.columns))

    def fuser(
        self, seen: Sequence[marks.Cluster[Area]]
    ) -> Callable[[marks.Cluster[Area]], marks.Fused[Area]]:
        del seen
        return lambda cluster: marks.Fused(shape=_fused([area for _, area in cluster]))


def _fused(areas: Sequence[Area]) -> Area:
    """Return one area; those of a cluster overlap, so they are of one image."""
    height, width = areas[0].height, areas[0].width
    top = max(0, min(area.top for area in areas) - masks.ROOM)
    left = max(0, min(area.left for area in areas) - masks.ROOM)
    bottom = min(height, max(area.top + area.rows for area in areas) + masks.ROOM)
    right = min(width, max(area.left + area.columns for area in areas) + masks.ROOM)
    drawn = [area.window(top, left, bottom, right) for area in areas]
    return Area.of(masks.consolidate(drawn).mask, (height, width), top=top, left=left)
