"""Made crowds that draw boxes, select spans and paint masks, where no published set is at hand.

Things are more or less hard to see for everybody, some look like one and aren't; workers differ in
what they see, add and how exactly they draw. A tenth of the masks is spoilt: empty, full, moved or
inverted. Nothing here was fitted to a published set.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ground_truth.consolidation.files.masks import encode
from ground_truth.consolidation.tables import write_rows

OBJECTS = 300
ANSWERS = 7
_WORKERS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    hit: float
    alarm: float
    noise: float


@dataclass(slots=True, kw_only=True)
class _Crowd:
    draw: random.Random
    shapes: list[tuple[object, ...]] = field(default_factory=list)
    truth: list[tuple[object, ...]] = field(default_factory=list)
    tasks: list[tuple[object, ...]] = field(default_factory=list)


def write_boxes(folder: Path, seed: int = 1) -> None:
    """Write `tasks.csv`, `boxes.csv` and `truth.csv`."""
    crowd = _marks(seed, _a_box, _drawn_box)
    columns = ("left", "top", "width", "height", "label")
    _write(folder, "boxes", crowd, columns)


def write_spans(folder: Path, seed: int = 1) -> None:
    """Write `tasks.csv`, `spans.csv` and `truth.csv`."""
    _write(folder, "spans", _marks(seed, _a_span, _drawn_span), ("start", "end", "label"))


def write_masks(folder: Path, seed: int = 1, spoilt: float = 0.1) -> None:
    """Write `masks.csv` and `truth.csv`."""
    generator = np.random.default_rng(seed)
    rows, truth = [], []
    for number in range(OBJECTS):
        name, size = f"o{number:04}", int(generator.integers(60, 120))
        wave = generator.normal(0.0, 0.12, 14)
        radius = generator.uniform(0.45, 0.75)
        hard = math.exp(generator.normal(0.0, 0.5))
        shared = generator.normal(0.0, 0.03, 14) * hard
        truth.append((name, size, size, encode(_blob(size, radius, wave))))
        for worker in range(ANSWERS):
            own = wave + shared + generator.normal(0.0, 0.04, 14) * hard
            mask = _blob(size, radius * (1.0 + generator.normal(0.02, 0.04) * hard), own)
            if generator.random() < spoilt:
                mask = _spoilt(mask, int(generator.integers(4)))
            rows.append((name, f"w{worker}", size, size, encode(mask)))
    write_rows(folder / "masks.csv", ("object", "worker", "height", "width", "rle"), rows)
    write_rows(folder / "truth.csv", ("object", "height", "width", "rle"), truth)


def _marks(
    seed: int,
    thing: Callable[[random.Random], tuple[float, ...]],
    drawn: Callable[[random.Random, tuple[float, ...], float], tuple[float, ...]],
) -> _Crowd:
    crowd = _Crowd(draw=random.Random(seed))  # noqa: S311 - not a secret
    draw = crowd.draw
    people = {f"w{number:02}": _a_worker(draw) for number in range(_WORKERS)}
    for number in range(OBJECTS):
        name = f"o{number:04}"
        seen = [(thing(draw), "ab"[draw.random() < 0.3], draw.gauss(0.0, 1.2)) for _ in range(4)]
        lures = [(thing(draw), "a", draw.gauss(0.0, 1.0)) for _ in range(2)]
        crowd.truth += [(name, *place, label) for place, label, _ in seen]
        for worker in draw.sample(sorted(people), ANSWERS):
            person = people[worker]
            crowd.tasks.append((name, worker))
            for rate, things in ((person.hit, seen), (person.alarm, lures)):
                for place, label, easy in things:
                    if draw.random() < 1.0 / (1.0 + (1.0 - rate) / rate * math.exp(-easy)):
                        given = label if draw.random() < 0.9 else "ab"[label == "a"]
                        crowd.shapes.append(
                            (name, worker, *drawn(draw, place, person.noise), given)
                        )
    return crowd


def _a_worker(draw: random.Random) -> _Worker:
    return _Worker(
        hit=draw.uniform(0.4, 0.9), alarm=draw.uniform(0.03, 0.35), noise=draw.uniform(0.3, 2.0)
    )


def _a_box(draw: random.Random) -> tuple[float, ...]:
    return (draw.uniform(0, 900), draw.uniform(0, 600), draw.uniform(20, 90), draw.uniform(20, 90))


def _drawn_box(draw: random.Random, place: tuple[float, ...], noise: float) -> tuple[float, ...]:
    left, top, width, height = place
    moved = [draw.gauss(0.0, 0.06 * noise) * side for side in (width, height, width, height)]
    return (
        round(left + moved[0], 1),
        round(top + moved[1], 1),
        round(max(2.0, width + moved[2] - moved[0]), 1),
        round(max(2.0, height + moved[3] - moved[1]), 1),
    )


def _a_span(draw: random.Random) -> tuple[float, ...]:
    start = draw.randrange(400) * 6
    return start, start + 6 * draw.randint(1, 8) - 1


def _drawn_span(draw: random.Random, place: tuple[float, ...], noise: float) -> tuple[float, ...]:
    start, end = place
    if draw.random() < 0.15 * noise:
        start = max(0, start + draw.choice((-6, 6)))
    if draw.random() < 0.25 * noise:
        end += draw.choice((-6, 6))
    return (start, end) if start < end else place


def _blob(size: int, radius: float, wave: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    rows, columns = np.mgrid[:size, :size]
    down, across = (rows + 0.5) / size * 2 - 1, (columns + 0.5) / size * 2 - 1
    angle = np.arctan2(down, across)
    edge = radius + sum(
        (
            wave[2 * order] * np.cos((order + 1) * angle)
            + wave[2 * order + 1] * np.sin((order + 1) * angle)
        )
        / (order + 1)
        for order in range(7)
    )
    found: npt.NDArray[np.bool_] = np.hypot(down, across) < edge
    return found


def _spoilt(mask: npt.NDArray[np.bool_], how: int) -> npt.NDArray[np.bool_]:
    size = len(mask)
    return (np.zeros_like(mask), np.ones_like(mask), np.roll(mask, size // 2, axis=1), ~mask)[how]


def _write(folder: Path, kind: str, crowd: _Crowd, columns: tuple[str, ...]) -> None:
    write_rows(folder / "tasks.csv", ("object", "worker"), crowd.tasks)
    write_rows(folder / f"{kind}.csv", ("object", "worker", *columns), crowd.shapes)
    write_rows(folder / "truth.csv", ("object", *columns), crowd.truth)


def made(folder: Path) -> Iterator[Path]:
    """Write a made crowd of every kind below ``folder`` and yield where each lies."""
    for name, write in (("boxes", write_boxes), ("spans", write_spans), ("masks", write_masks)):
        place = folder / f"made-{name}"
        place.mkdir()
        write(place)
        yield place
