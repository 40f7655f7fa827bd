from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from ground_truth_ops.processes import (
    CommandError,
    ended_by_signals,
    finish,
    group_alive,
    run,
    start,
    stop,
    tail,
)

# a parent and a child of it that both shut their ears to SIGTERM once they have said so
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
open(sys.argv[1] + str(os.getpid()), "w").close()
while True:
    time.sleep(60)
"""


def script(text: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", text, *arguments]


def environment() -> dict[str, str]:
    return dict(os.environ)


def test_returns_lines_and_writes_them_to_log_and_listener(tmp_path: Path) -> None:
    seen: list[str] = []
    text = "import sys; print('one'); print('two', file=sys.stderr, flush=True)"
    lines = run(
        script(text), cwd=tmp_path, env=environment(), log=tmp_path / "log", on_line=seen.append
    )
    assert sorted(lines) == ["one", "two"]
    assert seen == lines
    assert (tmp_path / "log").read_text().splitlines() == lines


def test_names_code_and_last_lines_of_what_went_wrong(tmp_path: Path) -> None:
    text = "for i in range(30): print('line', i)\nraise SystemExit(3)"
    with pytest.raises(CommandError, match=r"ended with 3; all of it is in .*log") as caught:
        run(script(text), cwd=tmp_path, env=environment(), log=tmp_path / "log")
    assert caught.value.details == tuple(f"line {number}" for number in range(10, 30))


def test_bytes_that_are_no_text_reach_the_log(tmp_path: Path) -> None:
    text = "import sys; sys.stdout.buffer.write(b'\\xff\\n')"
    assert run(script(text), cwd=tmp_path, env={}, log=tmp_path / "log") == ["\ufffd"]


def test_interrupt_ends_the_command_before_it_goes_on(tmp_path: Path) -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    text = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run(script(text), cwd=tmp_path, env=environment(), log=tmp_path / "log", on_line=interrupt)
    assert not group_alive(pids[0])


def test_stop_ends_a_process_and_its_children_that_ignore_sigterm(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    process = start(
        script(STUBBORN, f"{marks}/"), cwd=tmp_path, env=environment(), log=tmp_path / "log"
    )
    while len(list(marks.iterdir())) < 2:
        assert process.poll() is None
    stop(process, grace_seconds=0.05)
    assert process.returncode == -signal.SIGKILL
    assert not group_alive(process.pid)


def test_stop_of_an_ended_process_does_nothing(tmp_path: Path) -> None:
    process = start(script(""), cwd=tmp_path, env=environment(), log=tmp_path / "log")
    process.wait()
    stop(process)
    assert process.returncode == 0


def test_finish_names_the_command_that_went_wrong(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(
        script("raise SystemExit('no such campaign')"), cwd=tmp_path, env=environment(), log=log
    )
    with pytest.raises(CommandError, match="cdk synth ended with 1") as caught:
        finish(process, name="cdk synth", log=log)
    assert caught.value.details == ("no such campaign",)


def test_tail_of_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none") == ()


def test_terminate_signal_ends_in_order_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught, ended_by_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
