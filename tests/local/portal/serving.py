"""Serves a portal on a free loopback port, as the launcher does, for tests that need a socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve
from hypercorn.config import Config

from ground_truth_local.portal.app import create_app
from tests.local.portal.fakes import FakePlatform, FakeQueue, FakeService

if TYPE_CHECKING:
    from ground_truth_local.service.watch import Watching


class Site:
    """A running portal with its fakes."""

    def __init__(self, url: str, platform: FakePlatform, queue: FakeQueue) -> None:
        self.url, self.platform, self.queue = url, platform, queue


@contextmanager
def portal(media_url: str = "http://127.0.0.1:1", watch: Watching | None = None) -> Iterator[Site]:
    """A portal at ``Site.url``; links are ``media_url/bucket/key?signature``."""

    def now() -> datetime:
        return datetime.now(tz=UTC)

    def link(uri: str) -> str:
        return f"{media_url}/{uri.removeprefix('s3://')}?X-Amz-Signature=abc&X-Amz-Expires=900"

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    port = listener.getsockname()[1]
    platform, queue = FakePlatform(now, media_url), FakeQueue(now, link)
    service = FakeService(queue)
    if watch:
        service.watch = watch
    app = create_app(platform=platform, service=service, portal_domain=f"127.0.0.1:{port}")
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # the server's to close
    config.loglevel = "ERROR"
    with _running(app, config):
        yield Site(f"http://127.0.0.1:{port}", platform, queue)


@contextmanager
def _running(app: object, config: Config) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    task = serve(app, config, shutdown_trigger=stop.wait)
    thread = threading.Thread(target=loop.run_until_complete, args=(task,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        loop.close()


@contextmanager
def media(content: Callable[[str], bytes], *, cors: bool = True) -> Iterator[str]:
    """Another origin that serves images, with or without a bucket's CORS answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = content(self.path)
            self.send_response(200)
            self.send_header("content-type", "image/png")
            if cors:
                self.send_header("access-control-allow-origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
