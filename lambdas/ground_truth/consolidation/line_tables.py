"""Files of polygons and of polylines: whose vertices are numbers in one column.

``vertices`` has x and y of one point after another, in pixels, with spaces between them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from ground_truth.consolidation.mark_tables import (
    CONFIDENCE_DIGITS,
    PIXEL_DIGITS,
    read_image_sizes,
    read_marks,
)
from ground_truth.consolidation.marks import Answers, FusedMark
from ground_truth.consolidation.planes import Points, inside, steps
from ground_truth.consolidation.shape_texts import LINE, points
from ground_truth.consolidation.tables import write_rows


def consolidate(
    folder: Path,
    output: Path,
    *,
    name: str,
    shape: Callable[[Points], Points],
    algorithm: Callable[[Sequence[Answers[Points]], int], list[list[FusedMark[Points]]]],
) -> None:
    """Consolidate ``folder/name`` into ``output``, also what is more likely wrong than right.

    Args:
        folder: where the files lie.
        output: the file to write.
        name: the file of lines, with object, worker, vertices and label.
        shape: makes a shape of points, none of which only repeats the one before; raises
            ``ValueError``.
        algorithm: consolidates the shapes of each object.
    """
    sizes = read_image_sizes(folder)

    def drawn(item: str, values: Sequence[str]) -> Points:
        size = sizes.get(item)
        return shape(steps(inside(point, size) for point in points(values)))

    job = read_marks(folder, name, LINE, drawn)
    results = algorithm(list(job.answers.values()), len(job.labels))
    write_rows(
        output,
        ("object", *LINE, "label", "confidence"),
        (
            (item, _text(mark.shape), job.labels[mark.label], round(sure, CONFIDENCE_DIGITS))
            for item, found in zip(job.answers, results, strict=True)
            for mark in found
            for sure in [mark.confidence]
        ),
    )


def _text(points: Points) -> str:
    return " ".join(str(round(value, PIXEL_DIGITS)) for point in points for value in point)
