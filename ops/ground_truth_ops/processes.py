"""Child processes that leave nothing behind.

Each leads a process group, and the whole group ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ground_truth_ops.errors import OpsError

TAIL_LINES = 20
POLL_SECONDS = 0.05
TERMINATED = 128 + signal.SIGTERM


class CommandError(OpsError):
    """A command ended with another code than 0; the details are its last lines."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A SIGTERM or a closed terminal ends a command in order, like Ctrl-C.

    Ctrl-C does so even where a script's shell had it ignored for a command in the background.
    """

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(TERMINATED)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a background process in a group of its own; both its streams go to `log`.

    The group keeps a Ctrl-C in the terminal from reaching it before its owner can end it in order.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - a fixed command of our own, no shell
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    on_line: Callable[[str], None] = lambda _line: None,
) -> list[str]:
    """Run a command to its end, every line to `log` and `on_line`; returns the lines.

    Raises CommandError with the last lines. An interrupt ends the whole group first and then
    goes on.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    process = subprocess.Popen(  # noqa: S603 - a fixed command of our own, no shell
        [str(part) for part in command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        if process.stdout is None:
            raise CommandError(f"{command[0]} has no output to read")
        with log.open("a", encoding="utf-8") as file, process.stdout as stream:
            for line in stream:
                file.write(line)
                file.flush()
                lines.append(line.rstrip("\n"))
                on_line(lines[-1])
        code = process.wait()
    finally:
        stop(process)
    if code != 0:
        shown = " ".join(str(part) for part in command[:3])
        raise CommandError(
            f"`{shown} …` ended with {code}; all of it is in {log}", details=tail(log)
        )
    return lines


def finish(process: subprocess.Popen[bytes], *, name: str, log: Path) -> None:
    """Wait for a started process; raises CommandError with the log's last lines on failure."""
    code = process.wait()
    if code != 0:
        raise CommandError(f"{name} ended with {code}; all of it is in {log}", details=tail(log))


def stop(
    process: subprocess.Popen[bytes] | subprocess.Popen[str], *, grace_seconds: float = 15
) -> None:
    """End a process and its group: SIGTERM, again, then SIGKILL.

    Returns once nothing of it is left. An impatient second Ctrl-C ends it at once.
    """
    try:
        _stop_group(process, grace_seconds)
    except KeyboardInterrupt:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _stop_group(
    process: subprocess.Popen[bytes] | subprocess.Popen[str], grace_seconds: float
) -> None:
    for sent, patience in (
        (signal.SIGTERM, grace_seconds),
        (signal.SIGTERM, min(3.0, grace_seconds)),
        (signal.SIGKILL, 10.0),
    ):
        if not _signal_group(process.pid, sent) and process.poll() is not None:
            return
        if _gone(process, patience):
            return
    raise CommandError(f"process group {process.pid} outlives SIGKILL; end it by hand")


def _gone(process: subprocess.Popen[bytes] | subprocess.Popen[str], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None and not group_alive(process.pid):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _signal_group(group: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


def group_alive(group: int) -> bool:
    """Whether any process of the group is left (a zombie nobody waited for counts)."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process by number and starting time, as numbers are used again."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Still running; one that has ended and waits to be collected is not."""
        stat = _stat(self.pid)
        return stat is not None and stat[19] == self.started and stat[0] not in {"Z", "X"}


def family(pid: int) -> tuple[Child, ...]:
    """Everything that descends from a process, its own group or not, where the system tells."""
    parents: dict[int, list[Child]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        stat = _stat(int(folder.name))
        if stat is not None:
            child = Child(pid=int(folder.name), started=stat[19])
            parents.setdefault(int(stat[1]), []).append(child)
    found = list(parents.get(pid, []))
    for child in found:  # grows while it is read
        found.extend(parents.get(child.pid, []))
    return tuple(found)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat after the name: state, parent …, the 20th the start."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def tail(log: Path, lines: int = TAIL_LINES) -> tuple[str, ...]:
    """The last lines of a log, none when it isn't there."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            return tuple(line.rstrip("\n") for line in deque(file, maxlen=lines))
    except OSError:
        return ()
