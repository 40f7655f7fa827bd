"""Answers as they are drawn, hostile ones included."""

from __future__ import annotations

from typing import Any

import pytest

from ground_truth_local.portal.drawing import Drawing, Piece, Shape, draw

SIZE = {"inputImageProperties": {"height": 100, "width": 200}}


def test_labels_one_or_several() -> None:
    assert draw({"crowd-classifier": {"label": "cat"}}, text="") == Drawing(labels=("cat",))
    several = draw({"c": {"labels": ["cat", "dog"]}}, text="")
    assert several == Drawing(labels=("cat", "dog"))
    assert draw({"c": {"labels": []}}, text="") == Drawing(labels=("none of them",))


def test_boxes_lie_in_the_pixels_of_their_image() -> None:
    boxes = [
        {"label": "car", "left": 1, "top": 2, "width": 3, "height": 4},
        {"label": "bus", "left": 5, "top": 6, "width": 7, "height": 8},
    ]

    found = draw({"boundingBox": {"boundingBoxes": boxes, **SIZE}}, text="")

    assert found == Drawing(
        width=200,
        height=100,
        shapes=(
            Shape(kind="box", label="car", colour=0, points=((1, 2),), size=(3, 4)),
            Shape(kind="box", label="bus", colour=1, points=((5, 6),), size=(7, 8)),
        ),
    )


@pytest.mark.parametrize(
    ("key", "kind"), [("polygons", "polygon"), ("polylines", "line"), ("lines", "line")]
)
def test_shapes_with_vertices(key: str, kind: str) -> None:
    vertices = [{"x": 1, "y": 2}, {"x": 3.5, "y": 4}]

    (shape,) = draw({"s": {key: [{"label": "a", "vertices": vertices}], **SIZE}}, text="").shapes

    assert (shape.kind, shape.path) == (kind, "1,2 3.5,4")


def test_points() -> None:
    point = {"label": "eye", "x": 9, "y": 8}
    (shape,) = draw({"s": {"keypoints": [point], **SIZE}}, text="").shapes
    assert (shape.kind, shape.points) == ("point", ((9, 8),))


def test_mask_lies_over_its_image() -> None:
    answer = {"m": {"labeledImage": {"pngImageData": "iVBORw0KGgo="}, **SIZE}}
    assert draw(answer, text="") == Drawing(width=200, height=100, mask="iVBORw0KGgo=")


def test_text_is_cut_at_its_entities() -> None:
    entities = [
        {"startOffset": 10, "endOffset": 16, "label": "place"},
        {"startOffset": 0, "endOffset": 3, "label": "person"},
        {"startOffset": 2, "endOffset": 5, "label": "overlaps"},
    ]

    found = draw({"crowd-entity-annotation": {"entities": entities}}, text="Ada is in London.")

    assert found.pieces == (
        Piece(text="Ada", label="person", colour=0),
        Piece(text=" is in "),
        Piece(text="London", label="place", colour=1),
        Piece(text="."),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"comment": "free text"},
        {"box": {"boundingBoxes": [{"left": 1}], **SIZE}},
        {"box": {"boundingBoxes": "many", **SIZE}},
        {"box": {"boundingBoxes": [{"left": 1e99, "top": 0, "width": 1, "height": 1}], **SIZE}},
        {"box": {"boundingBoxes": [{"left": 0, "top": 0, "width": 1, "height": 1}]}},
        {"shape": {"polygons": [{"label": "a", "vertices": [{"x": True, "y": 0}]}], **SIZE}},
        {"mask": {"labeledImage": {"pngImageData": '"><script>'}, **SIZE}},
        {"text": {"entities": [{"startOffset": 5, "endOffset": 2}]}},
        {"text": {"entities": [{"startOffset": 0, "endOffset": 99}]}},
    ],
)
def test_what_has_no_documented_shape_is_shown_as_it_came(answer: dict[str, Any]) -> None:
    found = draw(answer, text="short")

    assert (found.shapes, found.mask, found.pieces) == ((), "", ())
    assert next(iter(answer)) in found.rest


def test_endless_answers_are_cut() -> None:
    box = {"label": "x", "left": 0, "top": 0, "width": 1, "height": 1}
    assert len(draw({"b": {"boundingBoxes": [box] * 9999, **SIZE}}, text="").shapes) == 500
    assert len(draw({"note": "x" * 99_999}, text="").rest) < 4_100
