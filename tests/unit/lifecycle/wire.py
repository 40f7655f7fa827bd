"""Real boto3 clients whose calls end in memory: the service model validates, nothing is sent."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.model import Shape


REGION = "us-east-1"
ACCOUNT = "123456789012"


class ServiceError(Exception):
    """What a fake service answers instead of a result."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


Handler = Callable[[str, str, dict[str, Any]], Mapping[str, Any]]


class Wire:
    """Where the calls of every client arrive; `serve` is given service, operation, parameters."""

    def __init__(self) -> None:
        self.serve: Handler | None = None

    def client(self, service: str) -> Any:
        """A boto3 client; made once, because making one is slow."""
        return _client(service, self)

    def arrive(self, service: str, model: Any, params: dict[str, Any]) -> tuple[Any, Any]:
        """Answer a call in botocore's own terms."""
        if self.serve is None:
            raise RuntimeError("no service is connected")
        try:
            if service == "sagemaker":
                problems = list(violations(model.input_shape, params, ""))
                if problems:
                    raise ServiceError(
                        "ValidationException",
                        f"{len(problems)} validation error detected: {'; '.join(problems)}",
                    )
            return _http(200), dict(self.serve(service, model.name, params))
        except ServiceError as error:
            details = {"Code": error.code, "Message": error.message}
            answer = {"Error": details, "ResponseMetadata": {"HTTPStatusCode": error.status}}
            return _http(error.status), answer


WIRE = Wire()


@cache
def _client(service: str, wire: Wire) -> Any:
    client = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
    kept = threading.local()

    def remember(params: dict[str, Any], model: Any, **_: Any) -> None:
        kept.params = params

    def answer(model: Any, **_: Any) -> tuple[Any, Any]:
        return wire.arrive(service, model, kept.params)

    client.meta.events.register_first(f"provide-client-params.{service}", remember)
    client.meta.events.register_first(f"before-call.{service}", answer)
    return client


def _http(status: int) -> AWSResponse:
    return AWSResponse("https://in-memory", status, {}, None)  # type: ignore[arg-type]


def violations(shape: Shape | None, value: Any, path: str) -> Any:
    """Yield what the service would refuse and the client does not look at: patterns, maxima."""
    if shape is None or value is None:
        return
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from violations(shape.members[name], item, f"{path}.{name}")  # type: ignore[attr-defined]
    elif shape.type_name == "list":
        yield from _length(shape, value, path)
        for item in value:
            yield from violations(shape.member, item, f"{path}[]")  # type: ignore[attr-defined]
    elif shape.type_name == "string":
        yield from _length(shape, value, path)
        yield from _text(shape, value, path)
    elif shape.type_name == "integer" and value > shape.metadata.get("max", value):
        yield f"Value {value} at {path} must be at most {shape.metadata['max']}"


def _length(shape: Shape, value: Any, path: str) -> Any:
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"Value at {path} has {len(value)} elements, at most {shape.metadata['max']}"


def _text(shape: Shape, value: str, path: str) -> Any:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield f"Value {value} at {path} is not one of {allowed}"
    pattern = shape.metadata.get("pattern", "")
    # \p{...} and \uD7FF classes are Java's; the ones that matter here are plain
    plain = pattern and "\\p{" not in pattern and "\\u" not in pattern
    if plain and not re.fullmatch(pattern, value):
        yield f"Value {value} at {path} does not match {pattern}"
