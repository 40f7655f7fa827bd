"""Which host a request may name, and the headers that keep the portal and its frames apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from ground_truth_local.portal.frames import SANDBOX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The portal is ``127.0.0.1`` and its frames are ``localhost``: cookies ignore ports, so only
    another host name keeps the session away from template code. Images come from ``media``.
    """

    port: int
    media: str

    @property
    def portal_host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def frame_host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def portal(self) -> str:
        return f"http://{self.portal_host}"

    @property
    def frames(self) -> str:
        return f"http://{self.frame_host}"

    def portal_headers(self) -> Mapping[str, str]:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src 'self' data: {self.media}; connect-src 'self'; frame-src {self.frames}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return {
            **_EVERYWHERE,
            "content-security-policy": policy,
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "x-frame-options": "DENY",
            # no-referrer would make browsers send "Origin: null" with our own forms
            "referrer-policy": "same-origin",
        }

    def frame_headers(self) -> Mapping[str, str]:
        # Inline script is the template author's own and half of AWS's sample templates have some;
        # the sandbox gives it no origin, and nothing here lets it fetch or send anywhere but media.
        policy = (
            f"default-src 'none'; script-src {self.frames} 'unsafe-inline'; "
            f"style-src {self.frames} 'unsafe-inline'; img-src {self.media} data: blob:; "
            f"media-src {self.media} data: blob:; connect-src {self.media}; font-src data:; "
            f"form-action 'none'; base-uri 'none'; frame-ancestors {self.portal}; "
            f"sandbox {SANDBOX}"
        )
        return {
            **_EVERYWHERE,
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
            # A frame without an origin loads its scripts from here
            "cross-origin-resource-policy": "cross-origin",
        }


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
