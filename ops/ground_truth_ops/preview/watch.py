"""Tells when files change: by their times and sizes, looked at often. Needs no library."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

LOOK_SECONDS = 0.1
_IGNORED = {"__pycache__"}

Stamps = dict[str, tuple[int, int]]


class Watch:
    """The files below some folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._stamps = self._look()

    def changed(self) -> bool:
        """Whether anything has changed, come or gone since the last look."""
        before, self._stamps = self._stamps, self._look()
        return before != self._stamps

    def _look(self) -> Stamps:
        found: Stamps = {}
        waiting = [str(folder) for folder in self._folders]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir():
                            waiting += [] if entry.name in _IGNORED else [entry.path]
                        else:
                            stat = entry.stat()
                            found[entry.path] = (stat.st_mtime_ns, stat.st_size)
            except FileNotFoundError:  # between two looks; editors replace files
                continue
        return found
