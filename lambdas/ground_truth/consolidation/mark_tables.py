"""Files of marks: who looked at what (`tasks.csv`), and what they marked there."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ground_truth.consolidation.marks import Mark
from ground_truth.consolidation.tables import read_rows

_LOG = logging.getLogger(__name__)
Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFile(Generic[Shape]):
    """Marks of a whole job: by object and worker, and the labels in the order of their names."""

    answers: Mapping[str, Mapping[str, Sequence[Mark[Shape]]]]
    labels: tuple[str, ...]


def read_marks(
    folder: Path,
    name: str,
    columns: Sequence[str],
    shape: Callable[[str, Sequence[str]], Shape],
) -> MarkFile[Shape]:
    """Read ``tasks.csv`` and the marks of ``folder/name``.

    Somebody with marks and no task has done it all the same. The same mark twice counts once. A
    row whose shape can't be read is left out, and the log tells how many there were.

    Args:
        folder: where the files lie.
        name: the file of marks, with object, worker, ``columns`` and label.
        columns: what a shape is made of.
        shape: makes one of the object's name and the values of ``columns``; raises ``ValueError``.

    Raises:
        TableError: a file is missing or lacks a column.
    """
    tasks: dict[str, dict[str, set[tuple[str, Shape]]]] = {}
    for item, worker in read_rows(folder / "tasks.csv", ("object", "worker")):
        tasks.setdefault(item, {}).setdefault(worker, set())
    wrong: list[str] = []
    for row in read_rows(folder / name, ("object", "worker", *columns, "label")):
        item, worker, *values, label = row
        seen = tasks.setdefault(item, {}).setdefault(worker, set())
        try:
            seen.add((label, shape(item, values)))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        _LOG.warning("%s: %d marks left out, the first: %s", name, len(wrong), wrong[0])
    found = {
        label for workers in tasks.values() for marks in workers.values() for label, _ in marks
    }
    labels = tuple(sorted(found))
    index = {label: number for number, label in enumerate(labels)}
    answers = {
        item: {
            worker: [Mark(label=index[label], shape=drawn) for label, drawn in marks]
            for worker, marks in workers.items()
        }
        for item, workers in tasks.items()
    }
    return MarkFile(answers=answers, labels=labels)


def number(text: str) -> float:
    """Return a finite number; raises ``ValueError``."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: got {text!r}")
    return value
