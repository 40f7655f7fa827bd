"""Reading requests: who sent it, whether it may change anything, what it says."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl

from ground_truth_local.portal.errors import PortalError, SignedOutError

if TYPE_CHECKING:
    from starlette.requests import Request

    from ground_truth_local.portal.sessions import Session
    from ground_truth_local.service.queue import Worker

FORM_BYTES = 16 * 1024
# An answer's own limit is the queue's; this one keeps the body from filling the memory.
ANSWER_BYTES = 8 * 1024 * 1024
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"


def wants_json(request: Request) -> bool:
    """Programs ask for JSON; browsers ask for HTML first."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


async def body(request: Request, *, limit: int) -> dict[str, object]:
    """The JSON object or form in the body, at most ``limit`` bytes of it."""
    raw = await _read(request, limit)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw:
        return {}
    if kind == "application/x-www-form-urlencoded":
        try:
            return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=100))
        except ValueError as error:
            raise _malformed(f"the form can't be read: {error}") from error
    if kind != "application/json":
        message = (
            f"got {kind or 'no content type'}, allowed are application/json and "
            "application/x-www-form-urlencoded"
        )
        raise PortalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    return _json_object(raw)


def check_may_change(request: Request, session: Session, fields: Mapping[str, object]) -> None:
    """Refuse a state-changing request that neither our own pages nor a token holder made."""
    origin = request.headers.get("origin")
    expected = f"{request.url.scheme}://{request.headers['host']}"
    if origin is not None and origin != expected:
        raise _forgery(f"the request comes from {origin[:100]!r}, not from the portal")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise _forgery("the request comes from another site")
    given = request.headers.get(CSRF_HEADER) or fields.get(CSRF_FIELD)
    if not isinstance(given, str) or not _same(given, session.csrf_token):
        raise _forgery("the CSRF token is missing or isn't this session's; reload the page")


def signed_in(session: Session) -> Worker:
    """The worker of the session; SignedOutError when nobody has signed in."""
    if session.worker is None:
        raise SignedOutError
    return session.worker


def text(fields: Mapping[str, object], name: str) -> str:
    """A field that must be text; its absence counts as empty."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _malformed(f"{name}: got {type(value).__name__}, allowed is text")
    return value


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            raise _too_large(limit)
    return bytes(chunks)


def _json_object(raw: bytes) -> dict[str, object]:
    try:
        value = json.loads(raw, parse_constant=_no_constant)
        # Half a character, or nesting too deep to be written again, would fail far from here
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _malformed("the body isn't JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise _malformed(f"got a JSON {type(value).__name__}, allowed is an object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is Python's, not JSON's")


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())


def _malformed(message: str) -> PortalError:
    return PortalError(HTTPStatus.BAD_REQUEST, "MalformedRequest", message)


def _too_large(limit: int) -> PortalError:
    message = f"the body is larger than {limit} bytes"
    return PortalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TooLarge", message)


def _forgery(message: str) -> PortalError:
    return PortalError(HTTPStatus.FORBIDDEN, "Forbidden", message)
