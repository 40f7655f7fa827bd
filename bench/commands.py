"""Commands that consolidate a folder, with the seconds and the memory each took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ground_truth.consolidation.tables import read_rows
from ground_truth_ops.errors import OpsError

ROOT = Path(__file__).parents[1]


class CommandError(OpsError):
    """A command of the comparison failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds on the clock from start to end, and the most memory it held, in MB."""

    seconds: float
    megabytes: float


def commands(kind: str, crowd_kit: str | None) -> Mapping[str, Sequence[str]]:
    """Return what can be compared; ``crowd_kit`` is an interpreter that has it."""
    theirs = {
        "classification": ("MajorityVote", "Wawa", "DawidSkene"),
        "multilabel": ("BinaryRelevance",),
    }[kind]
    found: dict[str, Sequence[str]] = {}
    if crowd_kit:
        script = str(ROOT / "bench" / "crowd_kit.py")
        found |= {f"crowd-kit {method}": (crowd_kit, script, method) for method in theirs}
    found["documented built-in"] = (sys.executable, "-m", "bench.built_in", kind)
    found["ours"] = (sys.executable, "-m", "ground_truth.consolidation", kind)
    return found


def run(command: Sequence[str], folder: Path) -> tuple[list[tuple[str, ...]], Took]:
    """Run a command on a folder and return the rows it wrote.

    Raises:
        CommandError: it failed.
    """
    with TemporaryDirectory() as place:
        output = Path(place, "out.csv")
        took = measured([*command, str(folder), str(output)])
        return list(read_rows(output, ("object", "label", "confidence"))), took


def measured(command: Sequence[str]) -> Took:
    """Run a command; one thread, so that the figures of libraries compare.

    Raises:
        CommandError: it failed.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError(f"failed with {process.returncode}: {' '.join(command)}")
    return Took(seconds=seconds, megabytes=usage.ru_maxrss / 1024)
