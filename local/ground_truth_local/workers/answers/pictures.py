"""Just enough of images for masks: how large one is, an area filled, a PNG written.

Own code, because local AWS has no other use for an image library.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ground_truth_local.workers.errors import WorkersError

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Start-of-frame markers: all of C0 to CF but DHT, JPG and DAC
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Natural pixels."""

    width: int
    height: int


def size_of(image: bytes) -> Size:
    """Of a PNG or JPEG file (ground-truth.md 6.1); WorkersError for anything else."""
    if image.startswith(_PNG) and len(image) >= 24:
        width, height = struct.unpack(">II", image[16:24])
        return Size(width=width, height=height)
    if image.startswith(_JPEG):
        return _jpeg_size(image)
    raise WorkersError(f"an image begins with {image[:8]!r}, allowed are PNG and JPEG")


def _jpeg_size(image: bytes) -> Size:
    at = 2
    while at + 9 <= len(image):
        if image[at] != 0xFF:
            break
        marker = image[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", image[at + 5 : at + 9])
            return Size(width=width, height=height)
        at += 2 + struct.unpack(">H", image[at + 2 : at + 4])[0]
    raise WorkersError("a JPEG image says nowhere how large it is")


class Canvas:
    """A number per pixel; 0 is nothing."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.pixels = bytearray(size.width * size.height)

    def used(self) -> set[int]:
        """The numbers that are seen."""
        return set(self.pixels) - {0}

    def fill(self, vertices: Sequence[tuple[float, float]], number: int) -> None:
        """The area within an outline (even-odd), pixels counting by their centres."""
        width, height = self.size.width, self.size.height
        lowest = max(0, math.floor(min(y for _, y in vertices)))
        highest = min(height, math.ceil(max(y for _, y in vertices)))
        for row in range(lowest, highest):
            crossings = sorted(_crossings(vertices, row + 0.5))
            for left, right in zip(crossings[::2], crossings[1::2], strict=True):
                first, last = max(0, math.ceil(left - 0.5)), min(width, math.ceil(right - 0.5))
                if first < last:
                    start = row * width
                    self.pixels[start + first : start + last] = bytes([number]) * (last - first)


def _crossings(vertices: Sequence[tuple[float, float]], y: float) -> list[float]:
    found: list[float] = []
    for (x1, y1), (x2, y2) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        if (y1 <= y) != (y2 <= y):
            found.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return found


def png(canvas: Canvas, colors: Sequence[str]) -> bytes:
    """Number 1 in the first colour, and so on; 0 transparent. Eight bits a channel."""
    size = canvas.size
    channels = [_table(colors, channel) for channel in range(3)] + [b"\0" + b"\xff" * 255]
    rgba = bytearray(4 * len(canvas.pixels))
    for channel, table in enumerate(channels):
        rgba[channel::4] = canvas.pixels.translate(table)
    stride = 4 * size.width
    rows = b"".join(b"\0" + rgba[at : at + stride] for at in range(0, len(rgba), stride))
    header = struct.pack(">IIBBBBB", size.width, size.height, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return _PNG + b"".join(_chunk(kind, data) for kind, data in parts)


def _table(colors: Sequence[str], channel: int) -> bytes:
    at = 1 + 2 * channel
    values = bytes(int(color[at : at + 2], 16) for color in colors)
    return (b"\0" + values).ljust(256, b"\0")


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
