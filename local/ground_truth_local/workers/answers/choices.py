"""Answers of classifiers: one label, or a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_local.workers.errors import WorkersError

if TYPE_CHECKING:
    from ground_truth_local.workers.answers.items import Hand
    from ground_truth_local.workers.sight import Seen

_ONE = frozenset({"crowd-classifier", "crowd-image-classifier"})
_SEVERAL = frozenset({"crowd-classifier-multi-select", "crowd-image-classifier-multi-select"})
ELEMENTS = _ONE | _SEVERAL


def answer(hand: Hand, truth: object, seen: Seen) -> tuple[dict[str, object], list[str], bool]:
    """The value, its labels, and whether they are the true ones."""
    if seen.element in _ONE:
        return _judged(hand, truth, seen)
    true = _labels(hand, truth)
    given = _chosen(hand, true)
    if not given:
        # nothing applies: the box for that where there is one; else a choice has to be made
        given = [seen.exclusion] if seen.exclusion else true[:1] or list(seen.labels[:1])
    correct = set(given) == set(true) if true else given == [seen.exclusion]
    return {"labels": given}, given, correct


def _judged(hand: Hand, truth: object, seen: Seen) -> tuple[dict[str, object], list[str], bool]:
    """One label, with the truth's comment from who agrees with it and is offered to say why."""
    true, comment = truth, None
    if isinstance(truth, dict):
        true, comment = truth.get("label"), truth.get("workerComment")
    label = hand.label(str(true))
    value: dict[str, object] = {"label": label}
    if comment and seen.comments and label == true:
        value["workerComment"] = comment
    return value, [label], label == true


def _labels(hand: Hand, truth: object) -> list[str]:
    if isinstance(truth, dict):
        truth = truth.get("labels")
    found = [truth] if isinstance(truth, str) else truth
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise WorkersError(
            f"{hand.object_id}: truth is {truth!r}, allowed is a label or a JSON list of labels; "
            "correct the truth file"
        )
    return found


def _chosen(hand: Hand, true: list[str]) -> list[str]:
    """In the order of the task's labels, as the boxes stand."""
    chosen = {label for _, label in hand.kept([{"label": label} for label in true])}
    extra = hand.made_up()
    if extra is not None:
        chosen.add(extra)
    return [label for label in hand.labels if label in chosen]
