"""From a task and its truth to the value of the task's element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ground_truth_local.workers.answers import choices, masks, shapes, spans
from ground_truth_local.workers.answers.adjusted import Thing, adjusted
from ground_truth_local.workers.answers.items import Hand
from ground_truth_local.workers.answers.pictures import Size, size_of

if TYPE_CHECKING:
    from ground_truth_local.workers.sight import Seen
    from ground_truth_local.workers.skills import Skill
    from ground_truth_local.workers.truth import Known

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An element's value, the labels in it for a report, and whether they are the truth's."""

    value: dict[str, object]
    label: str
    correct: bool


def give(skill: Skill, *, seed: int, known: Known, seen: Seen, fetch: Fetch) -> Given:
    """The same for the same skill, seed and object, at any time.

    `fetch` gets the image by its link: positions are in its own pixels, and answers say its size.
    An earlier mask is looked at as well: who can't see it can't judge or correct it.
    """
    if seen.mask is not None:
        size_of(fetch(seen.mask))
    hand = Hand(skill, seed=seed, object_id=known.object_id, labels=seen.labels)
    if seen.element in choices.ELEMENTS:
        value, labels, correct = choices.answer(hand, known.value, seen)
    elif seen.element == spans.ELEMENT:
        value, labels, correct = spans.answer(hand, known.value, seen.text)
    else:
        value, labels, correct = _drawn(hand, known, seen, size_of(fetch(seen.image or "")))
    return Given(value=value, label=", ".join(labels), correct=correct)


def _drawn(
    hand: Hand, known: Known, seen: Seen, size: Size
) -> tuple[dict[str, object], list[str], bool]:
    make = masks.answer if seen.element in masks.ELEMENTS else shapes.answer
    value, labels, correct = make(hand, known.value, seen.element, size)
    properties = {"height": size.height, "width": size.width}
    return {**_begun(value, seen, size), "inputImageProperties": properties}, labels, correct


def _begun(value: dict[str, object], seen: Seen, size: Size) -> dict[str, object]:
    """Elements that begin with somebody's earlier answer say whether it was changed.

    Who corrects a mask paints it anew: what was painted before isn't looked at.
    """
    if seen.initial is None:
        return value
    if seen.element in masks.ELEMENTS:
        return {**value, "initialValueModified": True}
    key, drawn = next(iter(value.items()))
    begun = seen.initial.get(key) if isinstance(seen.initial, dict) else seen.initial
    things, modified = adjusted(cast("list[Thing]", drawn), cast("list[Thing]", begun), size)
    return {**value, key: things, "initialValueModified": modified}
