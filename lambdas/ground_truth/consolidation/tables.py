"""CSV files of answers and of labels: read whatever spreadsheets make of them, written whole.

Files are UTF-8 with or without a byte order mark, the first line names the columns, in any order
and with others beside them. A row that can't be read never costs another its place: it is left
out, and the log tells how many there were and where the first is.
"""

import csv
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_LOG = logging.getLogger(__name__)
# An answer may be a drawing: the library's own limit is 131,072 characters.
csv.field_size_limit(100_000_000)


class TableError(ValueError):
    """A file that can't be read or written at all."""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the values of ``columns``, in that order, of every row that has them.

    Raises:
        TableError: the file is missing, is no UTF-8 or lacks a column.
    """
    skipped: list[int] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            places = _places(path, next(reader, []), columns)
            width = max(places) + 1
            for row in reader:
                if len(row) >= width:
                    yield tuple(row[place] for place in places)
                elif row:
                    skipped.append(reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path.name} can't be read: {error}; look at {path}") from error
    report_skipped(path, skipped)


def report_skipped(path: Path, lines: Sequence[int]) -> None:
    """Log how many rows were left out, and where the first is."""
    if lines:
        _LOG.warning("%s: %d rows left out, the first on line %d", path.name, len(lines), lines[0])


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    missing = [column for column in columns if column not in header]
    if missing:
        raise TableError(
            f"{path.name} has no column {', '.join(missing)}: "
            f"got {', '.join(header) or 'nothing'}; "
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
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        os.replace(part, path)  # noqa: PTH105 - replaces on every platform
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TableError(f"{path.name} can't be written: {error}") from error
