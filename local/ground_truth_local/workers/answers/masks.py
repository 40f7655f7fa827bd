"""Answers of the segmentation tools: a PNG of exact colours, and which label each colour is."""

from __future__ import annotations

import base64
import colorsys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ground_truth_local.workers.answers.items import Hand, same_labels
from ground_truth_local.workers.answers.pictures import Canvas, png
from ground_truth_local.workers.errors import WorkersError

if TYPE_CHECKING:
    from ground_truth_local.workers.answers.pictures import Size

_SEMANTIC, _INSTANCE = "crowd-semantic-segmentation", "crowd-instance-segmentation"
ELEMENTS = frozenset({_SEMANTIC, _INSTANCE})
_MOST = 255
# the tools' own colours, in the order of the labels; beyond them a wheel of hues
_COLORS = ("#2ca02c", "#1f77b4", "#ff7f0e", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#17becf")


def answer(
    hand: Hand, truth: object, element: str, size: Size
) -> tuple[dict[str, object], list[str], bool]:
    """The value, its labels, and whether every region was found and named rightly.

    The truth is a list of regions, `{"label", "vertices"}`, later ones in front.
    """
    if len(hand.labels) > _MOST:
        raise WorkersError(
            f"the task has {len(hand.labels)} labels, at most {_MOST} can be painted"
        )
    key = "instances" if element == _INSTANCE else "regions"
    true = hand.things(truth, key)
    regions = [(label, _moved(hand, thing["vertices"])) for thing, label in hand.kept(true)]
    extra = hand.made_up()
    if extra is not None:
        regions.append((extra, _anywhere(hand, size)))
    labels = [label for label, _ in regions]
    make = _instances if element == _INSTANCE else _semantic
    return make(hand, regions[:_MOST], size), labels, same_labels(labels, true)


Region = tuple[str, Sequence[tuple[float, float]]]


def _semantic(hand: Hand, regions: Sequence[Region], size: Size) -> dict[str, object]:
    """Only labels that are used are listed."""
    canvas = Canvas(size)
    for label, vertices in regions:
        canvas.fill(vertices, 1 + hand.labels.index(label))
    used = canvas.used()
    colors = {label: color(number) for number, label in enumerate(hand.labels)}
    mappings = {
        label: {"color": colors[label]}
        for number, label in enumerate(hand.labels, start=1)
        if number in used
    }
    return {"labelMappings": mappings, "labeledImage": _image(canvas, list(colors.values()))}


def _instances(_hand: Hand, regions: Sequence[Region], size: Size) -> dict[str, object]:
    canvas = Canvas(size)
    for number, (_, vertices) in enumerate(regions, start=1):
        canvas.fill(vertices, number)
    colors = [color(number) for number in range(len(regions))]
    used = canvas.used()
    listed = [
        {"color": colors[number], "label": label}
        for number, (label, _) in enumerate(regions)
        if number + 1 in used
    ]
    return {"instances": listed, "labeledImage": _image(canvas, colors)}


def _image(canvas: Canvas, colors: Sequence[str]) -> dict[str, object]:
    return {"pngImageData": base64.b64encode(png(canvas, colors)).decode()}


def color(number: int) -> str:
    """A colour of its own for each number."""
    if number < len(_COLORS):
        return _COLORS[number]
    step = number - len(_COLORS)
    parts = colorsys.hsv_to_rgb(step * 0.381966 % 1, 0.65, 0.95 - 0.03 * (step // 16 % 16))
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _moved(hand: Hand, vertices: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """The outline as this worker follows it: shifted as a whole, and a little at each corner."""
    xs, ys = [float(v["x"]) for v in vertices], [float(v["y"]) for v in vertices]
    extent = max(max(xs) - min(xs), max(ys) - min(ys))
    right, down = hand.moved(0.0, extent), hand.moved(0.0, extent)
    return [
        (hand.moved(x + right, extent / 2), hand.moved(y + down, extent / 2))
        for x, y in zip(xs, ys, strict=True)
    ]


def _anywhere(hand: Hand, size: Size) -> list[tuple[float, float]]:
    width, height = size.width / 8, size.height / 8
    left = hand.random.uniform(0, size.width - width)
    top = hand.random.uniform(0, size.height - height)
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
