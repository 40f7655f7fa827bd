"""Plain HTTP to the gateway's S3 for browsers, which would not trust the gateway's certificate.

It carries what a browser needs to show a presigned object and nothing else: GET and HEAD with a
signature in the query, and the preflight of either. The request goes on unchanged (the host is part
of the signature) into the gateway's own application, marked as having come by TLS: on AWS it would
have, and a bucket that refuses plain HTTP must not refuse the browser here. Answers carry a policy
under which a document among the objects can run nothing: cookies know hosts, not ports, so it would
share this host with the portal.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# bucket naming rules; other APIs' paths (/_ministack/…, /oauth2/…, /2015-03-31/…) are out of reach
_OBJECT = re.compile(
    r"/(?!oauth2/|saml2/|\d{4}-\d\d-\d\d/)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+", re.DOTALL
)
_ELSEWHERE = (b"authorization", b"x-amz-target")

_INERT = [(b"content-security-policy", b"sandbox"), (b"x-content-type-options", b"nosniff")]


def media_application(gateway: Application) -> Application:
    """An ASGI application that lets presigned S3 reads through to `gateway`."""

    async def media(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http" and _is_presigned_read(scope):
            await gateway({**scope, "scheme": "https"}, receive, _inert(send))
        elif scope["type"] == "http":
            await _refuse(send)

    return media


def _inert(send: Send) -> Send:
    async def send_inert(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_INERT]}
        await send(message)

    return send_inert


def _is_presigned_read(scope: Scope) -> bool:
    if not _OBJECT.fullmatch(scope["path"]):
        return False
    headers = {name.lower(): value for name, value in scope["headers"]}
    if scope["method"] == "OPTIONS":
        return headers.get(b"access-control-request-method", b"").upper() in (b"GET", b"HEAD")
    if scope["method"] not in ("GET", "HEAD") or any(name in headers for name in _ELSEWHERE):
        return False
    query = parse_qs(scope.get("query_string", b"").decode("ascii", "replace"))
    credential = query.get("X-Amz-Credential", [""])[0]
    return bool(query.get("X-Amz-Signature")) and credential.endswith("/s3/aws4_request")


async def _refuse(send: Send) -> None:
    body = b"Only presigned S3 objects are read here; every other call goes to the AWS endpoint.\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
