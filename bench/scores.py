"""How good labels with confidences are, against known truth."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import accumulate, groupby

from ground_truth_ops.quality import calibrate

BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Accuracy (of sets: F1 at a confidence of 0.5), expected calibration error, Brier score.

    ``aurc`` is the area under risk and coverage: the mean share of wrong labels among the surest,
    over all cuts. None for sets.
    """

    accuracy: float
    ece: float
    brier: float
    aurc: float | None


def single_labels(truth: Mapping[str, str], found: Mapping[str, tuple[str, float]]) -> Score:
    """Score labels; an object without one is wrong with the confidence 0."""
    outcomes = [
        (found[name][1], found[name][0] == label) if name in found else (0.0, False)
        for name, label in truth.items()
    ]
    table = calibrate(outcomes, bins=BINS)
    return Score(
        accuracy=sum(right for _, right in outcomes) / len(outcomes),
        ece=table.ece,
        brier=table.brier,
        aurc=_aurc(outcomes),
    )


def _aurc(outcomes: list[tuple[float, bool]]) -> float:
    """Equal confidences stand in no order: each counts as their mean."""
    ordered = sorted(outcomes, key=lambda outcome: -outcome[0])
    errors: list[float] = []
    for _, tied in groupby(ordered, key=lambda outcome: outcome[0]):
        wrong = [not right for _, right in tied]
        errors += [sum(wrong) / len(wrong)] * len(wrong)
    risks = (total / (place + 1) for place, total in enumerate(accumulate(errors)))
    return sum(risks) / len(errors)


def label_sets(
    truth: Set[tuple[str, str]], found: Mapping[tuple[str, str], float], *, judged: Set[str]
) -> Score:
    """Score the ``judged`` labels of every object; a pair that isn't found has the confidence 0."""
    objects = {name for name, _ in truth} | {name for name, _ in found}
    pairs = [(name, label) for name in sorted(objects) for label in sorted(judged)]
    outcomes = [(found.get(pair, 0.0), pair in truth) for pair in pairs]
    chosen = sum(sure >= 0.5 for sure, _ in outcomes)
    hits = sum(sure >= 0.5 and there for sure, there in outcomes)
    table = calibrate(outcomes, bins=BINS)
    f1 = 2 * hits / max(1, chosen + sum(there for _, there in outcomes))
    return Score(accuracy=f1, ece=table.ece, brier=table.brier, aurc=None)
