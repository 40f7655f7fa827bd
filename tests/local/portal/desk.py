"""One portal and one signed-in person for many tasks: signing in is slow, and tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ground_truth_local.service.queue import Worker
from ground_truth_local.workers.answers.pictures import Canvas, Size, png
from tests.local.portal.chromium import Browser, Page, wait_for
from tests.local.portal.fakes import CLIENT, POOL, Job
from tests.local.portal.serving import Site, media, portal

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
