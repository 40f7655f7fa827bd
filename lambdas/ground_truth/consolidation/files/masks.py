"""Masks of one class: `masks.csv` makes object, height, width, rle, confidence.

`rle` is a list of run lengths, row by row: how many pixels are not marked, then how many are, and
so on in turn.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ground_truth.consolidation import masks
from ground_truth.consolidation.tables import LeftOut, read_rows, report_replaced, write_rows

_COLUMNS: Final = ("object", "worker", "height", "width", "rle")
_DIGITS: Final = 9
_PIXELS: Final = 100_000_000


def run(folder: Path, output: Path) -> None:
    """Consolidate ``folder/masks.csv`` into ``output``.

    A worker's last mask of an object counts. Of masks that differ in size, those of the size most
    gave count. Confidence estimates the overlap with the right mask.
    """
    answers: dict[str, dict[str, tuple[tuple[int, int], str]]] = {}
    path = folder / "masks.csv"
    wrong, replaced = LeftOut(path.name, "masks"), 0
    for item, worker, height, width, runs in read_rows(path, _COLUMNS):
        workers = answers.setdefault(item, {})
        try:
            size = int(height), int(width)
            _lengths(runs, size)
        except ValueError as error:
            wrong.add((item, worker), error)
            continue
        replaced += worker in workers
        workers[worker] = (size, runs)
    wrong.report()
    report_replaced(path, replaced)
    write_rows(
        output,
        ("object", "height", "width", "rle", "confidence"),
        (
            (item, *row)
            for item, workers in answers.items()
            if workers
            for row in [_consolidated(list(workers.values()))]
        ),
    )


def _consolidated(given: list[tuple[tuple[int, int], str]]) -> tuple[int, int, str, float]:
    sizes = [size for size, _ in given]
    height, width = max(sorted(set(sizes)), key=sizes.count)
    drawn = [decode(runs, size) for size, runs in sorted(given) if size == (height, width)]
    found = masks.consolidate(drawn)
    return height, width, encode(found.mask), round(found.confidence, _DIGITS)


def decode(runs: str, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return the mask of these run lengths; raises ``ValueError`` where they don't fill it."""
    height, width = size
    lengths = _lengths(runs, size)
    marked = np.arange(len(lengths)) % 2
    return np.repeat(marked.astype(np.uint8), lengths).reshape(height, width)


def _lengths(runs: str, size: tuple[int, int]) -> list[int]:
    height, width = size
    if not (height > 0 and width > 0 and height * width <= _PIXELS):
        raise ValueError(f"a mask has no such size: got {height} x {width}")
    # Whole numbers of any size: sums of an array's would start again from below.
    lengths = [int(part) for part in runs.split()]
    if min(lengths, default=0) < 0 or sum(lengths) != height * width:
        raise ValueError(f"run lengths do not fill {height} x {width}: got {sum(lengths)}")
    return lengths


def encode(mask: npt.NDArray[np.generic]) -> str:
    """Return a mask's run lengths, those of pixels that are not marked first."""
    flat = np.concatenate(([0], (mask.ravel() != 0).astype(np.int8), [2]))
    ends = np.flatnonzero(np.diff(flat))
    return " ".join(map(str, np.diff(ends, prepend=0)))
