"""The control surface: rules by HTTP on the gateway's own port, for whoever holds the run's token.

    POST   /_faults        a rule as JSON -> {"id": 3}
    GET    /_faults        every rule, with what it has seen and how often it fired
    DELETE /_faults        forget all rules
    DELETE /_faults/3      forget one
    POST   /_faults/clock  {"seconds": 60}: the jobs' clock goes ahead

The gateway listens on loopback only; the token is in `state.json`, which only its owner can read.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

from ground_truth_local.faults.calls import LostAnswerError
from ground_truth_local.faults.rules import Rule, RuleError, Rules

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
MoveClock = Callable[[timedelta], None]

PATH = "/_faults"
_MOST_BYTES = 100_000


class ClockError(Exception):
    """A clock can't be moved like that."""


def with_control(
    gateway: Application, rules: Rules, token: str, *, move_clock: MoveClock
) -> Application:
    """The gateway, with the control surface in front of it."""

    async def controlled(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (path == PATH or path.startswith(f"{PATH}/")):
            status, answer = await _answer(scope, receive, rules, token, move_clock)
            await _send(send, status, answer)
            return
        try:
            await gateway(scope, receive, send)
        except LostAnswerError:
            await _break_off(send)

    return controlled


async def _answer(
    scope: Scope, receive: Receive, rules: Rules, token: str, move_clock: MoveClock
) -> tuple[int, object]:
    given = dict(scope["headers"]).get(b"authorization", b"")
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return 403, {"message": "Authorization: Bearer <the faults token of state.json> is needed"}
    rest = scope["path"].removeprefix(PATH).strip("/")
    match scope["method"], rest:
        case "GET", "":
            return 200, rules.list()
        case "POST", "":
            return await _taken(receive, lambda given: {"id": rules.add(Rule.parse(given))})
        case "POST", "clock":
            return await _taken(receive, lambda given: move_clock(_seconds(given)))
        case "DELETE", _ if _cleared(rules, rest):
            return 200, {}
    return 404, {"message": f"nothing is done with {scope['method']} {scope['path']}"}


def _cleared(rules: Rules, number: str) -> bool:
    if number == "":
        rules.clear()
        return True
    return number.isdigit() and bool(rules.clear(int(number)))


def _seconds(given: Any) -> timedelta:
    seconds = given.get("seconds") if isinstance(given, dict) else None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
        raise ClockError(f"seconds is {seconds!r}, allowed a whole number from 1: time goes ahead")
    return timedelta(seconds=seconds)


async def _taken(receive: Receive, take: Callable[[Any], object]) -> tuple[int, object]:
    body = b""
    more = True
    while more and len(body) <= _MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        return 201, take(json.loads(body))
    except (RuleError, ClockError) as problem:
        return 400, {"message": str(problem)}
    except ValueError:
        return 400, {"message": "the body is not JSON"}


async def _send(send: Send, status: int, answer: object) -> None:
    body = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _break_off(send: Send) -> None:
    """An answer that is announced and never comes: the server then closes the connection."""
    headers = [(b"content-length", b"1"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
