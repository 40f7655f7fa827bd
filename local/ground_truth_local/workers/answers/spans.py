"""Answers of the text tool: spans in code points, the end exclusive."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ground_truth_local.workers.answers.items import Hand, same_labels
from ground_truth_local.workers.errors import WorkersError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ELEMENT = "crowd-entity-annotation"
_WORD = re.compile(r"\w+|[^\w\s]+")


def answer(hand: Hand, truth: object, text: str) -> tuple[dict[str, object], list[str], bool]:
    """The value, its labels, and whether every span was found and named rightly."""
    true = hand.things(truth, "entities")
    words = [match.span() for match in _WORD.finditer(text)]
    given: list[dict[str, object]] = []
    for thing, label in hand.kept(true):
        start, end = _marked(hand, _span(hand, thing, text), words)
        given.append({"label": label, "startOffset": start, "endOffset": end})
    extra = hand.made_up()
    if extra is not None and words:
        start, end = hand.random.choice(words)
        given.append({"label": extra, "startOffset": start, "endOffset": end})
    given.sort(key=lambda span: (span["startOffset"], span["endOffset"]))
    labels = [str(span["label"]) for span in given]
    return {"entities": given}, labels, same_labels(labels, true)


def _span(hand: Hand, thing: Mapping[str, Any], text: str) -> tuple[int, int]:
    start, end = thing.get("startOffset"), thing.get("endOffset")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        raise WorkersError(
            f"{hand.object_id}: the truth has a span from {start!r} to {end!r}, allowed is "
            f"0 to {len(text)}; correct the truth file"
        )
    return start, end


def _marked(hand: Hand, span: tuple[int, int], words: list[tuple[int, int]]) -> tuple[int, int]:
    """Sometimes a word too many or too few, at one end: people mark whole words."""
    start, end = span
    draw, side, outward = hand.random.random(), hand.random.random(), hand.random.random()
    if draw >= hand.skill.slip_share:
        return span
    if side < 0.5:
        found = [word[0] for word in words]
        place = bisect_left(found, start) - 1 if outward < 0.5 else bisect_right(found, start)
        moved = found[place] if 0 <= place < len(found) else start
        return (moved, end) if moved < end else span
    found = [word[1] for word in words]
    place = bisect_right(found, end) if outward < 0.5 else bisect_left(found, end) - 1
    moved = found[place] if 0 <= place < len(found) else end
    return (start, moved) if moved > start else span
