"""Polygons: `tasks.csv`, `polygons.csv` make object, vertices, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Where `images.csv`
(object, width, height) is there and names the object, vertices are moved into the image.
"""

from pathlib import Path

from ground_truth.consolidation import areas, line_tables, lines


def run(folder: Path, output: Path) -> None:
    """Consolidate the polygons of ``folder``; the first vertex need not come again at the end.

    Confidence estimates that there is such a thing with that label.
    """
    line_tables.consolidate(
        folder, output, name="polygons.csv", shape=areas.outline, algorithm=lines.polygons
    )
