"""Drives a headless Chromium over its debugging pipe: pages, clicks, keys, screenshots."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
PATIENCE_SECONDS = 15.0


def executable() -> str | None:
    """The machine's Chromium or Chrome, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for path in map(shutil.which, names) if path), None)


class BrowserError(Exception):
    """The browser answered with an error, or a page didn't get where the test waited for it."""


class Browser:
    """One browser process; `page` opens a tab with a viewport of its own."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._arrived = threading.Condition()
        self.frames: dict[str, list[str]] = {}
        self.console: list[str] = []
        self._tabs: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, object] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        with self._arrived:
            if not self._arrived.wait_for(lambda: number in self._answers, PATIENCE_SECONDS):
                raise BrowserError(f"no answer to {method}")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def page(self, *, width: int = 1280, height: int = 860, dark: bool = False) -> Page:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._tabs.append(target)
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        page.resize(width, height)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        page.call("Emulation.setEmulatedMedia", features=scheme)
        page.call("Page.enable")
        page.call("Runtime.enable")
        page.call("Log.enable")
        page.call(
            "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True
        )
        return page

    def opened(self, start: str) -> Page:
        """The tab a page has opened, at an address that starts so, once it is loaded."""

        found: list[str] = []

        def there() -> bool:
            targets = self.call("Target.getTargets")["targetInfos"]
            pages = [each for each in targets if each["type"] == "page"]
            found[:] = [each["targetId"] for each in pages if each["url"].startswith(start)]
            return bool(found)

        wait_for(there, f"a tab at {start}")
        (target,) = found
        self._tabs.append(target)
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        there_now = f"location.href.startsWith({json.dumps(start)})"
        page.until(f"{there_now} && document.readyState === 'complete'")
        return page

    def close_pages(self) -> None:
        """Close every tab opened so far."""
        while self._tabs:
            self.call("Target.closeTarget", targetId=self._tabs.pop())

    def _read(self) -> None:
        buffer = b""
        while chunk := os.read(self._from, 65536):
            *messages, buffer = (buffer + chunk).split(b"\0")
            for message in messages:
                self._receive(json.loads(message))

    def _receive(self, message: dict[str, Any]) -> None:
        with self._arrived:
            if "id" in message:
                self._answers[message["id"]] = message
            elif message["method"] == "Target.attachedToTarget":
                if message["params"]["targetInfo"]["type"] != "iframe":
                    return
                parent = message.get("sessionId", "")
                self.frames.setdefault(parent, []).append(message["params"]["sessionId"])
            elif message["method"] == "Target.detachedFromTarget":
                gone = message["params"]["sessionId"]
                for sessions in self.frames.values():
                    if gone in sessions:
                        sessions.remove(gone)
            elif message["method"] == "Runtime.exceptionThrown":
                self.console.append(str(message["params"]["exceptionDetails"]))
            elif message["method"] == "Log.entryAdded":
                self.console.append(str(message["params"]["entry"]))
            self._arrived.notify_all()


class Page:
    """A tab, or the frame of another origin inside one."""

    def __init__(self, browser: Browser, session: str, target: str = "") -> None:
        self._browser, self._session, self._target = browser, session, target

    def call(self, method: str, **params: object) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)

    def resize(self, width: int, height: int = 860) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def close(self) -> None:
        """As a person closes a tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def connected(self, is_so: bool) -> None:
        """Cut the network of this tab, or join it again."""
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.call("Network.enable")
        self.call("Network.emulateNetworkConditions", offline=not is_so, **speed)

    def value(self, expression: str) -> Any:
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait for the expression to become true, through navigations."""
        wait_for(lambda: self._true(expression), expression)

    def painted(self) -> None:
        """Wait until what is there now is on the screen, so that a pointer meets it."""
        frames = "requestAnimationFrame(() => requestAnimationFrame(done))"
        self.value(f"new Promise(done => {frames})")

    def frame(self, number: int = -1) -> Page:
        """The task frame, once it is there: it runs in a process of its own.

        Of several frames the one of this number, in the order in which they came.
        """
        most = number + 1 if number >= 0 else 1
        frames = self._browser.frames
        wait_for(lambda: len(frames.get(self._session, [])) >= most, "the task frame")
        frame = Page(self._browser, frames[self._session][number])
        frame.call("Runtime.enable")
        frame.until("document.readyState === 'complete'")
        return frame

    def fill(self, selector: str, text: str) -> None:
        self._there(selector)
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        self._there(selector)
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key: str, modifiers: int = 0) -> None:
        code, text = {"Enter": (13, "\r"), "Tab": (9, "")}.get(key, (ord(key[0]), key))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def screenshot(self, path: Path) -> None:
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def _there(self, selector: str) -> None:
        self.until(
            f"document.readyState !== 'loading' && !!document.querySelector({json.dumps(selector)})"
        )

    def _true(self, expression: str) -> bool:
        with contextlib.suppress(BrowserError):  # the page is between two documents
            return bool(self.value(expression))
        return False


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise BrowserError(f"waited in vain for {what}")
        threading.Event().wait(0.03)


@contextlib.contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A browser with a profile of its own, gone afterwards."""
    program = executable()
    if program is None:
        raise BrowserError("there is no Chromium on this machine")
    read_by_browser, to_browser = os.pipe()
    from_browser, written_by_browser = os.pipe()

    def as_3_and_4() -> None:  # where --remote-debugging-pipe looks for them
        copies = [
            fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read_by_browser, written_by_browser)
        ]
        os.dup2(copies[0], 3)
        os.dup2(copies[1], 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *FLAGS, *flags, f"--user-data-dir={profile}"],
            preexec_fn=as_3_and_4,  # noqa: PLW1509  only dup2 between fork and exec
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_by_browser)
        os.close(written_by_browser)
        try:
            yield Browser(to_browser, from_browser)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(to_browser)
