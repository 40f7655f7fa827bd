"""How good consolidated labels are, batch by batch, on crowds with known truth.

`python -m bench.consolidation --data FOLDER` takes folders with `labels.csv` (object,worker,label)
and `truth.csv` (object,label), as public crowdsourcing sets are published; the truth is only
compared with. Without `--data` it makes a crowd: workers of accuracy 0.95 to 0.5, who err
independently and evenly.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ground_truth.consolidation import one_coin
from ground_truth.consolidation.votes import Consensus, Objects, Vote, best, vote_shares
from ground_truth_ops.quality import calibrate

BINS = 15
DRAWS = 3
ANSWERS = (3, 5)
BATCHES = (10, 50, 200)

Consolidate = Callable[[Objects, int], list[Consensus]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Votes by object, true label by object, and how many labels there are."""

    name: str
    votes: Mapping[str, Sequence[Vote]]
    truth: Mapping[str, int]
    classes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Accuracy, expected calibration error over 15 bins, Brier score of being right."""

    accuracy: float
    ece: float
    brier: float


def majority(objects: Objects, _classes: int) -> list[Consensus]:
    """Every worker counts the same; the confidence is the share of the votes."""
    return [best(vote_shares(votes)) for votes in objects]


METHODS: Mapping[str, Consolidate] = {"majority": majority, "one_coin": one_coin.consolidate}


def read_crowd(folder: Path) -> Crowd:
    """A set as published; labels are numbered in the order of their names."""
    rows, truth = _rows(folder / "labels.csv"), _rows(folder / "truth.csv")
    names = sorted({row["label"] for row in (*rows, *truth)})
    number = {name: index for index, name in enumerate(names)}
    votes: dict[str, list[Vote]] = defaultdict(list)
    for row in rows:
        votes[row["object"]].append(Vote(worker=row["worker"], label=number[row["label"]]))
    known = {row["object"]: number[row["label"]] for row in truth if row["object"] in votes}
    return Crowd(name=folder.name, votes=votes, truth=known, classes=len(names))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made_crowd(*, classes: int, objects: int = 1000, seed: int = 1) -> Crowd:
    """Ten workers, evenly from 0.95 to 0.5, five answers per object."""
    draw = random.Random(seed)  # noqa: S311 - not a secret
    accuracies = [0.95 - 0.05 * number for number in range(10)]
    truth, votes = {}, {}
    for number in range(objects):
        right = draw.randrange(classes)
        truth[str(number)] = right
        votes[str(number)] = [
            Vote(
                worker=f"w{worker}",
                label=right
                if draw.random() < accuracies[worker]
                else draw.choice([label for label in range(classes) if label != right]),
            )
            for worker in draw.sample(range(10), 5)
        ]
    return Crowd(name=f"made, {classes} labels", votes=votes, truth=truth, classes=classes)


def score(crowd: Crowd, method: Consolidate, *, answers: int, batch: int, draws: int) -> Score:
    """Mean over draws: `answers` random answers per object, objects shuffled into batches."""
    found = [
        list(_outcomes(crowd, method, answers=answers, batch=batch, seed=seed))
        for seed in range(draws)
    ]
    tables = [calibrate(outcomes, bins=BINS) for outcomes in found]
    rights = [sum(right for _, right in outcomes) / len(outcomes) for outcomes in found]
    return Score(
        accuracy=sum(rights) / draws,
        ece=sum(table.ece for table in tables) / draws,
        brier=sum(table.brier for table in tables) / draws,
    )


def _outcomes(
    crowd: Crowd, method: Consolidate, *, answers: int, batch: int, seed: int
) -> Iterator[tuple[float, bool]]:
    draw = random.Random(seed)  # noqa: S311 - not a secret
    names = draw.sample(sorted(crowd.truth), len(crowd.truth))
    for start in range(0, len(names), batch):
        chosen = names[start : start + batch]
        objects = [
            draw.sample(list(crowd.votes[name]), min(answers, len(crowd.votes[name])))
            for name in chosen
        ]
        for name, result in zip(chosen, method(objects, crowd.classes), strict=True):
            yield result.confidence, result.label == crowd.truth[name]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.consolidation", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of folders with labels.csv and truth.csv")
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"default: {DRAWS}")
    options = parser.parse_args()
    if options.data is None:
        crowds = [made_crowd(classes=2), made_crowd(classes=10)]
    else:
        crowds = [read_crowd(path.parent) for path in sorted(options.data.glob("*/labels.csv"))]
    if not crowds:
        parser.error(f"--data: no */labels.csv in {options.data}")
    means = [crowds] if options.data is not None else [[crowd] for crowd in crowds]
    console = Console(width=80, highlight=False)
    for group in means:
        console.print(f"{len(group)} sets, mean" if len(group) > 1 else group[0].name, style="bold")
        console.print(_table(group, draws=options.draws))
    return 0


def _table(crowds: Sequence[Crowd], *, draws: int) -> Table:
    table = Table(box=None)
    for name in ("answers", "batch", "method", "accuracy", "ECE", "Brier"):
        table.add_column(name)
    for answers, batch, name in product(ANSWERS, BATCHES, METHODS):
        found = _mean(
            [
                score(crowd, METHODS[name], answers=answers, batch=batch, draws=draws)
                for crowd in crowds
            ]
        )
        numbers = (found.accuracy, found.ece, found.brier)
        table.add_row(str(answers), str(batch), name, *(f"{number:.3f}" for number in numbers))
    return table


def _mean(scores: Sequence[Score]) -> Score:
    count = len(scores)
    return Score(
        accuracy=sum(item.accuracy for item in scores) / count,
        ece=sum(item.ece for item in scores) / count,
        brier=sum(item.brier for item in scores) / count,
    )


if __name__ == "__main__":
    sys.exit(main())
