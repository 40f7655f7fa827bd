"""Sets of labels from a batch's answers: for each label somebody chose, is it there?

The model is that of the whole job (`job.label_sets`): every worker has one chance to choose a label
that is there and one to choose a label that isn't, over all labels. What a batch can't tell, the
crowd's rates stand in for.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HIT: Final = 0.6
FALSE_ALARM: Final = 0.1
# What those two are worth before anybody answered, and what the crowd's rates are for a worker's.
PRIOR_ANSWERS: Final = 4.0
STRENGTH: Final = 2.0
# What dependent answers are worth as evidence.
POWER: Final = 0.5
SURE: Final = 1e-6
ROUNDS: Final = 30
SMALL_CHANGE: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSet:
    """One worker's labels for one object, as indexes; none is an answer, too."""

    worker: str
    labels: frozenset[int]


Objects = Sequence[Sequence[LabelSet]]
Pairs = list[dict[int, float]]


def consolidate(objects: Objects, classes: int) -> Pairs:
    """Return the probability of every label somebody chose, for each object in its order.

    Labels are in their own order. The result depends on no order of objects or workers.

    Raises:
        ValueError: an object without answers, or a label outside ``classes``.
    """
    for answers in objects:
        if not answers:
            raise ValueError("an object has no answers: leave it out")
        for label in (label for answer in answers for label in answer.labels):
            if not 0 <= label < classes:
                raise ValueError(f"label out of range: got {label}, allowed 0-{classes - 1}")
    model = _fit(objects, classes)
    return [
        {
            label: min(1.0 - SURE, max(SURE, model.probability(answers, label, POWER)))
            for label in sorted({label for answer in answers for label in answer.labels})
        }
        for answers in objects
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    hit: Mapping[str, float]
    alarm: Mapping[str, float]
    prior: Sequence[float]

    def probability(self, answers: Sequence[LabelSet], label: int, power: float = 1.0) -> float:
        evidence = math.fsum(self._log_odds(answer, label) for answer in answers)
        prior = self.prior[label]
        return _logistic(math.log(prior / (1.0 - prior)) + power * evidence)

    def _log_odds(self, answer: LabelSet, label: int) -> float:
        hit, alarm = self.hit[answer.worker], self.alarm[answer.worker]
        if label in answer.labels:
            return math.log(hit / alarm)
        return math.log((1.0 - hit) / (1.0 - alarm))


def _fit(objects: Objects, classes: int) -> _Model:
    shared = [answers for answers in objects if len(answers) > 1]
    workers = {answer.worker for answers in objects for answer in answers}
    posteriors = [
        [
            math.fsum(label in answer.labels for answer in answers) / len(answers)
            for label in range(classes)
        ]
        for answers in shared
    ]
    for _ in range(ROUNDS):
        model = _learned(shared, posteriors, workers, classes)
        new = [
            [model.probability(answers, label) for label in range(classes)] for answers in shared
        ]
        chosen = [
            abs(after[label] - before[label])
            for answers, after, before in zip(shared, new, posteriors, strict=True)
            for label in {label for answer in answers for label in answer.labels}
        ]
        posteriors = new
        if math.fsum(chosen) <= SMALL_CHANGE * len(chosen):
            break
    return model


def _learned(
    shared: Objects, posteriors: Sequence[Sequence[float]], workers: set[str], classes: int
) -> _Model:
    seen: dict[str, list[tuple[LabelSet, Sequence[float]]]] = {worker: [] for worker in workers}
    for answers, posterior in zip(shared, posteriors, strict=True):
        for answer in answers:
            seen[answer.worker].append((answer, posterior))
    hits, alarms = {}, {}
    for worker, answers_of in seen.items():
        there = math.fsum(value for _, posterior in answers_of for value in posterior)
        right = math.fsum(posterior[c] for answer, posterior in answers_of for c in answer.labels)
        chosen = sum(len(answer.labels) for answer, _ in answers_of)
        hits[worker] = (right, there)
        alarms[worker] = (chosen - right, len(answers_of) * classes - there)
    by_label = [math.fsum(posterior[c] for posterior in posteriors) for c in range(classes)]
    crowd = (math.fsum(by_label) + 1.0) / (len(shared) * classes + 2.0)
    return _Model(
        hit=_shrunk(hits, HIT),
        alarm=_shrunk(alarms, FALSE_ALARM),
        prior=[(value + STRENGTH * crowd) / (len(shared) + STRENGTH) for value in by_label],
    )


def _shrunk(parts: Mapping[str, tuple[float, float]], prior: float) -> dict[str, float]:
    """Return part / whole of each, with the same of all as prior."""
    part = math.fsum(value for value, _ in parts.values())
    whole = math.fsum(value for _, value in parts.values())
    crowd = (part + PRIOR_ANSWERS * prior) / (whole + PRIOR_ANSWERS)
    return {
        name: (value + STRENGTH * crowd) / (total + STRENGTH)
        for name, (value, total) in parts.items()
    }


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, logit))))
