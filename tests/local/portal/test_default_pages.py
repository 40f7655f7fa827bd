"""The pages of tasks whose campaigns bring none of their own, as a worker meets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.stacks.pages import LABELS, PAGES, TEXTS, inputs
from tests.stacks.pages import page as page_of

if TYPE_CHECKING:
    from tests.local.portal.desk import Desk

pytestmark = pytest.mark.browser

SHOWN = "s3://raw/a.png"
TEXT = 'It\'s "<b>" & {{ x }}\n  שלום \U0001f600'


@pytest.mark.parametrize("name", PAGES)
def test_page_shows_the_object_every_label_and_the_instructions(desk: Desk, name: str) -> None:
    element = PAGES[name][0]
    before = len(desk.browser.console)
    _, frame = desk.task(
        page_of(name, "<p>brief help</p>"), inputs=inputs(name, TEXT if name in TEXTS else SHOWN)
    )
    inside = f"document.querySelector('{element}').shadowRoot"

    frame.until(f"!!{inside}?.textContent.includes({LABELS[-1]!r})")
    shown = frame.value(f"{inside}.textContent + document.body.innerText")

    assert [label for label in LABELS if label not in shown] == []
    assert "brief help" in shown
    if name in TEXTS:
        assert TEXT in shown
    elif name == "video-classification":
        assert frame.value("document.querySelector('video').src").startswith("http")
    else:
        frame.until(f"{inside}.querySelector('img').naturalWidth > 0")
    assert [line for line in desk.browser.console[before:] if "'level': 'info'" not in line] == []


@pytest.mark.parametrize("name", sorted(name for name in PAGES if name.endswith("-adjustment")))
def test_page_of_an_adjustment_begins_with_the_earlier_label(desk: Desk, name: str) -> None:
    shown = TEXT if name in TEXTS else SHOWN
    _, frame = desk.task(page_of(name), inputs=inputs(name, shown))
    value = f"document.querySelector('{PAGES[name][0]}')._submittableValue"

    frame.until(f"JSON.stringify({value} ?? '').includes({json.dumps(LABELS[0])})")

    found = frame.value(value)
    begun = inputs(name, "")["initialValue"]
    if name == "semantic-segmentation-adjustment":
        assert list(found["labelMappings"]) == LABELS[:1]
    else:
        things = begun["polylines"] if isinstance(begun, dict) else begun
        assert things in found.values()
    # the text tool's documentation has no such field
    assert found.get("initialValueModified", False) is False


@pytest.mark.parametrize(
    ("name", "drawn"), [("bounding-box", "rect"), ("semantic-segmentation", "canvas")]
)
def test_page_of_a_verification_shows_the_earlier_label_over_the_image(
    desk: Desk, name: str, drawn: str
) -> None:
    page = f"{name}-verification"
    _, frame = desk.task(page_of(page), inputs=inputs(page, SHOWN))
    inside = "document.querySelector('crowd-image-classifier').shadowRoot"

    frame.until(f"!!{inside}?.querySelector('.judged {drawn}')")

    assert frame.value(f"{inside}.querySelector('.legend').textContent") == LABELS[0]
    assert frame.value(f"!!{inside}.querySelector('textarea')")


def test_mask_to_be_judged_veils_nothing_that_has_no_label(desk: Desk) -> None:
    """The test's mask is red on the left and grey on the right; red is the label's color."""
    name = "semantic-segmentation-verification"
    _, frame = desk.task(page_of(name), inputs=inputs(name, SHOWN))
    inside = "document.querySelector('crowd-image-classifier').shadowRoot"
    frame.until(f"{inside}?.querySelector('.judged canvas')?.width === 640")

    left, right = (
        frame.value(
            f"[...{inside}.querySelector('.judged canvas').getContext('2d')"
            f".getImageData({x}, 200, 1, 1).data]"
        )
        for x in (10, 630)
    )

    assert left == [0xD6, 0x27, 0x28, 255]
    assert right[3] == 0


def test_nobody_judges_a_mask_that_can_not_be_loaded(desk: Desk) -> None:
    name = "semantic-segmentation-verification"
    link = "{{ task.input.initialValue.src | grant_read_access }}"
    page = page_of(name).replace(link, "http://127.0.0.1:1/gone.png")
    _, frame = desk.task(page, inputs=inputs(name, SHOWN))
    element = "document.querySelector('crowd-image-classifier')"

    frame.until(f"!!{element}.problem()?.includes('What is to be judged')")
