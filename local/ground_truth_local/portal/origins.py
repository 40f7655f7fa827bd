"""The host names of a portal and of its frames, and what pages of each may do.

Imports no web framework, so that whatever frames tasks can use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ground_truth_local.portal.frames import SANDBOX

_EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The portal is ``127.0.0.1`` and its frames are ``localhost``: cookies ignore ports, so only
    another host name keeps the session away from template code. Images come from ``media``, and
    AWS's own elements, where they are used instead of ours, from ``elements``.
    """

    port: int
    media: str
    elements: str | None = None

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
        hosts = " ".join(filter(None, [self.frames, self.elements]))
        media = " ".join(filter(None, [self.media, self.elements]))
        policy = (
            f"default-src 'none'; script-src {hosts} 'unsafe-inline'; "
            f"style-src {hosts} 'unsafe-inline'; img-src {media} data: blob:; "
            f"media-src {self.media} data: blob:; connect-src {media}; "
            f"font-src {' '.join(filter(None, [self.elements, 'data:']))}; "
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
