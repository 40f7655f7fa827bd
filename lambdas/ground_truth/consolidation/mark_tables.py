"""Files of marks: who looked at what (`tasks.csv`), and what they marked there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from ground_truth.consolidation.marks import Mark
from ground_truth.consolidation.shape_texts import number
from ground_truth.consolidation.tables import LeftOut, read_rows

PIXEL_DIGITS: Final = 2
# Enough to rank things everybody saw by how well people agree on them.
CONFIDENCE_DIGITS: Final = 12
Shape = TypeVar("Shape")
Size = TypeVar("Size")


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
    row whose shape can't be read is left out, and the log tells how many there were. Somebody of
    whose marks none can be read has not seen nothing: they don't count for that object.

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
    wrong, unread = LeftOut(name, "marks"), set[tuple[str, str]]()
    for row in read_rows(folder / name, ("object", "worker", *columns, "label")):
        item, worker, *values, label = row
        seen = tasks.setdefault(item, {}).setdefault(worker, set())
        try:
            seen.add((label, shape(item, values)))
        except ValueError as error:
            wrong.add((item, worker), error)
            unread.add((item, worker))
    wrong.report()
    for item, worker in unread:
        if not tasks[item][worker]:
            del tasks[item][worker]
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


def read_sizes(
    path: Path, columns: Sequence[str], size: Callable[[Sequence[str]], Size]
) -> Mapping[str, Size]:
    """Read how large objects are, where the file is there; the last row of an object counts.

    A size that can't be read is left out, as if the object were not named: marks would be judged by
    it otherwise. The log tells of it.

    Args:
        path: the file, with object and ``columns``.
        columns: what a size is made of.
        size: makes one of the values of ``columns``; raises ``ValueError``.

    Raises:
        TableError: the file lacks a column.
    """
    found: dict[str, Size] = {}
    if not path.exists():
        return found
    wrong = LeftOut(path.name, "sizes")
    for item, *values in read_rows(path, ("object", *columns)):
        try:
            found[item] = size(values)
        except ValueError as error:
            wrong.add((item,), error)
    wrong.report()
    return found


def read_image_sizes(folder: Path) -> Mapping[str, tuple[float, float]]:
    """Return width and height of the images named in ``folder/images.csv``; see ``read_sizes``."""
    return read_sizes(folder / "images.csv", ("width", "height"), _image_size)


def _image_size(values: Sequence[str]) -> tuple[float, float]:
    width, height = map(number, values)
    if width <= 0.0 or height <= 0.0:
        raise ValueError(f"an image has no such size: got {width:g} x {height:g}")
    return width, height
