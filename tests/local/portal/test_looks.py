"""Every page of the portal, light and dark, wide and narrow: readable, named, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ground_truth_local.service.ledger import Given, Tally
from ground_truth_local.service.watch import Progress, Report, Seen, UnknownJobError
from tests.local.portal.desk import ADA, picture, sign_in
from tests.local.portal.fakes import START, Job
from tests.local.portal.looks import looked_at
from tests.local.portal.serving import Site, media, portal

if TYPE_CHECKING:
    from tests.local.portal.chromium import Browser

pytestmark = pytest.mark.browser

PROGRESS = Progress(
    name="handwritten-digits-3f2a91",
    title="Which digit is this?",
    status="InProgress",
    created=START,
    failure_reason=None,
    total=240,
    labeled=180,
    failed=3,
    with_people=12,
    waiting=45,
    workers_per_object=3,
    answers=541,
)
FAILED = replace(
    PROGRESS,
    name="a-job-with-a-name-as-long-as-names-of-labeling-jobs-may-become-here",
    status="Failed",
    failure_reason="ClientError: the manifest s3://raw/manifest.jsonl has no line that can be read",
)
TEXT = "Ada lives in Köln"
ANSWERS: list[dict[str, object]] = [
    {
        "boundingBox": {
            "boundingBoxes": [
                {"label": label, "left": 60 * n, "top": 30 * n, "width": 90, "height": 70}
                for n, label in enumerate(["car", "lorry", "bus", "tram"])
            ],
            "inputImageProperties": {"width": 640, "height": 400},
        }
    },
    {"crowd-classifier": {"label": "positive"}},
    {"n": {"entities": [{"label": "person", "startOffset": 0, "endOffset": 3}]}, "note": "x"},
]


class Watched:
    """Two jobs with a bit of everything."""

    def __init__(self, link: str) -> None:
        self._link = link

    def jobs(self) -> list[Progress]:
        return [PROGRESS, FAILED]

    def job(self, name: str) -> Report:
        for progress in self.jobs():
            if progress.name == name:
                return self._report(progress)
        raise UnknownJobError(f"there is no job {name}")

    def _report(self, progress: Progress) -> Report:
        given = Given(
            object_id="17",
            line="{}",
            email=ADA.email,
            worker_id="private.us-east-1.0123456789abcdef",
            content="{}",
            submitted_at=START,
            seconds=4.2,
        )
        tally = Tally(
            email=ADA.email,
            worker_id=given.worker_id,
            answers=181,
            median_seconds=3.4,
            last=START,
        )
        recent = tuple(
            Seen(
                given=given,
                answer=answer,
                source="",
                text="" if "boundingBox" in answer else TEXT,
                link=self._link if "boundingBox" in answer else "",
            )
            for answer in ANSWERS
        )
        failures = (("the bucket raw has no CORS configuration", 2), ("no answer in time", 1))
        return Report(progress=progress, tallies=(tally,), recent=recent, failures=failures)


@pytest.fixture(scope="module")
def site(running_browser: Browser) -> Iterator[Site]:
    with (
        media(picture) as images,
        portal(images, Watched(f"{images}/raw/1.png")) as served,
    ):
        served.platform.invite("ada@example.com")
        sign_in(running_browser.page(), served)
        for name in ("handwritten-digits-3f2a91", "second"):
            served.queue.work[name] = Job(name=name, objects=["s3://raw/1.png"], labels=["0"])
        yield served


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("jobs", "/jobs?notice=none-left"),
        ("mailbox", "/mailbox"),
        ("requester", "/requester"),
        ("requester-job", f"/requester/jobs/{PROGRESS.name}"),
        ("requester-failed", f"/requester/jobs/{FAILED.name}"),
        ("error", "/nowhere"),
        ("task", None),
    ],
)
def test_page_is_readable(
    chromium: Browser, site: Site, name: str, path: str | None, dark: bool
) -> None:
    page = chromium.page(dark=dark)
    if path is None:
        assignment = site.queue.take(ADA, "second")
        assert assignment is not None
        path = f"/tasks/{assignment.id}"
    page.open(site.url + path)
    assert looked_at(page, f"portal-{name}-{'dark' if dark else 'light'}") == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_empty_pages_and_a_refused_sign_in_are_readable(chromium: Browser, dark: bool) -> None:
    shade = "dark" if dark else "light"
    with portal() as fresh:
        fresh.platform.invite("ada@example.com")
        page = chromium.page(dark=dark)
        page.open(f"{fresh.url}/sign-in")
        page.fill("#username", "ada@example.com")
        page.fill("#password", "wrong")
        page.click("button.primary")
        page.until("!!document.querySelector('.notice')")
        assert looked_at(page, f"portal-sign-in-refused-{shade}") == []
        page.open(f"{fresh.url}/requester")
        assert looked_at(page, f"portal-requester-empty-{shade}") == []
        page.open(f"{fresh.url}/sign-in")
        page.fill("#username", "ada@example.com")
        page.fill("#password", "Temp-1234!")
        page.click("button.primary")
        page.until("location.pathname === '/new-password' && document.readyState === 'complete'")
        assert looked_at(page, f"portal-new-password-{shade}") == []
        page.fill("#new_password", "Own-12345!")
        page.fill("#repeated", "Own-12345!")
        page.click("button.primary")
        page.until("location.pathname === '/jobs'")
        assert looked_at(page, f"portal-jobs-empty-{shade}") == []


def test_the_audit_finds_what_it_is_for(chromium: Browser) -> None:
    page = chromium.page()
    page.open(
        "data:text/html,<body style='background: white'><p style='color: %23999'>pale</p>"
        "<p style='color: black'>dark</p><div id='host'></div><button></button><img>"
        "<p style='width: 2000px'>wide</p><script>"
        "host.attachShadow({mode: 'open'}).innerHTML = \"<p style='opacity: 0.3'>faint</p>\";"
        "</script>"
    )
    found = [each.partition(": ")[2] for each in looked_at(page, "audit")]
    assert [each.split(" ")[0] for each in found[-5:-1]] == ["contrast", "contrast", "no", "no"]
    assert found[-1].endswith("pixels are cut off")
