"""Writing the embedded AWS's state to the disk while it runs."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.hooks import keeping

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Application = Callable[[Scope, Any, Any], Awaitable[None]]

LOG = logging.getLogger("ground_truth_local.saving")
_AT_ONCE_SECONDS = 0.5  # calls come in swarms
_LOOK_SECONDS = 5.0  # deployments go on by themselves, between calls
_SHARE = 20  # a twentieth of the time at most
_LONG_SECONDS = 0.05  # metrics and logs grow: what takes longer is looked at more seldom
_ATTEMPTS = 20


class Saver:
    """Looks at the services after calls, and writes those that have changed.

    What a kill may take with it is what the last second of calls has changed in services other than
    S3. A password somebody has chosen is written before they are told (`now`), and what a labeling
    job refers to before the job is (`everything`).
    """

    def __init__(self) -> None:
        self._touched = Event()
        self._stopping = Event()
        self._lock = Lock()
        self._written: dict[str, str] = {}
        self._again: dict[str, float] = {}
        self._thread = Thread(target=self._run, name="saver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write everything a last time."""
        self._stopping.set()
        self._touched.set()
        self._thread.join()
        self.everything()

    def around(self, gateway: Application) -> Application:
        """The gateway, with a look at the services after each call that may have changed them."""

        async def watched(scope: Scope, receive: Any, send: Any) -> None:
            await gateway(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
                self._touched.set()

        return watched

    def everything(self) -> None:
        """Write whatever has changed before anything else is done."""
        self._again.clear()
        self._save_all()

    def now(self, *services: str) -> None:
        """Write these before anything else is done."""
        known = keeping.states()
        for name in services:
            if name in known:
                self._save(name, known[name])

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._touched.wait(_LOOK_SECONDS)
            self._touched.clear()
            began = time.monotonic()
            self._save_all()
            took = time.monotonic() - began
            self._stopping.wait(max(_AT_ONCE_SECONDS, took * _SHARE))

    def _save_all(self) -> None:
        for name, state in keeping.states().items():
            if time.monotonic() >= self._again.get(name, 0.0):
                self._save(name, state)

    def _save(self, name: str, state: Callable[[], Any]) -> None:
        began = time.monotonic()
        try:
            with self._lock:
                self._save_changed(name, state)
        except Exception:
            LOG.exception("the state of %s could not be written", name)
        took = time.monotonic() - began
        if took > _LONG_SECONDS:
            self._again[name] = time.monotonic() + 2 * took * _SHARE

    def _save_changed(self, name: str, state: Callable[[], Any]) -> None:
        found = _copy(state)
        if found is None:
            return
        text = json.dumps(found, default=keeping.encode)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if self._written.get(name) != digest:
            keeping.write(name, found)
            self._written[name] = digest


def _copy(state: Callable[[], Any]) -> Any:
    """The services go on meanwhile; a dictionary that grew under the copy is copied again."""
    for _ in range(_ATTEMPTS):
        try:
            return state()
        except RuntimeError:
            continue
    return state()
