"""Answers that are large, such as shapes: on disk while they are sorted by object."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ground_truth.json_lines import json_line

if TYPE_CHECKING:
    from ground_truth_ops.answers.responses import Response

TABLES = """
CREATE TABLE answers (object INTEGER, worker TEXT, submitted REAL, content TEXT,
                      PRIMARY KEY (object, worker)) WITHOUT ROWID;
CREATE TABLE outputs (object INTEGER PRIMARY KEY, content TEXT);
"""
LATEST = """
INSERT INTO answers VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET submitted = excluded.submitted, content = excluded.content
WHERE excluded.submitted >= answers.submitted
"""


class Spool:
    """The latest answer of every worker for every object, and what was made of them."""

    def __init__(self) -> None:
        # no name: a file of SQLite's own among the temporary ones, gone when it is closed
        self._base = sqlite3.connect("")
        self._base.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {TABLES}")

    def close(self) -> None:
        self._base.close()

    def take(self, responses: Iterable[Response], objects: Sequence[int]) -> int:
        """Add the answers of a job, `objects` being each line's number; how many are of none."""
        lost = 0
        for response in responses:
            item = objects[response.line] if response.line < len(objects) else -1
            if item < 0:
                lost += 1
                continue
            row = (item, response.worker, response.submitted or 0.0, json_line(response.content))
            self._base.execute(LATEST, row)
        return lost

    def counts(self) -> tuple[int, int]:
        """How many answers there are, and of how many people."""
        query = "SELECT COUNT(*), COUNT(DISTINCT worker) FROM answers"
        answers, workers = self._base.execute(query).fetchone()
        return int(answers), int(workers)

    def by_object(self) -> Iterator[tuple[int, int, float]]:
        """Yield each object's number, how many answers it has and when the newest came."""
        query = "SELECT object, COUNT(*), MAX(submitted) FROM answers GROUP BY object"
        yield from self._base.execute(query)

    def payloads(self, objects: int) -> Iterator[bytes]:
        """Yield all answers as consolidation functions get them, so many objects at a time."""
        rows = self._base.execute(
            "SELECT object, worker, content FROM answers ORDER BY object, worker"
        )
        groups = itertools.groupby(rows, key=lambda row: row[0])
        entries = (_entry(number, group) for number, group in groups)
        while lot := list(itertools.islice(entries, objects)):
            yield json_line(lot).encode()

    def put_output(self, number: int, content: object) -> None:
        """Keep what was made of an object's answers."""
        self._base.execute("INSERT INTO outputs VALUES (?, ?)", (number, json_line(content)))

    def has_output(self, number: int) -> bool:
        """Whether anything was made of an object's answers."""
        query = "SELECT 1 FROM outputs WHERE object = ?"
        return self._base.execute(query, (number,)).fetchone() is not None

    def output(self, number: int) -> dict[str, Any]:
        """What was made of an object's answers, of which there is something."""
        query = "SELECT content FROM outputs WHERE object = ?"
        (text,) = self._base.execute(query, (number,)).fetchone()
        content: dict[str, Any] = json.loads(text)
        return content


def _entry(number: int, rows: Iterable[tuple[int, str, str]]) -> dict[str, object]:
    return {
        "datasetObjectId": number,
        "annotations": [
            {"workerId": worker, "annotationData": {"content": content}}
            for _, worker, content in rows
        ],
    }
