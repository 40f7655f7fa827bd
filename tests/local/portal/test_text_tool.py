"""The text tool in a real browser: spans by mouse and by keyboard, in code points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.portal.test_browser import SCRIPT

if TYPE_CHECKING:
    from tests.local.portal.chromium import Page
    from tests.local.portal.desk import Desk

pytestmark = pytest.mark.browser

TEXT = "Ada \U0001f980 lives in  K&ouml;ln,\nAda says"
LABELS = "[{label: 'person', shortDisplayName: 'PER', fullDisplayName: 'A person'}, 'place']"
ELEMENT = "document.querySelector('crowd-entity-annotation')"
PANE = f"{ELEMENT}.shadowRoot?.querySelector('.text')"


def template(extra: str = "", *, form: bool = True) -> str:
    element = (
        f'<crowd-entity-annotation name="answer" header="Who and where" text="{TEXT}" {extra} '
        f'labels="{LABELS}"><short-instructions>Names.</short-instructions>'
        "</crowd-entity-annotation>"
    )
    return f"{SCRIPT}<crowd-form>{element}</crowd-form>" if form else SCRIPT + element


def started(desk: Desk, html: str) -> tuple[Page, Page]:
    page, frame = desk.task(html)
    frame.until(f"!!{PANE}?.textContent")
    return page, frame


def select(page: Page, frame: Page, words: str) -> None:
    """Drag over these words, as they stand in the first piece of text that holds them."""
    script = f"""(words => {{
      const walker = document.createTreeWalker({PANE}, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {{
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        const boxes = range.getClientRects(), first = boxes[0], last = boxes[boxes.length - 1];
        return [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
      }}
    }})({words!r})"""
    for each in (page, frame, page):
        each.painted()
    left, top, right, bottom = frame.value(script)
    outer = page.value(
        "(() => { const r = document.querySelector('iframe').getBoundingClientRect();"
        " return [r.left, r.top]; })()"
    )
    end = (right - 1, bottom)
    ends = ((left + 1, top), ((left + right) / 2, top), end, end)
    kinds = ("mousePressed", "mouseMoved", "mouseMoved", "mouseReleased")
    for kind, (x, y) in zip(kinds, ends, strict=True):
        page.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=outer[0] + x,
            y=outer[1] + y,
            button="left",
            buttons=1,
            clickCount=1,
        )


def spans(frame: Page) -> list[tuple[str, int, int]]:
    value: dict[str, Any] = frame.value(f"{ELEMENT}.value")
    return [(one["label"], one["startOffset"], one["endOffset"]) for one in value["entities"]]


def test_words_are_marked_with_the_mouse_and_counted_in_code_points(desk: Desk) -> None:
    page, frame = started(desk, template())
    select(page, frame, "Ada")
    frame.until(f"{ELEMENT}.value.entities.length === 1")
    page.press("2")
    select(page, frame, " K\u00f6ln")  # the blank is left out
    frame.until(f"{ELEMENT}.value.entities.length === 2")
    frame.click("crowd-button")
    assert desk.answer()["answer"] == {
        "entities": [
            {"endOffset": 3, "label": "person", "startOffset": 0},
            {"endOffset": 20, "label": "place", "startOffset": 16},
        ]
    }
    plain = TEXT.replace("&ouml;", "\u00f6")
    assert (plain[0:3], plain[16:20]) == ("Ada", "K\u00f6ln")


def press(page: Page, key: str, *, shift: bool = False) -> None:
    codes = {"ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "Delete": 46}
    common = {"key": key, "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
    text = {"text": "\r"} if key == "Enter" else {}
    page.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
    page.call("Input.dispatchKeyEvent", type="keyUp", **common)


def test_words_are_marked_by_keyboard_alone(desk: Desk) -> None:
    page, frame = started(desk, template())
    frame.value(f"{PANE}.focus()")
    press(page, "ArrowRight")
    press(page, "ArrowRight", shift=True)
    press(page, "Enter")
    assert spans(frame) == [("person", 0, 5)]
    for _ in range(3):
        press(page, "ArrowRight")
    page.press("2")
    press(page, "Enter")
    assert spans(frame) == [("person", 0, 5), ("place", 16, 20)]


def test_a_span_is_chosen_relabeled_and_deleted(desk: Desk) -> None:
    initial = "initial-value=\"[{label: 'person', startOffset: 16, endOffset: 20}]\""
    page, frame = started(desk, template(initial))
    assert spans(frame) == [("person", 16, 20)]
    assert frame.value(f"{ELEMENT}.shadowRoot.querySelector('mark').textContent") == "K\u00f6ln"
    frame.value(f"{ELEMENT}.shadowRoot.querySelector('mark').click()")
    page.press("2")
    assert spans(frame) == [("place", 16, 20)]
    frame.value(f"{PANE}.focus()")
    press(page, "Delete")
    assert spans(frame) == []


def test_spans_may_overlap_and_none_is_marked_twice(desk: Desk) -> None:
    initial = (
        "initial-value=\"[{label: 'person', startOffset: 0, endOffset: 5}, "
        "{label: 'place', startOffset: 0, endOffset: 3}]\""
    )
    page, frame = started(desk, template(initial))
    select(page, frame, "Ada")
    frame.until(f"{ELEMENT}.value.entities.length === 3")
    select(page, frame, "Ada")
    assert frame.value(f"{PANE}.textContent") == TEXT.replace("&ouml;", "\u00f6")
    assert spans(frame) == [("place", 0, 3), ("person", 0, 3), ("person", 0, 5)]


ALONE = f"{ELEMENT}.shadowRoot.querySelector('crowd-form crowd-button')"


def test_it_brings_its_own_form_and_takes_nothing_only_when_told(desk: Desk) -> None:
    _, frame = started(desk, template(form=False))
    assert frame.value("document.querySelector('crowd-form')") is None
    frame.value(f"{ALONE}.click()")
    problem = f"{ELEMENT}.shadowRoot.querySelector('.problem').textContent"
    frame.until(f"{problem}.startsWith('Please mark something')")
    frame.value(f"{ELEMENT}.shadowRoot.querySelector('.none input').click()")
    frame.value(f"{ALONE}.click()")
    assert desk.answer() == {"answer": {"entities": []}}


QUESTIONS = """<div id="more"><crowd-radio-group>
<crowd-radio-button name="subject" value="science">Science</crowd-radio-button>
<crowd-radio-button name="subject" value="travel">Travel</crowd-radio-button>
</crowd-radio-group><input name="note" value="plain"></div>
<script>document.addEventListener("all-crowd-elements-ready", () => {
  const tool = document.querySelector("crowd-entity-annotation");
  const form = tool.shadowRoot.querySelector("crowd-form");
  form.form.appendChild(document.getElementById("more"));
  form.onsubmit = event => { window.asked = (window.asked || 0) + 1;
    if (window.refuse) event.preventDefault(); };
});</script>"""


def test_questions_added_to_its_form_are_answered_with_it(desk: Desk) -> None:
    page, frame = started(desk, template(form=False) + QUESTIONS)
    select(page, frame, "Ada")
    frame.until(f"{ELEMENT}.value.entities.length === 1")
    radio = f"{ELEMENT}.shadowRoot.querySelector('[value=travel]').shadowRoot"
    frame.value(f"{radio}.querySelector('input').click()")
    frame.value(f"window.refuse = true; {ALONE}.click()")
    assert (desk.answered, frame.value("asked")) == (False, 1)
    frame.value(f"window.refuse = false; {ALONE}.click()")
    assert desk.answer() == {
        "answer": {"entities": [{"endOffset": 3, "label": "person", "startOffset": 0}]},
        "subject": {"science": False, "travel": True},
        "note": "plain",
    }
