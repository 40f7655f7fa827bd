"""Hypercorn on sockets that are bound already, and the proof that all three answer."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

if TYPE_CHECKING:
    from ground_truth_local.platform.certificate import TlsFiles


async def serve(
    application: Any,
    listeners: Sequence[socket],
    *,
    tls: TlsFiles | None,
    grace_seconds: float,
    until: Callable[[], Awaitable[object]],
) -> None:
    """Serve an ASGI application until `until()` returns."""
    config = Config()
    # the descriptors now belong to hypercorn, which closes them
    config.bind = [f"fd://{listener.detach()}" for listener in listeners]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    # a deployment of many stacks connects all at once; a refused connection waits for seconds
    config.backlog = 1024
    config.graceful_timeout = grace_seconds
    if tls:
        config.certfile, config.keyfile = str(tls.certificate), str(tls.key)
    await hypercorn_serve(application, config, shutdown_trigger=until)


def answers(url: str, authority: Path) -> None:
    """Raise OSError unless `url` answers with a success, over TLS that clients will accept."""
    context = ssl.create_default_context(cafile=str(authority))
    # loopback addresses that this process chose itself
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(request, timeout=30):
        return
