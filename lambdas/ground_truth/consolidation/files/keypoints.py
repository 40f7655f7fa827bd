"""Keypoints: `tasks.csv`, `keypoints.csv` make object, x, y, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Where `images.csv`
(object, width, height) is there and names the object, points are moved into the image, and how near
two of one thing lie follows from its size; without it, from 20 pixels.
"""

from collections.abc import Sequence
from pathlib import Path

from ground_truth.consolidation import lines
from ground_truth.consolidation.mark_tables import (
    CONFIDENCE_DIGITS,
    PIXEL_DIGITS,
    read_image_sizes,
    read_marks,
)
from ground_truth.consolidation.planes import inside
from ground_truth.consolidation.shape_texts import POINT, number
from ground_truth.consolidation.tables import write_rows


def run(folder: Path, output: Path) -> None:
    """Consolidate the points of ``folder`` into ``output``, also those likelier wrong than right.

    Confidence estimates that there is such a thing with that label.
    """
    sizes = read_image_sizes(folder)

    def point(item: str, values: Sequence[str]) -> lines.Keypoint:
        size = sizes.get(item)
        x, y = map(number, values)
        return lines.keypoint(inside((x, y), size), size)

    job = read_marks(folder, "keypoints.csv", POINT, point)
    results = lines.keypoints(list(job.answers.values()), len(job.labels))
    write_rows(
        output,
        ("object", *POINT, "label", "confidence"),
        (
            (
                item,
                round(mark.shape.x, PIXEL_DIGITS),
                round(mark.shape.y, PIXEL_DIGITS),
                job.labels[mark.label],
                round(mark.confidence, CONFIDENCE_DIGITS),
            )
            for item, found in zip(job.answers, results, strict=True)
            for mark in found
        ),
    )
