"""The processes that functions run in: what they inherit, what they log, when they end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from threading import BoundedSemaphore, Lock
from types import SimpleNamespace
from typing import Any

from ground_truth_local.platform.hooks.private import HookMovedError, Parts, private, replace

_RUNTIME = "core.lambda_runtime"

PARTS: Parts = {
    _RUNTIME: (
        "_workers",
        "_lock",
        "kill_workers",
        "subprocess",
        "_PYTHON_WORKER_SCRIPT",
        "INVOKE_DEPTH_BOOTSTRAP",
    ),
    "services.lambda_svc": (
        "_emit_lambda_logs",
        "_execute_function_warm",
        "_route_async_failure",
        "_functions",
    ),
}


def hide_from_functions(variables: Collection[str]) -> None:
    """Keep the server's own settings out of the functions, which inherit its whole environment."""

    def popen(command: Any, **options: Any) -> Any:
        options["env"] = {k: v for k, v in options["env"].items() if k not in variables}
        return subprocess.Popen(command, **options)  # noqa: S603 - ministack's own command line

    replace(_RUNTIME, "subprocess", SimpleNamespace(PIPE=subprocess.PIPE, Popen=popen))


# Lambda's runtime gives the root logger a handler before it imports the function's module.
_BEFORE_THE_HANDLER = """
def _ms_install_invoke_depth():
    import logging, sys
    form = "[%(levelname)s]\\t%(asctime)s\\t%(message)s"
    logging.basicConfig(stream=sys.stderr, format=form)
"""


def load_no_sdk_before_the_function() -> None:
    """Leave botocore out of a function's process unless the function imports it; let it log.

    ministack imports it to count how deep functions call each other. Without it a function that
    uses no SDK starts in a third of the time and takes a third of the memory.
    """
    bootstrap = private(_RUNTIME, "INVOKE_DEPTH_BOOTSTRAP")
    script = private(_RUNTIME, "_PYTHON_WORKER_SCRIPT")
    if bootstrap not in script:
        raise HookMovedError("ministack's Python worker no longer begins with its depth counter")
    replace(_RUNTIME, "_PYTHON_WORKER_SCRIPT", script.replace(bootstrap, _BEFORE_THE_HANDLER))


def limit_processes(per_function: int, *, patience_seconds: float) -> None:
    """Let calls of one function share a few processes; each more costs memory and gains nothing.

    A call that has waited for `patience_seconds` goes ahead: a function may be waiting for itself.
    """
    execute = private("services.lambda_svc", "_execute_function_warm")
    lock = Lock()
    turns: dict[str, BoundedSemaphore] = {}

    def execute_in_turn(function: Mapping[str, Any], *args: Any) -> Any:
        config = function.get("config") or function
        with lock:
            turn = turns.setdefault(str(config["FunctionArn"]), BoundedSemaphore(per_function))
        taken = turn.acquire(timeout=patience_seconds)
        try:
            return execute(function, *args)
        finally:
            if taken:
                turn.release()

    replace("services.lambda_svc", "_execute_function_warm", execute_in_turn)


def filter_function_logs(allowed: Callable[[str, str, str], bool]) -> None:
    """Write a function's log only if `allowed(log group, role ARN, function name)`."""
    emit = private("services.lambda_svc", "_emit_lambda_logs")

    def emit_lambda_logs(function: Mapping[str, Any], *args: Any, **options: Any) -> None:
        config = function.get("config") or function
        named = (config.get("LoggingConfig") or {}).get("LogGroup")
        name = str(config.get("FunctionName", ""))
        if allowed(named or f"/aws/lambda/{name}", str(config.get("Role", "")), name):
            emit(function, *args, **options)

    replace("services.lambda_svc", "_emit_lambda_logs", emit_lambda_logs)


def filter_dead_letters(allowed: Callable[[str, str, str], bool]) -> None:
    """Pass on an event that failed only if `allowed(target ARN, role ARN, function name)`."""
    route = private("services.lambda_svc", "_route_async_failure")

    def route_async_failure(target_arn: str, name: str, *args: Any) -> None:
        function = private("services.lambda_svc", "_functions").get(name) or {}
        if allowed(target_arn, str(function.get("config", {}).get("Role", "")), name):
            route(target_arn, name, *args)

    replace("services.lambda_svc", "_route_async_failure", route_async_failure)


def set_dead_letters(name: str, target: Mapping[str, Any] | None) -> None:
    """`DeadLetterConfig` of a template, which its handlers drop; None: no such place."""
    config = private("services.lambda_svc", "_functions")[name]["config"]
    if target:
        config["DeadLetterConfig"] = dict(target)
    else:
        config.pop("DeadLetterConfig", None)


def stop_idle_functions(*, first_seconds: float, further_seconds: float) -> int:
    """End processes not used for so long, a function's first or a further one; returns how many.

    ministack keeps the first for ever and the others for minutes, each with an SDK in its memory.
    """
    now = time.time()
    stopped = []
    workers = private(_RUNTIME, "_workers")
    with private(_RUNTIME, "_lock"):
        for key, pool in list(workers.items()):
            limits = [first_seconds, *[further_seconds] * (len(pool) - 1)]
            idle = [
                worker
                for worker, limit in zip(pool, limits, strict=True)
                if not worker.in_use and now - worker.last_used > limit
            ]
            stopped.extend(idle)
            workers[key] = [worker for worker in pool if worker not in idle]
            if not workers[key]:
                del workers[key]
    private(_RUNTIME, "kill_workers")(stopped)
    return len(stopped)


def kill_running(function_name: str) -> int:
    """End the processes in which a function is running now, without a word; returns how many."""
    with private(_RUNTIME, "_lock"):
        running = [
            worker
            for pool in private(_RUNTIME, "_workers").values()
            for worker in pool
            if worker.in_use and worker.func_name == function_name and worker._proc is not None
        ]
    for worker in running:
        worker._proc.kill()
    return len(running)


def kill_functions() -> None:
    """The last resort, without waiting and without locks that a stuck thread may hold."""
    for pool in list(private(_RUNTIME, "_workers").values()):
        for worker in list(pool):
            if worker._proc is not None:
                worker._proc.kill()
