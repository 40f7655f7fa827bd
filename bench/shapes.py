"""How good consolidated boxes, spans and masks are, and what they take.

`python -m bench.shapes` makes crowds; `--data FOLDER` takes published sets, each a folder anywhere
below it with `boxes.csv`, `spans.csv` or `masks.csv`, `tasks.csv` and `truth.csv` (judged are the
objects of `images.csv`, or of the truth). The truth is only compared with.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench.built_in_shapes import COLUMNS
from bench.commands import ROOT, Took, measured
from bench.shape_crowds import made
from bench.shape_scores import Score, score
from ground_truth.consolidation.tables import read_rows, write_rows
from ground_truth_ops.errors import OpsError

ANSWERS: tuple[int | None, ...] = (3, 5, None)
CROWD_KIT = ("SegmentationMajorityVote", "SegmentationEM", "SegmentationRASA")  # masks alone
METHODS: Mapping[str, Sequence[str]] = {
    "one worker": (sys.executable, "-m", "bench.built_in_shapes", "single"),
    "documented built-in": (sys.executable, "-m", "bench.built_in_shapes", "documented"),
    "ours": (sys.executable, "-m", "ground_truth.consolidation"),
}
NUMBERS = ("f1", "precision", "overlap", "rank", "ece", "brier")
TITLES = ("F1", "AP", "overlap", "rank", "ECE", "Brier", "seconds", "MB")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.shapes", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of published sets")
    parser.add_argument("--draws", type=int, default=3, help="random draws of workers (default: 3)")
    parser.add_argument("--crowd-kit", help="a Python that has crowd-kit, for masks")
    options = parser.parse_args()
    console = Console(width=100, highlight=False)
    with TemporaryDirectory() as folder:
        sets = list(_published(options.data) if options.data else made(Path(folder)))
        if not sets:
            console.print(f"no boxes, spans or masks with truth.csv in {options.data}")
        try:
            for place in sets:
                kind = next(kind for kind in COLUMNS if (place / f"{kind}.csv").exists())
                console.print(f"\n{kind}, {place.name}", style="bold")
                console.print(_table(place, kind, options.draws, options.crowd_kit))
        except OpsError as error:
            console.print(str(error), markup=False)
            return 1
    return 0


def _published(data: Path) -> Iterator[Path]:
    for truth in sorted(data.rglob("truth.csv")):
        if any((truth.parent / f"{kind}.csv").exists() for kind in COLUMNS):
            yield truth.parent


def _table(place: Path, kind: str, draws: int, crowd_kit: str | None) -> Table:
    methods = dict(METHODS)
    if crowd_kit and kind == "masks":
        script = str(ROOT / "bench" / "crowd_kit.py")
        methods |= {f"crowd-kit {method}": (crowd_kit, script, method) for method in CROWD_KIT}
    table = Table(box=None)
    for title in ("workers", "method", *TITLES):
        table.add_column(title)
    for answers in ANSWERS:
        for name, command in methods.items():
            found = [
                _measured(place, kind, command, answers=answers, seed=seed)
                for seed in range(draws if answers else 1)
            ]
            table.add_row(str(answers or "all"), name, *_cells(found))
    return table


def _cells(found: Sequence[tuple[Score, Took]]) -> Iterator[str]:
    for number in NUMBERS:
        values = [getattr(each, number) for each, _ in found]
        yield "" if None in values else f"{fmean(values):.3f}"
    yield f"{fmean(took.seconds for _, took in found):.2f}"
    yield f"{fmean(took.megabytes for _, took in found):.0f}"


def _measured(
    place: Path, kind: str, command: Sequence[str], *, answers: int | None, seed: int
) -> tuple[Score, Took]:
    columns = ("object", *COLUMNS[kind])
    truth = list(read_rows(place / "truth.csv", columns))
    with TemporaryDirectory() as folder:
        judged = _draw(place, kind, Path(folder), answers=answers, seed=seed)
        images = place / "images.csv"
        if images.exists():
            judged &= {name for (name,) in read_rows(images, ("object",))}
        output = Path(folder, "out.csv")
        took = measured([*command, kind, folder, str(output)])
        found = list(read_rows(output, (*columns, "confidence")))
    return score(kind, truth, found, judged), took


def _draw(place: Path, kind: str, folder: Path, *, answers: int | None, seed: int) -> set[str]:
    """Write the answers of some random workers of each object, and return the objects."""
    draw = random.Random(seed)  # noqa: S311 - not a secret
    workers: dict[str, set[str]] = defaultdict(set)
    source = place / ("masks.csv" if kind == "masks" else "tasks.csv")
    for name, worker in read_rows(source, ("object", "worker")):
        workers[name].add(worker)
    kept = {
        (name, worker)
        for name, who in sorted(workers.items())
        for worker in draw.sample(sorted(who), min(answers or len(who), len(who)))
    }
    for file, columns in (("tasks", ()), (kind, COLUMNS[kind])):
        if (place / f"{file}.csv").exists():
            every = ("object", "worker", *columns)
            rows = read_rows(place / f"{file}.csv", every)
            write_rows(folder / f"{file}.csv", every, (row for row in rows if row[:2] in kept))
    return set(workers)


if __name__ == "__main__":
    sys.exit(main())
