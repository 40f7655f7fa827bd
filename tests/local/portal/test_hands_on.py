"""A worker's day at the portal by keyboard alone, and what becomes of the tasks."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest

from tests.local.portal.chromium import Browser, BrowserError, Page, browser, executable
from tests.local.portal.fakes import TEXT_TEMPLATE, Job
from tests.local.portal.hands import SHIFT
from tests.local.portal.serving import Site, portal

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")

ADA = "ada@example.com"
READY = "!!document.querySelector('crowd-classifier')?.shadowRoot?.querySelector('li')"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def site() -> Iterator[Site]:
    with portal() as served:
        served.platform.invite(ADA)
        served.queue.work["job"] = Job(
            name="job", objects=["one", "two"], labels=["yes", "no"], template=TEXT_TEMPLATE
        )
        yield served


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """Ada at her jobs, with the keyboard alone from the first page."""
    opened = chromium.page()
    opened.call("Page.bringToFront")  # the keyboard is with one tab at a time
    opened.open(f"{site.url}/sign-in")
    _fill(opened, username=ADA, password="Temp-1234!")
    opened.until("location.pathname === '/new-password'")
    _fill(opened, new_password="Own-12345!", repeated="Own-12345!")
    opened.until("location.pathname === '/jobs'")
    yield opened
    with contextlib.suppress(BrowserError):  # closed already
        opened.close()


def _fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        _go_to(page, f"[name={name}]")
        page.call("Input.insertText", text=text)
    page.press("Enter")


def _go_to(page: Page, selector: str) -> None:
    """By the Tab key, as somebody does who has no mouse; out of a task backwards."""
    page.until(f"document.readyState === 'complete' && !!document.querySelector({selector!r})")
    back = SHIFT if page.value("document.activeElement.matches('iframe')") else 0
    for _ in range(30):
        if page.value(f"document.activeElement.matches({selector!r})"):
            return
        page.press("Tab", back)
        if back:
            page.painted()  # the focus comes from a frame in another process
    raise AssertionError(f"the Tab key never comes to {selector}")


def _press(page: Page, selector: str) -> None:
    _go_to(page, selector)
    page.press("Enter")


def _start(page: Page) -> str:
    _press(page, ".job form button")
    page.until("location.pathname.startsWith('/tasks/')")
    page.frame().until(READY)
    page.until("document.activeElement.matches('iframe')")
    return str(page.value("document.querySelector('[data-task]').dataset.task"))


def test_everything_is_done_by_keyboard(page: Page, site: Site) -> None:
    task = _start(page)
    page.press("1")
    page.press("Enter")
    page.until(f"location.pathname.startsWith('/tasks/') && !location.pathname.endsWith({task!r})")
    assert site.queue.work["job"].answers == {
        0: {f"sub-{ADA}": {"crowd-classifier": {"label": "yes"}}}
    }
    _press(page, ".actions a[href='/jobs']")
    page.until("location.pathname === '/jobs'")
    _press(page, "form[action='/sign-out'] button")
    page.until("location.pathname === '/sign-in'")


def test_where_the_keyboard_is_can_be_seen(page: Page) -> None:
    for selector in (".skip", ".brand", "form[action='/sign-out'] button", ".job form button"):
        _go_to(page, selector)
        style = "getComputedStyle(document.activeElement)"
        assert page.value(f"{style}.outlineStyle") != "none", selector


@pytest.mark.parametrize(
    ("selector", "state"),
    [
        ("form[action$='/decline'] button", "declined"),
        ("form[action$='/release'] button", "released"),
    ],
)
def test_a_task_is_given_back(page: Page, site: Site, selector: str, state: str) -> None:
    task = _start(page)
    _press(page, selector)
    page.until("location.pathname === '/jobs'")
    assert site.queue.state(task) == state
    again = _start(page)
    index = {"declined": "1", "released": "0"}[state]
    assert site.queue.object_of(again) == index


def test_who_stops_working_or_closes_the_tab_comes_back_to_the_same_task(
    chromium: Browser, page: Page, site: Site
) -> None:
    task = _start(page)
    _press(page, ".actions a[href='/jobs']")
    page.until("location.pathname === '/jobs'")
    assert site.queue.state(task) == "open"
    assert _start(page) == task
    later = chromium.page()
    page.close()
    later.open(f"{site.url}/jobs")
    assert _start(later) == task


def test_the_time_that_is_left_is_shown_and_goes_down(page: Page, site: Site) -> None:
    site.queue.work["job"].time_limit_seconds = 59
    _start(page)
    shown = str(page.value("document.querySelector('[role=timer]').innerText"))
    found = re.fullmatch(r"0:(\d\d)\s+left", shown)
    assert found, shown
    clock = "Number(document.querySelector('[data-clock]').textContent.slice(2))"
    page.until(f"{clock} < {int(found[1])}")
    assert page.value("document.querySelector('[role=timer]').getAttribute('aria-label')")


def test_time_that_runs_out_while_working_gives_the_task_back(page: Page, site: Site) -> None:
    site.queue.work["job"].time_limit_seconds = 2
    _press(page, ".job form button")  # the task may be over before it is seen on a busy machine
    page.until("location.search === '?notice=expired'")
    page.until("document.body?.innerText.includes('went back to the others')")
    assert not site.queue.is_live("task-0001")
    site.queue.work["job"].time_limit_seconds = 300
    assert site.queue.object_of(_start(page)) == "0"


def test_a_reload_of_a_task_whose_time_is_over_leads_to_the_jobs(page: Page, site: Site) -> None:
    task = _start(page)
    site.queue.expire(task)
    page.call("Page.reload")
    page.until("location.search === '?notice=expired'")
