"""What all simulated workers of a run know together: when it's over, when it's stuck."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ground_truth_local.workers.errors import WorkersError


class Board:
    """Jobs seen, progress made. Thread-safe.

    ``jobs`` are the jobs to work for, empty for whatever is offered. A job is over when nobody is
    waited for any more (``done`` reaches ``total``) or when it was seen and is no longer offered.
    """

    def __init__(
        self,
        jobs: Collection[str],
        *,
        patience_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = tuple(jobs)
        self._patience = patience_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, int]] = {}
        self._progress_at = clock()
        self._failure: str | None = None

    def choose(self, offered: Sequence[Mapping[str, Any]]) -> list[str]:
        """The names of the offered jobs to work for, noting their counters."""
        mine = [job for job in offered if not self._wanted or job["name"] in self._wanted]
        with self._lock:
            for job in mine:
                counters = (int(job["done"]), int(job["total"]))
                if self._counters.get(job["name"]) != counters:
                    self._counters[job["name"]] = counters
                    self._progress_at = self._clock()
        return [str(job["name"]) for job in mine]

    def is_over(self, offered: Sequence[Mapping[str, Any]]) -> bool:
        """Whether no task can come any more; WorkersError when nothing moves for too long."""
        with self._lock:
            if self._failure:
                raise WorkersError("another worker had to give up")
            open_jobs = {str(job["name"]) for job in offered if job["done"] < job["total"]}
            wanted = self._wanted or tuple(self._counters)
            waiting = [job for job in wanted if job in open_jobs or job not in self._counters]
            if wanted and not waiting:
                return True
            if self._clock() - self._progress_at > self._patience:
                raise WorkersError(self._stuck(waiting))
        return False

    def progress(self) -> None:
        with self._lock:
            self._progress_at = self._clock()

    def fail(self, reason: str) -> None:
        with self._lock:
            self._failure = self._failure or reason

    @property
    def failure(self) -> str | None:
        return self._failure

    def jobs(self) -> list[str]:
        """The jobs that were offered and worked for."""
        with self._lock:
            return sorted(self._counters)

    def _stuck(self, waiting: Sequence[str]) -> str:
        states = ", ".join(
            f"{job} ({self._counters[job][0]} of {self._counters[job][1]} objects done)"
            if job in self._counters
            else f"{job} (never offered: does it exist, and are the workers in its team?)"
            for job in waiting
        )
        what = states or "no job was offered to any worker"
        return f"nothing has moved for {self._patience:g} s: {what}"
