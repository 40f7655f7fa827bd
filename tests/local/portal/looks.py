"""What a person would stumble over on a page of the portal or the preview, and pictures of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.portal.chromium import Page
    from tests.local.portal.hands import Person

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
# Screenshots of a run, for people to look at: an ignored folder
PICTURES = Path(__file__).parents[3] / ".cache/screenshots"
_TRIES, _PICTURES_TO_SETTLE = 8, 10


def looked_at(page: Page, name: str, *, frame: Page | None = None) -> list[str]:
    """What can't be read, reached or seen, on a wide and on a narrow screen.

    Keeps pictures of both when somebody asks for them (SCREENSHOTS=1).
    """
    found = []
    for width in (390, 1280):
        found += [f"{name}, {width} wide: {each}" for each in _audited(page, frame, width)]
        if os.environ.get("SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.screenshot(PICTURES / f"{name}-{width}.png")
    return found


def _audited(page: Page, frame: Page | None, width: int) -> list[str]:
    """What is wrong and stays so, however often the window gets its width.

    A frame is in another process: on a busy machine it hears of a width late, or of the one before.
    """
    seen: list[str] = []
    for _ in range(_TRIES):
        page.resize(width + 10)
        page.resize(width)
        for _ in range(_PICTURES_TO_SETTLE):
            for each in filter(None, (page, frame, page)):
                each.painted()
            seen = (frame or page).value(AUDIT)
            if not seen:
                return []
    return seen


def photograph(person: Person, name: str) -> None:
    """What a person sees in a task, which must be readable; with SCREENSHOTS=1 alone.

    Chromium leaves a task's frame, which is in another process, at its old width now and then when
    the machine is busy: a look that depends on that would fail other people's changes.
    """
    if not os.environ.get("SCREENSHOTS"):
        return
    found = looked_at(person.page, name, frame=person.frame)
    if found:
        pytest.fail("\n".join(found))
