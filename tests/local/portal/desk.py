"""One portal and one signed-in person for many tasks: signing in is slow, and tested elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_local.service.queue import Worker
from ground_truth_local.workers.answers.pictures import Canvas, Size, png
from tests.local.portal.chromium import Browser, Page, wait_for
from tests.local.portal.fakes import CLIENT, POOL, Job
from tests.local.portal.serving import Site, media, portal

if TYPE_CHECKING:
    from tests.local.portal.hands import Person

ADA = Worker(
    sub="sub-ada@example.com",
    username="ada@example.com",
    email="ada@example.com",
    issuer="https://issuer",
    user_pool_id=POOL,
    client_id=CLIENT,
    groups=("labelers",),
)
SIZE = Size(width=640, height=400)
RED, GREY = "#d62728", "#999999"
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
# Screenshots of a run, for people to look at: an ignored folder
PICTURES = Path(__file__).parents[3] / ".cache/screenshots"
_TRIES, _PICTURES_TO_SETTLE = 8, 10


def picture(path: str) -> bytes:
    """Grey, or a mask whose left half is red."""
    canvas = Canvas(SIZE)
    right = 320 if "mask" in path else 640
    canvas.fill([(0, 0), (right, 0), (right, 400), (0, 400)], 1)
    return png(canvas, [RED if "mask" in path else GREY])


def sign_in(page: Page, site: Site) -> None:
    """Ada's first visit, by the pages."""
    page.open(f"{site.url}/sign-in")
    page.fill("#username", "ada@example.com")
    page.fill("#password", "Temp-1234!")
    page.click("button.primary")
    page.until("location.pathname === '/new-password'")
    page.fill("#new_password", "Own-12345!")
    page.fill("#repeated", "Own-12345!")
    page.click("button.primary")
    page.until("location.pathname === '/jobs'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where Ada sits, signed in for as long as it is there."""

    browser: Browser
    site: Site

    def task(
        self,
        template: str,
        *,
        inputs: Mapping[str, object] | None = None,
        labels: Sequence[str] = ("cat",),
        width: int = 1280,
        fresh: bool = False,
    ) -> tuple[Page, Page]:
        """The page and the frame of a new task of this template, in a tab of its own.

        ``fresh``: nothing comes from the browser's cache.
        """
        self.site.queue.work["job"] = Job(
            name="job",
            objects=["s3://raw/1.png"],
            labels=list(labels),
            template=template,
            inputs=inputs,
        )
        assignment = self.site.queue.take(ADA, "job")
        assert assignment is not None
        page = self.browser.page(width=width)
        if fresh:
            page.call("Network.enable")
            page.call("Network.clearBrowserCache")
        page.open(f"{self.site.url}/tasks/{assignment.id}")
        frame = page.frame()
        frame.until("[...document.images].every(image => image.complete)")  # nothing moves any more
        return page, frame

    def answer(self) -> Any:
        """What Ada submitted, once it is there."""
        answers = self.site.queue.work["job"].answers
        wait_for(lambda: 0 in answers, "the answer")
        return answers[0][ADA.sub]

    @property
    def answered(self) -> bool:
        return bool(self.site.queue.work["job"].answers)


@contextmanager
def seated(browser: Browser) -> Iterator[Desk]:
    """A desk at a portal of its own."""
    with media(picture) as images, portal(images) as site:
        site.platform.invite("ada@example.com")
        sign_in(browser.page(), site)
        browser.close_pages()
        yield Desk(browser=browser, site=site)


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
