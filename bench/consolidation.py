"""How good consolidated labels are, and what they take, beside crowd-kit and the documented way.

`python -m bench.consolidation` makes crowds; `--data FOLDER` takes published sets, each a folder
with `labels.csv` (object,worker,label) and `truth.csv` (object,label), which is only compared with.
`--crowd-kit PYTHON` names an interpreter that has crowd-kit; without one its rows are left out.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench import batches
from bench.commands import Took, commands, measured, run
from bench.crowds import crowd_of_sets
from bench.scores import Score, label_sets, single_labels
from bench.sets import AnswerSet, made_set, read_sets, write_large
from ground_truth_ops.errors import OpsError

Measured = tuple[Score, Took]
ANSWERS: tuple[int | None, ...] = (3, 5, None)
COMMON = {"c00", "c01"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.consolidation", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of folders with labels.csv and truth.csv")
    parser.add_argument("--draws", type=int, default=3, help="random draws of answers (default: 3)")
    parser.add_argument("--crowd-kit", metavar="PYTHON", help="an interpreter that has crowd-kit")
    parser.add_argument(
        "--answers", type=int, default=1_000_000, help="for speed (0: leave it out)"
    )
    options = parser.parse_args()
    console = Console(width=100, highlight=False)
    sets = (
        list(read_sets(options.data)) if options.data else [made_set(labels=2), made_set(labels=6)]
    )
    if not sets:
        parser.error(f"--data: no folder with labels.csv and truth.csv in {options.data}")
    if not options.crowd_kit:
        console.print(
            "crowd-kit is left out: --crowd-kit names no interpreter (docs/benchmarks.md)"
        )
    try:
        console.print(f"\nsingle labels, mean of {len(sets)} sets: {_names(sets)}", style="bold")
        console.print(_whole_jobs(sets, options.draws, options.crowd_kit))
        console.print("\nsingle labels in batches, the same sets", style="bold")
        console.print(_in_batches(sets, options.draws))
        console.print("\nsets of labels, made crowds, the two common labels", style="bold")
        console.print(_sets_of_labels(options.draws, options.crowd_kit))
        if options.answers:
            console.print(f"\n{options.answers:,} answers, the whole command", style="bold")
            console.print(_speed(options.answers, options.crowd_kit))
    except OpsError as error:
        console.print(str(error), markup=False)
        return 1
    return 0


def _names(sets: Sequence[AnswerSet]) -> str:
    return ", ".join(found.name for found in sets)


def _whole_jobs(sets: Sequence[AnswerSet], draws: int, crowd_kit: str | None) -> Table:
    table = _table("accuracy", "ECE", "Brier", "AURC", "seconds", "MB")
    for answers in ANSWERS:
        for name, command in commands("classification", crowd_kit).items():
            per_set = [
                _mean([_single(found.drawn(answers, seed), command) for seed in range(count)])
                for found in sets
                for count in (draws if answers else 1,)
            ]
            table.add_row(str(answers or "all"), name, *_cells(_mean(per_set)))
    return table


def _single(found: AnswerSet, command: Sequence[str]) -> Measured:
    with TemporaryDirectory() as folder:
        found.write(Path(folder))
        rows, took = run(command, Path(folder))
    labels = {name: (label, float(sure)) for name, label, sure in rows}
    return single_labels(found.truth, labels), took


def _sets_of_labels(draws: int, crowd_kit: str | None) -> Table:
    table = _table("F1", "ECE", "Brier", "", "seconds", "MB")
    for answers in (3, 5, 15):
        for name, command in commands("multilabel", crowd_kit).items():
            found = _mean([_sets(answers, seed, command) for seed in range(draws)])
            table.add_row(str(answers), name, *_cells(found))
    return table


def _sets(answers: int, seed: int, command: Sequence[str]) -> Measured:
    crowd = crowd_of_sets(objects=1000, answers=answers, seed=seed)
    rows = [
        (name, worker, " ".join(f"c{label:02}" for label in sorted(labels)))
        for name, worker, labels in crowd.rows
    ]
    with TemporaryDirectory() as folder:
        AnswerSet(name="sets", rows=rows, truth={}).write(Path(folder), "labels")
        result, took = run(command, Path(folder))
    found = {(name, label): float(sure) for name, label, sure in result}
    truth = {(name, f"c{label:02}") for name, label in crowd.truth}
    return label_sets(truth, found, judged=COMMON), took


def _in_batches(sets: Sequence[AnswerSet], draws: int) -> Table:
    table = _table("accuracy", "ECE", "Brier", "AURC")
    nothing = Took(seconds=0.0, megabytes=0.0)
    for answers, batch in ((3, 10), (3, 200), (5, 10), (5, 200)):
        for method in batches.METHODS:
            scores = [
                (batches.score(found.drawn(answers, seed), method, batch=batch, seed=seed), nothing)
                for found in sets
                for seed in range(draws)
            ]
            table.add_row(f"{answers}, {batch}", method, *_cells(_mean(scores))[:4])
    return table


def _speed(answers: int, crowd_kit: str | None) -> Table:
    """Three rounds in turns; the ratio is the median of the rounds' own."""
    wanted = {
        name: command
        for name, command in commands("classification", crowd_kit).items()
        if name in {"ours", "crowd-kit DawidSkene"}
    }
    with TemporaryDirectory() as folder:
        write_large(Path(folder), answers=answers)
        rounds = [
            {
                name: measured([*command, folder, str(Path(folder, "out.csv"))])
                for name, command in wanted.items()
            }
            for _ in range(3)
        ]
    table = Table(box=None)
    for title in ("", "seconds", "MB", "ratio"):
        table.add_column(title)
    for name in wanted:
        ratio = statistics.median(took[name].seconds / took["ours"].seconds for took in rounds)
        seconds = statistics.median(took[name].seconds for took in rounds)
        memory = max(took[name].megabytes for took in rounds)
        table.add_row(name, f"{seconds:.2f}", f"{memory:.0f}", f"{ratio:.2f}")
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None)
    for title in ("answers", "method", *columns):
        table.add_column(title)
    return table


def _cells(found: Measured) -> list[str]:
    score, took = found
    numbers = (score.accuracy, score.ece, score.brier, score.aurc)
    cells = ["" if number is None else f"{number:.3f}" for number in numbers]
    return [*cells, f"{took.seconds:.2f}", f"{took.megabytes:.0f}"]


def _mean(found: Iterable[Measured]) -> Measured:
    every = list(found)
    scores, took = [score for score, _ in every], [took for _, took in every]
    curves = [score.aurc for score in scores if score.aurc is not None]
    return (
        Score(
            accuracy=statistics.mean(score.accuracy for score in scores),
            ece=statistics.mean(score.ece for score in scores),
            brier=statistics.mean(score.brier for score in scores),
            aurc=statistics.mean(curves) if curves else None,
        ),
        Took(
            seconds=statistics.mean(each.seconds for each in took),
            megabytes=max(each.megabytes for each in took),
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
