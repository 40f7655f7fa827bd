"""What both are asked about small crowds, and crowd-kit's answers that are kept in a file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.oracle.crowds import SMALL
from tests.oracle.ours import shared

Question = dict[str, Any]
KEPT = Path(__file__).with_name("crowd_kit.jsonl")
ROUNDS = (1, 40)
_DIGITS = 8


def questions() -> Iterator[Question]:
    """Yield what is asked: each names the crowd it is about."""
    for crowd in SMALL:
        rows, _ = crowd.drawn()
        yield {"crowd": crowd.name, "asked": "votes", "rows": rows}
        yield {"crowd": crowd.name, "asked": "alpha", "rows": rows}
        for rounds in ROUNDS:
            about = {"crowd": crowd.name, "rows": shared(rows), "rounds": rounds}
            yield {**about, "asked": "matrices"}
            if crowd.is_plainly_good:
                yield {**about, "asked": "coins"}
    yield {"crowd": "sets", "asked": "alpha of sets", "rows": sets_of_labels()}
    yield {"crowd": "discs", "asked": "masks", "rows": discs()}


def named(question: Question) -> str:
    """Return a name for a question that no other has."""
    rounds = f", {question['rounds']} rounds" if "rounds" in question else ""
    return f"{question['asked']} of {question['crowd']}{rounds}"


def sets_of_labels() -> list[tuple[str, str, list[str]]]:
    """Return rows of sets of three labels, none empty: nltk divides by zero for two of those."""
    draw = random.Random(1)
    rows = []
    for item in range(30):
        likely = [draw.random() for _ in range(3)]
        for worker in draw.sample("abcde", draw.randint(1, 4)):
            chosen = [f"c{label}" for label in range(3) if draw.random() < likely[label]]
            rows.append((f"o{item:02}", worker, chosen or ["c0"]))
    return rows


def discs(seed: int = 1) -> list[tuple[str, str, list[list[int]]]]:
    """Return rows of masks that three or five people drew of discs, a pixel off here and there.

    So small that nothing is smoothed, and so alike that none is dropped.
    """
    draw = random.Random(seed)
    rows = []
    for item in range(6):
        middle, radius = (draw.uniform(8, 12), draw.uniform(8, 12)), draw.uniform(3, 7)
        for worker in "abcde"[: draw.choice((3, 5))]:
            off = [place + draw.uniform(-0.7, 0.7) for place in middle]
            size = radius + draw.uniform(-0.7, 0.7)
            rows.append((f"o{item}", worker, _disc(off, size, draw)))
    return rows


def _disc(middle: Sequence[float], radius: float, draw: random.Random) -> list[list[int]]:
    def inside(row: int, column: int) -> bool:
        ragged = radius + draw.uniform(-0.5, 0.5)
        return (row - middle[0]) ** 2 + (column - middle[1]) ** 2 < ragged**2

    return [[int(inside(row, column)) for column in range(20)] for row in range(20)]


def kept() -> dict[str, Any]:
    """Return crowd-kit's answers by question, as they are in the file."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return {line["question"]: line["answer"] for line in map(json.loads, lines)}


def keep(answers: Mapping[str, Any]) -> None:
    """Write crowd-kit's answers, a line each, without digits that depend on a platform."""
    lines = ({"question": name, "answer": _rounded(answer)} for name, answer in answers.items())
    text = (json.dumps(line, separators=(",", ":")) for line in lines)
    KEPT.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")


def _rounded(answer: Any) -> Any:
    if isinstance(answer, float):
        return round(answer, _DIGITS)
    return [_rounded(each) for each in answer] if isinstance(answer, list | tuple) else answer
