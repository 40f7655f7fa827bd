"""Whole tasks without a mouse, from the portal's own page on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.liquid.corpus import sample
from tests.local.portal.hands import CONTROL, SHIFT, Hand, Person

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


def to_image(person: Person, element: str) -> None:
    """Tab until the focus is on the image itself."""
    inside = f"document.querySelector('{element}').shadowRoot.activeElement"
    for _ in range(MOST_TABS):
        person.press("Tab")
        if person.frame.value(f"{inside}?.className === 'scroll'"):
            return
    pytest.fail("no way to the image")


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
    to_image(person, element)
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


MASK = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form><crowd-{0}-segmentation name="areas" header="Paint" labels="['sky', 'sea']"
  src="{{{{ task.input.taskObject | grant_read_access }}}}">
</crowd-{0}-segmentation></crowd-form>"""
GREEN, BLUE, RADIUS = "#2ca02c", "#1f77b4", 13


def masking(desk: Desk, kind: str) -> Hand:
    """At a mask's image, 640 by 400, with a brush 26 wide."""
    page, frame = desk.task(MASK.format(kind))
    hand = Hand(page, frame, f"crowd-{kind}-segmentation")
    to_image(hand, hand.element)
    return hand


def disc() -> int:
    """Pixels whose middles are within the brush, its right edge apart, around the middle of one."""
    around = range(-RADIUS, RADIUS + 1)
    reach = {y: (RADIUS**2 - y**2) ** 0.5 for y in around}
    return sum(-reach[y] <= x < reach[y] for y in around for x in around)


def row(hand: Hand, number: int) -> list[int]:
    """From where to where a row is painted; nothing where it isn't."""
    layer = f"document.querySelector('{hand.element}').layer"
    pixels = hand.frame.value(f"[...{layer}.pixels.slice({number} * 640, ({number} + 1) * 640)]")
    painted = [at for at, pixel in enumerate(pixels) if pixel]
    return [painted[0], painted[-1]] if painted else []


def test_a_mask_is_painted_erased_and_submitted_by_keyboard(desk: Desk) -> None:
    hand = masking(desk, "semantic")
    assert "Space paints" in hand.frame.value(f"{hand.inside('.hint')}.textContent")
    hand.press(" ")
    dot = hand.colors(hand.value())
    assert dot == {GREEN: disc(), "none": 640 * 400 - disc()}
    assert row(hand, 200) == [320 - RADIUS, 320 + RADIUS - 1]
    hand.press("ArrowDown", SHIFT)
    hand.press("ArrowDown")
    hand.hold(" ")
    hand.press("ArrowRight")
    for _ in range(4):
        hand.press("ArrowRight", SHIFT)
    hand.let_go(" ")
    stroke = hand.colors(hand.value())
    assert row(hand, 214) == [320 - RADIUS, 320 + 1 + 4 * 13 + RADIUS - 1]
    hand.press("ArrowRight", SHIFT)  # the brush is up again
    assert hand.colors(hand.value()) == stroke
    hand.undo()  # the whole stroke is one step
    assert hand.colors(hand.value()) == dot
    hand.redo()
    assert hand.colors(hand.value()) == stroke
    hand.press("2")
    hand.press("x")
    hand.press(" ")
    assert hand.colors(hand.value())[GREEN] < stroke[GREEN]
    hand.press("b")
    hand.press("[")
    hand.press(" ")
    assert list(hand.value()["labelMappings"]) == ["sky", "sea"]
    last = hand.value()
    to_button(hand)
    hand.press("Enter")
    assert desk.answer() == {"areas": last}


def test_an_area_of_a_mask_is_outlined_by_keyboard(desk: Desk) -> None:
    hand = masking(desk, "semantic")
    hand.press("a")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        hand.press(" ")
        for _ in range(3):
            hand.press(key, SHIFT)
    hand.press(" ")
    assert hand.value()["labelMappings"] == {}
    hand.press("Enter")
    assert hand.colors(hand.value())[GREEN] == 39 * 39
    assert row(hand, 201) == [320, 320 + 38]


def test_instances_are_begun_and_painted_by_keyboard(desk: Desk) -> None:
    hand = masking(desk, "instance")
    hand.press(" ")
    hand.press("n")
    for _ in range(3):
        hand.press("ArrowLeft", SHIFT)
    hand.press(" ")
    assert [one["label"] for one in hand.value()["instances"]] == ["sky", "sky"]
    assert sorted(hand.colors(hand.value()).values())[:2] == [disc(), disc()]
    hand.press("z", CONTROL)
    assert len(hand.value()["instances"]) == 1


def test_the_brush_stays_on_the_image_and_in_sight(desk: Desk) -> None:
    hand = masking(desk, "semantic")
    for _ in range(8):
        hand.press("+")
    for _ in range(60):
        hand.press("ArrowRight", SHIFT)
    place = f"document.querySelector('{hand.element}')._place()"
    assert hand.frame.value(place) == {"x": 639.5, "y": 200.5}
    view = f"{hand.inside('.scroll')}.getBoundingClientRect()"
    left, right, zoom = (
        hand.frame.value(each)
        for each in (
            f"{view}.left",
            f"{view}.right",
            f"document.querySelector('{hand.element}').stage.zoom",
        )
    )
    sheet = hand.frame.value(f"{hand.inside('.sheet')}.getBoundingClientRect().left")
    assert zoom > 4
    assert left < sheet + 639.5 * zoom < right


LEFT = ["survey", "bounding-box", "semantic-segmentation", "entities"]


def begun(desk: Desk, name: str) -> Person:
    """At a task of this template, with the keyboard in its frame."""
    inputs = {"taskObject": "s3://raw/a.png", **sample(name).inputs}
    page, frame = desk.task(sample(name).text, inputs=inputs)
    page.call("Page.bringToFront")
    person = Person(page, frame)
    page.until("document.activeElement.matches('iframe')")
    return person


@pytest.mark.parametrize("name", LEFT)
def test_the_tab_key_leaves_a_task_behind_its_last_button(desk: Desk, name: str) -> None:
    person = begun(desk, name)
    for _ in range(MOST_TABS):
        person.press("Tab")
        for each in (person.frame, person.page):
            each.painted()
        if not person.frame.value("document.hasFocus()"):
            return  # the frame is the page's last: what follows is the browser's own
    pytest.fail("the task keeps the keyboard")


@pytest.mark.parametrize("name", LEFT)
def test_the_tab_key_leads_back_from_a_task_to_the_portal(desk: Desk, name: str) -> None:
    person = begun(desk, name)
    for _ in range(MOST_TABS):
        person.press("Tab", SHIFT)
        for each in (person.frame, person.page):
            each.painted()
        if not person.page.value("document.activeElement.matches('iframe')"):
            break
    person.page.until("document.activeElement.textContent === 'Stop working'")
    person.press("Tab", SHIFT)
    person.page.until("document.activeElement.textContent === 'Release'")
    person.press("Enter")
    person.page.until("location.pathname === '/jobs'")
