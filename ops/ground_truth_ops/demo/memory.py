"""How much memory a process group holds, where the system tells (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

KIB = 1024
MB = 1_000_000


def group_memory_mb(group: int) -> float | None:
    """Proportional set size of all processes of a group, so that shared pages count once."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found += _proportional_bytes(folder)
        except (OSError, ValueError):
            continue  # it ended between the listing and the look
    return found / MB if found else None


def _proportional_bytes(folder: Path) -> int:
    for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KIB
    return 0
