"""What simulated workers answer: the shape each element submits, near the truth, by seed."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from ground_truth_local.workers.answers import Given, give
from ground_truth_local.workers.answers.masks import color
from ground_truth_local.workers.answers.pictures import Canvas, Size, png, size_of
from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.sight import Seen, look
from ground_truth_local.workers.skills import Skill, read_skills
from ground_truth_local.workers.truth import Known, read_truth

LABELS = ("cat", "dog", "owl")
PERFECT = Skill(email="ada@example.com")
SLOPPY = Skill(email="bob@example.com", accuracy=0.6, jitter=0.05)
SIZE = Size(width=320, height=200)
PICTURE = png(Canvas(SIZE), [])
BOX = {"label": "cat", "left": 40, "top": 30, "width": 100, "height": 80}
OUTLINE = [{"x": 40, "y": 30}, {"x": 140, "y": 30}, {"x": 140, "y": 110}, {"x": 40, "y": 110}]
PROPERTIES = {"inputImageProperties": {"height": 200, "width": 320}}


def seen(element: str, **more: object) -> Seen:
    settings: dict[str, object] = {"labels": LABELS, "image": "http://h/1.png", **more}
    return Seen(element=element, name="answer", **settings)  # type: ignore[arg-type]


def given(skill: Skill, what: Seen, truth: object, *, seed: int = 1, name: str = "1.png") -> Given:
    label = truth if isinstance(truth, str) else json.dumps(truth)
    known = Known(object_id=name, label=label)
    return give(skill, seed=seed, known=known, seen=what, fetch=lambda link: PICTURE)


TRUTHS = {
    "crowd-classifier": ("cat", {"label": "cat"}),
    "crowd-image-classifier-multi-select": (["owl", "cat"], {"labels": ["cat", "owl"]}),
    "crowd-bounding-box": ([BOX], {"boundingBoxes": [BOX], **PROPERTIES}),
    "crowd-polygon": (
        {"polygons": [{"label": "dog", "vertices": OUTLINE}]},
        {"polygons": [{"label": "dog", "vertices": OUTLINE}], **PROPERTIES},
    ),
    "crowd-polyline": (
        [{"label": "dog", "vertices": OUTLINE[:3]}],
        {"polylines": [{"label": "dog", "vertices": OUTLINE[:3]}], **PROPERTIES},
    ),
    "crowd-line": (
        [{"label": "dog", "vertices": OUTLINE[:2]}],
        {"lines": [{"label": "dog", "vertices": OUTLINE[:2]}], **PROPERTIES},
    ),
    "crowd-keypoint": (
        [{"label": "owl", "x": 7, "y": 9}],
        {"keypoints": [{"label": "owl", "x": 7, "y": 9}], **PROPERTIES},
    ),
}


@pytest.mark.parametrize("element", TRUTHS)
def test_a_perfect_worker_answers_the_truth_as_the_element_would(element: str) -> None:
    truth, value = TRUTHS[element]
    found = given(PERFECT, seen(element), truth)
    assert (found.value, found.correct) == (value, True)


def test_a_perfect_worker_marks_the_true_spans_in_code_points() -> None:
    text = "Ada \U0001f980 lives in Köln, Ada says"
    spans = [
        {"label": "cat", "startOffset": 0, "endOffset": 3},
        {"label": "dog", "startOffset": 15, "endOffset": 19},
    ]
    assert text[15:19] == "Köln"
    found = given(PERFECT, seen("crowd-entity-annotation", text=text), {"entities": spans})
    assert found == Given(value={"entities": spans}, label="cat, dog", correct=True)


def pixels(image: dict[str, str]) -> dict[str | None, int]:
    """How many pixels of each colour a PNG without row filters has; None is transparent."""
    data = base64.b64decode(image["pngImageData"])
    width, height = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    rows = zlib.decompress(data[start + 4 : start + 4 + length])
    counts: dict[str | None, int] = {}
    for row in range(height):
        line = rows[row * (4 * width + 1) + 1 : (row + 1) * (4 * width + 1)]
        assert rows[row * (4 * width + 1)] == 0
        for at in range(0, len(line), 4):
            *channels, alpha = line[at : at + 4]
            key = "#" + "".join(f"{channel:02x}" for channel in channels) if alpha else None
            counts[key] = counts.get(key, 0) + 1
    return counts


def test_a_perfect_worker_paints_the_true_regions_later_ones_in_front() -> None:
    behind = [{"x": x, "y": y} for x, y in ((0, 0), (100, 0), (100, 10), (0, 10))]
    before = [{"x": x, "y": y} for x, y in ((90, 0), (120, 0), (120, 10), (90, 10))]
    truth = [{"label": "owl", "vertices": behind}, {"label": "cat", "vertices": before}]
    found = given(PERFECT, seen("crowd-semantic-segmentation"), truth)
    assert list(found.value) == ["labelMappings", "labeledImage", "inputImageProperties"]
    assert found.value["labelMappings"] == {"cat": {"color": color(0)}, "owl": {"color": color(2)}}
    assert pixels(found.value["labeledImage"]) == {  # type: ignore[arg-type]
        color(0): 300,
        color(2): 900,
        None: 320 * 200 - 1200,
    }
    assert found.correct


def test_instances_have_a_colour_each_and_hidden_ones_are_left_out() -> None:
    regions = [{"label": label, "vertices": OUTLINE} for label in ("cat", "cat")]
    apart = [{"label": "cat", "vertices": [{"x": v["x"] + 150, "y": v["y"]} for v in OUTLINE]}]
    found = given(PERFECT, seen("crowd-instance-segmentation"), regions + apart)
    assert found.value["instances"] == [
        {"color": color(1), "label": "cat"},
        {"color": color(2), "label": "cat"},
    ]
    counts = pixels(found.value["labeledImage"])  # type: ignore[arg-type]
    assert (counts[color(1)], counts[color(2)]) == (8000, 8000)


@pytest.mark.parametrize("element", [*TRUTHS, "crowd-semantic-segmentation"])
def test_a_sloppy_worker_errs_alike_for_the_same_seed_and_otherwise_for_another(
    element: str,
) -> None:
    truth = TRUTHS[element][0] if element in TRUTHS else [{"label": "cat", "vertices": OUTLINE}]
    names = [f"{number}.png" for number in range(40)]
    first, again, other = (
        [given(SLOPPY, seen(element), truth, seed=seed, name=name).value for name in names]
        for seed in (1, 1, 2)
    )
    assert first == again != other
    right = [given(SLOPPY, seen(element), truth, name=name).correct for name in names]
    assert 4 < sum(right) < 36


def test_positions_stay_in_the_image_and_near_the_truth() -> None:
    shaky = Skill(email="cyd@example.com", jitter=0.1)
    lefts = []
    for number in range(200):
        value: Any = given(shaky, seen("crowd-bounding-box"), [BOX], name=f"{number}").value
        (box,) = value["boundingBoxes"]
        assert box["left"] >= 0 and box["left"] + box["width"] <= SIZE.width
        assert box["top"] >= 0 and box["top"] + box["height"] <= SIZE.height
        assert all(isinstance(box[key], int) for key in ("left", "top", "width", "height"))
        lefts.append(box["left"])
    assert abs(sum(lefts) / len(lefts) - 40) < 3
    assert len(set(lefts)) > 20


def test_misses_and_inventions_come_as_often_as_asked() -> None:
    boxes = [{**BOX, "left": 20 * number} for number in range(10)]
    careless = Skill(email="dan@example.com", miss=0.3, extra=0.5)
    counts = [
        len(given(careless, seen("crowd-bounding-box"), boxes, name=f"{n}").value["boundingBoxes"])  # type: ignore[arg-type]
        for n in range(100)
    ]
    assert 6.9 < sum(counts) / 100 < 8.1


def test_nothing_true_is_answered_with_the_box_for_nothing() -> None:
    what = seen("crowd-classifier-multi-select", exclusion="None of these")
    found = given(PERFECT, what, [])
    assert (found.value, found.correct) == ({"labels": ["None of these"]}, True)
    assert given(PERFECT, seen("crowd-bounding-box"), []).value == {
        "boundingBoxes": [],
        **PROPERTIES,
    }


NEAR = {**BOX, "left": 44, "width": 96}
FAR = {**BOX, "left": 90}


@pytest.mark.parametrize(
    ("initial", "boxes", "modified"),
    [
        ([BOX], [BOX], False),
        ([NEAR], [NEAR], False),
        ([], [BOX], True),
        ([FAR], [BOX], True),
        ([{**BOX, "label": "dog"}], [BOX], True),
        ([FAR, NEAR], [NEAR], True),
    ],
)
def test_an_adjustment_leaves_what_is_close_and_says_whether_it_changed_anything(
    initial: object, boxes: object, modified: bool
) -> None:
    value = given(PERFECT, seen("crowd-bounding-box", initial=initial), [BOX]).value
    assert value == {"boundingBoxes": boxes, "initialValueModified": modified, **PROPERTIES}


@pytest.mark.parametrize(
    ("element", "key", "thing", "other"),
    [
        ("crowd-polygon", "polygons", {"vertices": OUTLINE}, {"vertices": OUTLINE[:3]}),
        ("crowd-polyline", "polylines", {"vertices": OUTLINE}, {"vertices": OUTLINE[::-1]}),
        ("crowd-keypoint", "keypoints", {"x": 7, "y": 9}, {"x": 7, "y": 14}),
    ],
)
def test_all_shapes_are_adjusted(
    element: str, key: str, thing: dict[str, object], other: dict[str, object]
) -> None:
    true = [{"label": "cat", **thing}]
    same = given(PERFECT, seen(element, initial={key: true}), true).value
    changed = given(PERFECT, seen(element, initial=[{"label": "cat", **other}]), true).value
    assert (same["initialValueModified"], changed["initialValueModified"]) == (False, True)
    assert same[key] == changed[key] == true


def test_who_corrects_a_mask_paints_it_anew() -> None:
    truth = [{"label": "cat", "vertices": OUTLINE}]
    earlier = {"src": "http://h/mask.png", "labelMappings": {"cat": {"color": color(0)}}}
    value = given(PERFECT, seen("crowd-semantic-segmentation", initial=earlier), truth).value
    assert value["initialValueModified"] is True


@pytest.mark.parametrize(
    ("skill", "comments", "value"),
    [
        (PERFECT, True, {"label": "dog", "workerComment": "too wide"}),
        (PERFECT, False, {"label": "dog"}),
        (Skill(email="eve@example.com", confusion={"dog": {"cat": 1.0}}), True, {"label": "cat"}),
    ],
)
def test_who_agrees_says_why_where_the_page_asks(
    skill: Skill, comments: bool, value: dict[str, str]
) -> None:
    what = seen("crowd-image-classifier", comments=comments)
    found = given(skill, what, {"label": "dog", "workerComment": "too wide"})
    assert (found.value, found.correct) == (value, value["label"] == "dog")


MASKED = (
    "<crowd-semantic-segmentation name=x labels=\"['a']\" src='http://h/1.png' "
    "initial-value=\"{src: 'http://h/mask.png', labelMappings: {} }\">",
    "<crowd-image-classifier name=x categories=\"['a', 'b']\" src='http://h/1.png' "
    "overlay=\"{semanticSegmentation: {labels: [], src: 'http://h/mask.png'} }\">",
)


@pytest.mark.parametrize("html", MASKED)
def test_nobody_answers_about_a_mask_that_does_not_open(html: str) -> None:
    task = look(html)
    asked: list[str] = []

    def fetch(link: str) -> bytes:
        asked.append(link)
        return PICTURE if link.endswith("1.png") else b"<Error><Code>AccessDenied</Code></Error>"

    with pytest.raises(WorkersError, match="an image begins with"):
        give(PERFECT, seed=1, known=Known(object_id="1", label="a"), seen=task, fetch=fetch)
    assert asked == ["http://h/mask.png"]


def test_sees_whether_a_comment_is_asked_for() -> None:
    html = "<crowd-image-classifier name=x categories=\"['a','b']\" src='http://h/1.png'>{}"
    assert not look(html.format("")).comments
    assert look(html.format("<worker-comment>Why?</worker-comment>")).comments


@pytest.mark.parametrize(
    ("element", "truth", "message"),
    [
        ("crowd-bounding-box", "cat", "allowed is a JSON list of boundingBoxes"),
        ("crowd-bounding-box", [{**BOX, "label": "cow"}], "truth is 'cow', the task offers"),
        ("crowd-classifier-multi-select", [1], "allowed is a label or a JSON list of labels"),
        (
            "crowd-entity-annotation",
            [{"label": "cat", "startOffset": 1, "endOffset": 99}],
            "a span from 1 to 99, allowed is 0 to 4",
        ),
    ],
)
def test_says_what_is_wrong_with_the_truth(element: str, truth: object, message: str) -> None:
    with pytest.raises(WorkersError, match=message):
        given(PERFECT, seen(element, text="text"), truth)


def test_more_labels_than_a_mask_can_hold_are_refused() -> None:
    many = seen("crowd-semantic-segmentation", labels=tuple(f"label {n}" for n in range(256)))
    with pytest.raises(WorkersError, match="256 labels, at most 255 can be painted"):
        given(PERFECT, many, [])


def test_reads_the_size_of_pngs_and_jpegs_only() -> None:
    assert size_of(PICTURE) == SIZE
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF" + b"\0" * 10
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, 48, 64) + b"\0" * 10
    assert size_of(b"\xff\xd8" + app0 + frame) == Size(width=64, height=48)
    for broken in (b"GIF89a", b"\xff\xd8" + app0):
        with pytest.raises(WorkersError):
            size_of(broken)


def test_sees_labels_initial_values_and_texts_of_drawing_and_text_tools() -> None:
    html = (
        "<crowd-form><crowd-entity-annotation name='crowd-entity-annotation' text='a  b &amp; c' "
        "labels=\"[{label: 'city', shortDisplayName: 'c'}]\"></crowd-entity-annotation>"
    )
    found = look(html)
    assert (found.labels, found.text) == (("city",), "a  b & c")
    html = (
        "<crowd-bounding-box name='boundingBox' src='http://h/1.png' labels=\"['a']\" "
        "initial-value=\"[{label: 'a', left: 1, top: 2, width: 3, height: 4}]\">"
    )
    assert look(html).initial == [{"label": "a", "left": 1, "top": 2, "width": 3, "height": 4}]


def test_sees_line_ends_of_a_text_as_a_browser_does() -> None:
    html = "<crowd-entity-annotation name='x' labels=\"['a']\" text='one\r\ntwo\rthree'>"
    assert look(html).text == "one\ntwo\nthree"


def test_sees_the_recording_of_a_classifier_without_words() -> None:
    html = (
        "<crowd-classifier name=x categories=\"['a','b']\"><classification-target>"
        "<video><source src='http://h/clip.mp4?s=1'></video></classification-target>"
    )
    assert look(html).image == "http://h/clip.mp4?s=1"


def test_reads_truth_of_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text(json.dumps({"object": "a/1.png", "label": [BOX]}) + "\n")
    known = read_truth(path).of_image("http://h/raw/a/1.png?x=y")
    assert known is not None
    assert known.value == [BOX]
    path.write_text('{"object": "1.png"}\n')
    with pytest.raises(WorkersError, match="line 1: needed are the keys object and label"):
        read_truth(path)


def test_a_label_that_only_looks_like_json_is_a_name() -> None:
    assert Known(object_id="1", label="[sic]").value == "[sic]"


def test_shares_follow_from_accuracy_unless_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "workers.toml"
    path.write_text('[[worker]]\nemail = "a"\naccuracy = 0.8\nmiss = 0.0\n')
    (skill,) = read_skills(path)
    assert (skill.miss_share, round(skill.extra_share, 9)) == (0.0, 0.1)
    path.write_text('[[worker]]\nemail = "a"\njitter = 2\n')
    with pytest.raises(WorkersError, match="a: jitter: got 2, allowed is 0 to 1"):
        read_skills(path)
