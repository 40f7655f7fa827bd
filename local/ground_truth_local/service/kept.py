"""What outlives the process: rows in SQLite, and the wait until they are on the disk.

Rows are put with the service's lock held and written in one transaction with everything else that
was put meanwhile, never in the middle of an operation. `flush` waits for that: who was told that an
answer is taken finds it again, whatever ends this process.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Condition, RLock, Thread
from typing import Any, Final, Protocol

_logger = logging.getLogger(__name__)
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS rows (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID
"""
_FORMAT: Final = 1
_RETRY_SECONDS: Final = 1.0
_Change = tuple[str, str, str | None]


class NotKeptError(Exception):
    """Rows could not be written to the disk; what they tell is not to be relied on."""


class Kept(Protocol):
    """Rows of several kinds; within a kind a key is there once."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all; nobody needs to make rows otherwise."""
        ...

    def put(self, kind: str, key: str, value: object) -> None:
        """Write or overwrite a row; `value` is JSON. With the service's lock held."""
        ...

    def drop(self, kind: str, key: str) -> None:
        """Take a row away, or with a key that ends in `/` all rows below it."""
        ...

    def rows(self, kind: str, below: str = "") -> Iterator[tuple[str, Any]]:
        """A kind's rows by their keys; only that of a key, or those below one that ends in `/`."""
        ...

    def flush(self) -> None:
        """Wait, without the service's lock, until every row put so far is on the disk.

        Raises NotKeptError when it can't be written.
        """
        ...


class NothingKept:
    """State in memory alone, which ends with the process."""

    keeps = False

    def put(self, kind: str, key: str, value: object) -> None:
        """Nothing to do."""

    def drop(self, kind: str, key: str) -> None:
        """Nothing to do."""

    def rows(self, kind: str, below: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ARG002 - a protocol's
        return iter(())

    def flush(self) -> None:
        """Nothing to do."""


class KeptRows:
    """Rows in one SQLite file, written by a thread of its own, many operations at a time."""

    keeps = True

    def __init__(self, path: Path, lock: RLock) -> None:
        self._path = path
        self._lock = lock
        self._changes: list[_Change] = []
        self._put = 0
        self._written = 0
        self._problem: Exception | None = None
        self._closing = False
        self._more = Condition()
        with closing(_connect(path)) as database, database:
            found: int = database.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _FORMAT):
                raise NotKeptError(
                    f"{path} has format {found}, this version reads {_FORMAT}: use the version "
                    "that wrote it, or take the folder away to begin anew"
                )
            database.execute(_SCHEMA)
            database.execute(f"PRAGMA user_version = {_FORMAT}")
        self._thread = Thread(target=self._write, name="ground-truth-kept", daemon=True)
        self._thread.start()

    def put(self, kind: str, key: str, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._add((kind, key, text))

    def drop(self, kind: str, key: str) -> None:
        self._add((kind, key, None))

    def rows(self, kind: str, below: str = "") -> Iterator[tuple[str, Any]]:
        self.flush()
        where, values = _where(kind, below) if below else ("kind = ?", (kind,))
        with closing(_connect(self._path)) as database:
            found = database.execute(f"SELECT key, value FROM rows WHERE {where}", values)  # noqa: S608 - of _where
            for key, value in found:
                yield key, json.loads(value)

    def flush(self) -> None:
        with self._more:
            wanted = self._put
            self._more.wait_for(lambda: self._written >= wanted or self._problem is not None)
            if self._written < wanted:
                raise NotKeptError(f"{self._path} can't be written: {self._problem}")

    def close(self) -> None:
        """Write what is left and end the thread."""
        with self._more:
            self._closing = True
            self._more.notify_all()
        self._thread.join()

    def _add(self, change: _Change) -> None:
        with self._more:
            self._changes.append(change)
            self._put += 1
            self._more.notify_all()

    def _write(self) -> None:
        with closing(_connect(self._path)) as database:
            while self._wait():
                # with the service's lock nothing is under way: what is there is whole operations
                with self._lock, self._more:
                    changes, until = list(self._changes), self._put
                self._attempt(database, changes, until)

    def _wait(self) -> bool:
        with self._more:
            if self._problem is not None and not self._closing:
                self._more.wait(_RETRY_SECONDS)
            self._more.wait_for(lambda: self._changes or self._closing)
            return bool(self._changes) and not (self._closing and self._problem)

    def _attempt(
        self, database: sqlite3.Connection, changes: Sequence[_Change], until: int
    ) -> None:
        problem: Exception | None = None
        try:
            with database:
                for change in changes:
                    _apply(database, change)
        except sqlite3.Error as error:
            _logger.exception("could not write %s", self._path)
            problem = error
        with self._more:
            self._problem = problem
            if problem is None:
                del self._changes[: len(changes)]
                self._written = until
            self._more.notify_all()


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")  # an answer is money: also when the power fails
    return database


def _apply(database: sqlite3.Connection, change: _Change) -> None:
    kind, key, value = change
    if value is not None:
        database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", change)
        return
    where, values = _where(kind, key)
    database.execute(f"DELETE FROM rows WHERE {where}", values)  # noqa: S608 - of _where


def _where(kind: str, key: str) -> tuple[str, tuple[str, ...]]:
    if key.endswith("/"):  # "0" is the character after "/"
        return "kind = ? AND key > ? AND key < ?", (kind, key, f"{key[:-1]}0")
    return "kind = ? AND key = ?", (kind, key)
