"""Serves the preview on loopback: its page, the task's frame from another host name, the objects.

Two ports: the page and its frames, told apart by their Host header as the portal's are, and the
objects, so that a browser applies CORS to them as it does to a bucket's.
"""

from __future__ import annotations

import json
import mimetypes
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ground_truth_ops.preview.pages import encoded, frame_file, page_file

if TYPE_CHECKING:
    from ground_truth_ops.preview.pages import Pages
    from ground_truth_ops.preview.store import Store
    from ground_truth_ops.preview.workshop import Workshop

LOOPBACK = "127.0.0.1"
_MOST_ANSWER_BYTES = 20_000_000
_HEARTBEAT_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Changes:
    """Counts the changes of the files, and wakes who waits for the next."""

    version: int = 1
    closing: bool = False
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def announce(self, *, closing: bool = False) -> None:
        with self._arrived:
            self.version += 1
            self.closing = self.closing or closing
            self._arrived.notify_all()

    def wait(self, seen: int) -> int:
        """The version now: at once if it isn't the one seen, else a heartbeat later at most."""
        with self._arrived:
            self._arrived.wait_for(lambda: self.version != seen, _HEARTBEAT_SECONDS)
            return self.version


class Server(ThreadingHTTPServer):
    """One port; its handler finds everything here."""

    daemon_threads = True
    pages: Pages
    workshop: Workshop
    changes: Changes
    store: Store

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Ipv6Server(Server):
    """The same port at ::1, where some browsers look for localhost first."""

    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def reply(
        self,
        body: bytes,
        kind: str,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        for name, value in {"cache-control": "no-store", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

    def refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self.reply(f"{status.phrase}\n".encode(), "text/plain", status)

    def body(self) -> bytes | None:
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > _MOST_ANSWER_BYTES:
            return None
        return self.rfile.read(int(length))


class PageHandler(_Handler):
    """The preview's page at 127.0.0.1, task frames at localhost; any other host is refused."""

    def do_GET(self) -> None:
        origins = self.server.pages.origins
        hosts = self.headers.get_all("host", [])
        if hosts == [origins.portal_host]:
            self._page(origins.portal_headers())
        elif hosts == [origins.frame_host]:
            self._frame(origins.frame_headers())
        else:
            self.refuse(HTTPStatus.MISDIRECTED_REQUEST)

    def do_POST(self) -> None:
        origins = self.server.pages.origins
        ours = self.headers.get_all("host", []) == [origins.portal_host]
        if not ours or self.headers.get("origin") != origins.portal:
            self.refuse(HTTPStatus.FORBIDDEN)
            return
        content = self.body()
        try:
            message = json.loads(content or b"")
            index = int(message["index"])
            answer = message.get("answer")
        except (ValueError, KeyError, TypeError):
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        if self.path == "/answers" and isinstance(answer, dict):
            self.server.workshop.answer(index, answer)
        elif self.path == "/forget":
            self.server.workshop.forget(index)
        else:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        self._state(index, origins.portal_headers())

    def _page(self, headers: Mapping[str, str]) -> None:
        parts = urlsplit(self.path)
        file = page_file(parts.path)
        if file is not None:
            self.reply(file.read_bytes(), _kind(file.name), headers=headers)
        elif parts.path == "/state":
            asked = parse_qs(parts.query).get("index", ["0"])[0]
            self._state(int(asked) if asked.isdigit() else 0, headers)
        elif parts.path == "/events":
            self._events(headers)
        else:
            self.refuse(HTTPStatus.NOT_FOUND)

    def _state(self, index: int, headers: Mapping[str, str]) -> None:
        state = self.server.pages.state(index, self.server.changes.version)
        self.reply(encoded(state), "application/json", headers=headers)

    def _frame(self, headers: Mapping[str, str]) -> None:
        file = frame_file(self.path)
        if file is not None:
            self.reply(file.read_bytes(), _kind(file.name), headers=headers)
            return
        html = self.server.pages.frames.redeem(self.path.removeprefix("/frame/"))
        if html is None:
            self.refuse(HTTPStatus.GONE)
        else:
            self.reply(html.encode(), "text/html; charset=utf-8", headers=headers)

    def _events(self, headers: Mapping[str, str]) -> None:
        """Server-sent events: the version of the files, now and whenever it changes."""
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", "text/event-stream")
        for name, value in {"cache-control": "no-store", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        changes, seen = self.server.changes, 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while not changes.closing:
                version = changes.version if not seen else changes.wait(seen)
                line = f"data: {version}\n\n" if version != seen else ": still here\n\n"
                seen = version
                self.wfile.write(line.encode())
                self.wfile.flush()


class ObjectHandler(_Handler):
    """The objects, readable from any page that knows their address, as by a signed link."""

    def do_GET(self) -> None:
        stored = self.server.store.get(self.path)
        if stored is None:
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        headers = {"last-modified": stored.modified, "access-control-allow-origin": "*"}
        self.reply(stored.body, stored.content_type, headers=headers)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        content = self.body()
        if content is None or not self.server.store.put(self.path, content):
            self.refuse(HTTPStatus.FORBIDDEN)
            return
        self.reply(b"", "application/xml", headers={"etag": '"preview"'})


def _kind(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
