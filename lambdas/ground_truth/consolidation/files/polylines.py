"""Polylines: `tasks.csv`, `polylines.csv` make object, vertices, label, confidence.

`tasks.csv` (object, worker) has every task done, also by who saw nothing. Where `images.csv`
(object, width, height) is there and names the object, vertices are moved into the image.
"""

from pathlib import Path

from ground_truth.consolidation import line_tables, lines


def run(folder: Path, output: Path) -> None:
    """Consolidate the lines of ``folder``, whichever end they were begun at.

    Confidence estimates that there is such a thing with that label.
    """
    line_tables.consolidate(
        folder, output, name="polylines.csv", shape=lines.line, algorithm=lines.polylines
    )
