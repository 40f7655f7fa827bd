"""A function of the project in a process of its own, with the environment Lambda would give it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from ground_truth_ops.errors import OpsError

_RUNTIME = Path(__file__).with_name("runtime.py")
_LOG_LINES = 20


class FunctionGoneError(OpsError):
    """The function isn't installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call gave: an answer, or why there is none; and what was logged."""

    payload: object = None
    error: str | None = None
    log: tuple[str, ...] = ()


class Function:
    """Starts with the first call and stays warm, as Lambda's do. Thread-safe."""

    def __init__(
        self, module: str, *, settings: Mapping[str, str], endpoint: str, timeout_seconds: float
    ) -> None:
        self._module = module
        self._settings = settings
        self._endpoint = endpoint
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def invoke(self, event: Mapping[str, object]) -> Outcome:
        """Call it; an error of the function is an outcome."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._call(json.dumps(event).encode() + b"\n")

    def stop(self) -> None:
        """End the process; the next call starts another."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        self._end()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(  # noqa: S603 - our own file, no shell
            [sys.executable, "-P", str(_RUNTIME), self._module, str(self._timeout)],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # a Ctrl-C is the preview's to handle
        )

    def _environment(self) -> dict[str, str]:
        """What Lambda sets, and an endpoint that keeps every AWS call on this machine."""
        root = task_root()
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": str(root),
            "PYTHONUTF8": "1",
            "LAMBDA_TASK_ROOT": str(root),
            "AWS_LAMBDA_FUNCTION_NAME": f"preview-{self._module.rpartition('.')[2]}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "preview",
            "AWS_SECRET_ACCESS_KEY": "preview",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self._endpoint,
            **self._settings,
        }

    def _call(self, line: bytes) -> Outcome:
        process, log = self._process, self._log
        if process is None or log is None or process.stdin is None or process.stdout is None:
            raise FunctionGoneError(f"{self._module} has no process")
        begin = log.seek(0, os.SEEK_END)
        with suppress(BrokenPipeError):  # it is read as no answer
            process.stdin.write(line)
            process.stdin.flush()
        answer = self._answer(process.stdout.fileno())
        log.seek(begin)
        lines = log.read().decode(errors="replace").splitlines()
        logged = tuple(lines[-_LOG_LINES:])
        if isinstance(answer, str):
            self._end()
            return Outcome(error=answer, log=logged)
        told = answer.get("error")
        if isinstance(told, dict):
            where = " < ".join(reversed(told["stackTrace"]))
            message = f"{told['errorType']}: {told['errorMessage']}"
            return Outcome(error=f"{message} ({where})" if where else message, log=logged)
        return Outcome(payload=answer.get("payload"), log=logged)

    def _answer(self, output: int) -> dict[str, object] | str:
        """The line the process answers, or why there is none."""
        end = time.monotonic() + self._timeout
        read = b""
        while not read.endswith(b"\n"):
            ready, _, _ = select.select([output], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return f"Task timed out after {self._timeout:.2f} seconds"
            chunk = os.read(output, 1 << 20)
            if not chunk:
                return "Runtime exited without an answer"
            read += chunk
        found: dict[str, object] = json.loads(read)
        return found

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            process.kill()
            process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None


def task_root() -> Path:
    """The folder the functions' packages lie in; raises FunctionGoneError."""
    spec = find_spec("ground_truth_functions")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise FunctionGoneError("ground_truth_functions isn't installed; run make setup")
    return Path(next(iter(places))).parent
