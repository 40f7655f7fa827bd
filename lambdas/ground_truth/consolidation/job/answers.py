"""Answers of a whole job as arrays, in an order that depends on names alone."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One label of one worker for one object in each place of the three arrays.

    The arrays hold positions in the sorted ``objects``, ``workers`` and ``labels``; they are sorted
    by object, then worker, and no pair of both comes twice. ``replaced`` is how many answers were
    left out because their worker answered again.
    """

    objects: Sequence[str]
    workers: Sequence[str]
    labels: Sequence[str]
    object: Integers
    worker: Integers
    label: Integers
    replaced: int = 0

    @property
    def counts(self) -> Integers:
        """How many answers each object has."""
        return np.bincount(self.object, minlength=len(self.objects))


class _Codes(dict[str, int]):
    """Numbers names in the order they come."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number

    def taken(self) -> tuple[list[str], Integers]:
        """Return the names sorted, and each number's place among them; forget them here."""
        names = sorted(self)
        place = np.empty(len(names), dtype=np.intp)
        place[np.fromiter(map(self.__getitem__, names), np.intp, len(names))] = np.arange(
            len(names)
        )
        self.clear()
        return names, place


def answers_of(blocks: Iterable[Sequence[Sequence[str]]]) -> Answers:
    """Number answers; a worker's last answer for an object counts.

    Args:
        blocks: pieces of the answers, each as three columns: objects, workers and labels.
    """
    codes = (_Codes(), _Codes(), _Codes())
    arrays = (array("i"), array("i"), array("i"))
    for block in blocks:
        for names, numbers, column in zip(codes, arrays, block, strict=True):
            numbers.extend(map(names.__getitem__, column))
    (objects, of_object), (workers, of_worker), (labels, of_label) = (
        names.taken() for names in codes
    )
    numbered = [np.frombuffer(numbers, dtype=np.intc) for numbers in arrays]
    pair = of_object[numbered[0]] * max(1, len(workers)) + of_worker[numbered[1]]
    # stable, so that the last of equal pairs is the last row
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    order = order[np.append(pair[1:] != pair[:-1], True)] if len(pair) else order
    return Answers(
        objects=objects,
        workers=workers,
        labels=labels,
        object=of_object[numbered[0][order]],
        worker=of_worker[numbered[1][order]],
        label=of_label[numbered[2][order]],
        replaced=len(numbered[0]) - len(order),
    )


def summed(numbers: Integers, values: Floats, size: int) -> Floats:
    """Return the sum of the values of each number below ``size``."""
    return np.bincount(numbers, weights=values, minlength=size).astype(np.float64, copy=False)
