"""Made crowds, each from its seed: small and large, with rare labels, gaps and careless people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Each object has `answers` answers, from the lowest number to the highest.

    Every label is `rarer` times as rare as the one before. Workers answer with a label at random
    but for their skill; the first `careless` always do.
    """

    name: str
    objects: int
    workers: int
    labels: int
    answers: tuple[int, int] = (3, 3)
    skills: tuple[float, float] = (0.5, 0.95)
    rarer: float = 1.0
    careless: int = 0

    @property
    def is_plainly_good(self) -> bool:
        """Whether nobody looks worse than chance, which coins of ours are not."""
        often = self.objects * self.answers[0] >= 10 * self.workers
        return often and not self.careless and self.skills[0] >= 0.5

    def drawn(self, seed: int = 1) -> tuple[list[Row], dict[str, str]]:
        """Return the rows of object, worker and label, and the true labels."""
        draw = random.Random(seed)
        skills = [0.0] * self.careless
        skills += [draw.uniform(*self.skills) for _ in range(self.workers - self.careless)]
        weights = [self.rarer**-label for label in range(self.labels)]
        rows, truth = [], {}
        for number in range(self.objects):
            item = f"o{number:04}"
            right = draw.choices(range(self.labels), weights)[0]
            truth[item] = f"c{right}"
            for worker in draw.sample(range(self.workers), draw.randint(*self.answers)):
                at_random = draw.random() >= skills[worker]
                label = draw.randrange(self.labels) if at_random else right
                rows.append((item, f"w{worker:02}", f"c{label}"))
        return rows, truth


SMALL: Sequence[Crowd] = (
    Crowd(name="two labels", objects=40, workers=6, labels=2),
    Crowd(name="five labels", objects=40, workers=8, labels=5, answers=(2, 5)),
    Crowd(name="ties", objects=40, workers=5, labels=3, answers=(2, 2), skills=(0.3, 0.6)),
    Crowd(name="a rare label", objects=40, workers=5, labels=3, answers=(2, 4), rarer=4.0),
    Crowd(name="gaps", objects=40, workers=12, labels=4, answers=(1, 7), careless=3),
)
LARGE: Sequence[Crowd] = (
    Crowd(name="two labels", objects=1000, workers=30, labels=2),
    Crowd(name="five answers", objects=1000, workers=40, labels=4, answers=(5, 5)),
    Crowd(name="ten labels", objects=1000, workers=20, labels=10, skills=(0.3, 0.9)),
    Crowd(name="rare labels", objects=1000, workers=20, labels=4, answers=(3, 5), rarer=4.0),
    Crowd(name="careless people", objects=1000, workers=24, labels=3, answers=(3, 5), careless=8),
    Crowd(name="gaps", objects=1000, workers=50, labels=5, answers=(1, 9)),
    Crowd(name="few each", objects=600, workers=400, labels=3, answers=(3, 4)),
)


def accuracy(found: Mapping[str, str], truth: Mapping[str, str]) -> float:
    """Return the share of objects that got their true label."""
    return sum(found[item] == label for item, label in truth.items()) / len(truth)
