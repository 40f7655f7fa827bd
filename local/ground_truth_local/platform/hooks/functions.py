"""The processes that functions run in: what they inherit, what they log, when they end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from types import SimpleNamespace
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

_RUNTIME = "core.lambda_runtime"

PARTS: Parts = {
    _RUNTIME: ("_workers", "_lock", "kill_workers", "subprocess", "Worker"),
    "services.lambda_svc": ("_emit_lambda_logs",),
}


def hide_from_functions(variables: Collection[str]) -> None:
    """Keep the server's own settings out of the functions, which inherit its whole environment."""

    def popen(command: Any, **options: Any) -> Any:
        options["env"] = {k: v for k, v in options["env"].items() if k not in variables}
        return subprocess.Popen(command, **options)  # noqa: S603 - ministack's own command line

    replace(_RUNTIME, "subprocess", SimpleNamespace(PIPE=subprocess.PIPE, Popen=popen))


def filter_function_logs(allowed: Callable[[str, str], bool]) -> None:
    """Write a function's log only if `allowed(log group, role name)`."""
    emit = private("services.lambda_svc", "_emit_lambda_logs")

    def emit_lambda_logs(function: Mapping[str, Any], *args: Any, **options: Any) -> None:
        config = function.get("config") or function
        named = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = named or f"/aws/lambda/{config.get('FunctionName', '')}"
        if allowed(group, str(config.get("Role", "")).rpartition("/")[2]):
            emit(function, *args, **options)

    replace("services.lambda_svc", "_emit_lambda_logs", emit_lambda_logs)


def stop_idle_functions(seconds: float) -> int:
    """End the processes of functions not used for so many seconds; returns how many.

    ministack keeps the first process of each function for ever, each with an SDK in its memory.
    """
    now = time.time()
    stopped = []
    workers = private(_RUNTIME, "_workers")
    with private(_RUNTIME, "_lock"):
        for key, pool in list(workers.items()):
            idle = [w for w in pool if not w.in_use and now - w.last_used > seconds]
            stopped.extend(idle)
            workers[key] = [worker for worker in pool if worker not in idle]
            if not workers[key]:
                del workers[key]
    private(_RUNTIME, "kill_workers")(stopped)
    return len(stopped)


def kill_functions() -> None:
    """The last resort, without waiting and without locks that a stuck thread may hold."""
    for pool in list(private(_RUNTIME, "_workers").values()):
        for worker in list(pool):
            if worker._proc is not None:
                worker._proc.kill()
