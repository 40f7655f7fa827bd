"""The three doors of local AWS: sockets that are bound before anything is told where they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from socket import socket

from ground_truth_local.platform import sockets
from ground_truth_local.platform.assembly import Addresses
from ground_truth_local.platform.kept import Before


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Bound sockets; the portal may have a second one, for IPv6."""

    gateway: list[socket]
    portal: list[socket]
    media: list[socket]

    def addresses(self) -> Addresses:
        """How the three are reached."""

        def at(listeners: list[socket]) -> str:
            return f"127.0.0.1:{sockets.port_of(listeners[0])}"

        return Addresses(
            endpoint=f"https://{at(self.gateway)}",
            portal_domain=at(self.portal),
            media=f"http://{at(self.media)}",
        )

    def noted(self, before: Before, temporary: Path) -> Before:
        """For the next run: browsers and stacks know these addresses."""
        return Before(
            root=before.root,
            region=before.region,
            port=sockets.port_of(self.gateway[0]),
            portal_port=sockets.port_of(self.portal[0]),
            media_port=sockets.port_of(self.media[0]),
            temporary=str(temporary),
        )


def listen(*, gateway: int, portal: int, media: int) -> Listeners:
    """Bind the ports, 0 for free ones; raises PortInUseError or OSError."""
    first = sockets.listen(portal)
    second = sockets.also_on_ipv6(sockets.port_of(first))
    return Listeners(
        gateway=[sockets.listen(gateway)],
        portal=[first, second] if second else [first],
        media=[sockets.listen(media)],
    )
