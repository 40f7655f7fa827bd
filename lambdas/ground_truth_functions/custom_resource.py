"""Answers CloudFormation for a custom resource that is a plain Lambda function.

CloudFormation waits for a PUT to a presigned URL, and for nothing else: a function that dies or
answers with more than 4096 bytes costs the whole service timeout, or loses the cause. So the
answer is always sent, is always small enough, and carries the cause that matters.
"""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from ground_truth_functions.custom_resource_answer import (
    AnswerNotDeliveredError,
    deliver,
    fitted,
    shortened,
)

__all__ = [
    "AnswerNotDeliveredError",
    "Outcome",
    "Request",
    "RequestError",
    "answer",
    "parse_request",
    "stable_physical_id",
]

RequestKind = Literal["Create", "Update", "Delete"]

MAX_REASON_CHARACTERS = 700
BACKOFF_SECONDS: Sequence[float] = (0.5, 1, 2, 4, 8)  # pauses between the tries to answer

_log = logging.getLogger(__name__)


class RequestError(ValueError):
    """The event is not a custom resource request this code understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of CloudFormation, without the URL that answers it."""

    kind: RequestKind
    stack_id: str
    logical_id: str
    request_id: str
    resource_type: str
    physical_id: str | None
    properties: Mapping[str, object]
    old_properties: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return a property that must be a non-empty string; raises RequestError if it isn't."""
        value = self.properties.get(name)
        if not isinstance(value, str) or not value:
            raise RequestError(
                f"property {name} of {self.resource_type} is {_kind_of(value)}; "
                "a non-empty string is needed"
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a handled request leads to: the resource's id and the attributes GetAtt can read."""

    physical_id: str
    data: Mapping[str, str] = field(default_factory=dict)
    no_echo: bool = False


def stable_physical_id(request: Request) -> str:
    """Return an id that never changes for this resource of this stack.

    With a constant id CloudFormation never sends a clean-up Delete, so every Delete is a removal.
    """
    digest = hashlib.sha256(request.stack_id.encode()).hexdigest()
    return f"{request.logical_id}-{digest[:16]}"


def answer(
    event: Mapping[str, object],
    context: object,
    handle: Callable[[Request], Outcome],
    *,
    physical_id: Callable[[Request], str],
) -> None:
    """Handle the event and tell CloudFormation how it went.

    Returning from `handle` is success, raising is failure with the exception as the reason.
    Raises AnswerNotDeliveredError when the answer could not be sent: Lambda then repeats the
    invocation with the same request id, and the handler must find its own earlier work.
    """
    _log.setLevel(logging.INFO)
    url = event.get("ResponseURL")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise RequestError(
            "the event has no ResponseURL to answer to; only CloudFormation may invoke this "
            "function, with the event of a custom resource"
        )
    body = _answer_body(event, context, handle, physical_id)
    deliver(url, body, pauses=BACKOFF_SECONDS)


def parse_request(event: Mapping[str, object]) -> Request:
    """Parse a custom resource event; raises RequestError naming the field that is wrong."""
    kind = event.get("RequestType")
    if kind not in get_args(RequestKind):
        raise RequestError(
            f"unknown RequestType {kind!r}; allowed: {', '.join(get_args(RequestKind))}"
        )
    physical = event.get("PhysicalResourceId")
    return Request(
        kind=cast("RequestKind", kind),
        stack_id=_text(event, "StackId"),
        logical_id=_text(event, "LogicalResourceId"),
        request_id=_text(event, "RequestId"),
        resource_type=_text(event, "ResourceType"),
        physical_id=physical if isinstance(physical, str) and physical else None,
        properties=_mapping(event.get("ResourceProperties"), "ResourceProperties"),
        old_properties=_mapping(event.get("OldResourceProperties", {}), "OldResourceProperties"),
    )


def _answer_body(
    event: Mapping[str, object],
    context: object,
    handle: Callable[[Request], Outcome],
    physical_id: Callable[[Request], str],
) -> bytes:
    request: Request | None = None
    try:
        request = parse_request(event)
        _log.info(
            "%s %s %s, request %s, properties %s",
            request.kind,
            request.resource_type,
            request.logical_id,
            request.request_id,
            sorted(request.properties),
        )
        outcome = handle(request)
        _log.info("%s %s: SUCCESS", request.kind, request.logical_id)
        return fitted(_success(event, request, outcome))
    except (Exception, SystemExit) as error:
        # Frames only: the text of an exception may repeat property values
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("FAILED with %s at\n%s", type(error).__name__, frames)
        return fitted(_failure(event, context, error, request, physical_id))


def _success(event: Mapping[str, object], request: Request, outcome: Outcome) -> dict[str, object]:
    # A Delete that answers another id is taken for a failure
    deleted = request.physical_id if request.kind == "Delete" else None
    return {
        **_addressee(event, deleted or outcome.physical_id),
        "Status": "SUCCESS",
        "NoEcho": outcome.no_echo,
        "Data": {key: str(value) for key, value in outcome.data.items()},
    }


def _failure(
    event: Mapping[str, object],
    context: object,
    error: BaseException,
    request: Request | None,
    physical_id: Callable[[Request], str],
) -> dict[str, object]:
    known = event.get("PhysicalResourceId")
    identity = known if isinstance(known, str) and known else None
    if identity is None and request is not None:
        try:
            identity = physical_id(request)
        except Exception:  # the first error is the one worth telling
            identity = stable_physical_id(request)
    reason = _reason(error)
    stream = getattr(context, "log_stream_name", None)
    if isinstance(stream, str) and stream:
        reason = f"{reason} (log stream {stream[:128]})"
    fallback = f"{event.get('LogicalResourceId') or 'resource'}-not-created"
    return {**_addressee(event, identity or fallback), "Status": "FAILED", "Reason": reason}


def _addressee(event: Mapping[str, object], physical_id: str) -> dict[str, object]:
    return {
        "StackId": event.get("StackId"),
        "RequestId": event.get("RequestId"),
        "LogicalResourceId": event.get("LogicalResourceId"),
        "PhysicalResourceId": physical_id,
    }


def _reason(error: BaseException) -> str:
    """Describe an exception and what it came from, on one line, the cause first to be seen."""
    parts = [f"{type(error).__name__}: {error}".rstrip(": ")]
    cause = error.__cause__
    if cause is not None and str(cause) not in str(error):
        parts.append(f"caused by {type(cause).__name__}: {cause}")
    return shortened(" ".join("; ".join(parts).split()), MAX_REASON_CHARACTERS)


def _text(event: Mapping[str, object], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise RequestError(f"the event has no {key}; a non-empty string is needed")
    return value


def _kind_of(value: object) -> str:
    """Name what was given without repeating it: property values stay out of every message."""
    if value is None:
        return "missing"
    return "empty" if value == "" else f"of type {type(value).__name__}"


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise RequestError(f"{name} is of type {type(value).__name__}; an object is needed")
    return value
