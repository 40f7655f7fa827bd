"""Who answers without looking: at random, or the same whatever there is to see.

The question is not whether somebody is good, but whether their answers depend on the object at all.
What there was to see is told by the others: the label they lead with when everybody's vote counts
by how often they agree with others (the log odds of the one-coin model), and how clearly. An answer
a in such a context c scores

    s(a, c) = log(p(a | c) / p(a))

with p as other people answer: what it tells about having looked. The sum over a worker's answers is
compared with what to expect of somebody who follows the crowd every other time, and gives the
labels as often as this worker does for the rest:

    q(a | c) = 1/2 p(a | c) + 1/2 (share of a among the worker's answers)

``z`` is how many standard deviations the sum lies below. With contexts given, answers are
independent under q, so the sum is nearly normal; a worker is a spammer where that much or less has
a probability of 0.05 / workers. So in a job of people who all follow the crowd every other time or
more, the chance that anybody is accused is 5 % at most, as far as the normal law holds
(docs/quality.md has it measured). Fewer than ten answers accuse nobody.

That a spammer is somebody whose answers hold no information about the label, not somebody with many
mistakes, is Raykar and Yu's idea: "Eliminating Spammers and Ranking Annotators for Crowdsourced
Labeling Tasks" (2012).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from ground_truth.agreement.contexts import Context, contexts_of
from ground_truth.agreement.peers import Objects

FALSE_ALARM: Final = 0.05
FOLLOWING: Final = 0.5
FEWEST: Final = 10
_PRIOR: Final = 2.0  # answers of the crowd's frequencies, before anybody answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """``z`` below ``threshold`` is a spammer's; ``answers`` are those others can be held against.

    ``z`` is None where nothing can be told: too few answers, or all of them expected of anybody.
    """

    worker: int
    answers: int
    z: float | None
    threshold: float

    @property
    def spammer(self) -> bool:
        return self.z is not None and self.z < self.threshold


def suspicions(objects: Objects, classes: int) -> tuple[Suspicion, ...]:
    """Return how suspicious every worker is whose answers can be compared, by worker.

    Args:
        objects: the answers of each object, at most one of each worker.
        classes: how many labels there are to choose from.
    """
    answers: defaultdict[int, list[tuple[int, Context]]] = defaultdict(list)
    for worker, label, context in contexts_of(objects, classes):
        answers[worker].append((label, context))
    everybody: Counts = defaultdict(float)
    for given in answers.values():
        _add(everybody, given)
    threshold = NormalDist().inv_cdf(FALSE_ALARM / max(1, len(answers)))
    return tuple(
        Suspicion(
            worker=worker,
            answers=len(given),
            z=_deviation(given, _others(everybody, given, classes)),
            threshold=threshold,
        )
        for worker, given in sorted(answers.items())
    )


Given = Sequence[tuple[int, Context]]
Counts = defaultdict[tuple[int, int, int], float]
"""How often a label was given where another led: by leader, clearness and label."""


def _add(counts: Counts, given: Given) -> None:
    for label, (leaders, clear) in given:
        for leader in leaders:
            counts[leader, clear, label] += 1.0 / len(leaders)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habits:
    """How people answer: ``shares`` of all labels, and of each where another leads."""

    counts: Mapping[tuple[int, int, int], float]
    rows: Mapping[tuple[int, int], float]
    shares: Sequence[float]

    def chances(self, context: Context) -> list[float]:
        """Return how likely each label is where these lead among the others."""
        leaders, clear = context
        return [
            math.fsum(
                (self.counts.get((leader, clear, label), 0.0) + _PRIOR * share)
                / (self.rows.get((leader, clear), 0.0) + _PRIOR)
                for leader in leaders
            )
            / len(leaders)
            for label, share in enumerate(self.shares)
        ]


def _others(everybody: Counts, given: Given, classes: int) -> _Habits:
    """Return the habits of everybody but one."""
    own: Counts = defaultdict(float)
    _add(own, given)
    counts: dict[tuple[int, int, int], float] = {}
    rows: defaultdict[tuple[int, int], float] = defaultdict(float)
    labels = [1.0] * classes
    for place, count in everybody.items():
        leader, clear, label = place
        left = max(0.0, count - own.get(place, 0.0))
        counts[place] = left
        rows[leader, clear] += left
        labels[label] += left
    total = math.fsum(labels)
    return _Habits(counts=counts, rows=rows, shares=[count / total for count in labels])


def _deviation(given: Given, habits: _Habits) -> float | None:
    if len(given) < FEWEST:
        return None
    own = Counter(label for label, _ in given)
    rest = [own[label] / len(given) for label in range(len(habits.shares))]
    contexts = Counter(context for _, context in given)
    scores: dict[Context, list[float]] = {}
    mean = variance = 0.0
    for context, number in contexts.items():
        chances = habits.chances(context)
        score = [math.log(p / share) for p, share in zip(chances, habits.shares, strict=True)]
        law = [FOLLOWING * p + (1 - FOLLOWING) * q for p, q in zip(chances, rest, strict=True)]
        first = math.fsum(p * s for p, s in zip(law, score, strict=True))
        second = math.fsum(p * s * s for p, s in zip(law, score, strict=True))
        scores[context] = score
        mean += number * first
        variance += number * (second - first * first)
    if variance <= 0.0:
        return None
    total = math.fsum(scores[context][label] for label, context in given)
    return (total - mean) / math.sqrt(variance)
