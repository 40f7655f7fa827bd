"""Every sound template of the corpus, answered by a person: what is done and what is submitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_liquid.elements import ELEMENTS, Shown
from tests.local.liquid.corpus import names, sample
from tests.local.portal.hands import Hand, Person
from tests.local.portal.looks import photograph

if TYPE_CHECKING:
    from tests.local.portal.desk import Desk

pytestmark = pytest.mark.browser

SIZE = {"inputImageProperties": {"height": 400, "width": 640}}
CORNERS = [(100, 100), (200, 100), (200, 150), (100, 150)]
VERTICES = [{"x": x, "y": y} for x, y in CORNERS]
BOX = {"height": 50, "left": 100, "top": 100, "width": 100}
OWN_FORM = "crowd-entity-annotation >>> crowd-button"
ABSENT = {name for name, element in ELEMENTS.items() if element.shown is not Shown.EVERYWHERE}

Act = Callable[[Person], None]


def fill(**texts: str) -> Act:
    def act(person: Person) -> None:
        for name, text in texts.items():
            element = f'[name="{name.replace("_", "-")}"]'
            person.fill(f"{element} >>> :is(input, textarea)", text)

    return act


def choose(*choices: tuple[str, int]) -> Act:
    def act(person: Person) -> None:
        for name, number in choices:
            person.point(f'[name="{name}"] >>> li:nth-of-type({number}) label')

    return act


def tool(element: str, work: Callable[[Hand], None]) -> Act:
    return lambda person: work(Hand(person.page, person.frame, element))


def drag_box(hand: Hand) -> None:
    hand.press("d")
    hand.press("2")
    hand.drag(CORNERS[0], CORNERS[2])


def outline(hand: Hand) -> None:
    for corner in CORNERS:
        hand.click(*corner)
    hand.press("Enter")


def second_outline(hand: Hand) -> None:
    hand.press("d")
    hand.press("2")
    outline(hand)


def area(hand: Hand) -> None:
    hand.press("a")
    outline(hand)


def second_point(hand: Hand) -> None:
    hand.press("d")
    hand.press("2")
    hand.click(100, 120)


def survey(person: Person) -> None:
    fill(brand="Acme", why="It lasts")(person)
    person.point('[name="seen"][value="web"] >>> input')
    person.point('[name="sure"] >>> input')
    person.point('[name="again"][value="yes"] >>> input')
    person.point('[name="rating"] >>> input')
    person.press("Home")
    for _ in range(3):
        person.press("ArrowRight")


def rate(person: Person) -> None:
    person.point('[name="rating-1"] >>> input')
    person.press("End")
    person.point('[name="rating-2"] >>> input', across=0.02)


def letter(person: Person) -> None:
    person.point("crowd-tabs >>> [role=tab]:nth-of-type(1)")
    person.press("ArrowRight")
    fill(tray="Upper")(person)


def bill(person: Person) -> None:
    person.fill('[name="total"]', "12.5")
    person.frame.value("document.querySelector('[name=currency]').focus()")
    person.press("D")
    person.fill('[name="remarks"]', "Torn")
    person.point('[name="paid"][value="no"]')
    person.point('[name="marks"][value="stamp"]')


def names_and_places(person: Person) -> None:
    person.point("crowd-entity-annotation >>> .text")
    person.press("ArrowRight")
    person.press("Enter")
    person.press("2")
    for _ in range(4):
        person.press("ArrowRight")
    person.press("Enter")


DONE: Mapping[str, tuple[Act, dict[str, Any]]] = {
    "assigned-json": (choose(("choice", 2)), {"choice": {"label": "b"}}),
    "audio-transcription": (
        fill(transcript="It works.\nGood"),
        {"transcript": "It works.\nGood", "flags": {"noisy": False}},
    ),
    "bounding-box": (
        tool("crowd-bounding-box", drag_box),
        {"boundingBox": {"boundingBoxes": [{**BOX, "label": "lorry"}], **SIZE}},
    ),
    "bounding-box-corrections": (
        tool("crowd-bounding-box", drag_box),
        {
            "corrected": {
                "boundingBoxes": [
                    {"height": 5, "label": "a", "left": 1, "top": 1, "width": 5},
                    {**BOX, "label": "a"},
                ],
                **SIZE,
                "initialValueModified": True,
            }
        },
    ),
    "branches": (fill(answer="At length"), {"answer": "At length"}),
    "entities": (
        names_and_places,
        {
            "crowd-entity-annotation": {
                "entities": [
                    {"endOffset": 3, "label": "person", "startOffset": 0},
                    {"endOffset": 22, "label": "place", "startOffset": 17},
                ]
            }
        },
    ),
    "handler-attributes": (
        lambda person: person.point("button:nth-of-type(2)"),
        {"chosen": '"so"'},
    ),
    "image-classification": (
        choose(("crowd-image-classifier", 2)),
        {"crowd-image-classifier": {"label": "it's rotten"}},
    ),
    "image-multi-select": (
        choose(("animals", 1), ("animals", 2)),
        {"animals": {"labels": ["dog", "cat"]}},
    ),
    "image-overlay": (choose(("boxes-right", 1)), {"boxes-right": {"label": "yes"}}),
    "instance-segmentation": (
        tool("crowd-instance-segmentation", area),
        {"cells": {"instances": [{"color": "#2ca02c", "label": "cell"}], **SIZE}},
    ),
    "keypoint": (
        tool("crowd-keypoint", second_point),
        {
            "eyes": {
                "keypoints": [
                    {"label": "left eye", "x": 10, "y": 20},
                    {"label": "right eye", "x": 100, "y": 120},
                ],
                **SIZE,
                "initialValueModified": True,
            }
        },
    ),
    "layout": (letter, {"tray": "Upper"}),
    "line": (
        tool("crowd-line", lambda hand: hand.drag(CORNERS[0], CORNERS[2])),
        {"beams": {"lines": [{"label": "beam", "vertices": VERTICES[0:3:2]}], **SIZE}},
    ),
    "manifest-line": (fill(author="Ada"), {"author": "Ada"}),
    "native-inputs": (
        bill,
        {
            "number": "17",
            "total": "12.5",
            "currency": "USD",
            "remarks": "Torn",
            "paid": {"yes": False, "no": True},
            "marks": {"stamp": True, "signature": False},
        },
    ),
    "optional-hint": (fill(answer="Yes"), {"answer": "Yes"}),
    "pairwise": (
        lambda person: person.point('[value="right"] >>> input'),
        {"sharper": {"left": False, "right": True}},
    ),
    "polygon": (
        tool("crowd-polygon", second_outline),
        {"roofs": {"polygons": [{"label": "garden", "vertices": VERTICES}], **SIZE}},
    ),
    "polyline": (
        tool("crowd-polyline", second_outline),
        {
            "edges": {
                "polylines": [
                    {"label": "kerb", "vertices": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
                    {"label": "lane", "vertices": VERTICES},
                ],
                **SIZE,
                "initialValueModified": True,
            }
        },
    ),
    "rated-list": (rate, {"rating-1": 5, "rating-2": 1}),
    "script-sets-labels": (
        tool("crowd-bounding-box", drag_box),
        {"found": {"boundingBoxes": [{**BOX, "label": "b"}], **SIZE}},
    ),
    "script-validates": (fill(summary="Some text in short"), {"summary": "Some text in short"}),
    "semantic-segmentation": (
        tool("crowd-semantic-segmentation", area),
        {
            "areas": {
                "labelMappings": {"sky": {"color": "#2ca02c"}},
                **SIZE,
                "initialValueModified": True,
            }
        },
    ),
    "survey": (
        survey,
        {
            "brand": "Acme",
            "why": "It lasts",
            "seen": {"shop": False, "web": True},
            "sure": {"sure": True},
            "again": {"yes": True, "no": False},
            "rating": 4,
        },
    ),
    "text-classification": (
        choose(("crowd-classifier", 1)),
        {"crowd-classifier": {"label": "praise"}},
    ),
    "text-multi-select": (choose(("topics", 3)), {"topics": {"labels": ["None of these"]}}),
    "translations": (
        fill(better_de="Servus", better_fr="Bonjour"),
        {"better-de": "Servus", "better-fr": "Bonjour"},
    ),
    "two-questions": (
        choose(("crowd-classifier", 2), ("more", 1)),
        {"crowd-classifier": {"label": "b"}, "more": {"labels": ["x"]}},
    ),
    "video-classification": (
        choose(("crowd-classifier", 2)),
        {"crowd-classifier": {"label": "no goal"}},
    ),
}
NOT_DONE = ("questions", "ranking")


def given(name: str) -> dict[str, Any]:
    found = sample(name)
    return {"taskObject": "s3://raw/a.png", **found.inputs}


def test_every_template_is_answered() -> None:
    assert sorted([*DONE, *NOT_DONE]) == names()


@pytest.mark.parametrize("name", DONE)
def test_template_gives_its_documented_answer(desk: Desk, name: str) -> None:
    act, answer = DONE[name]
    page, frame = desk.task(sample(name).text, inputs=given(name))
    person = Person(page, frame)
    act(person)
    photograph(person, f"template-{name}")
    person.submit(OWN_FORM if name == "entities" else 'crowd-button[form-action="submit"]')

    got = desk.answer()

    for value in got.values():
        mask = value.pop("labeledImage", None) if isinstance(value, dict) else None
        assert mask is None or mask["pngImageData"].startswith("iVBOR")
    assert got == answer


@pytest.mark.parametrize("name", NOT_DONE)
def test_element_of_the_cdn_alone_says_so_and_takes_no_answer(desk: Desk, name: str) -> None:
    page, frame = desk.task(sample(name).text, inputs=given(name))
    (element,) = [each for each in ABSENT if f"<{each}" in sample(name).text]
    person = Person(page, frame)
    person.ready(f"{element} >>> [role=alert]")
    text = frame.value(f"document.querySelector('{element}').shadowRoot.textContent")
    photograph(person, f"template-{name}")
    person.submit()
    assert f"<{element}> is not offered here" in text
    assert "only AWS's own script shows it" in text
    assert not desk.answered


def test_the_page_and_the_lint_know_the_same_elements(desk: Desk) -> None:
    _, frame = desk.task(sample("survey").text, inputs=given("survey"))
    known = frame.value(f"{sorted(ELEMENTS)}.filter(name => customElements.get(name))")
    assert known == sorted(ELEMENTS)
    assert frame.value("Object.keys(groundTruthCrowd.reference.absent).sort()") == sorted(ABSENT)
