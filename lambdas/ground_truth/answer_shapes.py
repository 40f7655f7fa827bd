"""How workers' shapes are written: what the drawing elements of worker templates send.

Below the element's name (developer guide, "Crowd HTML elements reference"):

- `crowd-bounding-box`: `boundingBoxes`, a list of `{"label", "left", "top", "width", "height"}`;
- `crowd-polygon` and `crowd-polyline`: `polygons`, `polylines`, lists of
  `{"label", "vertices": [{"x", "y"}]}`;
- `crowd-keypoint`: `keypoints`, a list of `{"label", "x", "y"}`;
- each of them also `inputImageProperties` with the image's `height` and `width` in pixels;
- `crowd-entity-annotation`: `entities`, a list of `{"label", "startOffset", "endOffset"}`;
- what began with an `initial-value` has `initialValueModified`, too.

One broken shape never costs the others of its answer their places: it is left out and told of. An
answer of which nothing can be read, though there is something, does not count: it isn't one of
somebody who saw nothing. The same shape twice is one.

Offsets of entities are called "Unicode offsets", which may mean code points or, as in browsers,
UTF-16 code units. They stay what they are: all workers' are counted alike, so votes on them are
right either way, and whoever reads the labels has the text. They are not compared with the text's
length, which the payload need not hold.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ground_truth.answers import AnswerError, element_value, kind_of, unmodified
from ground_truth.consolidation import planes
from ground_truth.consolidation.marks import Mark

Shape = TypeVar("Shape")
Size = tuple[int, int]
"""width and height of an image in pixels"""

# Thousands of shapes, or hundreds of vertices in each of hundreds.
_CONTENT_CHARACTERS: Final = 1_000_000
_MOST_SHAPES: Final = 2_000
_MOST_PIXELS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Generic[Shape]):
    """What one worker marked; ``flaws`` tell what was left out.

    ``unmodified`` says that it is what the page began with.
    """

    worker: str
    marks: tuple[Mark[Shape], ...]
    flaws: tuple[str, ...]
    image_size: Size | None = None
    unmodified: bool = field(default=False, compare=False)


ReadShape = Callable[[Mapping[str, object], Size | None], Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes(Generic[Shape]):
    """A list of labeled shapes of one kind.

    ``key`` is what the element calls the list; ``read`` makes a shape of an entry and raises
    ``ValueError``.
    """

    labels: Sequence[str]
    element: str
    key: str
    read: ReadShape[Shape]
    limit: int = _CONTENT_CHARACTERS

    def answer(self, worker: str, content: Mapping[str, object]) -> Marked[Shape]:
        """Return the marks of a worker; raises ``AnswerError``."""
        value = element_value(content, self.element, self.key)
        entries = value.get(self.key)
        if not isinstance(entries, list):
            raise AnswerError(f"{self.key} is not a list: got {kind_of(entries)}")
        if len(entries) > _MOST_SHAPES:
            raise AnswerError(f"too many {self.key}: got {len(entries)}, allowed {_MOST_SHAPES}")
        size = _image_size(value.get("inputImageProperties"))
        marks: dict[Mark[Shape], None] = {}
        flaws = []
        for entry in entries:
            try:
                marks[self._mark(entry, size)] = None
            except ValueError as error:
                flaws.append(f"one of {self.key} left out: {error}")
        if flaws and not marks:
            raise AnswerError(f"none of {len(flaws)} {self.key} can be read: {flaws[0]}")
        return Marked(
            worker=worker,
            marks=tuple(marks),
            flaws=tuple(sorted(flaws)),
            image_size=size,
            unmodified=unmodified(value),
        )

    def _mark(self, entry: object, size: Size | None) -> Mark[Shape]:
        if not isinstance(entry, Mapping):
            raise ValueError(f"it is not an object: got {kind_of(entry)}")
        label = entry.get("label")
        if not isinstance(label, str) or label not in self.labels:
            raise ValueError(f"label is not one of the categories: got {kind_of(label)}")
        return Mark(label=self.labels.index(label), shape=self.read(entry, size))


def number(values: Mapping[str, object], key: str) -> float:
    """Return a coordinate; raises ``ValueError`` unless it is a number of an image's size."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} is not a number: got {kind_of(value)}")
    if not (-_MOST_PIXELS <= value <= _MOST_PIXELS) or not math.isfinite(value):
        raise ValueError(f"{key} is out of range: allowed {-_MOST_PIXELS} to {_MOST_PIXELS}")
    return float(value)


def point(entry: Mapping[str, object], size: Size | None) -> planes.Point:
    """Return a point moved to the nearest one inside the image; raises ``ValueError``."""
    return planes.inside((number(entry, "x"), number(entry, "y")), size)


def vertices(entry: Mapping[str, object], size: Size | None) -> planes.Points:
    """Return a line's points, without those that only repeat the one before."""
    given = entry.get("vertices")
    if not isinstance(given, list) or len(given) > planes.MOST_VERTICES:
        raise ValueError(f"vertices is not a list of points: got {kind_of(given)}")
    points: list[planes.Point] = []
    for each in given:
        if not isinstance(each, Mapping):
            raise ValueError(f"a vertex is not a point: got {kind_of(each)}")
        points.append(point(each, size))
    return planes.steps(points)


def span(entry: Mapping[str, object], _size: Size | None) -> tuple[int, int]:
    """Return an entity's start and end; raises ``ValueError``."""
    start, end = number(entry, "startOffset"), number(entry, "endOffset")
    if not (start.is_integer() and end.is_integer() and 0 <= start < end):
        raise ValueError("its offsets are not whole, ascending and at least 0")
    return int(start), int(end)


def _image_size(value: object) -> Size | None:
    if not isinstance(value, Mapping):
        return None
    try:
        width, height = number(value, "width"), number(value, "height")
    except ValueError:
        return None
    return (int(width), int(height)) if width >= 1 and height >= 1 else None
