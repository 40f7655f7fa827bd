"""A job's manifests and the answers of unfinished objects, written to its output tree (6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_local.service.objects import DataObject, State
from ground_truth_local.service.records import Labeling, failed_line, worker_response

if TYPE_CHECKING:
    from datetime import datetime
    from threading import Condition

    from ground_truth_local.service.job import Job
    from ground_truth_local.service.output import OutputTree

_PROGRESS_STEPS = 20  # how often at most the intermediate manifest is written anew


class Results:
    """Reads the job under `lock`, writes without it. Every write may raise JobFailedError."""

    def __init__(
        self, job: Job, *, lock: Condition, output: OutputTree, labeling: Labeling
    ) -> None:
        self._job = job
        self._lock = lock
        self._output = output
        self._labeling = labeling
        self._progress_at = 0

    def write_progress(self, now: datetime) -> None:
        """The intermediate manifest, when enough has changed: it is written whole."""
        final = self._job.count(State.LABELED, State.FAILED)
        if final >= self._progress_at:
            self._progress_at = final + len(self._job.objects) // _PROGRESS_STEPS
            self._output.intermediate(self._lines(now))

    def write_manifest(self, now: datetime) -> None:
        """The output manifest, and the intermediate one a last time."""
        lines = self._lines(now)
        self._output.intermediate(lines)
        self._output.manifest(lines)

    def write_unfinished(self, now: datetime) -> None:
        """Answers of objects that never got all of theirs: somebody worked for them."""
        with self._lock:
            unfinished = (State.OPEN, State.ANSWERED)
            entries = [e for e in self._job.objects if e.state in unfinished and e.answers]
            left = [(entry.id, worker_response(entry.answers)) for entry in entries]
        for object_id, response in left:
            self._output.worker_response(object_id, response, now)

    def _lines(self, now: datetime) -> list[str]:
        """One line per input line: labeled, failed, or as it came (6.2, 6.3)."""
        with self._lock:
            return [self._line(entry, now) for entry in self._job.objects]

    def _line(self, entry: DataObject, now: datetime) -> str:
        if entry.state is State.FAILED and entry.output is None:
            entry.output = failed_line(self._labeling, entry, now)
        return entry.line if entry.output is None else entry.output
