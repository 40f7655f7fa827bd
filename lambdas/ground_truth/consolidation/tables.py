"""CSV files of answers and of labels: read whatever spreadsheets make of them, written whole.

Files are UTF-8 with or without a byte order mark, the first line names the columns, in any order
and with others beside them. A row that can't be read never costs another its place: it is left
out, and the log tells how many there were and where the first is.
"""

import csv
import io
import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import TextIO

import numpy as np

# Few enough to stay in a processor's cache.
_ROWS_AT_ONCE = 20_000
_CHARACTERS_AT_ONCE = 1 << 19
# In lines; a longer quoted value is taken for one whose end is missing.
_LONGEST_RECORD = 1000
# What is no UTF-8 is written as it was read.
_ODD_BYTES = "surrogateescape"
_COMMA, _LINE_END = b",\n"
_EXAMPLES, _EXAMPLE_CHARACTERS = 3, 200
_LOG = logging.getLogger(__name__)
# An answer may be a drawing: the library's own limit is 131,072 characters.
csv.field_size_limit(100_000_000)


class TableError(ValueError):
    """A file that can't be read or written at all."""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the values of ``columns``, in that order, of every row that has them.

    The first column names an object: rows without one, as spreadsheets write for empty lines, are
    left out.

    Raises:
        TableError: the file is missing or lacks a column.
    """
    for block in read_columns(path, columns):
        yield from zip(*block, strict=True)


def read_columns(path: Path, columns: Sequence[str]) -> Iterator[list[Sequence[str]]]:
    """Yield what ``read_rows`` does in blocks of many rows, column by column: several times faster.

    Raises:
        TableError: the file is missing or lacks a column.
    """
    skipped: list[int] = []
    unnamed = 0
    try:
        with path.open(newline="", encoding="utf-8-sig", errors=_ODD_BYTES) as file:
            header = next(csv.reader(file), [])
            places = _places(path, header, columns)
            for values in _blocks(file, len(header), max(places), skipped):
                block = [values[place] for place in places]
                if "" in block[0]:
                    rows = [row for row in zip(*block, strict=True) if row[0]]
                    unnamed += len(block[0]) - len(rows)
                    block = list(zip(*rows, strict=True))
                if block:
                    yield block
    except (OSError, csv.Error) as error:
        raise TableError(f"{path.name} can't be read: {error}; look at {path}") from error
    report_skipped(path, skipped)
    if unnamed:
        _LOG.warning("%s: %d rows that name no %s left out", path.name, unnamed, columns[0])


def _blocks(
    file: TextIO, width: int, last: int, skipped: list[int]
) -> Iterator[list[Sequence[str]]]:
    """Yield all columns of the rows that reach the ``last`` one we want; others are skipped."""
    line = 2
    while text := file.read(_CHARACTERS_AT_ONCE):
        text = f"{text}{file.readline()}".replace("\r\n", "\n")
        if '"' in text or "\r" in text:
            # a quoted value may hold line ends: from here on, the library reads
            yield from _rows(chain(io.StringIO(text, newline=""), file), line, width, last, skipped)
            return
        text = text if text.endswith("\n") else f"{text}\n"
        if _is_regular(text, width):
            values = text[:-1].replace("\n", ",").split(",")
            yield [values[place::width] for place in range(width)]
        else:
            yield from _rows(io.StringIO(text, newline=""), line, width, last, skipped)
        line += text.count("\n")


def _is_regular(text: str, width: int) -> bool:
    """Tell whether every line has ``width`` values."""
    characters = np.frombuffer(text.encode(errors=_ODD_BYTES), dtype=np.uint8)
    marks = characters[(characters == _COMMA) | (characters == _LINE_END)]
    if len(marks) % width:
        return False
    wanted = np.array([_COMMA] * (width - 1) + [_LINE_END], dtype=np.uint8)
    # an empty line is one empty value
    return width > 1 and bool((marks.reshape(-1, width) == wanted).all())


def _rows(
    lines: Iterable[str], line: int, width: int, last: int, skipped: list[int]
) -> Iterator[list[Sequence[str]]]:
    records = _records(lines, line, width)
    while numbered := list(islice(records, _ROWS_AT_ONCE)):
        rows = [row for _, row in numbered if len(row) > last]
        skipped += [number for number, row in numbered if row and len(row) <= last]
        if rows:
            yield [tuple(map(itemgetter(place), rows)) for place in range(last + 1)]


def _records(lines: Iterable[str], line: int, width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its first line.

    A quote that is never closed would swallow all rows after it, one that a stray quote closes the
    rows in between: with whole rows inside, or without an end, it is a character like any other,
    and its line a record.
    """
    ahead: deque[str] = deque()
    source = iter(lines)

    def following() -> Iterator[str]:
        while (text := ahead.popleft() if ahead else next(source, None)) is not None:
            yield text

    for text in following():
        record, is_open = [text], text.count('"') % 2
        for more in following() if is_open else ():
            record.append(more)
            is_open ^= more.count('"') % 2
            if not is_open or len(record) >= _LONGEST_RECORD or _is_row(more, width):
                break
        reader = csv.reader(record[:1], quoting=csv.QUOTE_NONE) if is_open else csv.reader(record)
        row = next(reader, [])
        ahead.extendleft(reversed(record[reader.line_num :]))
        yield line, row
        line += reader.line_num


def _is_row(line: str, width: int) -> bool:
    """Tell whether a line is a whole row by itself."""
    return line.count('"') % 2 == 0 and len(next(csv.reader([line]), [])) == width


def report_skipped(path: Path, lines: Sequence[int]) -> None:
    """Log how many rows were left out, and where the first is."""
    if lines:
        _LOG.warning("%s: %d rows left out, the first on line %d", path.name, len(lines), lines[0])


def report_replaced(path: Path, count: int) -> None:
    """Log how many answers don't count because their worker answered the object again."""
    if count:
        _LOG.warning("%s: %d answers replaced by a later one of their worker", path.name, count)


class LeftOut:
    """What of a file could not be used: how much, and why the first ones."""

    def __init__(self, name: str, what: str) -> None:
        self._name, self._what = name, what
        self._count, self._shown = 0, list[str]()

    def add(self, where: Sequence[str], reason: object) -> None:
        """Remember one; ``where`` are the names of the object and perhaps of the worker."""
        self._count += 1
        if len(self._shown) < _EXAMPLES:
            place = ", ".join(map(" ".join, zip(("object", "worker"), where, strict=False)))
            self._shown.append(f"{place}: {reason}"[:_EXAMPLE_CHARACTERS])

    def report(self) -> None:
        """Log it, if there is any."""
        if self._count:
            rest = self._count - len(self._shown)
            examples = "; ".join([*self._shown, *([f"and {rest} more"] if rest else [])])
            _LOG.warning("%s: %d %s left out: %s", self._name, self._count, self._what, examples)


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    missing = [column for column in columns if column not in header]
    if missing:
        shown = ", ".join(header)[:200].encode(errors="backslashreplace").decode()
        raise TableError(
            f"{path.name} has no column {', '.join(missing)}: "
            f"got {shown or 'nothing'}; "
            f"the first line must name {', '.join(columns)}"
        )
    return [header.index(column) for column in columns]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a file that is there as a whole or not at all.

    Raises:
        TableError: it can't be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", newline="", encoding="utf-8", errors=_ODD_BYTES) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        os.replace(part, path)  # noqa: PTH105 - replaces on every platform
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TableError(f"{path.name} can't be written: {error}") from error
