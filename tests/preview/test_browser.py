"""The preview in a real browser: files are edited, tasks submitted, answers and labels read.

Skipped where no Chromium is installed; nothing is downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ground_truth_ops.preview.run import Running
from tests.local.portal.chromium import Browser, Page, browser
from tests.local.portal.looks import looked_at

pytestmark = pytest.mark.browser

Serve = Callable[[], Running]
TARGET = "document.querySelector('classification-target').textContent.trim()"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, serve: Serve) -> Page:
    found = chromium.page()
    found.open(serve().url)
    found.until("document.body.dataset.version === '1'")
    return found


def task(page: Page, text: str) -> Page:
    """The frame, once its task is about the text."""
    page.until(f"document.querySelector('[data-object]').textContent === {json.dumps(text)}")
    frame = page.frame()
    frame.until(f"{TARGET} === {json.dumps(text)}")
    return frame


def arrow(page: Page, key: str, code: int) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


def choose(page: Page, text: str, number: int) -> None:
    frame = task(page, text)
    frame.until("!!document.querySelector('crowd-classifier').shadowRoot")
    frame.value(
        "document.querySelector('crowd-classifier').shadowRoot"
        f".querySelectorAll('li label')[{number}].click()"
    )
    frame.click("crowd-button")


def shown(page: Page, name: str) -> Any:
    return json.loads(page.value(f"document.querySelector('[data-{name}]').textContent"))


def test_saved_template_is_seen_without_touching_the_browser(page: Page, campaign: Path) -> None:
    frame = task(page, "A fine day")
    assert frame.value("document.querySelector('crowd-classifier').getAttribute('header')")
    template = campaign / "template.liquid.html"
    text = template.read_text()
    template.write_text(text.replace('header="What', 'header="Tell: what', 1))
    page.until("document.body.dataset.version === '2'")
    header = "document.querySelector('crowd-classifier')?.getAttribute('header')"
    page.frame().until(f"({header} || '').startsWith('Tell: what')")


def test_mistake_shows_beside_the_task_and_goes_with_it(page: Page, campaign: Path) -> None:
    template = campaign / "template.liquid.html"
    text = template.read_text()
    template.write_text(text.replace("crowd-form>", "crowd-frm>"))
    found = "[...document.querySelectorAll('.findings .error')].map((each) => each.textContent)"
    page.until(f"{found}.some((text) => /unknown-element.*:3:1$/.test(text))")
    template.write_text(text)
    page.until("document.querySelector('[data-tally]').textContent === 'none'")


def test_answers_of_three_workers_become_a_label(page: Page) -> None:
    for answers, number in enumerate((0, 1, 1), start=1):
        choose(page, "A fine day", number)
        page.until(f"document.querySelectorAll('.answers li').length === {answers}")
    first = page.value("document.querySelector('.answers pre').textContent")
    assert json.loads(first) == {"crowd-classifier": {"label": "glad"}}
    label = shown(page, "label")
    assert label["mood"] == 1
    assert label["mood-metadata"]["class-name"] == "it's sad"


def test_arrow_keys_go_from_object_to_object(page: Page) -> None:
    task(page, "A fine day")
    arrow(page, "ArrowRight", 39)
    page.until("document.querySelector('[data-jump]').value === '2'")
    arrow(page, "ArrowRight", 39)
    task(page, "A third text")
    arrow(page, "ArrowLeft", 37)
    page.until("document.querySelector('[data-jump]').value === '2'")


def test_hostile_data_runs_nowhere(page: Page) -> None:
    task(page, "A fine day")
    arrow(page, "ArrowRight", 39)
    page.until("document.querySelector('[data-jump]').value === '2'")
    frame = page.frame()
    frame.until(f'{TARGET}.startsWith(`it\'s "quoted" </script>`)')
    assert frame.value("document.title") != "owned"
    assert page.value("document.title") == "What does the writer feel? - preview"


def test_task_reaches_nothing_of_the_preview(page: Page) -> None:
    frame = task(page, "A fine day")
    attempt = (
        "(() => { try { return parent.document.title } catch (error) { return error.name } })()"
    )
    assert frame.value(attempt) == "SecurityError"
    assert frame.value("fetch('/state').then(() => 'read', () => 'blocked')") == "blocked"
    assert frame.value("self.origin") == "null"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page_is_readable(chromium: Browser, serve: Serve, campaign: Path, dark: bool) -> None:
    shade = "dark" if dark else "light"
    page = chromium.page(dark=dark)
    page.open(serve().url)
    page.until("document.body.dataset.version === '1'")
    background = page.value("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(20, 24, 22)") is dark
    choose(page, "A fine day", 0)
    page.until("document.querySelectorAll('.answers li').length === 1")
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    task(page, "A fine day").painted()
    assert looked_at(page, f"preview-{shade}") == []
    (campaign / "instructions/short.html").write_text('<img src="https://x.example/a.png">')
    template = campaign / "template.liquid.html"
    template.write_text(template.read_text().replace("task.input.labels", "task.input.label"))
    page.until("document.querySelectorAll('.findings .error').length > 0")
    page.until("document.querySelectorAll('.findings .warning').length > 0")
    page.until("!document.querySelector('[data-trouble]').hidden")
    assert looked_at(page, f"preview-mistakes-{shade}") == []
    (campaign / "campaign.toml").write_text("title =")
    page.until("document.querySelector('[data-count]').textContent === '0'")
    forget = "document.querySelector('[data-forget]')"
    assert page.value(f"{forget}.checkVisibility()") is False
    assert looked_at(page, f"preview-unreadable-{shade}") == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_label_that_cannot_be_made_is_readable(
    chromium: Browser, serve: Serve, dark: bool
) -> None:
    page = chromium.page(dark=dark)
    page.open(serve().url)
    frame = task(page, "A fine day")
    frame.until("!!document.querySelector('crowd-classifier').shadowRoot")
    other = """JSON.stringify([{ other: "text" }])"""
    frame.value(
        f"document.querySelector('crowd-form')._serializeForm = () => ({{ taskAnswers: {other} }})"
    )
    choose(page, "A fine day", 0)
    page.until("!document.querySelector('[data-label-trouble]').hidden")
    task(page, "A fine day").painted()
    assert looked_at(page, f"preview-no-label-{'dark' if dark else 'light'}") == []
