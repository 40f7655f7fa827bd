"""Local AWS as a child process: started, used by its own variables, gone without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ground_truth_ops.errors import OpsError
from ground_truth_ops.processes import (
    POLL_SECONDS,
    Child,
    family,
    group_alive,
    start,
    stop,
    tail,
)
from ground_truth_ops.project import client_variables

START_TIMEOUT_SECONDS = 60.0
URL_KEYS = ("endpoint", "portal_url", "media_url", "mailbox_url")


class ServerError(OpsError):
    """Local AWS didn't start, or left something behind; the details are its log's last lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    """A running local AWS; `variables` are a clean environment for its clients."""

    pid: int
    state: Mapping[str, object]
    variables: Mapping[str, str]
    log: Path

    @property
    def account(self) -> str:
        return str(self.state["account"])

    @property
    def region(self) -> str:
        return str(self.state["region"])

    @property
    def portal_url(self) -> str:
        return str(self.state["portal_url"])

    @property
    def mailbox_url(self) -> str:
        return str(self.state["mailbox_url"])


def local_python(root: Path) -> Path:
    """The interpreter of local AWS's own environment."""
    found = root / ".venv-local" / "bin" / "python"
    if not found.exists():
        raise ServerError(f"no local AWS at {found}; run `make setup`")
    return found


@contextmanager
def local_aws(
    root: Path, *, state_dir: Path, log: Path, options: Sequence[str] = ()
) -> Iterator[LocalAws]:
    """Local AWS on free ports for the time of the block; `options` are more of its own.

    Raises ServerError when it doesn't start, or when a process or port is left afterwards.
    """
    state_file = state_dir / "state.json"
    state_file.unlink(missing_ok=True)
    command: list[str | Path] = [
        local_python(root),
        "-m",
        "ground_truth_local",
        "--state-dir",
        state_dir,
        *options,
    ]
    process = start(command, cwd=root, env=_server_environment(), log=log)
    ports: tuple[int, ...] = ()
    try:
        state = _ready(process, state_file, log)
        ports = ports_of(state)
        variables = client_variables(os.environ, state_dir)
        yield LocalAws(pid=process.pid, state=state, variables=variables, log=log)
    except Exception as error:
        code = process.poll()
        if code is not None and ports:
            # what the client saw, a refused connection, says nothing
            raise ServerError(
                f"local AWS ended with {code} in the middle of its work", details=tail(log)
            ) from error
        raise
    finally:
        children = family(process.pid)
        stop(process)
        left = leftovers(process.pid, ports, children)
    if left:
        raise ServerError(f"local AWS was stopped, yet there is {', '.join(left)}")


def _server_environment() -> dict[str, str]:
    """Nothing of the user's AWS may reach the server and its functions."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _ready(process: subprocess.Popen[bytes], state_file: Path, log: Path) -> dict[str, object]:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            raise ServerError(f"local AWS ended with {code} while it started", details=tail(log))
        if state_file.exists():
            state: dict[str, object] = json.loads(state_file.read_text(encoding="utf-8"))
            return state
        time.sleep(POLL_SECONDS)
    raise ServerError(
        f"local AWS wasn't ready after {START_TIMEOUT_SECONDS:g} s", details=tail(log)
    )


def ports_of(state: Mapping[str, object]) -> tuple[int, ...]:
    urls = (str(state[key]) for key in URL_KEYS if state.get(key))
    return tuple(sorted({port for url in urls if (port := urlsplit(url).port) is not None}))


def leftovers(group: int, ports: tuple[int, ...], children: tuple[Child, ...]) -> tuple[str, ...]:
    """What was still there of a stopped server, in words; processes among it are ended now."""
    found = [f"a process of group {group}"] if group_alive(group) else []
    for child in children:
        if child.alive():
            found.append(f"process {child.pid}")
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
    return (*found, *(f"a listener on port {port}" for port in ports if _listening(port)))


def _listening(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
