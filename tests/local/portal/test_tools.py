"""Drawing and text tools in a real browser: what a person does, and the exact answer it gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from ground_truth_local.workers.answers.pictures import Canvas
from tests.local.portal.chromium import Browser, Page, wait_for
from tests.local.portal.desk import RED, SIZE, Desk, picture, sign_in
from tests.local.portal.fakes import Job
from tests.local.portal.hands import CONTROL, Hand
from tests.local.portal.serving import Site, media, portal
from tests.local.portal.test_browser import SCRIPT

pytestmark = pytest.mark.browser

PROPERTIES = {"inputImageProperties": {"height": 400, "width": 640}}
CORNERS = [(40, 40), (240, 60), (220, 200)]
VERTICES = [{"x": x, "y": y} for x, y in CORNERS]
GREEN, BLUE = "#2ca02c", "#1f77b4"


@pytest.fixture
def site(desk: Desk) -> Site:
    return desk.site


Open = Callable[..., Hand]


@pytest.fixture
def tool(desk: Desk) -> Open:
    """A task with this element."""

    def open_task(element: str, extra: str = "", *, width: int = 1280) -> Hand:
        template = (
            f'{SCRIPT}<crowd-form><{element} name="answer" header="Mark" {extra} '
            'src="{{ task.input.taskObject | grant_read_access }}" '
            "labels=\"['cat', 'dog', 'it\\'s']\"><short-instructions>Mark it.</short-instructions>"
            f"</{element}></crowd-form>"
        )
        page, frame = desk.task(template, width=width)
        return Hand(page, frame, element)

    return open_task


def opened(chromium: Browser, site: Site, template: str) -> tuple[Page, Page]:
    """A task of a portal of its own, whose bucket may be another."""
    site.queue.work["job"] = Job(
        name="job", objects=["s3://raw/1.png"], labels=["cat"], template=template
    )
    page = chromium.page()
    sign_in(page, site)
    page.click(".job button")
    page.until("location.pathname.startsWith('/tasks/')")
    return page, page.frame()


def submitted(site: Site) -> Any:
    answers = site.queue.work["job"].answers
    wait_for(lambda: 0 in answers, "the answer")
    (answer,) = answers[0].values()
    assert list(answer) == ["answer"]
    return answer["answer"]


@pytest.mark.parametrize("width", [1280, 390])
def test_boxes_are_drawn_by_dragging_and_submitted_in_natural_pixels(
    tool: Open, site: Site, width: int
) -> None:
    hand = tool("crowd-bounding-box", width=width)
    hand.drag((40, 50), (90, 90), (240, 200))
    hand.press("3")
    hand.drag((600, 330), (500, 300), (350, 100))  # from the lower right
    hand.submit()
    assert submitted(site) == {
        "boundingBoxes": [
            {"height": 150, "label": "cat", "left": 40, "top": 50, "width": 200},
            {"height": 230, "label": "it's", "left": 350, "top": 100, "width": 250},
        ],
        **PROPERTIES,
    }


def test_the_answer_is_the_same_whatever_the_zoom(tool: Open) -> None:
    hand = tool("crowd-bounding-box")
    before = hand.frame.value(f"{hand.inside('.sheet')}.clientWidth")
    for _ in range(3):
        hand.press("+")
    zoomed = hand.frame.value(f"{hand.inside('.sheet')}.clientWidth")
    assert zoomed > 1.9 * before
    hand.frame.value(f"{hand.inside('.scroll')}.scrollTo(0, 0)")
    hand.drag((40, 50), (90, 90), (140, 120))
    (box,) = hand.value()["boundingBoxes"]
    assert box == {"height": 70, "label": "cat", "left": 40, "top": 50, "width": 100}
    hand.press("f")
    assert hand.frame.value(f"{hand.inside('.sheet')}.clientWidth") == before


def test_a_box_is_selected_moved_resized_relabeled_and_deleted(tool: Open) -> None:
    hand = tool("crowd-bounding-box")
    hand.drag((100, 100), (200, 200))
    hand.press("s")

    def box() -> dict[str, Any]:
        (found,) = hand.value()["boundingBoxes"]
        return {key: found[key] for key in ("left", "top", "width", "height", "label")}

    hand.drag((150, 150), (170, 160), (190, 170))
    assert box() == {"left": 140, "top": 120, "width": 100, "height": 100, "label": "cat"}
    hand.drag((240, 220), (250, 250), (300, 260))  # the lower right corner
    assert box() == {"left": 140, "top": 120, "width": 160, "height": 140, "label": "cat"}
    hand.drag((140, 190), (100, 190))  # the left side
    assert box() == {"left": 100, "top": 120, "width": 200, "height": 140, "label": "cat"}
    hand.press("2")
    hand.press("ArrowRight")
    hand.press("ArrowDown")
    assert box() == {"left": 101, "top": 121, "width": 200, "height": 140, "label": "dog"}
    hand.drag((200, 200), (630, 200))  # not beyond the image
    assert box() == {"left": 440, "top": 121, "width": 200, "height": 140, "label": "dog"}
    hand.undo()
    assert box()["left"] == 101
    hand.click(200, 200)
    hand.press("Delete")
    assert hand.value()["boundingBoxes"] == []
    hand.undo()
    assert box()["left"] == 101


def test_what_was_undone_comes_back_until_something_else_is_done(tool: Open) -> None:
    hand = tool("crowd-bounding-box")
    hand.drag((40, 50), (140, 150))
    hand.drag((240, 50), (340, 150))
    both = hand.value()["boundingBoxes"]
    hand.undo()
    hand.undo()
    assert hand.value()["boundingBoxes"] == []
    hand.redo()
    assert hand.value()["boundingBoxes"] == both[:1]
    hand.press("y", CONTROL)
    assert hand.value()["boundingBoxes"] == both
    hand.undo()
    hand.drag((240, 250), (340, 350))
    hand.redo()  # nothing any more
    assert [box["top"] for box in hand.value()["boundingBoxes"]] == [50, 250]


@pytest.mark.parametrize(
    ("element", "key"),
    [("crowd-polygon", "polygons"), ("crowd-polyline", "polylines"), ("crowd-line", "lines")],
)
def test_shapes_of_points_are_moved_relabeled_deleted_and_undone(
    tool: Open, element: str, key: str
) -> None:
    hand = tool(element)
    if element == "crowd-line":
        hand.drag(CORNERS[0], CORNERS[1])
    else:
        for corner in CORNERS:
            hand.click(*corner)
        hand.press("Enter")
    before = hand.value()[key]
    hand.press("s")
    hand.drag((140, 50), (150, 60), (170, 80))  # the edge between the first two corners
    hand.press("2")
    (moved,) = hand.value()[key]
    assert moved["label"] == "dog"
    assert moved["vertices"] == [
        {"x": vertex["x"] + 30, "y": vertex["y"] + 30} for vertex in before[0]["vertices"]
    ]
    hand.press("Delete")
    assert hand.value()[key] == []
    for _ in range(3):
        hand.undo()
    assert hand.value()[key] == before


def test_a_keypoint_is_relabeled_nudged_and_deleted(tool: Open) -> None:
    hand = tool("crowd-keypoint")
    hand.click(100, 120)
    hand.press("s")
    hand.click(100, 120)
    hand.press("3")
    hand.press("ArrowRight")
    assert hand.value()["keypoints"] == [{"label": "it's", "x": 101, "y": 120}]
    hand.press("Delete")
    assert hand.value()["keypoints"] == []


@pytest.mark.parametrize(
    "element",
    ["crowd-polygon", "crowd-keypoint", "crowd-semantic-segmentation"],
)
def test_any_tool_answers_in_natural_pixels_when_zoomed_and_panned(
    tool: Open, element: str
) -> None:
    hand = tool(element)
    for _ in range(4):
        hand.press("+")
    hand.frame.value(f"{hand.inside('.scroll')}.scrollTo(60, 40)")
    start = hand.place(200, 150)
    hand.mouse("mousePressed", start, button="middle", buttons=4, clickCount=1)
    hand.mouse("mouseMoved", (start[0] - 40, start[1] - 30), button="middle", buttons=4)
    hand.mouse("mouseReleased", (start[0] - 40, start[1] - 30), button="middle", buttons=0)
    assert hand.frame.value(f"{hand.inside('.scroll')}.scrollLeft") == 100
    if element == "crowd-keypoint":
        hand.click(200, 150)
        assert hand.value()["keypoints"] == [{"label": "cat", "x": 200, "y": 150}]
    elif element == "crowd-polygon":
        outline(hand, 150, 100, 250, 180)
        (polygon,) = hand.value()["polygons"]
        assert polygon["vertices"][0] == {"x": 150, "y": 100}
        assert polygon["vertices"][2] == {"x": 250, "y": 180}
    else:
        hand.press("a")
        outline(hand, 150, 100, 250, 180)
        assert hand.colors(hand.value())[GREEN] == 100 * 80


def test_a_click_is_no_box(tool: Open) -> None:
    hand = tool("crowd-bounding-box")
    hand.click(100, 100)
    assert hand.value()["boundingBoxes"] == []


def test_nothing_is_submitted_before_something_is_said(tool: Open, site: Site) -> None:
    hand = tool("crowd-bounding-box")
    hand.submit()
    problem = f"{hand.inside('.problem')}.textContent"
    hand.frame.until(f"{problem} === 'Please mark something, or tick \"Nothing to label\"'")
    assert site.queue.work["job"].answers == {}
    hand.frame.value(f"{hand.inside('.none input')}.click()")
    hand.submit()
    assert submitted(site) == {"boundingBoxes": [], **PROPERTIES}


def test_an_adjustment_begins_with_the_earlier_boxes_and_says_if_it_changed_them(
    tool: Open, site: Site
) -> None:
    old = {"label": "dog", "left": 10, "top": 20, "width": 100, "height": 50}
    initial = json.dumps([old]).replace('"', "'")
    hand = tool("crowd-bounding-box", f'initial-value="{initial}"')
    assert hand.value() == {"boundingBoxes": [old], **PROPERTIES, "initialValueModified": False}
    hand.drag((50, 40), (60, 45), (70, 50))
    hand.submit()
    moved = {**old, "left": 30, "top": 30}
    assert submitted(site) == {
        "boundingBoxes": [moved],
        **PROPERTIES,
        "initialValueModified": True,
    }


def test_a_polygon_is_closed_at_its_first_corner(tool: Open, site: Site) -> None:
    hand = tool("crowd-polygon")
    for corner in (*CORNERS, (400, 300)):
        hand.click(*corner)
    hand.press("Backspace")
    hand.submit()  # unfinished work isn't lost silently
    hand.frame.until(
        f"{hand.inside('.problem')}.textContent.startsWith('Please finish the polygon')"
    )
    hand.click(*CORNERS[0])
    hand.submit()
    assert submitted(site) == {"polygons": [{"label": "cat", "vertices": VERTICES}], **PROPERTIES}


def test_a_corner_of_a_polygon_can_be_moved(tool: Open) -> None:
    hand = tool("crowd-polygon")
    for corner in CORNERS:
        hand.click(*corner)
    hand.press("Enter")
    hand.drag((240, 60), (250, 70), (300, 80))
    (polygon,) = hand.value()["polygons"]
    assert polygon["vertices"] == [VERTICES[0], {"x": 300, "y": 80}, VERTICES[2]]


def test_a_polyline_ends_with_a_double_click(tool: Open, site: Site) -> None:
    hand = tool("crowd-polyline")
    hand.press("2")
    for corner in CORNERS[:2]:
        hand.click(*corner)
    hand.click(*CORNERS[2], count=2)
    hand.submit()
    assert submitted(site) == {"polylines": [{"label": "dog", "vertices": VERTICES}], **PROPERTIES}


def test_a_line_is_dragged(tool: Open, site: Site) -> None:
    hand = tool("crowd-line")
    hand.drag(CORNERS[0], (100, 100), CORNERS[1])
    hand.submit()
    assert submitted(site) == {"lines": [{"label": "cat", "vertices": VERTICES[:2]}], **PROPERTIES}


def test_keypoints_are_set_by_clicks_and_moved_while_held(tool: Open, site: Site) -> None:
    hand = tool("crowd-keypoint")
    hand.click(100, 120)
    hand.press("2")
    hand.drag((200, 220), (210, 230), (300, 310))
    hand.submit()
    assert submitted(site) == {
        "keypoints": [{"label": "cat", "x": 100, "y": 120}, {"label": "dog", "x": 300, "y": 310}],
        **PROPERTIES,
    }


def outline(hand: Hand, left: int, top: int, right: int, bottom: int) -> None:
    for corner in ((left, top), (right, top), (right, bottom), (left, bottom)):
        hand.click(*corner)
    hand.press("Enter")


def test_a_segmentation_has_exact_colours_and_lists_the_labels_used(tool: Open, site: Site) -> None:
    hand = tool("crowd-semantic-segmentation")
    hand.press("a")
    outline(hand, 100, 100, 200, 150)
    hand.press("2")
    outline(hand, 150, 100, 300, 150)
    value = hand.value()
    assert list(value["labelMappings"]) == ["cat", "dog"]
    assert value["labelMappings"] == {"cat": {"color": GREEN}, "dog": {"color": BLUE}}
    assert value["inputImageProperties"] == PROPERTIES["inputImageProperties"]
    counts = hand.colors(value)
    assert counts == {GREEN: 2500, BLUE: 7500, "none": 640 * 400 - 10_000}
    hand.submit()
    assert submitted(site) == value


def test_brush_eraser_and_undo(tool: Open) -> None:
    hand = tool("crowd-semantic-segmentation")
    hand.drag((100, 100), (150, 100), (200, 100))
    painted = hand.colors(hand.value())
    assert painted.keys() == {GREEN, "none"}
    assert painted[GREEN] > 1000
    hand.press("x")
    hand.drag((150, 100), (170, 100), (210, 100))
    erased = hand.colors(hand.value())
    assert 0 < erased[GREEN] < painted[GREEN]
    hand.undo()
    assert hand.colors(hand.value()) == painted
    hand.undo()
    assert hand.value()["labelMappings"] == {}
    hand.redo()
    assert hand.colors(hand.value()) == painted
    hand.redo()
    assert hand.colors(hand.value()) == erased


def test_people_and_simulated_workers_fill_the_same_pixels(tool: Open) -> None:
    hand = tool("crowd-semantic-segmentation")
    draw = random.Random(7)
    outlines = [
        [(draw.randint(-40, 1320) / 2, draw.randint(-40, 840) / 2) for _ in range(corners)]
        for corners in (3, 4, 7, 20)
    ]
    canvas = Canvas(SIZE)
    for number, outline in enumerate(outlines, start=1):
        canvas.fill(outline, number)
    points = [[{"x": x, "y": y} for x, y in outline] for outline in outlines]
    script = f"""(outlines => {{
      const layer = document.querySelector({json.dumps(hand.element)}).layer;
      outlines.forEach((points, index) => layer.fill(points, index + 1));
      return [...layer.pixels];
    }})({json.dumps(points)})"""
    assert bytes(hand.frame.value(script)) == bytes(canvas.pixels)
    assert len(canvas.used()) == 4


def test_a_finger_draws_too(tool: Open) -> None:
    hand = tool("crowd-bounding-box", width=390)
    hand.touch((40, 50), (90, 90), (240, 200))
    (box,) = hand.value()["boundingBoxes"]
    assert box == {"height": 150, "label": "cat", "left": 40, "top": 50, "width": 200}


def test_an_earlier_mask_is_loaded_by_its_colours(tool: Open, site: Site) -> None:
    link = "{{ 's3://raw/mask.png' | grant_read_access }}"
    mappings = f"{{labelMappings: {{'dog': {{color: '{RED}'}}}}, src: '{link}'}}"
    hand = tool("crowd-semantic-segmentation", f'initial-value="{mappings}"')
    hand.frame.until(f"!!{hand.inside('.things li')}")
    value = hand.value()
    assert value["initialValueModified"] is False
    assert value["labelMappings"] == {"dog": {"color": BLUE}}
    assert hand.colors(value) == {BLUE: 320 * 400, "none": 320 * 400}


def test_earlier_instances_keep_their_colours_and_get_company(tool: Open) -> None:
    link = "{{ 's3://raw/mask.png' | grant_read_access }}"
    initial = f"{{instances: [{{label: 'dog', color: '{RED}'}}], src: '{link}'}}"
    hand = tool("crowd-instance-segmentation", f'initial-value="{initial}"')
    hand.frame.until(f"document.querySelector({json.dumps(hand.element)}).value.instances.length")
    hand.press("n")
    hand.press("a")
    outline(hand, 400, 100, 500, 150)
    value = hand.value()
    assert value["initialValueModified"] is True
    assert [one["label"] for one in value["instances"]] == ["dog", "cat"]
    assert value["instances"][0]["color"] == RED
    counts = hand.colors(value)
    assert counts == {
        RED: 320 * 400,
        value["instances"][1]["color"]: 5000,
        "none": 320 * 400 - 5000,
    }


def test_instances_of_one_label_have_colours_of_their_own(tool: Open, site: Site) -> None:
    hand = tool("crowd-instance-segmentation")
    hand.press("a")
    outline(hand, 100, 100, 200, 150)
    hand.press("n")
    outline(hand, 300, 100, 350, 150)
    hand.press("2")
    outline(hand, 400, 300, 410, 310)
    hand.press("Delete")
    value = hand.value()
    assert value["instances"] == [
        {"color": GREEN, "label": "cat"},
        {"color": BLUE, "label": "cat"},
    ]
    assert hand.colors(value) == {GREEN: 5000, BLUE: 2500, "none": 640 * 400 - 7500}
    hand.submit()
    assert submitted(site) == value


def test_a_picture_that_cannot_be_read_says_so_and_takes_no_answer(
    chromium: Browser,
) -> None:
    with media(picture, cors=False) as images, portal(images) as site:
        site.platform.invite("ada@example.com")
        template = (
            f'{SCRIPT}<crowd-form><crowd-bounding-box name="answer" labels="[\'a\']" '
            'src="{{ task.input.taskObject | grant_read_access }}"></crowd-bounding-box>'
        )
        _, frame = opened(chromium, site, template)
        problem = (
            "document.querySelector('crowd-bounding-box').shadowRoot?.querySelector('.problem')"
        )
        frame.until(f"{problem}?.textContent.includes('CORS')")
        frame.click("crowd-button")
        assert site.queue.work["job"].answers == {}


def test_a_classifier_shows_the_boxes_to_verify(desk: Desk) -> None:
    template = (
        f"{SCRIPT}<crowd-form><crowd-image-classifier name='answer' categories=\"['good', 'bad']\" "
        'src="{{ task.input.taskObject | grant_read_access }}" overlay="{boundingBox: {labels: '
        "['cat'], value: [{label: 'cat', left: 64, top: 40, width: 128, height: 80}]}}\">"
        "</crowd-image-classifier></crowd-form>"
    )
    page, frame = desk.task(template)
    root = "document.querySelector('crowd-image-classifier').shadowRoot"
    frame.until(f"{root}?.querySelector('svg')?.getAttribute('viewBox') === '0 0 640 400'")
    place = (
        f"(() => {{ const [r, i] = ['rect', 'img'].map(s => {root}.querySelector(s)"
        ".getBoundingClientRect()); return [(r.left - i.left) / i.width, r.width / i.width]; })()"
    )
    left, width = frame.value(place)
    assert (round(left, 2), round(width, 2)) == (0.1, 0.2)
    page.press("2")
    page.press("Enter")
    assert desk.answer()["answer"] == {"label": "bad"}
