"""How good shapes with confidences are, against known truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ground_truth.consolidation import boxes
from ground_truth.consolidation.files.masks import decode
from ground_truth_ops.quality import calibrate

BINS = 15
Row = tuple[str, ...]
Place = tuple[float, ...]
Matched = list[tuple[float, bool]]
"""confidence of each found thing, and whether it is one of the true ones"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """F1 at a confidence of 0.5, average precision and the like; None where a kind has none."""

    f1: float | None
    precision: float | None
    ece: float | None
    brier: float | None
    overlap: float | None = None
    rank: float | None = None


def score(kind: str, truth: Sequence[Row], found: Sequence[Row], judged: set[str]) -> Score:
    """Score rows as the commands write them, on the objects that are judged."""
    return {"boxes": _boxes, "spans": _spans, "masks": _masks}[kind](truth, found, judged)


def _boxes(truth: Sequence[Row], found: Sequence[Row], judged: set[str]) -> Score:
    """Matched by an overlap of 0.5; the mean of average precisions at 0.5 … 0.95."""

    def at(least: float) -> Matched:
        def fits(first: Place, second: Place) -> bool:
            (a, b, c, d), (e, f, g, h) = first, second
            return boxes.overlap((a, b, a + c, b + d), (e, f, e + g, f + h)) >= least

        return _matched(truth, found, judged, fits)

    levels = [at(level / 100) for level in range(50, 100, 5)]
    total = sum(row[0] in judged for row in truth)
    precisions = [_average_precision(level, total) for level in levels]
    return _scored(levels[0], total, sum(precisions) / len(precisions))


def _spans(truth: Sequence[Row], found: Sequence[Row], judged: set[str]) -> Score:
    """Matched by equal ends and label."""
    matched = _matched(truth, found, judged, lambda a, b: a == b)
    total = sum(row[0] in judged for row in truth)
    return _scored(matched, total, _average_precision(matched, total))


def _scored(matched: Matched, total: int, precision: float) -> Score:
    kept = [right for sure, right in matched if sure >= 0.5]
    table = calibrate(matched, bins=BINS)
    return Score(
        f1=2 * sum(kept) / max(1, len(kept) + total),
        precision=precision,
        ece=table.ece,
        brier=table.brier,
    )


def _matched(
    truth: Sequence[Row],
    found: Sequence[Row],
    judged: set[str],
    fits: Callable[[Place, Place], bool],
) -> Matched:
    """Give every found thing, the surest first, a true one of its label that nobody took."""
    left: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for name, *place, label in truth:
        left[name, label].append(tuple(map(float, place)))
    matched = []
    for name, *place, label, sure in sorted(found, key=lambda row: -float(row[-1])):
        if name not in judged:
            continue
        here = tuple(map(float, place))
        fit = next((true for true in left[name, label] if fits(here, true)), None)
        if fit is not None:
            left[name, label].remove(fit)
        matched.append((float(sure), fit is not None))
    return matched


def _average_precision(matched: Matched, total: int) -> float:
    """Return the area under precision and recall, precision never falling with less recall."""
    points, right = [], 0
    for place, (_, fits) in enumerate(matched, start=1):
        right += fits
        points.append((right / max(1, total), right / place))
    area, best, last = 0.0, 0.0, points[-1][0] if points else 0.0
    for recall, precision in reversed(points):
        area += (last - recall) * best
        best, last = max(best, precision), recall
    return area + last * best


def _masks(truth: Sequence[Row], found: Sequence[Row], judged: set[str]) -> Score:
    """Mean overlap with the truth, and Spearman's correlation of the confidence with it."""
    given: Mapping[str, Any] = {row[0]: row for row in found}
    overlaps, sures = [], []
    for name, height, width, runs in truth:
        if name not in judged or name not in given:
            continue
        size = int(height), int(width)
        true, drawn = decode(runs, size) > 0, decode(given[name][3], size) > 0
        either = int((true | drawn).sum())
        overlaps.append(int((true & drawn).sum()) / either if either else 1.0)
        sures.append(float(given[name][4]))
    first, second = (np.argsort(np.argsort(values)) for values in (overlaps, sures))
    alike = float(np.corrcoef(first, second)[0, 1]) if len(set(sures)) > 1 else None
    return Score(
        f1=None,
        precision=None,
        ece=float(np.mean(np.abs(np.array(overlaps) - np.array(sures)))),
        brier=None,
        overlap=float(np.mean(overlaps)),
        rank=alike,
    )
