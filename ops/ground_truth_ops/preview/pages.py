"""What the preview's own page is told, and the files it is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ground_truth_liquid.elements import SCRIPT
from ground_truth_local.portal import frames
from ground_truth_local.portal.frames import Frames, document

if TYPE_CHECKING:
    from ground_truth_local.portal.origins import Origins
    from ground_truth_ops.preview.workshop import Task, Workshop
    from stacks.problems import Problem

CDN = "{0.scheme}://{0.netloc}".format(urlsplit(SCRIPT))
_STATIC = Path(__file__).parent / "static"
_PORTAL_STATIC = Path(frames.__file__).parent / "static"
KEYS = "/keys.js"
# The page's host and the frames' host: path to file. Nothing else is served of any folder.
_PAGE_FILES = {
    "/": _STATIC / "preview.html",
    "/preview.css": _STATIC / "preview.css",
    "/preview.js": _STATIC / "preview.js",
    "/portal.css": _PORTAL_STATIC / "portal" / "portal.css",
    "/icon.svg": _PORTAL_STATIC / "portal" / "icon.svg",
}


def page_file(path: str) -> Path | None:
    """A file of the preview's own page."""
    return _PAGE_FILES.get(path)


def frame_file(path: str) -> Path | None:
    """A file of a task's page: the crowd elements, and the script that passes keys on."""
    if path == KEYS:
        return _STATIC / "keys.js"
    folder = _PORTAL_STATIC / "crowd"
    file = folder / path.removeprefix("/static/")
    inside = path.startswith("/static/") and file.resolve().is_relative_to(folder.resolve())
    return file if inside and file.is_file() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The state of the workshop, as JSON."""

    workshop: Workshop
    origins: Origins
    own_elements: bool
    frames: Frames

    def state(self, index: int, version: int) -> dict[str, object]:
        """Everything the page shows of one object; an index past the end is the last."""
        draft = self.workshop.draft
        count = len(draft.lines)
        index = max(0, min(index, count - 1))
        task = self.workshop.task(index) if count else None
        label = self.workshop.label(index)
        settings = draft.settings
        return {
            "version": version,
            "campaign": draft.name,
            "title": settings.title if settings else draft.name,
            "attribute": settings.label_attribute if settings else "",
            "elements": "local" if self.own_elements else "cdn",
            "index": index,
            "count": count,
            **self._task(task),
            "findings": [
                *(_finding(problem, "error") for problem in draft.problems),
                *(_finding(problem, "warning") for problem in draft.warnings),
            ],
            "answers": label.answers,
            "label": label.content,
            "labelTrouble": label.trouble,
            "log": [*(task.log if task else ()), *label.log],
        }

    def frame(self, html: str) -> str:
        """The address of a task's page, for whoever asks first."""
        page = document(
            html,
            portal_origin=self.origins.portal,
            own_elements=self.own_elements,
            scripts=[KEYS],
        )
        return f"{self.origins.frames}/frame/{self.frames.offer(page)}"

    def _task(self, task: Task | None) -> dict[str, object]:
        if task is None:
            read = self.workshop.draft.settings is not None
            trouble = "the dataset has no objects" if read else "the campaign can't be read"
            return {"trouble": trouble, "object": "", "taskInput": None}
        shown: dict[str, object] = {
            "trouble": task.trouble,
            "object": str(task.line.get("source-ref") or task.line.get("source") or ""),
            "taskInput": task.task_input,
        }
        if task.html is not None:
            shown["page"] = hashlib.sha256(task.html.encode()).hexdigest()
            shown["frame"] = self.frame(task.html)
        return shown


def _finding(problem: Problem, severity: str) -> dict[str, str]:
    return {
        "severity": severity,
        "place": problem.file,
        "key": problem.key,
        "message": problem.message,
    }


def encoded(value: object) -> bytes:
    """JSON for the page."""
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


def new_frames() -> Frames:
    """Tokens for task frames, by the real clock."""
    return Frames(lambda: datetime.now(tz=UTC))
