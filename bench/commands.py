"""Commands that consolidate a folder, with the seconds and the memory each took."""

from __future__ import annotations

import os
import subprocess
import sys
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


# A process of its own, small: a child's memory counts from what its parent held.
_LAUNCHER = """
import os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - began, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def measured(command: Sequence[str]) -> Took:
    """Run a command; one thread, so that the figures of libraries compare.

    Raises:
        CommandError: it failed.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    launched = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-S", "-c", _LAUNCHER, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, kilobytes, code = launched.stdout.split()
    if code != "0":
        raise CommandError(f"failed with {code}: {' '.join(command)}")
    return Took(seconds=float(seconds), megabytes=int(kilobytes) / 1024)
