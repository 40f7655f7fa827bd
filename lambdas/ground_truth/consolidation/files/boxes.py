"""Boxes: `tasks.csv`, `boxes.csv` make object, left, top, width, height, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Where `images.csv`
(object, width, height) is there and names the object, boxes are cut off at the image's edges.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ground_truth.consolidation import boxes
from ground_truth.consolidation.box_fusion import Edges
from ground_truth.consolidation.mark_tables import (
    CONFIDENCE_DIGITS,
    PIXEL_DIGITS,
    read_image_sizes,
    read_marks,
)
from ground_truth.consolidation.marks import FusedMark
from ground_truth.consolidation.shape_texts import BOX, edges
from ground_truth.consolidation.tables import write_rows


def run(folder: Path, output: Path) -> None:
    """Consolidate the boxes of ``folder`` into ``output``, also those more likely wrong than right.

    Confidence estimates that there is such a thing with that label.
    """
    sizes = read_image_sizes(folder)

    def shape(item: str, values: Sequence[str]) -> Edges:
        return boxes.within(edges(values), sizes.get(item))

    job = read_marks(folder, "boxes.csv", BOX, shape)
    results = boxes.consolidate(list(job.answers.values()), len(job.labels))
    write_rows(
        output,
        ("object", *BOX, "label", "confidence"),
        _rows(zip(job.answers, results, strict=True), job.labels),
    )


def _rows(
    results: Iterable[tuple[str, Sequence[FusedMark[Edges]]]], labels: Sequence[str]
) -> Iterator[Sequence[object]]:
    for item, found in results:
        for box in found:
            left, top, right, bottom = box.shape
            place = (
                round(value, PIXEL_DIGITS) for value in (left, top, right - left, bottom - top)
            )
            yield item, *place, labels[box.label], round(box.confidence, CONFIDENCE_DIGITS)
