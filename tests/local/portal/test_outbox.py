"""Answers on their way: through lost connections, reloads, closed tabs and killed servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.portal_site import (
    OWN,
    TEMPORARY,
    answers_so_far,
    create_job,
    given_answers,
    invite,
    wait_for,
)
from bench.portal_site import Site as LocalAws
from ground_truth_local.workers.client import PortalClient
from tests.local.portal.chromium import Browser, Page, browser, executable
from tests.local.portal.chromium import wait_for as eventually
from tests.local.portal.fakes import TEXT_TEMPLATE, Job
from tests.local.portal.serving import Site, portal

if TYPE_CHECKING:
    from ground_truth_local.service.queue import Worker

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")

ADA, BOB = "ada@example.com", "bob@example.com"
NOT_SENT = "document.querySelector('[data-status]').textContent.startsWith('Not sent yet: {}')"
OUTBOX = "document.querySelector('[data-outbox]').textContent.includes({!r})"
SENT_NOW = OUTBOX.format("is sent now")
EMPTY = "outbox.waiting().then((all) => all.length === 0)"
KEPT = "outbox.waiting().then((all) => all.length)"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def site() -> Iterator[Site]:
    with portal() as served:
        for email in (ADA, BOB):
            served.platform.invite(email)
        served.queue.work["job"] = Job(
            name="job", objects=["good", "bad"], labels=["yes", "no"], template=TEXT_TEMPLATE
        )
        yield served


def sign_in(page: Page, url: str, email: str, password: str = "Temp-1234!") -> None:
    page.open(f"{url}/sign-in")
    page.fill("[name=username]", email)
    page.fill("[name=password]", password)
    page.click("form[action='/sign-in'] button")
    page.until("location.pathname !== '/sign-in'")
    if page.value("location.pathname") == "/new-password":
        for name in ("new_password", "repeated"):
            page.fill(f"[name={name}]", "Own-12345!")
        page.click("form[action='/new-password'] button")
    page.until("location.pathname === '/jobs'")


def sign_out(page: Page) -> None:
    page.click("form[action='/sign-out'] button")
    page.until("location.pathname === '/sign-in'")


def open_task(page: Page) -> Page:
    page.click(".job button")
    page.until("location.pathname.startsWith('/tasks/')")
    frame = page.frame()
    frame.until("!!document.querySelector('crowd-classifier')?.shadowRoot?.querySelector('li')")
    return frame


def answer(frame: Page) -> None:
    """By clicks, which need no tab in front."""
    first = "document.querySelector('crowd-classifier').shadowRoot.querySelector('li label')"
    frame.value(f"{first}.click()")
    frame.click("crowd-button")


def answers(site: Site) -> dict[int, dict[str, dict[str, object]]]:
    return site.queue.work["job"].answers


def taken(site: Site) -> bool:
    return bool(answers(site))


def _fail(*_: object) -> None:
    raise ConnectionResetError


YES = {0: {f"sub-{ADA}": {"crowd-classifier": {"label": "yes"}}}}


def test_a_lost_connection_is_told_and_the_answer_sent_when_it_is_back(
    chromium: Browser, site: Site
) -> None:
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    page.connected(False)
    answer(frame)
    page.until(NOT_SENT.format("no connection"))
    assert (answers(site), page.value(KEPT)) == ({}, 1)
    page.connected(True)
    eventually(lambda: taken(site), "the answer")
    assert answers(site) == YES
    page.until("location.pathname === '/tasks/task-0002'")
    page.until(EMPTY)


def test_a_closed_tabs_answer_is_sent_by_the_next_one(
    chromium: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    submit = site.queue.submit  # a tab that closes is joined to the network for a moment
    monkeypatch.setattr(site.queue, "submit", _fail)
    answer(frame)
    page.until(NOT_SENT.format("the portal failed"))
    page.close()
    monkeypatch.setattr(site.queue, "submit", submit)
    later = chromium.page()
    later.open(f"{site.url}/jobs")
    later.until(SENT_NOW)
    assert answers(site) == YES
    assert later.value(KEPT) == 0


def test_a_reloaded_task_sends_its_answer_on(
    chromium: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    submit = site.queue.submit

    def fail(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(site.queue, "submit", fail)
    answer(frame)
    page.until(NOT_SENT.format("the portal failed"))
    page.value("window.before = true")
    page.call("Page.reload")
    page.until(f"!window.before && {NOT_SENT.format('the portal failed')}")
    monkeypatch.setattr(site.queue, "submit", submit)
    page.until("location.pathname === '/tasks/task-0002'")
    assert answers(site) == YES


def test_an_answer_whose_receipt_was_lost_counts_once(
    chromium: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    submit, calls = site.queue.submit, []

    def without_receipt(worker: Worker, task: str, content: dict[str, object]) -> None:
        submit(worker, task, content)
        calls.append(task)
        if len(calls) == 1:
            raise ConnectionResetError

    monkeypatch.setattr(site.queue, "submit", without_receipt)
    answer(frame)
    page.until("location.pathname === '/tasks/task-0002'")
    assert calls == ["task-0001", "task-0001"]
    assert answers(site) == YES


def test_a_page_that_only_looks_makes_no_store(chromium: Browser, site: Site) -> None:
    stores = "indexedDB.databases().then((all) => all.map(({ name }) => name))"
    page = chromium.page()
    sign_in(page, site.url, ADA)
    page.until(EMPTY)
    assert page.value(stores) == []
    frame = open_task(page)
    page.until(EMPTY)
    assert page.value(stores) == []
    answer(frame)
    page.until("location.pathname === '/tasks/task-0002'")
    assert page.value(stores) == ["labeling-portal"]


def test_a_browser_whose_store_does_not_answer_sends_all_the_same(
    chromium: Browser, site: Site
) -> None:
    page = chromium.page()
    page.call("Page.addScriptToEvaluateOnNewDocument", source="indexedDB.open = () => ({})")
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    answer(frame)
    page.until("location.pathname === '/tasks/task-0002'")
    assert answers(site) == YES


def test_a_task_that_is_answered_leads_back_to_the_jobs(chromium: Browser, site: Site) -> None:
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    answer(frame)
    page.until("location.pathname === '/tasks/task-0002'")
    page.open(f"{site.url}/tasks/task-0001")
    assert page.value("location.search") == "?notice=submitted"
    page.until("document.body.textContent.includes('has your answer already')")


def test_who_was_signed_out_sends_it_after_signing_in(chromium: Browser, site: Site) -> None:
    page, other = chromium.page(), chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    other.open(f"{site.url}/jobs")
    sign_out(other)
    answer(frame)
    page.until(NOT_SENT.format("you are signed out"))
    sign_in(other, site.url, ADA, "Own-12345!")
    eventually(lambda: taken(site), "the answer")
    assert answers(site) == YES


def test_somebody_else_in_the_same_browser_neither_sends_nor_loses_it(
    chromium: Browser, site: Site
) -> None:
    page, other = chromium.page(), chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    other.open(f"{site.url}/jobs")
    page.connected(False)
    answer(frame)
    page.until(NOT_SENT.format("no connection"))
    sign_out(other)
    page.close()
    sign_in(other, site.url, BOB)
    other.until(EMPTY)
    frame = open_task(other)
    answer(frame)
    eventually(lambda: taken(site), "Bob's answer")
    assert list(answers(site)[0]) == [f"sub-{BOB}"]
    other.until("location.pathname === '/tasks/task-0003'")
    sign_out(other)
    sign_in(other, site.url, ADA, "Own-12345!")
    other.until(SENT_NOW)
    assert answers(site)[0][f"sub-{ADA}"] == {"crowd-classifier": {"label": "yes"}}


def test_an_answer_that_came_too_late_is_told_and_goes(
    chromium: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.queue.work["job"].time_limit_seconds = 10  # for the answer, on a busy machine
    page = chromium.page()
    sign_in(page, site.url, ADA)
    frame = open_task(page)
    submit = site.queue.submit  # a tab that closes is joined to the network for a moment
    monkeypatch.setattr(site.queue, "submit", _fail)
    answer(frame)
    page.until(NOT_SENT.format("the portal failed"))
    page.until("document.querySelector('[data-clock]').textContent === '0:00'")
    assert page.value("location.pathname") == "/tasks/task-0001"  # the answer is still here
    page.close()
    monkeypatch.setattr(site.queue, "submit", submit)
    eventually(lambda: not site.queue.is_live("task-0001"), "the end of its time")
    later = chromium.page()
    later.open(f"{site.url}/jobs")
    later.until(OUTBOX.format("could not be taken: the time for this task is over"))
    assert (answers(site), later.value(KEPT)) == ({}, 0)


def test_a_killed_server_costs_no_answer(chromium: Browser, tmp_path: Path) -> None:
    local = LocalAws(tmp_path / "state")
    local.start()
    try:
        (name,) = invite(local, 1)
        create_job(local, 1, workers=1)
        client = PortalClient(local.portal)
        client.sign_in(name, TEMPORARY)
        client.choose_password(OWN)
        page = chromium.page()
        sign_in(page, local.portal, name, OWN)
        frame = open_task(page)
        local.kill()
        answer(frame)
        page.until(NOT_SENT.format("no connection"))
        local.start()
        eventually(lambda: answers_so_far(local) == 1, "the answer")
        wait_for(local, "Completed")
        (given,) = given_answers(local).values()
        assert [one["answerContent"] for one in given] == [{"label": {"label": "yes"}}]
        page.until("location.search === '?notice=none-left'")
    finally:
        local.stop()
