"""Asynchronous invocations as Lambda repeats them.

Lambda's developer guide, "How Lambda handles errors and retries with asynchronous invocation":
after an error the function is run twice more with the same event, a throttled event returns to the
queue, from one second on at growing intervals up to five minutes, for six hours. A repeated event
keeps its request id.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from ground_truth_local.platform.hooks.private import Parts, private, replace

_LAMBDA = "services.lambda_svc"

PARTS: Parts = {
    _LAMBDA: (
        "invoke_async_with_retry",
        "_execute_function",
        "_execute_function_dispatch",
        "_get_base_func_record_for_ref",
        "_functions",
    ),
}
_FIRST_SECONDS, _LONGEST_SECONDS = 1.0, 300.0
_QUEUED_SECONDS = 6 * 3600.0

_request_id: ContextVar[str] = ContextVar("request id of an asynchronous invocation", default="")


def repeat_events() -> None:
    """Give an event one request id, keep it while its function is throttled, and drop it with it.

    ministack repeats after an error by itself, with a new id each time, and counts a throttled try.
    """
    invoke = private(_LAMBDA, "invoke_async_with_retry")
    execute = private(_LAMBDA, "_execute_function")
    dispatch = private(_LAMBDA, "_execute_function_dispatch")

    def invoke_async_with_retry(function: Any, event: Any) -> None:
        token = _request_id.set(str(uuid4()))
        try:
            invoke(function, event)  # its thread takes a copy of this context
        finally:
            _request_id.reset(token)

    def execute_function(function: Any, event: Any) -> Any:
        result: Any = {}
        for pause in _pauses():
            current = _current(function)
            if current is None and _request_id.get():
                return {"body": None}
            result = execute(current or function, event)
            if not _request_id.get() or not result.get("throttle"):
                break
            time.sleep(pause)
        return result

    def execute_function_dispatch(
        function: Any, config: Any, event: Any, request_id: str, *rest: Any
    ) -> Any:
        return dispatch(function, config, event, _request_id.get() or request_id, *rest)

    replace(_LAMBDA, "invoke_async_with_retry", invoke_async_with_retry)
    replace(_LAMBDA, "_execute_function", execute_function)
    replace(_LAMBDA, "_execute_function_dispatch", execute_function_dispatch)


def _pauses() -> Iterator[float]:
    pause, waited = _FIRST_SECONDS, 0.0
    while waited < _QUEUED_SECONDS:
        yield pause
        waited += pause
        pause = min(pause * 2, _LONGEST_SECONDS)


def _current(function: Any) -> Any:
    """The record to execute, with the concurrency its function has now; None: it was deleted.

    A version has none of its own, and an event's record is as old as the event.
    """
    config = function.get("config") or function
    base = private(_LAMBDA, "_get_base_func_record_for_ref")(config.get("FunctionArn", ""))[0]
    return None if base is None else {**function, "concurrency": base.get("concurrency")}


def reserve_concurrency(function_name: str, executions: int | None) -> None:
    """`ReservedConcurrentExecutions` of a template, which its handlers drop; None: unreserved."""
    private(_LAMBDA, "_functions")[function_name]["concurrency"] = executions
