"""Rules applied to API calls and to the answers of custom resources."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from ground_truth_local.faults.rules import Kind, Rules, Subject
from ground_truth_local.platform.hooks import functions

if TYPE_CHECKING:
    from ground_truth_local.platform.hooks.calls import Call, Response


class LostAnswerError(Exception):
    """The call was performed; its answer is not to arrive."""


def around_calls(
    rules: Rules,
) -> Callable[[Call, Callable[[], Awaitable[Response]]], Awaitable[Response]]:
    """What goes around every call: the rules before it, the call, the rules after it."""

    async def around(call: Call, perform: Callable[[], Awaitable[Response]]) -> Response:
        subject = Subject(
            text=f"{call.target} {unquote_plus(call.target)} {unquote_plus(call.body)}",
            service=call.service,
            operation=call.operation,
            function=call.function,
        )
        late = rules.strike(Kind.DELAY, subject)
        if late:
            await asyncio.sleep(late.seconds)
        refusal = rules.strike(Kind.REFUSE, subject)
        if refusal:
            return call.refusal(refusal.code, refusal.message, refusal.status)
        answer = await perform()
        if call.function and rules.strike(Kind.KILL, subject):
            await asyncio.to_thread(functions.kill_running, call.function)
        if rules.strike(Kind.LOSE, subject):
            raise LostAnswerError
        return answer

    return around


def answer_status(rules: Rules) -> Callable[[bytes], int | None]:
    """The HTTP status with which an answer of a custom resource is not taken; None: it is."""

    def status_of(body: bytes) -> int | None:
        refused = rules.strike(Kind.ANSWER, Subject(text=_readable(body)))
        return refused.status if refused else None

    return status_of


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "replace")
