"""A preview as a process: it ends on Ctrl-C and with its parent, and leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ground_truth_ops.processes import family

ROOT = Path(__file__).parents[2]
GT = [sys.executable, "-m", "ground_truth_ops.cli"]
COMMAND = [*GT, "preview", "--campaign", "product-reviews", "--elements", "local"]


@contextmanager
def started(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def look(url: str) -> None:
    """Ask for a task, so that a function is running."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=20)
    connection.request("GET", "/state")
    assert connection.getresponse().status == 200
    connection.close()


# a shell without job control has background commands ignore interrupts, and what they start
IN_THE_BACKGROUND = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *COMMAND]


@pytest.mark.parametrize(
    ("command", "sent", "code"),
    [
        (COMMAND, signal.SIGINT, 130),
        (IN_THE_BACKGROUND, signal.SIGINT, 130),
        (COMMAND, signal.SIGTERM, 143),
    ],
    ids=["interrupt", "interrupt in the background", "end"],
)
def test_ends_in_order_with_its_functions(
    command: list[str], sent: signal.Signals, code: int
) -> None:
    with started(command) as (process, url):
        look(url)
        children = family(process.pid)
        process.send_signal(sent)
        assert process.wait(timeout=20) == code
        assert [child for child in children if child.alive()] == []
    assert children


def test_ends_with_the_process_that_started_it() -> None:
    parent = f"import subprocess; subprocess.Popen({COMMAND!r}).wait()"
    with started([sys.executable, "-c", parent]) as (process, url):
        look(url)
        children = family(process.pid)
        assert len(children) == 2  # the preview and its function
        # readable when its process has ended, which is later than the end of its output
        with ExitStack() as stack:
            ends = [stack.enter_context(os.fdopen(os.pidfd_open(each.pid))) for each in children]
            process.kill()
            for end in ends:
                assert select.select([end], [], [], 20)[0], "a process is left"
        assert [child for child in children if child.alive()] == []
