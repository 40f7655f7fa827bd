"""How workers' masks are written: what the segmentation element of worker templates sends.

`crowd-semantic-segmentation` sends `labelMappings`, a color for every label that was used, and
`labeledImage.pngImageData`, a PNG file in base64, whose pixels have those colors (developer guide,
"Crowd HTML elements reference"). The image is only taken out here; whoever consolidates it has the
libraries to look into it.
"""

import base64
import binascii
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ground_truth.answers import AnswerError, element_value, kind_of, unmodified

ELEMENT: Final = "crowd-semantic-segmentation"

_KEY: Final = "labeledImage"
# An image of 50 million pixels; drawn areas compress well.
_CONTENT_CHARACTERS: Final = 16_000_000
_MOST_PIXELS: Final = 50_000_000
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_COLOR: Final = re.compile(r"#([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMask:
    """One worker's mask: a PNG file of ``size`` (width, height) and what its colors mean.

    ``colors`` are pairs of a color, 0xRRGGBB, and a class index. ``flaws`` tell what was left out,
    ``unmodified`` that it is what the page began with.
    """

    worker: str
    png: bytes
    size: tuple[int, int]
    colors: tuple[tuple[int, int], ...]
    flaws: tuple[str, ...]
    unmodified: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """One mask of the categories, which are in class index order."""

    labels: Sequence[str]
    element: str = ELEMENT
    limit: int = _CONTENT_CHARACTERS

    def answer(self, worker: str, content: Mapping[str, object]) -> DrawnMask:
        """Return the mask of a worker; raises ``AnswerError``."""
        value = element_value(content, self.element, _KEY)
        image = value.get(_KEY)
        data = image.get("pngImageData") if isinstance(image, Mapping) else None
        if not isinstance(data, str):
            raise AnswerError(f"pngImageData is not text: got {kind_of(data)}")
        try:
            png = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise AnswerError("pngImageData is not base64") from error
        colors, flaws = self._colors(value.get("labelMappings"))
        return DrawnMask(
            worker=worker,
            png=png,
            size=png_size(png),
            colors=colors,
            flaws=flaws,
            unmodified=unmodified(value),
        )

    def _colors(self, mappings: object) -> tuple[tuple[tuple[int, int], ...], tuple[str, ...]]:
        if not isinstance(mappings, Mapping):
            raise AnswerError(f"labelMappings is not an object: got {kind_of(mappings)}")
        colors: dict[int, int] = {}
        flaws = []
        for label, entry in mappings.items():
            color = _color(entry)
            if label not in self.labels:
                flaws.append(f"a label is not one of the categories: got {kind_of(label)}")
            elif color is None:
                flaws.append("a label's color is not written #rrggbb")
            elif color in colors:
                flaws.append("two labels have one color")
            else:
                colors[color] = self.labels.index(label)
        if flaws and not colors:
            raise AnswerError(f"none of {len(flaws)} labels can be read: {flaws[0]}")
        return tuple(sorted(colors.items())), tuple(sorted(flaws))


def _color(entry: object) -> int | None:
    color = entry.get("color") if isinstance(entry, Mapping) else None
    return color_of(color) if isinstance(color, str) else None


def color_of(text: str) -> int | None:
    """Return a color written #rrggbb as 0xRRGGBB; None when it isn't written so."""
    found = _COLOR.fullmatch(text)
    return int(found[1], 16) if found else None


def png_size(png: bytes) -> tuple[int, int]:
    """Return width and height as the file's header tells them, before anything is unpacked.

    Raises ``AnswerError`` where it is none of a PNG file, or tells of too many pixels.
    """
    if len(png) < 33 or not png.startswith(_SIGNATURE) or png[12:16] != b"IHDR":
        raise AnswerError("pngImageData is not a PNG file")
    width, height = struct.unpack(">II", png[16:24])
    if not 0 < width * height <= _MOST_PIXELS:
        raise AnswerError(f"the mask is too large: got {width} x {height} pixels")
    return width, height
