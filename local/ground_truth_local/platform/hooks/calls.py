"""Every signed API call that reaches the gateway, as something can be put around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

Response = tuple[int, dict[str, str], bytes]
Around = Callable[["Call", Callable[[], Awaitable[Response]]], Awaitable[Response]]

PARTS: Parts = {
    "app": ("_dispatch_service_request", "_routing_params"),
    "core.router": ("detect_service",),
    "core.iam_actions": ("extract_iam_action", "access_denied_response"),
    "core.iam_evaluator": ("pin_request_caller", "caller_arn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `function` is the name of the function that makes it, or ""."""

    service: str
    operation: str
    function: str
    target: str
    body: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)

    def refusal(self, code: str, message: str, status: int) -> Response:
        """An error in the service's own protocol."""
        answer: Response = private("core.iam_actions", "access_denied_response")(
            self.service, "", "", "injected", error_code=code, message=message, headers=self.headers
        )
        return status, answer[1], answer[2]


def put_around_calls(around: Around) -> None:
    """There is no middleware: the gateway's one dispatcher is replaced."""
    dispatch = private("app", "_dispatch_service_request")

    async def dispatch_service_request(*request: Any) -> Response:
        async def perform() -> Response:
            answer: Response = await dispatch(*request)
            return answer

        return await around(_call(*request), perform)

    replace("app", "_dispatch_service_request", dispatch_service_request)


def _call(
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
    *_: Any,
) -> Call:
    params: Any = private("app", "_routing_params")(method, path, headers, body, query)
    service: str = private("core.router", "detect_service")(method, path, headers, params)
    action = private("core.iam_actions", "extract_iam_action")(
        service, method, path, headers, body, params
    )
    private("core.iam_evaluator", "pin_request_caller")(headers, query)
    caller = str(private("core.iam_evaluator", "caller_arn")() or "")
    asked = "&".join(f"{name}={value}" for name, values in query.items() for value in values)
    return Call(
        service=service,
        operation=str(action or "").rpartition(":")[2],
        # a function's session is named after it
        function=caller.rpartition("/")[2] if ":assumed-role/" in caller else "",
        target=f"{path}?{asked}",
        body=body.decode("utf-8", "replace"),
        headers=headers,
    )
