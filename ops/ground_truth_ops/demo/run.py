"""Runs the demo so that, whatever happens, every process it started has ended afterwards."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_ops.demo.loop import Demo, Options, loop
from ground_truth_ops.demo.timeline import Timeline
from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import ended_by_signals, tail

if TYPE_CHECKING:
    from rich.console import Console


class DemoError(OpsError):
    """The demo didn't come to its end; the details are the last lines of the log that matters."""


def run_demo(root: Path, options: Options, console: Console) -> None:
    """The whole loop; raises an OpsError when any part of it isn't as promised."""
    demo = Demo(root=root, options=options, console=console, timeline=Timeline(console=console))
    with alone(demo.folder), ended_by_signals():
        clean(demo.folder)
        try:
            with ExitStack() as stack:
                loop(demo, stack)
        except (ClientError, BotoCoreError) as error:
            log = demo.server_log
            raise DemoError(f"{error}; local AWS says in {log}", details=tail(log)) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One demo at a time in a clone: a second one would remove the first one's files."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(
                f"a demo is running in {folder.parent} already; wait for it or use another clone"
            ) from error
        yield


def clean(folder: Path) -> None:
    """Remove what an earlier run has left."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
