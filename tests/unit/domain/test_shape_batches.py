"""A payload with shapes becomes Ground Truth's answer; what is broken costs nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation import lines
from ground_truth.consolidation.areas import area, shared_area
from ground_truth.consolidation.batch import Batch, Consolidation
from ground_truth.consolidation.kinds import consolidate_batch
from ground_truth.consolidation.marks import Mark
from ground_truth.consolidation.planes import Points, median_point
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from tests.unit.domain.events import answered

LABELS = ("dog", "cat", "bone")
SIZE = {"width": 500, "height": 400}
COMMON = {
    "human-annotated": "yes",
    "job-name": "labeling-job/animals-1",
    "creation-date": "2026-11-25T08:00:00",
}
ELEMENTS = {
    AnswerKind.BOXES: ("crowd-bounding-box", "boundingBoxes", "annotations"),
    AnswerKind.POLYGONS: ("crowd-polygon", "polygons", "polygons"),
    AnswerKind.POLYLINES: ("crowd-polyline", "polylines", "polylines"),
    AnswerKind.KEYPOINTS: ("crowd-keypoint", "keypoints", "keypoints"),
    AnswerKind.SPANS: ("crowd-entity-annotation", "entities", "entities"),
}
TYPES = {AnswerKind.BOXES: "object-detection", AnswerKind.SPANS: "text-span"}


def answer(kind: AnswerKind, worker: str, entries: object, **more: object) -> dict[str, Any]:
    element, key, _ = ELEMENTS[kind]
    content = {element: {key: entries, "inputImageProperties": SIZE, **more}}
    return {"workerId": worker, "annotationData": {"content": json.dumps(content)}}


def consolidated(kind: AnswerKind, *objects: Any) -> Consolidation:
    rules = replace(
        rules_for(TaskType.IMAGE_CLASSIFICATION),
        answers=kind,
        template_element=ELEMENTS[kind][0],
        metadata_type=f"groundtruth/{TYPES.get(kind, 'custom')}",
    )
    return consolidate_batch(
        Batch(
            payload=json.dumps(objects).encode(),
            rules=rules,
            labels=LABELS,
            label_attribute="animals",
            job_name="animals-1",
            created=datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
            fetch=lambda uri: uri,
        )
    )


def content(found: Consolidation, place: int = 0) -> tuple[Any, Any]:
    output = found.outputs[place]["consolidatedAnnotation"]["content"]
    assert list(output) == ["animals", "animals-metadata"]
    return output["animals"], output["animals-metadata"]


def box(left: float, top: float, width: float, height: float, label: str = "dog") -> Any:
    return {"left": left, "top": top, "width": width, "height": height, "label": label}


def lined(*points: tuple[float, float], label: str = "dog") -> Any:
    return {"label": label, "vertices": [{"x": x, "y": y} for x, y in points]}


def entity(start: int, end: int, label: str = "dog") -> Any:
    return {"label": label, "startOffset": start, "endOffset": end}


SURE = pytest.approx(0.9, abs=0.1)
GOOD: dict[AnswerKind, Any] = {
    AnswerKind.BOXES: box(10, 20, 30, 40),
    AnswerKind.POLYGONS: lined((10, 10), (60, 10), (60, 60), (10, 60)),
    AnswerKind.POLYLINES: lined((10, 10), (200, 60)),
    AnswerKind.KEYPOINTS: {"label": "dog", "x": 10, "y": 20},
    AnswerKind.SPANS: entity(3, 9),
}
KINDS = pytest.mark.parametrize("kind", list(GOOD))


def test_boxes_have_the_documented_form() -> None:
    bone = box(100, 100, 20, 20, "bone")
    found = consolidated(
        AnswerKind.BOXES,
        answered(
            "7",
            answer(AnswerKind.BOXES, "a", [box(10, 20, 30, 40), bone]),
            answer(AnswerKind.BOXES, "b", [box(10, 20, 32, 40), bone]),
            answer(AnswerKind.BOXES, "c", [box(10, 20, 31, 40), box(300, 300, 9, 9)]),
        ),
        answered("8", *(answer(AnswerKind.BOXES, worker, []) for worker in "abc")),
    )

    label, metadata = content(found)
    assert [output["datasetObjectId"] for output in found.outputs] == ["7", "8"]
    assert label == {
        "image_size": [{"width": 500, "height": 400, "depth": 3}],
        "annotations": [
            {"class_id": 0, "left": 10, "top": 20, "width": 31, "height": 40},
            {"class_id": 2, "left": 100, "top": 100, "width": 20, "height": 20},
        ],
    }
    assert metadata == {
        "objects": [{"confidence": SURE}, {"confidence": SURE}],
        "class-map": {"0": "dog", "2": "bone"},
        "type": "groundtruth/object-detection",
        **COMMON,
    }
    assert content(found, 1)[0]["annotations"] == []
    assert (found.failed, found.incomplete) == ((), ())


def test_entities_have_the_documented_form() -> None:
    found = consolidated(
        AnswerKind.SPANS,
        answered(
            "7",
            answer(AnswerKind.SPANS, "a", [entity(30, 40, "cat"), entity(3, 9)]),
            answer(AnswerKind.SPANS, "b", [entity(3, 9), entity(30, 40, "cat")]),
            answer(AnswerKind.SPANS, "c", [entity(3, 7), entity(33, 40, "cat")]),
        ),
    )

    label, metadata = content(found)
    assert label == {
        "annotations": {
            "labels": [{"label": "dog"}, {"label": "cat"}, {"label": "bone"}],
            "entities": [entity(3, 9), entity(30, 40, "cat")],
        }
    }
    assert metadata == {
        "entities": [{"confidence": pytest.approx(0.8, abs=0.2)}] * 2,
        "type": "groundtruth/text-span",
        **COMMON,
    }


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (AnswerKind.POLYGONS, GOOD[AnswerKind.POLYGONS]),
        (AnswerKind.POLYLINES, GOOD[AnswerKind.POLYLINES]),
        (AnswerKind.KEYPOINTS, GOOD[AnswerKind.KEYPOINTS]),
    ],
)
def test_other_shapes_have_the_form_of_boxes(kind: AnswerKind, entry: Any) -> None:
    found = consolidated(kind, answered("7", *(answer(kind, worker, [entry]) for worker in "abc")))

    label, metadata = content(found)
    shape = {key: value for key, value in entry.items() if key != "label"}
    assert label == {
        "image_size": [{"width": 500, "height": 400, "depth": 3}],
        ELEMENTS[kind][2]: [{"class_id": 0, **shape}],
    }
    assert metadata == {
        "objects": [{"confidence": SURE}],
        "class-map": {"0": "dog"},
        "type": "groundtruth/custom",
        **COMMON,
    }


BROKEN = [
    None,
    7,
    "dog",
    [],
    {},
    {"label": "dog"},
    {"label": "wolf", "left": 1, "top": 1, "width": 1, "height": 1, "x": 1, "y": 1},
    box(10, 10, 0, 5),
    box(10, 10, -5, 5),
    box(900, 10, 5, 5),
    box(float("1e400"), 1, 1, 1) | {"x": 10**400, "y": 1},
    {**box(1, 1, 1, 1), "left": True, "x": "1", "y": "1", "startOffset": "1", "endOffset": "2"},
    lined((1, 1), (1, 1), (1, 1)) | {"x": 1},
    lined((1, 1)),
    {"label": "dog", "vertices": [None]},
    {"label": "dog", "vertices": [{"x": 1, "y": 1}] * 2001},
    entity(9, 3),
    entity(-1, 3),
    {"label": "dog", "startOffset": 1.5, "endOffset": 3},
]


@KINDS
@pytest.mark.parametrize("place", range(len(BROKEN)))
def test_broken_shape_costs_no_other_its_place(kind: AnswerKind, place: int) -> None:
    good = GOOD[kind]
    text = json.dumps([good, BROKEN[place]]).replace("Infinity", "1e400")
    broken = answer(kind, "a", "HERE")
    broken["annotationData"]["content"] = broken["annotationData"]["content"].replace(
        '"HERE"', text
    )
    found = consolidated(
        kind, answered("7", broken, answer(kind, "b", [good]), answer(kind, "c", [good]))
    )
    label, _ = content(found)
    written = label["annotations"] if kind is AnswerKind.SPANS else label

    assert len(written[ELEMENTS[kind][2]]) == 1
    assert [answered.object_id for answered in found.incomplete] == ["7"]
    (reason,) = found.incomplete[0].set_aside
    assert reason.startswith(f"one of {ELEMENTS[kind][1]} left out: ")


@KINDS
def test_answer_nothing_of_which_can_be_read_is_not_one_who_saw_nothing(kind: AnswerKind) -> None:
    found = consolidated(
        kind,
        answered("7", answer(kind, "a", [None, 7]), answer(kind, "b", "x")),
        answered("8", answer(kind, "a", [GOOD[kind]] * 2001), answer(kind, "b", [GOOD[kind]])),
    )

    assert [output["datasetObjectId"] for output in found.outputs] == ["8"]
    (failed,) = found.failed
    assert failed.object_id == "7"
    assert f"none of 2 {ELEMENTS[kind][1]} can be read" in failed.reason
    assert "is not a list: got text of 1 characters" in failed.reason
    assert "too many" in found.incomplete[0].set_aside[0]


@KINDS
def test_worker_who_answers_twice_counts_once_or_not_at_all(kind: AnswerKind) -> None:
    same = answer(kind, "a", [GOOD[kind]])
    other = answer(kind, "a", [])
    found = consolidated(
        kind, answered("7", same, same, answer(kind, "b", [GOOD[kind]])), answered("8", same, other)
    )

    assert [output["datasetObjectId"] for output in found.outputs] == ["7"]
    assert [failed.object_id for failed in found.failed] == ["8"]


def test_boxes_are_cut_off_at_the_images_edge() -> None:
    found = consolidated(
        AnswerKind.BOXES,
        answered("7", *(answer(AnswerKind.BOXES, w, [box(-5, 390, 20, 30)]) for w in "ab")),
    )

    assert content(found)[0]["annotations"] == [
        {"class_id": 0, "left": 0, "top": 390, "width": 15, "height": 10}
    ]


def test_image_size_is_what_most_pages_told_and_left_out_where_none_did() -> None:
    sizes: list[object] = [
        {"width": 10, "height": 9},
        None,
        {"width": "x"},
        {"width": 10, "height": 9},
    ]
    told = [
        answer(AnswerKind.BOXES, f"w{number}", [], inputImageProperties=size)
        for number, size in enumerate(sizes)
    ]
    found = consolidated(AnswerKind.BOXES, answered("7", *told), answered("8", told[1]))

    assert content(found, 0)[0]["image_size"] == [{"width": 10, "height": 9, "depth": 3}]
    assert content(found, 1)[0]["image_size"] == []


def test_of_entities_that_overlap_the_likelier_is_kept() -> None:
    wide, narrow = entity(0, 40), entity(30, 36)
    found = consolidated(
        AnswerKind.SPANS,
        answered(
            "7",
            answer(AnswerKind.SPANS, "a", [wide]),
            answer(AnswerKind.SPANS, "b", [wide]),
            answer(AnswerKind.SPANS, "c", [wide]),
            answer(AnswerKind.SPANS, "d", [narrow]),
            answer(AnswerKind.SPANS, "e", [narrow]),
        ),
    )

    assert content(found)[0]["annotations"]["entities"] == [wide]


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["label", "left", "top", "width", "height", "x", "y", "vertices"]),
            inner | st.just("dog"),
            max_size=6,
        )
    ),
    max_leaves=12,
)


@KINDS
@given(st.lists(anything, max_size=4))
def test_hostile_answers_cost_no_other_object_its_label(kind: AnswerKind, hostile: Any) -> None:
    good = [answer(kind, worker, [GOOD[kind]]) for worker in "ab"]
    found = consolidated(
        kind,
        answered("7", answer(kind, "x", hostile)),
        answered("8", *good),
        answered("9", *hostile),
    )

    assert "8" in [output["datasetObjectId"] for output in found.outputs]


NO_AREA: dict[AnswerKind, list[Any]] = {
    AnswerKind.BOXES: [box(0, 0, 5e-324, 5e-324), box(0, 0, 1e-200, 1e-200), box(1, 1, 1e-4, 9)],
    AnswerKind.POLYGONS: [
        lined((0, 0), (1, 1e-323), (400, 5e-324)),
        lined((0, 0), (5e-324, 1), (2e-323, 400)),
        lined((0, 0), (1e-160, 0), (0, 1e-160)),
    ],
}


@pytest.mark.parametrize("kind", list(NO_AREA))
def test_shapes_too_small_to_have_an_area_cost_no_other_object_its_label(kind: AnswerKind) -> None:
    good = [answer(kind, worker, [GOOD[kind]]) for worker in "ab"]
    found = consolidated(
        kind, answered("7", answer(kind, "x", [*NO_AREA[kind], GOOD[kind]])), answered("8", *good)
    )

    assert [output["datasetObjectId"] for output in found.outputs] == ["7", "8"]
    [told] = found.incomplete
    assert told.object_id == "7"
    assert len(told.set_aside) == len(NO_AREA[kind])


def test_areas_are_those_of_the_polygons() -> None:
    square = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    half = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0))
    hollow = (*square, (0.0, 0.0), (2.0, 2.0), (2.0, 8.0), (8.0, 8.0), (8.0, 2.0), (2.0, 2.0))

    assert area(half) == 50.0
    assert shared_area(square, square) == 1.0
    assert shared_area(square, half) == pytest.approx(0.5, abs=0.01)
    assert shared_area(square, hollow) == pytest.approx(0.64, abs=0.02)
    assert shared_area(square, tuple((x + 5.0, y) for x, y in square)) == pytest.approx(1 / 3)
    assert shared_area(square, tuple((x + 50.0, y) for x, y in square)) == 0.0


def test_fused_polygon_lies_between_those_drawn() -> None:
    def square(side: float) -> Points:
        return ((0.0, 0.0), (side, 0.0), (side, side), (0.0, side))

    drawn = {
        name: [Mark(label=0, shape=square(side))]
        for name, side in zip("abc", (9.0, 10.0, 13.0), strict=True)
    }
    [[found]] = lines.polygons([drawn], 1)

    assert area(found.shape) == pytest.approx(100.0, rel=0.1)


def test_line_begun_at_the_other_end_is_the_same() -> None:
    line = ((0.0, 0.0), (50.0, 10.0), (100.0, 0.0))

    assert lines.nearness(line, line[::-1]) == pytest.approx(1.0)
    assert lines.nearness(line, tuple((x, y + 5.0) for x, y in line)) > 0.7
    assert lines.nearness(line, tuple((x, y + 80.0) for x, y in line)) == 0.0


def test_median_of_points_withstands_one_that_is_elsewhere() -> None:
    x, y = median_point([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (500.0, 500.0)])

    assert 0.0 <= x <= 2.0
    assert 0.0 <= y <= 2.0
    assert median_point([(0.0, 0.0), (2.0, 4.0)]) == (1.0, 2.0)


corners = st.tuples(st.integers(0, 50).map(float), st.integers(0, 50).map(float))


@given(
    st.dictionaries(
        st.sampled_from("abcd"),
        st.lists(st.lists(corners, min_size=3, max_size=5, unique=True).map(tuple), max_size=3),
        min_size=1,
    ),
    st.booleans(),
)
def test_shapes_depend_on_no_order(drawn: dict[str, list[Points]], closed: bool) -> None:
    algorithm = lines.polygons if closed else lines.polylines
    marks = {
        worker: [Mark(label=0, shape=shape) for shape in shapes if area(shape) or not closed]
        for worker, shapes in drawn.items()
    }
    turned = {worker: marks[worker][::-1] for worker in reversed(marks)}

    assert algorithm([turned], 1) == algorithm([marks], 1)
