"""Answers of a whole job as arrays, in an order that depends on names alone."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.intc]
_Characters = npt.NDArray[np.bytes_]

# What repeats as often is mostly still in a processor's cache.
_REPEATED: Final = 4
_PART: Final = 8
_SHORT: Final = 64  # in characters
_BYTES_AT_ONCE: Final = 1 << 27


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

    def of(self, names: Sequence[str]) -> _Numbers:
        """Return the number of each name."""
        return np.fromiter(map(self.__getitem__, names), np.intc, len(names))

    def sorted(self) -> tuple[list[str], Integers]:
        """Return the names sorted, and each number's place among them."""
        names = sorted(self)
        place = np.empty(len(names), dtype=np.intp)
        place[self.of(names)] = np.arange(len(names))
        return names, place


class _Column:
    """One column's names as numbers.

    Looking up millions of names one by one waits for memory most of the time. So where the first
    names hardly ever repeat, short ones gather as arrays of characters, which are sorted.
    """

    def __init__(self) -> None:
        self._codes = _Codes()
        self._found: list[array[int] | tuple[_Characters, _Numbers]] = []
        # one piece that grows: many small ones would leave holes in the memory
        self._waiting = bytearray()
        self._width = 0
        self._repeats: bool | None = None

    def add(self, names: Sequence[str]) -> None:
        """Take the next names."""
        if self._repeats is None:
            self._repeats = len(names) > _REPEATED * len(set(names))
        if self._repeats or not _are_short(names):
            self._sort()
            last = self._found[-1] if self._found else None
            if not isinstance(last, array):
                last = array("i")
                self._found.append(last)
            last.frombytes(self._codes.of(names).tobytes())
            return
        width = _PART * -(-max(map(len, names)) // _PART)
        if width > self._width:
            self._sort()
            self._width = width
        self._waiting += np.array(names, dtype=f"S{self._width}").tobytes()
        if len(self._waiting) > _BYTES_AT_ONCE:
            self._sort()

    def taken(self) -> tuple[list[str], Integers, _Numbers]:
        """Return the names sorted, each number's place among them, and all numbers; forget them."""
        self._sort()
        found, self._found = self._found, []
        if len(found) == 1 and isinstance(found[0], tuple):
            different, numbers = found[0]
            return _texts(different), np.arange(len(different)), numbers
        all_numbers = [np.empty(0, np.intc)]
        for each in found:
            if isinstance(each, tuple):
                all_numbers.append(self._codes.of(_texts(each[0]))[each[1]])
            else:
                all_numbers.append(np.frombuffer(each, dtype=np.intc))
        names, place = self._codes.sorted()
        self._codes.clear()
        return names, place, np.concatenate(all_numbers)

    def _sort(self) -> None:
        if self._waiting:
            characters = np.frombuffer(self._waiting, dtype=f"S{self._width}")
            self._waiting = bytearray()
            self._found.append(_different(characters))


def _are_short(names: Sequence[str]) -> bool:
    """Tell whether fixed places hold the names exactly: no odd character, no end that is lost."""
    text = "".join(names)
    return bool(text) and text.isascii() and "\0" not in text and max(map(len, names)) <= _SHORT


def _different(names: _Characters) -> tuple[_Characters, _Numbers]:
    """Return the different ones of some names, sorted, and where each name is among them."""
    # eight characters compare at once, as a number
    parts = names.view(">u8").reshape(len(names), -1)
    varying = np.flatnonzero((parts != parts[0]).any(axis=0))
    keys = [parts[:, part].astype(np.uint64) for part in varying]
    order = np.lexsort(keys[::-1]) if keys else np.arange(len(names))
    is_new = np.zeros(len(names), dtype=bool)
    is_new[0] = True
    for key in keys:
        in_order = key[order]
        is_new[1:] |= in_order[1:] != in_order[:-1]
    which = np.empty(len(names), dtype=np.intc)
    which[order] = np.cumsum(is_new, dtype=np.intc) - 1
    return names[order[is_new]], which


def _texts(names: _Characters) -> list[str]:
    found: list[str] = names.astype(np.str_).tolist()
    return found


def answers_of(blocks: Iterable[Sequence[Sequence[str]]]) -> Answers:
    """Number answers; a worker's last answer for an object counts.

    Args:
        blocks: pieces of the answers, each as three columns: objects, workers and labels.
    """
    columns = (_Column(), _Column(), _Column())
    for block in blocks:
        for column, names in zip(columns, block, strict=True):
            column.add(names)
    objects, place, number = columns[0].taken()
    pair = place[number]
    workers, place, number = columns[1].taken()
    pair *= max(1, len(workers))
    pair += place[number]
    del number  # what is done with is let go: ten million take 40 to 80 megabytes each time
    # stable, so that the last of equal pairs is the last row
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    is_last = np.ones(len(pair), dtype=bool)
    is_last[:-1] = pair[1:] != pair[:-1]
    replaced = len(pair) - int(np.count_nonzero(is_last))
    if replaced:
        pair, order = pair[is_last], order[is_last]
    labels, place, number = columns[2].taken()
    label = place[number[order]]
    del order, number
    worker = pair % max(1, len(workers))
    pair //= max(1, len(workers))
    return Answers(
        objects=objects,
        workers=workers,
        labels=labels,
        object=pair,
        worker=worker,
        label=label,
        replaced=replaced,
    )


def summed(numbers: Integers, values: Floats, size: int) -> Floats:
    """Return the sum of the values of each number below ``size``."""
    return np.bincount(numbers, weights=values, minlength=size).astype(np.float64, copy=False)
