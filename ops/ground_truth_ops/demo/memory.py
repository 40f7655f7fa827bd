"""How much memory local AWS holds, where the system tells (Linux)."""

from __future__ import annotations

from pathlib import Path

from ground_truth_ops.processes import family

KIB = 1024
MB = 1_000_000


def memory_mb(pid: int) -> tuple[float | None, float | None]:
    """A process's own memory and that of all that descends from it: the functions that run.

    Proportional set sizes, so that pages several processes share count once.
    """
    own = _proportional_bytes(pid)
    if own is None:
        return None, None
    others = sum(_proportional_bytes(child.pid) or 0 for child in family(pid))
    return own / MB, others / MB


def _proportional_bytes(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None  # ended, or a system that doesn't tell
    return next(
        (int(line.split()[1]) * KIB for line in text.splitlines() if line.startswith("Pss:")), None
    )
