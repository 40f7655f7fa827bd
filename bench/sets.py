"""Sets of answers with known truth: published ones from a folder, made ones without."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSet:
    """Rows of object, worker and label (or labels); for single labels the true one by object."""

    name: str
    rows: Sequence[Row]
    truth: Mapping[str, str]

    def drawn(self, answers: int | None, seed: int) -> AnswerSet:
        """Return the set with so many random answers an object; all of them for None."""
        if answers is None:
            return self
        draw = random.Random(seed)  # noqa: S311 - not a secret
        by_object: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            by_object[row[0]].append(row)
        rows = [
            row
            for found in by_object.values()
            for row in draw.sample(found, min(answers, len(found)))
        ]
        return AnswerSet(name=self.name, rows=rows, truth=self.truth)

    def write(self, folder: Path, column: str = "label") -> None:
        """Write ``labels.csv``."""
        with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("object", "worker", column))
            writer.writerows(self.rows)


def read_sets(data: Path) -> Iterator[AnswerSet]:
    """Yield every folder below ``data`` that has ``labels.csv`` and ``truth.csv``."""
    for path in sorted(data.glob("**/labels.csv")):
        if (path.parent / "truth.csv").is_file():
            rows = [(row["object"], row["worker"], row["label"]) for row in _read(path)]
            truth = {row["object"]: row["label"] for row in _read(path.parent / "truth.csv")}
            yield AnswerSet(name=path.parent.name, rows=rows, truth=truth)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made_set(*, labels: int, objects: int = 2000, workers: int = 40, seed: int = 1) -> AnswerSet:
    """Return a crowd of which a third of the objects is hard for everybody, ten answers each.

    Workers are right in 0.55 to 0.95 of the easy objects and in 0.3 less of the hard ones, where
    most of the wrong answers fall on one label.
    """
    draw = random.Random(seed)  # noqa: S311 - not a secret
    skills = [draw.uniform(0.55, 0.95) for _ in range(workers)]
    rows, truth = [], {}
    for number in range(objects):
        name, right, hard = f"o{number:05}", draw.randrange(labels), draw.random() < 1 / 3
        truth[name] = f"c{right}"
        lure = (right + draw.randrange(1, labels)) % labels
        for worker in draw.sample(range(workers), 10):
            label = right
            if draw.random() > skills[worker] - 0.3 * hard:
                other = (right + draw.randrange(1, labels)) % labels
                label = lure if hard and draw.random() < 0.7 else other
            rows.append((name, f"w{worker:02}", f"c{label}"))
    return AnswerSet(name=f"made, {labels} labels", rows=rows, truth=truth)


def write_large(folder: Path, *, answers: int, labels: int = 4, workers: int = 1000) -> None:
    """Write ``labels.csv`` with five answers an object, in random order."""
    draw = random.Random(1)  # noqa: S311 - not a secret
    skills = [draw.uniform(0.5, 0.95) for _ in range(workers)]
    rows = []
    for number in range(answers // 5):
        right = draw.randrange(labels)
        for worker in draw.sample(range(workers), 5):
            label = right if draw.random() < skills[worker] else draw.randrange(labels)
            rows.append((f"o{number}", f"w{worker}", f"c{label}"))
    draw.shuffle(rows)
    AnswerSet(name="large", rows=rows, truth={}).write(folder)
