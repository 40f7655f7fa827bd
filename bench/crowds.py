"""Made crowds with known truth, where no published set is at hand.

`crowd_of_sets` is made to be as hard as sentences with medical relations were for a crowd: fourteen
labels of which two are common, one or two true ones a sentence, some of them hard to see for
everybody, labels that are mistaken for others, things that look like a label to many, and a tenth
of the workers careless.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

LABELS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdOfSets:
    """Object, worker and chosen labels of each answer, and the true pairs of object and label."""

    rows: Sequence[tuple[str, str, frozenset[int]]]
    truth: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    hit: float
    alarm: float
    swap: float


def crowd_of_sets(*, objects: int, answers: int, workers: int = 80, seed: int = 1) -> CrowdOfSets:
    """Return a crowd of which each object has ``answers`` random workers' answers."""
    draw = random.Random(seed)  # noqa: S311 - not a secret
    people = [_worker(draw) for _ in range(workers)]
    common = [0.3, 0.28, *(draw.uniform(0.02, 0.12) for _ in range(LABELS - 2))]
    mistaken = [
        2 if label < 2 else draw.choice([other for other in range(LABELS) if other != label])
        for label in range(LABELS)
    ]
    rows: list[tuple[str, str, frozenset[int]]] = []
    truth: set[tuple[str, int]] = set()
    for number in range(objects):
        name = f"o{number:05}"
        true = {label for label in range(LABELS) if draw.random() < common[label]}
        truth.update((name, label) for label in true)
        seen = {label: draw.betavariate(2, 2) for label in range(LABELS)}
        lures = {
            label: draw.random() * 0.8
            for label in range(LABELS)
            if label not in true and draw.random() < 0.08
        }
        for worker in draw.sample(range(workers), answers):
            chosen = {
                label
                for label in range(LABELS)
                if draw.random()
                < _chance(label, people[worker], true=true, seen=seen, lures=lures, swaps=mistaken)
            }
            rows.append((name, f"w{worker:03}", frozenset(chosen)))
    return CrowdOfSets(rows=rows, truth=frozenset(truth))


def _worker(draw: random.Random) -> _Worker:
    if draw.random() < 0.1:
        return _Worker(hit=0.15, alarm=0.15, swap=0.0)
    return _Worker(
        hit=draw.betavariate(6, 4), alarm=draw.betavariate(1.5, 25), swap=draw.betavariate(4, 4)
    )


def _chance(
    label: int,
    worker: _Worker,
    *,
    true: set[int],
    seen: dict[int, float],
    lures: dict[int, float],
    swaps: Sequence[int],
) -> float:
    if label in true:
        return min(0.97, worker.hit * (0.5 + seen[label]))
    swapped = any(swaps[other] == label for other in true)
    missed = (1.0 - worker.alarm) * (1.0 - lures.get(label, 0.0))
    return 1.0 - missed * (1.0 - (0.5 * worker.swap if swapped else 0.0))
