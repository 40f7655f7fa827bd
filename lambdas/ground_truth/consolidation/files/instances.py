"""Instances: `tasks.csv`, `instances.csv` make object, height, width, rle, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Each instance has a row
with the size of its image, and run lengths of its own as masks have them.
"""

from collections.abc import Sequence
from pathlib import Path

from ground_truth.consolidation import instances
from ground_truth.consolidation.files.masks import decode, encode
from ground_truth.consolidation.mark_tables import CONFIDENCE_DIGITS, read_marks
from ground_truth.consolidation.tables import write_rows

_COLUMNS = ("height", "width", "rle")


def run(folder: Path, output: Path) -> None:
    """Consolidate the instances of ``folder``, also those likelier wrong than right.

    Confidence estimates that there is such a thing with that label.
    """
    job = read_marks(folder, "instances.csv", _COLUMNS, _area)
    results = instances.consolidate(list(job.answers.values()), len(job.labels))
    write_rows(
        output,
        ("object", *_COLUMNS, "label", "confidence"),
        (
            (
                item,
                *_values(mark.shape),
                job.labels[mark.label],
                round(mark.confidence, CONFIDENCE_DIGITS),
            )
            for item, found in zip(job.answers, results, strict=True)
            for mark in found
        ),
    )


def _area(_item: str, values: Sequence[str]) -> instances.Area:
    size = int(values[0]), int(values[1])
    return instances.Area.of(decode(values[2], size), size)


def _values(area: instances.Area) -> tuple[int, int, str]:
    whole = area.window(0, 0, area.height, area.width)
    return area.height, area.width, encode(whole)
