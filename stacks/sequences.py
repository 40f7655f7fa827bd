"""Copies of sequence files beside a campaign, held to what its manifest points at."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ground_truth.built_in import ObjectKind
from ground_truth.frame_sequences import frames_out_of_order, sequence_problems
from ground_truth.names import parse_s3_uri

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth.limits import Range
    from ground_truth.manifest_entries import Entry
    from ground_truth.tasks import TaskRules

_SHOWN = 10  # problems of one file; what comes after is mostly more of the same

Report = Callable[[str, str], None]
"""Takes a file's path below the folder, "" for the manifest, and what is wrong with it."""


def frames_per_sequence(rules: TaskRules) -> Range | None:
    """How many frames a sequence of the task may have; None where objects are no sequences."""
    return rules.built_in.frames_per_sequence if rules.built_in else None


def check_sequences(
    folder: Path, entries: Sequence[Entry], rules: TaskRules, *, report: Report, doubt: Report
) -> None:
    """Check every sequence file below `folder`, and that there is one for every manifest line.

    A copy lies as its object does, or as the end of its key does: `street/1.json` is that of
    `s3://raw/videos/street/1.json`.
    """
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    copies = set()
    for number, entry in enumerate(entries, start=1):
        uri = str(entry["source-ref"])
        copy = _copy_of(uri, files)
        if copy is None:
            report("", f"line {number}: no copy of {uri} in dataset.sequences; add it")
        copies.add(copy)
    for name, path in files.items():
        if name not in copies:
            report(name, "no line of the manifest points at it; add one, or remove the file")
        _check(name, path.read_bytes(), rules, report=report, doubt=doubt)


def _copy_of(uri: str, files: Container[str]) -> str | None:
    """The longest end of an object's key that is a file."""
    parts = PurePosixPath(parse_s3_uri(uri)[1]).parts
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in files), None)


def _check(name: str, content: bytes, rules: TaskRules, *, report: Report, doubt: Report) -> None:
    frames = frames_per_sequence(rules)
    if frames is None:
        return
    clouds = rules.objects is ObjectKind.POINT_CLOUDS
    problems = list(sequence_problems(content, clouds=clouds, frames=frames))
    for problem in problems[:_SHOWN]:
        report(name, problem)
    if len(problems) > _SHOWN:
        report(name, f"{len(problems) - _SHOWN} more problems like these")
    disorder = "" if clouds else frames_out_of_order(content)
    if disorder:
        doubt(name, disorder)
