"""The objects a preview needs: pictures and sounds for the browser, requests for the functions.

Serves as the raw bucket does for a browser with a signed link (CORS included, which the project's
buckets have), and as S3 for the consolidation.
"""

from __future__ import annotations

import mimetypes
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

# Requests of earlier answers and their pictures, which nobody reads again
_KEPT = 40
_SHOWN = {"", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg"}
_PLACEHOLDER = """<svg xmlns="http://www.w3.org/2000/svg" width="640" height="420">
<rect width="640" height="420" fill="#e4e9e6"/>
<path d="M0 330 170 190l120 100 110-80 240 120v90H0z" fill="#c3cdc7"/>
<circle cx="480" cy="110" r="42" fill="#f6f7f4"/>
<text x="320" y="60" font-family="sans-serif" font-size="17" fill="#1b2420" text-anchor="middle">
Not on this machine: {name}</text></svg>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object's content."""

    body: bytes
    content_type: str
    modified: str


@dataclass(slots=True, kw_only=True)
class Store:
    """`files` maps S3 URIs to files, `masks` to pictures that no file has.

    Names nobody else can guess, so the port tells nothing.
    """

    address: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    masks: Mapping[str, bytes] = field(default_factory=dict)
    _secret: str = field(default_factory=lambda: secrets.token_hex(12))
    _kept: dict[str, Stored] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def link(self, uri: str) -> str:
        """What grant_read_access gives: an address a browser can open."""
        return f"{self.address}/{self._secret}/{quote(uri.removeprefix('s3://'))}"

    def put_request(self, job: str, body: bytes) -> str:
        """Keep what a function is to fetch, where Ground Truth puts it; returns its S3 URI."""
        folder = f"{self._bucket}/labels/{job}/annotations/consolidated-annotation"
        key = f"{folder}/consolidation-request/iteration-1/{secrets.token_hex(8)}.json"
        self._keep(key, body)
        return f"s3://{key}"

    def put(self, path: str, body: bytes) -> bool:
        """Keep what a function writes; only beside its requests."""
        key = unquote(path.partition("?")[0]).lstrip("/")
        if not key.startswith(f"{self._bucket}/"):
            return False
        self._keep(key, body)
        return True

    @property
    def _bucket(self) -> str:
        return f"{self._secret}-output"

    def _keep(self, key: str, body: bytes) -> None:
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        now = format_datetime(datetime.now(tz=UTC), usegmt=True)
        with self._lock:
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = Stored(body=body, content_type=kind, modified=now)

    def get(self, path: str) -> Stored | None:
        """The object at a path of the address."""
        key = unquote(path.partition("?")[0]).lstrip("/")
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        secret, _, name = key.partition("/")
        return self._object(name) if secrets.compare_digest(secret, self._secret) else None

    def _object(self, name: str) -> Stored | None:
        now = format_datetime(datetime.now(tz=UTC), usegmt=True)
        mask = self.masks.get(f"s3://{name}")
        if mask is not None:
            return Stored(body=mask, content_type="image/png", modified=now)
        file = self.files.get(f"s3://{name}")
        if file is not None and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            modified = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
            stamp = format_datetime(modified, usegmt=True)
            return Stored(body=file.read_bytes(), content_type=kind, modified=stamp)
        if PurePosixPath(name).suffix.lower() not in _SHOWN:
            return None
        shown = name if len(name) <= 60 else f"…{name[-59:]}"
        picture = _PLACEHOLDER.format(name=escape(shown)).encode()
        return Stored(body=picture, content_type="image/svg+xml", modified=now)
