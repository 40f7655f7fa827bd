"""One worker alone, and what Ground Truth documents of its built-in consolidation of shapes.

The service's code is its own. The developer guide says: the most similar boxes of different workers
by the Jaccard index are averaged; selections of text are clustered by the Jaccard index, their ends
the mode or else the median, their label the most frequent; each pixel of a mask is a vote, smoothed
afterwards. Confidences are the share of workers, as nothing else is said of them.
`python -m bench.built_in_shapes METHOD KIND FOLDER OUTPUT.csv`, METHOD one of single, documented.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ground_truth.consolidation.boxes import BoxGeometry
from ground_truth.consolidation.files.masks import decode, encode
from ground_truth.consolidation.linkage import clusters
from ground_truth.consolidation.spans import SpanGeometry
from ground_truth.consolidation.tables import read_rows, write_rows

COLUMNS = {
    "boxes": ("left", "top", "width", "height", "label"),
    "spans": ("start", "end", "label"),
    "masks": ("height", "width", "rle"),
}
Drawn = Mapping[str, Sequence[tuple[str, ...]]]
"""by worker: the values of each shape"""


def main(method: str, kind: str, folder: Path, output: Path) -> None:
    answers: dict[str, dict[str, list[tuple[str, ...]]]] = defaultdict(dict)
    if kind != "masks":
        for name, worker in read_rows(folder / "tasks.csv", ("object", "worker")):
            answers[name].setdefault(worker, [])
    for name, worker, *values in read_rows(
        folder / f"{kind}.csv", ("object", "worker", *COLUMNS[kind])
    ):
        answers[name].setdefault(worker, []).append(tuple(values))
    rows = [
        (name, *row)
        for name, drawn in answers.items()
        for row in (_single(name, drawn) if method == "single" else _documented(kind, drawn))
    ]
    write_rows(output, ("object", *COLUMNS[kind], "confidence"), rows)


def _single(name: str, drawn: Drawn) -> list[tuple[object, ...]]:
    # Any of them: the first by name are those who work most.
    chance = random.Random(" ".join([name, *sorted(drawn)]))  # noqa: S311 - not a secret
    return [(*shape, 0.9) for shape in drawn[chance.choice(sorted(drawn))]]


def _documented(kind: str, drawn: Drawn) -> list[tuple[object, ...]]:
    return _mask(drawn) if kind == "masks" else _marks(kind, drawn)


def _marks(kind: str, drawn: Drawn) -> list[tuple[object, ...]]:
    shapes = sorted(
        (_edges(kind, values), values[-1], worker)
        for worker, every in drawn.items()
        for values in set(every)
    )
    places = [place for place, _, _ in shapes]
    alike = (
        BoxGeometry().similarities([(a, b, c, d) for a, b, c, d in places])
        if kind == "boxes"
        else SpanGeometry().similarities([(int(a), int(b)) for a, b in places])
    )
    found: list[tuple[object, ...]] = []
    for members in clusters([worker for *_, worker in shapes], alike, threshold=0.5):
        label = Counter(shapes[member][1] for member in members).most_common(1)[0][0]
        sides = list(zip(*(places[member] for member in members), strict=True))
        share = len(members) / len(drawn)
        if kind == "boxes":
            left, top, right, bottom = (statistics.fmean(side) for side in sides)
            found.append((left, top, right - left, bottom - top, label, share))
        else:
            found.append((*(int(_mode(side)) for side in sides), label, share))
    return found


def _edges(kind: str, values: Sequence[str]) -> tuple[float, ...]:
    numbers = [float(value) for value in values[:-1]]
    if kind == "spans":
        return tuple(numbers)
    left, top, width, height = numbers
    return left, top, left + width, top + height


def _mode(values: Sequence[float]) -> float:
    (value, count), *others = Counter(values).most_common(2)
    return statistics.median_low(values) if others and others[0][1] == count else value


def _mask(drawn: Drawn) -> list[tuple[object, ...]]:
    every = [shapes[-1] for shapes in drawn.values()]
    height, width = int(every[0][0]), int(every[0][1])
    masks = np.stack([decode(runs, (height, width)) for *_, runs in every]).astype(np.float64)
    votes = np.pad((masks.mean(axis=0) > 0.5).astype(np.float64), 1, mode="edge")
    smooth = sum(
        votes[row : row + height, column : column + width]
        for row in range(3)
        for column in range(3)
    )
    found = np.asarray(smooth) > 4.5
    overlaps = [
        float((found & (mask > 0)).sum() / max(1, (found | (mask > 0)).sum())) for mask in masks
    ]
    return [(height, width, encode(found), statistics.fmean(overlaps))]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
