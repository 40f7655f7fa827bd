"""An answer as a requester can see it: labels, shapes over the image, marked text.

Answers are whatever a template and its worker made of them, so nothing is taken on trust: what
isn't of a documented shape (ground-truth.md 5.3, the crowd elements' answers) is shown as JSON.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MOST_SHAPES: Final = 500
MOST_CHARACTERS: Final = 4_000
COLOURS: Final = 8  # classes c0 ... c7 of the style sheet
_PNG: Final = re.compile(r"[A-Za-z0-9+/]{1,4000000}={0,2}")
_SHAPES: Final = {
    "boundingBoxes": "box",
    "polygons": "polygon",
    "polylines": "line",
    "lines": "line",
    "keypoints": "point",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """In the image's pixels: a box and its size, a point, or vertices."""

    kind: str
    label: str
    colour: int
    points: tuple[tuple[float, float], ...]
    size: tuple[float, float] = (0.0, 0.0)

    @property
    def path(self) -> str:
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text; without a label it is not part of any entity."""

    text: str
    label: str = ""
    colour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn of one answer; `rest` is JSON of everything that can't be."""

    labels: tuple[str, ...] = ()
    width: float = 0.0
    height: float = 0.0
    shapes: tuple[Shape, ...] = ()
    mask: str = ""
    pieces: tuple[Piece, ...] = ()
    rest: str = ""


@dataclass(slots=True)
class _Colours:
    """A colour for each label, in the order they come."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, label: str) -> int:
        return self.known.setdefault(label, len(self.known) % COLOURS)


def draw(answer: Mapping[str, Any], *, text: str) -> Drawing:
    """Return what can be shown of an answer to an object with this text (empty for an image)."""
    labels: list[str] = []
    shapes: list[Shape] = []
    pieces: tuple[Piece, ...] = ()
    mask, rest, colours = "", dict(answer), _Colours()
    width = height = 0.0
    for name, value in answer.items():
        if not isinstance(value, dict):
            continue
        found_labels, found_shapes = _labels(value), list(_shapes(value, colours))
        found_mask, found_pieces = _mask(value), _pieces(value, text, colours)
        if not (found_labels or found_shapes or found_mask or found_pieces):
            continue
        labels += found_labels
        shapes += found_shapes
        mask = mask or found_mask
        pieces = pieces or found_pieces
        width, height = _size(value) if (found_shapes or found_mask) else (width, height)
        del rest[name]
    return Drawing(
        labels=tuple(labels),
        width=width,
        height=height,
        shapes=tuple(shapes[:MOST_SHAPES]),
        mask=mask,
        pieces=pieces,
        rest=_json(rest) if rest else "",
    )


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"


def _labels(value: Mapping[str, Any]) -> list[str]:
    if isinstance(value.get("label"), str):
        return [value["label"]]
    several = value.get("labels")
    if isinstance(several, list) and all(isinstance(each, str) for each in several):
        return list(several) or ["none of them"]
    return []


def _size(value: Mapping[str, Any]) -> tuple[float, float]:
    given = value.get("inputImageProperties")
    if not isinstance(given, dict):
        return 0.0, 0.0
    return _number(given.get("width")) or 0.0, _number(given.get("height")) or 0.0


def _shapes(value: Mapping[str, Any], colours: _Colours) -> Iterator[Shape]:
    if not all(_size(value)):
        return
    for key, kind in _SHAPES.items():
        for item in _items(value, key):
            label = str(item.get("label", ""))
            points, size = _geometry(item, kind)
            if points:
                yield Shape(
                    kind=kind, label=label, colour=colours.of(label), points=points, size=size
                )


def _items(value: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(key)
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            yield item


def _geometry(
    item: Mapping[str, Any], kind: str
) -> tuple[tuple[tuple[float, float], ...], tuple[float, float]]:
    nothing: tuple[tuple[tuple[float, float], ...], tuple[float, float]] = ((), (0.0, 0.0))
    if kind == "box":
        found = _numbers(item, "left", "top", "width", "height")
        return (((found[0], found[1]),), (found[2], found[3])) if found else nothing
    if kind == "point":
        found = _numbers(item, "x", "y")
        return (((found[0], found[1]),), (0.0, 0.0)) if found else nothing
    corners = [_numbers(vertex, "x", "y") for vertex in _items(item, "vertices")]
    if not corners or not all(corners):
        return nothing
    return tuple((x, y) for x, y in corners), (0.0, 0.0)


def _numbers(item: Mapping[str, Any], *names: str) -> Sequence[float]:
    """All of the named values, or nothing where one of them is no number."""
    found = [_number(item.get(name)) for name in names]
    known = [number for number in found if number is not None]
    return known if len(known) == len(names) else ()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e9 and math.isfinite(value) else None


def _mask(value: Mapping[str, Any]) -> str:
    image = value.get("labeledImage")
    data = image.get("pngImageData") if isinstance(image, dict) else None
    return data if isinstance(data, str) and _PNG.fullmatch(data) else ""


def _pieces(value: Mapping[str, Any], text: str, colours: _Colours) -> tuple[Piece, ...]:
    """The text cut at its entities; of two that overlap the first one is shown."""
    found = sorted(
        (int(span[0]), int(span[1]), str(item.get("label", "")))
        for item in _items(value, "entities")
        if (span := _numbers(item, "startOffset", "endOffset"))
    )
    pieces: list[Piece] = []
    at = 0
    for start, end, label in found:
        if at <= start < end <= len(text):
            pieces += [Piece(text=text[at:start])] if at < start else []
            pieces.append(Piece(text=text[start:end], label=label, colour=colours.of(label)))
            at = end
    return (*pieces, Piece(text=text[at:])) if pieces else ()
