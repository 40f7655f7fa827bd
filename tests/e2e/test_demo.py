"""The demo as people run it, each in a project folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.project import make_files

pytestmark = pytest.mark.slow


def demo(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir()
    make_files(folder)
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "ground_truth_ops.cli", "demo", "--campaign", "digits"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_demos_at_once_come_to_their_ends(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    running = [demo(folder) for folder in folders]
    for folder, process in zip(folders, running, strict=True):
        shown, _ = process.communicate()
        assert process.returncode == 0, shown
        assert "no process and no port is left" in shown
        found = json.loads((folder / ".demo/summary.json").read_text())
        (campaign,) = found["campaigns"]
        counted = (campaign["status"], campaign["labeled"], campaign["answers"])
        assert counted == ("Completed", 6, 12)
        manifest = (folder / ".demo/output.manifest").read_text()
        lines = [json.loads(line) for line in manifest.splitlines()]
        assert [line["source-ref"].rsplit("/", 1)[1] for line in lines] == [
            f"{number:04}.png" for number in range(6)
        ]
        text = (folder / ".demo/summary.txt").read_text()
        assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_demo_leaves_no_process(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "project"
    process = demo(folder)
    assert process.stdout is not None
    for line in process.stdout:
        if "bootstrap" in line:
            break
    server = json.loads((folder / ".demo/local/state.json").read_text())["pid"]
    process.send_signal(number)
    shown, _ = process.communicate()
    assert process.returncode == code, shown
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
