from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ground_truth_ops.demo.server import ServerError, local_aws
from ground_truth_ops.processes import family

# stands for local AWS: what it does is decided by the test
SERVER = """#!{python}
import json, os, pathlib, socket, subprocess, sys, time
state = pathlib.Path(sys.argv[sys.argv.index("--state-dir") + 1])
state.mkdir(parents=True, exist_ok=True)
assert not [name for name in os.environ if name.startswith("AWS_")]
listener = socket.create_server(("127.0.0.1", 0))
url = "http://127.0.0.1:%d" % listener.getsockname()[1]
def ready():
    (state / "env").write_text("export AWS_ENDPOINT_URL=" + url + "\\n")
    found = dict(pid=os.getpid(), endpoint=url, portal_url=url, mailbox_url=url + "/mailbox")
    staged = state / "staged"
    staged.write_text(json.dumps(dict(found, account="000000000000", region="us-east-1")))
    staged.replace(state / "state.json")
    print("ready", flush=True)
    time.sleep(60)
{does}
"""


def project(folder: Path, does: str) -> Path:
    program = folder / ".venv-local" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(SERVER.format(python=sys.executable, does=does))
    program.chmod(0o755)
    return folder


def test_runs_for_the_time_of_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    root = project(tmp_path, "ready()")
    with local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log") as server:
        os.kill(server.pid, 0)
        assert server.variables["AWS_ENDPOINT_URL"] == server.portal_url
        assert "AWS_PROFILE" not in server.variables
        assert (server.account, server.region) == ("000000000000", "us-east-1")
        assert server.mailbox_url == f"{server.portal_url}/mailbox"
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_ends_with_an_error_in_the_block(tmp_path: Path) -> None:
    root = project(tmp_path, "ready()")
    with (
        pytest.raises(ValueError, match="a step went wrong"),
        local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log") as server,
    ):
        raise ValueError("a step went wrong")
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_shows_the_log_of_a_server_that_dies_under_its_clients(tmp_path: Path) -> None:
    root = project(tmp_path, "ready()")
    with (
        pytest.raises(ServerError, match=r"ended with -9 in the middle of its work") as caught,
        local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log") as server,
    ):
        os.kill(server.pid, signal.SIGKILL)
        os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        raise ConnectionRefusedError
    assert caught.value.details == ("ready",)


def test_shows_the_log_of_a_server_that_does_not_start(tmp_path: Path) -> None:
    root = project(tmp_path, "sys.exit('no free port')")
    with (
        pytest.raises(ServerError, match="local AWS ended with 1 while it started") as caught,
        local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log"),
    ):
        pass
    assert caught.value.details == ("no free port",)


def test_takes_no_notice_of_an_earlier_runs_state(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.json").write_text("{}")
    root = project(tmp_path, "sys.exit(4)")
    with (
        pytest.raises(ServerError, match="ended with 4"),
        local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log"),
    ):
        pass


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux tells whose child a process was")
def test_refuses_and_ends_a_process_that_left_the_group(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    away = f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True); ready()"
    root = project(tmp_path, away)
    with (
        pytest.raises(ServerError, match=r"local AWS was stopped, yet there is process \d+"),
        local_aws(root, state_dir=tmp_path / "state", log=tmp_path / "log") as server,
    ):
        (left,) = family(server.pid)
        assert left.alive()
    deadline = time.monotonic() + 10
    while left.alive():
        assert time.monotonic() < deadline


def test_says_how_to_install_local_aws(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerError, match="run `make setup`"),
        local_aws(tmp_path, state_dir=tmp_path / "state", log=tmp_path / "log"),
    ):
        pass
