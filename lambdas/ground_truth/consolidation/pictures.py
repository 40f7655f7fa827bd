"""Masks as PNG files: what workers drew becomes class numbers, class numbers become a picture."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from ground_truth.consolidation.masks import Mask

MOST_CLASSES: Final = 255  # one byte a pixel, 0 being nothing
_OPAQUE: Final = 128


class PictureError(ValueError):
    """A file that is no picture after all."""


def read_classes(png: bytes, colors: Iterable[tuple[int, int]]) -> Mask:
    """Return the class index plus one of every pixel, 0 where its color is none of ``colors``.

    Args:
        png: the file.
        colors: pairs of a color, 0xRRGGBB, and a class index.

    Transparent pixels are nothing, whatever color lies below. A color between two, as smooth edges
    have them, is nothing as well: people's tools draw without them.

    Raises:
        PictureError: the file can't be unpacked.
    """
    packed, opaque = _pixels(png)
    # A table of all colors: one look per pixel, however many classes there are.
    table = np.zeros(1 << 24, dtype=np.uint8)
    for color, label in colors:
        table[color] = label + 1
    found: npt.NDArray[np.uint8] = np.where(opaque, table[packed], 0)
    return found.astype(np.uint8)


def colors_of(png: bytes) -> frozenset[int]:
    """Return the colors of a picture's pixels, 0xRRGGBB; raises ``PictureError``."""
    packed, opaque = _pixels(png)
    return frozenset(np.unique(packed[opaque]).tolist())


def _pixels(png: bytes) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """Return the color of every pixel and whether it is there."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            pixels = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError(f"the PNG file can't be read: {type(error).__name__}") from error
    packed = (
        pixels[..., 0].astype(np.uint32) << 16
        | pixels[..., 1].astype(np.uint32) << 8
        | pixels[..., 2]
    )
    return packed, pixels[..., 3] >= _OPAQUE


def write_classes(mask: Mask, palette: Sequence[int]) -> bytes:
    """Return a PNG file with a palette: class numbers as they are, shown in these colors."""
    image = Image.fromarray(mask.astype(np.uint8))
    image.putpalette([part for color in palette for part in color.to_bytes(3, "big")])
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def palette_of(classes: int, used: Mapping[int, int]) -> list[int]:
    """Return a color for nothing (white) and for every class, 0xRRGGBB, no two alike.

    ``used`` are the colors workers saw, by class index; others get one that lies far from its
    neighbours.
    """
    taken = {0xFFFFFF, *used.values()}
    colors = [0xFFFFFF]
    for label in range(classes):
        color = used.get(label)
        step = label
        while color is None:
            step += 1
            candidate = step * 0x9E3779 & 0xFFFFFF  # golden ratio: spread evenly
            if candidate not in taken:
                color = candidate
        taken.add(color)
        colors.append(color)
    return colors
