"""One-time tokens for task frames, and the document a frame gets.

The frame is another host (localhost, the portal is 127.0.0.1) in a sandbox without an origin, so
template code reaches neither the portal's cookie nor its pages. It talks to the portal through a
message channel, and only the portal submits.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from ground_truth_liquid.elements import ELEMENTS, SCRIPTS, Shown

OPENS_WITHIN = timedelta(seconds=60)
MOST = 2_000
# A link of a task opens in a tab that is a page like any other (bridge.js sees to the new tab)
SANDBOX = "allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox"

CROWD_SCRIPTS = (
    "vendor/json5-2.2.3.min.js",
    "core.js",
    "icons.js",
    "form.js",
    "buttons.js",
    "inputs.js",
    "controls.js",
    "layout.js",
    "notices.js",
    "colors.js",
    "overlay.js",
    "classifiers.js",
    "stage.js",
    "tool.js",
    "picture.js",
    "kinds.js",
    "shapes.js",
    "layer.js",
    "masks.js",
    "segmentation.js",
    "entities.js",
    "start.js",
)

_SCRIPT_TAG = re.compile(r"<script\b[^>]*>\s*</script\s*>", re.IGNORECASE)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    html: str
    until: datetime


class Frames:
    """Documents waiting to be fetched, once each. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._frames: dict[str, _Frame] = {}

    def offer(self, html: str) -> str:
        """Keep ``html`` for a minute; returns the token that fetches it."""
        token, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            for old in [key for key, frame in self._frames.items() if frame.until < now]:
                del self._frames[old]
            while len(self._frames) >= MOST:
                del self._frames[next(iter(self._frames))]
            self._frames[token] = _Frame(html=html, until=now + OPENS_WITHIN)
        return token

    def redeem(self, token: str) -> str | None:
        """The document, for the first who asks in time."""
        with self._lock:
            frame = self._frames.pop(token, None)
        return frame.html if frame and frame.until >= self._now() else None


def document(
    task_html: str, *, portal_origin: str, own_elements: bool = True, scripts: Sequence[str] = ()
) -> str:
    """The rendered template as a frame's document.

    The bridge to the portal comes first, then other ``scripts`` of the host's; the CDN's crowd
    script, where the template loads it, is replaced by our elements, or by them only when it can't
    be loaded. A template that doesn't load it gets none, as on AWS.
    """
    body = _with_our_elements(task_html, only_when_missing=not own_elements)
    doctype = _DOCTYPE.match(body)
    return (
        '<!doctype html><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/task.css">'
        f'<script src="/static/bridge.js" data-portal="{escape(portal_origin)}"></script>'
        + "".join(f'<script src="{escape(script)}"></script>' for script in scripts)
        + body[doctype.end() if doctype else 0 :]
    )


def _script(name: str) -> str:
    about = f' data-elements="{escape(_reference())}"' if name == "core.js" else ""
    return f'<script src="/static/{name}"{about}></script>'


def _reference() -> str:
    """What the scripts need of the list of elements, so that it is written down once."""
    questions = [name for name, element in ELEMENTS.items() if element.labels_in]
    absent = {
        name: element.shown.value
        for name, element in ELEMENTS.items()
        if element.shown is not Shown.EVERYWHERE
    }
    return json.dumps({"questions": questions, "absent": absent})


def _with_our_elements(task_html: str, *, only_when_missing: bool) -> str:
    tags = "".join(_script(name) for name in CROWD_SCRIPTS)
    # Written while the page is parsed, so that the template's next script finds the elements
    in_place = escape(f"document.write({json.dumps(tags)})")
    ours = [tags]

    def replace(tag: re.Match[str]) -> str:
        if not any(script in tag.group() for script in SCRIPTS):
            return tag.group()
        if only_when_missing:
            return tag.group().replace("<script", f'<script onerror="{in_place}"', 1)
        return ours.pop() if ours else ""  # both bundles are one here, and elements define once

    return _SCRIPT_TAG.sub(replace, task_html)
