"""Whole tasks without a mouse, from the portal's own page on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.liquid.corpus import sample
from tests.local.portal.hands import SHIFT, Person

if TYPE_CHECKING:
    from tests.local.portal.desk import Desk

pytestmark = pytest.mark.browser
MOST_TABS = 40


def to(person: Person, name: str) -> None:
    """Tab until the focus is in the element of this name."""
    inside = f"document.activeElement?.getAttribute('name') === {name!r}"
    for _ in range(MOST_TABS):
        person.press("Tab")
        if person.frame.value(inside):
            return
    pytest.fail(f"{MOST_TABS} tabs don't lead to {name}")


def to_button(person: Person) -> None:
    for _ in range(MOST_TABS):
        person.press("Tab")
        if person.focused() == "crowd-button >>> button":
            return
    pytest.fail("no way to Submit")


def test_a_survey_is_filled_in_by_keyboard_alone(desk: Desk) -> None:
    page, frame = desk.task(sample("survey").text, inputs=sample("survey").inputs)
    person = Person(page, frame)
    person.ready("crowd-slider >>> input")
    to(person, "brand")
    person.write("Acme")
    to(person, "why")
    person.write("Good")
    to(person, "seen")
    person.press(" ")
    to(person, "sure")
    person.press(" ")
    to(person, "again")
    person.press(" ")
    person.press("ArrowDown")
    to(person, "rating")
    person.press("End")
    to_button(person)
    person.press("Enter")
    assert desk.answer() == {
        "brand": "Acme",
        "why": "Good",
        "seen": {"shop": True, "web": False},
        "sure": {"sure": True},
        "again": {"yes": False, "no": True},
        "rating": 10,
    }


def test_what_has_the_focus_is_outlined(desk: Desk) -> None:
    page, frame = desk.task(sample("survey").text, inputs=sample("survey").inputs)
    person = Person(page, frame)
    person.ready("crowd-slider >>> input")
    outline = (
        "(() => { let at = document.activeElement;"
        " while (at.shadowRoot) at = at.shadowRoot.activeElement;"
        " return getComputedStyle(at).outlineStyle; })()"
    )
    for name in ("brand", "why", "seen", "sure", "again", "rating"):
        to(person, name)
        assert person.frame.value(outline) == "solid", name


@pytest.mark.parametrize(
    ("name", "key", "found"),
    [
        ("bounding-box", "boundingBox", "boundingBoxes"),
        ("keypoint", "eyes", "keypoints"),
        ("line", "beams", "lines"),
        ("polygon", "roofs", "polygons"),
        ("polyline", "edges", "polylines"),
    ],
)
def test_a_shape_is_set_moved_and_sized_by_keyboard(
    desk: Desk, name: str, key: str, found: str
) -> None:
    inputs = {"taskObject": "s3://raw/a.png", **sample(name).inputs}
    page, frame = desk.task(sample(name).text, inputs=inputs)
    element = f"crowd-{name}"
    person = Person(page, frame)
    frame.until(f"document.querySelector('{element}')._started === true")
    before = len(frame.value(f"document.querySelector('{element}').value")[found])
    for _ in range(MOST_TABS):
        person.press("Tab")
        if frame.value(
            f"document.querySelector('{element}').shadowRoot.activeElement?.className === 'scroll'"
        ):
            break
    person.press("d")
    person.press("Enter")
    first = frame.value(f"document.querySelector('{element}').value")[found]
    person.press("ArrowRight")
    person.press("ArrowDown", SHIFT)
    person.press("]")
    person.press("}")
    last = frame.value(f"document.querySelector('{element}').value")[found]
    assert (len(first), len(last)) == (before + 1, before + 1)
    (set_, moved) = (first[-1], last[-1])
    if name == "bounding-box":
        assert set_ == {"height": 100, "label": "car", "left": 240, "top": 150, "width": 160}
        assert moved == {"height": 105, "label": "car", "left": 241, "top": 160, "width": 165}
    elif name == "keypoint":
        assert (set_["x"], set_["y"]) == (320, 200)
        assert (moved["x"], moved["y"]) == (321, 210)
    else:
        assert set_["vertices"][0] == {"x": 240, "y": 150}
        assert moved["vertices"][0] == {"x": 241, "y": 160}
        assert {"x": 406, "y": 265} in moved["vertices"]
    to_button(person)
    person.press("Enter")
    assert desk.answer()[key][found] == last
