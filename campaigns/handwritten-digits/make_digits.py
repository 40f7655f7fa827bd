"""Makes `data/` and `truth.csv` from the digits that scikit-learn ships.

    pip install --target DIR scikit-learn
    python make_digits.py DIR/sklearn/datasets/data/digits.csv.gz

Each row of the source holds 64 grey values from 0 (paper) to 16 (ink) and the digit. Of every
digit the same number of rows is taken, evenly spaced through the file, so all writers are in.
The 8x8 values get a margin of one cell of paper, are interpolated bilinearly at pixel centres to
128x128, turned to dark on light, and written as PNG with 16 grey levels. The file name is the
row's number in the source, so it doesn't give the digit away. Standard library only; the same
source always gives the same pixels.
"""

from __future__ import annotations

import csv
import gzip
import struct
import sys
import zlib
from pathlib import Path

PER_DIGIT = 25
SOURCE_SIDE = 8
CELLS = SOURCE_SIDE + 2  # with the margin, because most digits touch the edges
SIDE = 128
INK = 16
LEVELS = 16  # four bits a pixel

Grey = list[list[float]]


def read_rows(path: Path) -> list[list[int]]:
    """Read the source: 64 grey values and the digit in each row."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as lines:
        return [[int(float(value)) for value in row] for row in csv.reader(lines)]


def chosen(rows: list[list[int]]) -> list[int]:
    """Return the row numbers to ship, as many of each digit, evenly spaced."""
    picked: list[int] = []
    for digit in range(10):
        numbers = [number for number, row in enumerate(rows) if row[-1] == digit]
        picked += [numbers[step * len(numbers) // PER_DIGIT] for step in range(PER_DIGIT)]
    return sorted(picked)


def framed(values: list[int]) -> Grey:
    """Lay the 64 values out in rows, with a margin of paper around them."""
    paper = [0.0] * CELLS
    rows = [
        [0.0, *(float(ink) for ink in values[start : start + SOURCE_SIDE]), 0.0]
        for start in range(0, len(values), SOURCE_SIDE)
    ]
    return [paper, *rows, paper]


def enlarged(pixels: Grey) -> Grey:
    """Interpolate rows, then columns."""
    return transposed(stretched(transposed(stretched(pixels))))


def stretched(pixels: Grey) -> Grey:
    """Interpolate every row to SIDE values; beyond the outer centres the edge value holds."""
    positions = [min(max((x + 0.5) * CELLS / SIDE - 0.5, 0), CELLS - 1) for x in range(SIDE)]
    result = []
    for row in pixels:
        line = []
        for position in positions:
            left = min(int(position), CELLS - 2)
            part = position - left
            line.append(row[left] * (1 - part) + row[left + 1] * part)
        result.append(line)
    return result


def transposed(pixels: Grey) -> Grey:
    return [list(column) for column in zip(*pixels, strict=True)]


def png(pixels: Grey) -> bytes:
    """Encode ink values (0-16) as a greyscale PNG of four bits a pixel, ink dark."""
    lines = []
    for row in pixels:
        levels = [round((INK - ink) * (LEVELS - 1) / INK) for ink in row]
        packed = bytes(high << 4 | low for high, low in zip(levels[::2], levels[1::2], strict=True))
        lines.append(b"\0" + packed)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 4, 0, 0, 0, 0)
    body = zlib.compress(b"".join(lines), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def main(source: Path) -> None:
    folder = Path(__file__).parent
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for old in data.glob("*.png"):
        old.unlink()
    rows = read_rows(source)
    with (folder / "truth.csv").open("w", encoding="ascii", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["object", "label"])
        for number in chosen(rows):
            *values, digit = rows[number]
            name = f"{number:04d}.png"
            (data / name).write_bytes(png(enlarged(framed(values))))
            table.writerow([name, digit])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
