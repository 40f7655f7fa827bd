"""Single labels of crowds made to be hard, beside the plain vote.

`python -m bench.hard_crowds` makes every crowd a few times. The vote's ties are right by chance;
its calibration error and Brier score are the better ones of the share of the answers, and of that
with a vote more for every label. Told is what is worse than the vote by more than 0.01 (accuracy,
Brier score) or 0.02 (calibration). How a job's model is chosen was developed with such crowds in
view.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rich.console import Console
from rich.table import Table

from bench import batches
from bench.scores import BINS
from bench.sets import AnswerSet
from ground_truth.consolidation.job import single
from ground_truth.consolidation.job.answers import answers_of
from ground_truth_ops.quality import calibrate

ROUNDS = 4
OBJECTS = 600
Row = tuple[str, str, str]
Outcomes = list[tuple[float, bool]]
Answer = Callable[[random.Random, int, float], int]
Skill = Callable[[random.Random], float]
Number = Callable[[random.Random], int]


def _usual(draw: random.Random) -> float:
    return draw.uniform(0.6, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hard:
    """A crowd. ``true`` are the labels' frequencies, ``skill`` is how often somebody is right.

    ``answer`` is what somebody of a skill says of an object of a label; without one, they are right
    as often as their skill says, and else say any other label.
    """

    true: Sequence[float]
    answers: Number = lambda _: 3
    skill: Skill = _usual
    answer: Answer | None = None
    workers: int = 30
    objects: int = OBJECTS

    def made(self, seed: int) -> tuple[list[Row], dict[str, str]]:
        """Return rows of object, worker and label, and the true labels."""
        draw = random.Random(seed)  # noqa: S311 - not a secret
        skills = [self.skill(draw) for _ in range(self.workers)]
        answer = self.answer or self._coin
        rows, truth = [], {}
        for number in range(self.objects):
            name = f"o{number:05}"
            right = draw.choices(range(len(self.true)), self.true)[0]
            truth[name] = f"c{right:04}"
            for worker in draw.sample(range(self.workers), min(self.answers(draw), self.workers)):
                label = answer(draw, right, skills[worker])
                rows.append((name, f"w{worker:04}", f"c{label:04}"))
        return rows, truth

    def _coin(self, draw: random.Random, right: int, skill: float) -> int:
        other = (right + draw.randrange(1, len(self.true))) % len(self.true)
        return right if draw.random() < skill else other


def _even(labels: int) -> Sequence[float]:
    return [1.0] * labels


def _mostly(share: float, labels: int) -> Sequence[float]:
    return [share, *[(1.0 - share) / (labels - 1)] * (labels - 1)]


def _some(share: float, bad: float) -> Skill:
    """Return skills of which a share is ``bad``."""
    return lambda draw: bad if draw.random() < share else draw.uniform(0.75, 0.95)


def _same(skill: float) -> Skill:
    return lambda _: skill


def _first_or_right(draw: random.Random, right: int, skill: float) -> int:
    """Who has no skill always says the first label."""
    return right if draw.random() < skill else (0 if skill < 0.0 else draw.randrange(3))


def _within_group(draw: random.Random, right: int, skill: float) -> int:
    """Five labels make a group; nine in ten mistakes stay within it."""
    if draw.random() < skill:
        return right
    return right // 5 * 5 + draw.randrange(5) if draw.random() < 0.9 else draw.randrange(20)


def _five(_: random.Random) -> int:
    return 5


def _mixed(draw: random.Random) -> int:
    return draw.randint(1, 9)


CROWDS: Mapping[str, Hard] = {
    "20 labels": Hard(true=_even(20)),
    "400 labels": Hard(true=_even(400), workers=60),
    "few answers each, 2 labels": Hard(true=_even(2), workers=800),
    "one answer an object": Hard(true=_even(4), answers=lambda _: 1),
    "one object of five answers": Hard(true=_even(4), answers=_five, workers=5, objects=1),
    "20 objects, 2 labels": Hard(true=_even(2), workers=5, objects=20),
    "20 objects, 4 labels": Hard(true=_even(4), workers=5, objects=20),
    "all by chance, 2 labels": Hard(true=_even(2), skill=_same(0.5)),
    "all by chance, 10 labels": Hard(true=_even(10), skill=_same(0.1), answers=_five),
    "hardly better than chance": Hard(true=_even(4), skill=_same(0.4), answers=_five),
    "every other by chance": Hard(true=_even(4), skill=_some(0.5, 0.25), answers=_five),
    "one in five means the opposite": Hard(true=_even(2), skill=_some(0.2, 0.1)),
    "three in ten say the first": Hard(
        true=_even(3), skill=_some(0.3, -1.0), answer=_first_or_right
    ),
    "98 % one of 2 labels": Hard(true=_mostly(0.98, 2), objects=1000),
    "98 % one of 2 labels, 5 answers": Hard(true=_mostly(0.98, 2), answers=_five, objects=1000),
    "99.5 % one of 2 labels, 5 answers": Hard(true=_mostly(0.995, 2), answers=_five, objects=1000),
    "90 % one of 6 labels": Hard(true=_mostly(0.9, 6)),
    "all one of 4 labels": Hard(true=_mostly(1.0, 4)),
    "mistaken within groups": Hard(true=_even(20), answer=_within_group),
    "mistaken within groups, weak": Hard(
        true=_even(20),
        answer=_within_group,
        skill=lambda draw: draw.uniform(0.3, 0.6),
        answers=_five,
    ),
    "1 to 9 answers, 5 labels": Hard(true=_even(5), answers=_mixed),
    "nearly perfect": Hard(true=_even(4), skill=_same(0.995)),
}

BATCHED = (
    "20 labels",
    "hardly better than chance",
    "every other by chance",
    "one in five means the opposite",
    "three in ten say the first",
    "98 % one of 2 labels",
    "98 % one of 2 labels, 5 answers",
    "99.5 % one of 2 labels, 5 answers",
    "90 % one of 6 labels",
    "all one of 4 labels",
    "mistaken within groups",
    "mistaken within groups, weak",
    "1 to 9 answers, 5 labels",
)


def main() -> int:
    console = Console(width=100, highlight=False)
    table = Table(box=None)
    table.add_column("crowd", no_wrap=True)
    for title in ("accuracy", "ours", "ECE", "ours", "Brier", "ours", "worse"):
        table.add_column(title)
    for name, crowd in CROWDS.items():
        table.add_row(name, *_measured(crowd))
    console.print(table)
    console.print("\naccuracy in batches of ten, as the function sees them", style="bold")
    console.print(_in_batches())
    return 0


def _in_batches() -> Table:
    table = Table(box=None)
    table.add_column("crowd", no_wrap=True)
    for method in batches.METHODS:
        table.add_column(method)
    for name in BATCHED:
        made = [CROWDS[name].made(seed) for seed in range(ROUNDS)]
        sets = [AnswerSet(name=name, rows=rows, truth=truth) for rows, truth in made]
        found = [
            fmean(
                batches.score(each, method, batch=10, seed=seed).accuracy
                for seed, each in enumerate(sets)
            )
            for method in batches.METHODS
        ]
        table.add_row(name, *(f"{accuracy:.3f}" for accuracy in found))
    return table


def _measured(crowd: Hard) -> Sequence[str]:
    every: dict[str, Outcomes] = {"vote": [], "smoothed": [], "ours": []}
    right_votes: list[float] = []
    for seed in range(ROUNDS * max(1, OBJECTS // crowd.objects // 4)):
        rows, truth = crowd.made(seed)
        votes = _votes(rows)
        right_votes += [_chance(votes[name], label) for name, label in truth.items()]
        labels = max(2, len({label for _, _, label in rows}))
        for name, more in (("vote", 0.0), ("smoothed", 1.0)):
            every[name] += [_share(votes[key], more, labels, label) for key, label in truth.items()]
        found = _ours(rows)
        every["ours"] += [(found[key][1], found[key][0] == label) for key, label in truth.items()]
    tables = {name: calibrate(outcomes, bins=BINS) for name, outcomes in every.items()}
    accuracy = fmean(right for _, right in every["ours"])
    eces = [tables[name].ece for name in every]
    briers = [tables[name].brier for name in every]
    worse = [
        *(["accuracy"] if accuracy < fmean(right_votes) - 0.01 else []),
        *(["ECE"] if eces[2] > min(eces[:2]) + 0.02 else []),
        *(["Brier"] if briers[2] > min(briers[:2]) + 0.01 else []),
    ]
    numbers = (fmean(right_votes), accuracy, min(eces[:2]), eces[2], min(briers[:2]), briers[2])
    return [*(f"{number:.3f}" for number in numbers), ", ".join(worse)]


def _votes(rows: Sequence[Row]) -> Mapping[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, _, label in rows:
        found[name][label] += 1
    return found


def _chance(votes: Counter[str], label: str) -> float:
    """Return the chance that the vote is right, ties being decided by chance."""
    most = max(votes.values())
    return (votes[label] == most) / sum(count == most for count in votes.values())


def _share(votes: Counter[str], more: float, labels: int, right: str) -> tuple[float, bool]:
    winner = min(votes, key=lambda label: (-votes[label], label))
    share = (votes[winner] + more) / (votes.total() + more * labels)
    return share, winner == right


def _ours(rows: Sequence[Row]) -> Mapping[str, tuple[str, float]]:
    answers = answers_of([list(zip(*rows, strict=True))])
    labels, confidence = single.consolidate(answers)
    return {
        name: (answers.labels[label], float(sure))
        for name, label, sure in zip(answers.objects, labels, confidence, strict=True)
    }


if __name__ == "__main__":
    sys.exit(main())
