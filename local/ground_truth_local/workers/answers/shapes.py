"""Answers of drawing tools: boxes, polygons, lines and keypoints, in the image's own pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ground_truth_local.workers.answers.items import Hand, same_labels

if TYPE_CHECKING:
    from ground_truth_local.workers.answers.pictures import Size

Point = Mapping[str, float]
_KEYS = {
    "crowd-bounding-box": "boundingBoxes",
    "crowd-polygon": "polygons",
    "crowd-polyline": "polylines",
    "crowd-line": "lines",
    "crowd-keypoint": "keypoints",
}
ELEMENTS = frozenset(_KEYS)
_POINTS = {"polygons": 4, "polylines": 3, "lines": 2}


def answer(
    hand: Hand, truth: object, element: str, size: Size
) -> tuple[dict[str, object], list[str], bool]:
    """The value, its labels, and whether every thing was found and named rightly."""
    key = _KEYS[element]
    true = hand.things(truth, key)
    drawn = [
        {"label": label, **_redrawn(hand, key, thing, size)} for thing, label in hand.kept(true)
    ]
    extra = hand.made_up()
    if extra is not None:
        drawn.append({"label": extra, **_invented(hand, key, size)})
    labels = [str(one["label"]) for one in drawn]
    return {key: drawn}, labels, same_labels(labels, true)


def _redrawn(hand: Hand, key: str, thing: Mapping[str, Any], size: Size) -> dict[str, Any]:
    if key == "boundingBoxes":
        return _box(hand, thing, size)
    if key == "keypoints":
        return _point(hand, thing, min(size.width, size.height) / 4, size)
    vertices: Sequence[Point] = thing["vertices"]
    extent = _extent(vertices)
    return {"vertices": [_point(hand, vertex, extent, size) for vertex in vertices]}


def _box(hand: Hand, box: Mapping[str, Any], size: Size) -> dict[str, int]:
    """Each side is set by itself, as somebody drawing does."""
    width, height = float(box["width"]), float(box["height"])
    sides = (
        _within(hand.moved(box["left"], width), size.width - 1),
        _within(hand.moved(box["top"], height), size.height - 1),
        _within(hand.moved(box["left"] + width, width), size.width),
        _within(hand.moved(box["top"] + height, height), size.height),
    )
    left, top, right, bottom = sides
    return {
        "left": left,
        "top": top,
        "width": max(1, right - left),
        "height": max(1, bottom - top),
    }


def _point(hand: Hand, point: Point, scale: float, size: Size) -> dict[str, int]:
    return {
        "x": _within(hand.moved(point["x"], scale), size.width),
        "y": _within(hand.moved(point["y"], scale), size.height),
    }


def _extent(vertices: Sequence[Point]) -> float:
    xs, ys = [point["x"] for point in vertices], [point["y"] for point in vertices]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def _invented(hand: Hand, key: str, size: Size) -> dict[str, Any]:
    draw = hand.random
    if key == "keypoints":
        return {"x": draw.randrange(size.width), "y": draw.randrange(size.height)}
    width, height = (
        max(1, size.width // draw.randint(4, 12)),
        max(1, size.height // draw.randint(4, 12)),
    )
    left = draw.randint(0, size.width - width)
    top = draw.randint(0, size.height - height)
    if key == "boundingBoxes":
        return {"left": left, "top": top, "width": width, "height": height}
    corners = ((0, 0), (width, 0), (width, height), (0, height))[: _POINTS[key]]
    return {"vertices": [{"x": left + x, "y": top + y} for x, y in corners]}


def _within(value: float, most: int) -> int:
    return max(0, min(most, round(value)))
