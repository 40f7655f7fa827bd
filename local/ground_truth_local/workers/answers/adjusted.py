"""What somebody leaves of an earlier answer: everything that is as good as what they'd draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_local.workers.answers.pictures import Size

Thing = Mapping[str, Any]
# Shares: of a thing's extent, and for points, which have none, of the picture's shorter side.
_CLOSE = 0.1
_CLOSE_POINT = 0.02


def adjusted(
    drawn: Sequence[Thing], begun: Sequence[Thing], size: Size
) -> tuple[list[Thing], bool]:
    """The answer that begins with `begun` and ends near `drawn`; whether it changes anything."""
    left = list(begun)
    result: list[Thing] = []
    for thing in drawn:
        close = next((each for each in left if _close(each, thing, size)), None)
        if close is not None:
            left.remove(close)
        result.append(thing if close is None else close)
    if left or len(result) > len(begun) or any(each not in begun for each in result):
        return result, True
    return list(begun), False


def _close(one: Thing, other: Thing, size: Size) -> bool:
    if one["label"] != other["label"]:
        return False
    first, second = _numbers(one), _numbers(other)
    if len(first) != len(second):
        return False
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) <= _most(other, size)


def _numbers(thing: Thing) -> list[float]:
    if "vertices" in thing:
        return [float(point[key]) for point in thing["vertices"] for key in ("x", "y")]
    return [float(thing[key]) for key in sorted(thing) if key != "label"]


def _most(thing: Thing, size: Size) -> float:
    """How far a number may be off."""
    if "width" in thing:
        return _CLOSE * max(float(thing["width"]), float(thing["height"]))
    if "vertices" in thing:
        xs, ys = ([float(point[key]) for point in thing["vertices"]] for key in ("x", "y"))
        return _CLOSE * max(max(xs) - min(xs), max(ys) - min(ys))
    return _CLOSE_POINT * min(size.width, size.height)
