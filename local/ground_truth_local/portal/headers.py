"""Which host a request may name, and the headers that keep the portal and its frames apart."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ground_truth_local.portal.origins import Origins


class HostSwitch:
    """Sends each request to the portal's or the frames' application by its Host header.

    Any other host is refused: a page whose name was rebound to 127.0.0.1 gets nothing.
    """

    def __init__(self, *, portal: ASGIApp, frames: ASGIApp, origins: Origins) -> None:
        self._apps = {
            origins.portal_host: (portal, origins.portal_headers()),
            origins.frame_host: (frames, origins.frame_headers()),
        }
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._portal(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        hosts = Headers(scope=scope).getlist("host")
        known = self._apps.get(hosts[0]) if len(hosts) == 1 else None
        if known is None:
            refusal = PlainTextResponse(
                "this address is not served here\n", HTTPStatus.MISDIRECTED_REQUEST
            )
            await refusal(scope, receive, send)
            return
        app, headers = known
        await app(scope, receive, _adding(headers, send))


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            response = MutableHeaders(scope=message)
            for name, value in headers.items():
                response[name] = value
            # Static files carry an ETag and may be asked for again; pages are never kept
            response.setdefault("cache-control", "no-cache" if "etag" in response else "no-store")
        await send(message)

    return send_with_headers
