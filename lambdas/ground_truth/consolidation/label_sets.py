"""Sets of labels from a batch's answers: for each label somebody chose, is it there?

The model is that of the whole job (`job.label_sets`): every worker has one chance to choose a label
that is there and one to choose a label that isn't, over all labels. What a batch can't tell, other
batches of the job have taught, and the crowd's rates stand in for. A tally's pairs are (there,
chosen) here, each 0 or 1, over all labels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth.consolidation.tally import NOTHING, Tally, WorkerTally, added

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidated:
    """A batch's probabilities in the objects' order, and what it taught."""

    results: Pairs
    learned: Tally


def consolidate(objects: Objects, classes: int) -> Pairs:
    """Return the probability of every label somebody chose, for each object in its order."""
    return consolidate_with(NOTHING, objects, classes).results


def consolidate_with(carried: Tally, objects: Objects, classes: int) -> Consolidated:
    """Consolidate a batch with what others of its job have taught.

    Labels are in their own order. The result depends on no order of objects or workers.

    Args:
        carried: the sum of other batches' tallies.
        objects: the answers for each object, at most one per worker.
        classes: how many label categories there are.

    Raises:
        ValueError: an object without answers, or a label outside ``classes``.
    """
    for answers in objects:
        if not answers:
            raise ValueError("an object has no answers: leave it out")
        for label in (label for answer in answers for label in answer.labels):
            if not 0 <= label < classes:
                raise ValueError(f"label out of range: got {label}, allowed 0-{classes - 1}")
    model, learned = _fit(carried, objects, classes)
    results = [
        {
            label: min(1.0 - SURE, max(SURE, model.probability(answers, label, POWER)))
            for label in sorted({label for answer in answers for label in answer.labels})
        }
        for answers in objects
    ]
    return Consolidated(results=results, learned=learned)


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


def _fit(carried: Tally, objects: Objects, classes: int) -> tuple[_Model, Tally]:
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
        model = _model(added([carried, _tally(shared, posteriors)]), workers, classes)
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
    return model, _tally(shared, posteriors)


def _tally(objects: Objects, posteriors: Sequence[Sequence[float]]) -> Tally:
    seen: dict[str, list[tuple[LabelSet, Sequence[float]]]] = {}
    for answers, posterior in zip(objects, posteriors, strict=True):
        for answer in answers:
            seen.setdefault(answer.worker, []).append((answer, posterior))
    labels = range(len(posteriors[0]) if posteriors else 0)
    return Tally(
        objects=float(len(objects)),
        labels={label: math.fsum(each[label] for each in posteriors) for label in labels},
        workers={worker: _worker_tally(answers) for worker, answers in sorted(seen.items())},
    )


def _worker_tally(answers: Sequence[tuple[LabelSet, Sequence[float]]]) -> WorkerTally:
    there = math.fsum(value for _, posterior in answers for value in posterior)
    right = math.fsum(posterior[c] for answer, posterior in answers for c in answer.labels)
    chosen = sum(len(answer.labels) for answer, _ in answers)
    places = sum(len(posterior) for _, posterior in answers)
    return WorkerTally(
        answers=float(len(answers)),
        given={
            (0, 0): max(0.0, places - there - chosen + right),
            (0, 1): max(0.0, chosen - right),
            (1, 0): max(0.0, there - right),
            (1, 1): right,
        },
    )


def _model(tally: Tally, workers: set[str], classes: int) -> _Model:
    hits, alarms = {}, {}
    for worker in sorted(workers | set(tally.workers)):
        given = tally.workers.get(worker, WorkerTally()).given
        right, alarm = given.get((1, 1), 0.0), given.get((0, 1), 0.0)
        hits[worker] = (right, right + given.get((1, 0), 0.0))
        alarms[worker] = (alarm, alarm + given.get((0, 0), 0.0))
    by_label = [tally.labels.get(label, 0.0) for label in range(classes)]
    crowd = (math.fsum(by_label) + 1.0) / (tally.objects * classes + 2.0)
    return _Model(
        hit=_shrunk(hits, HIT),
        alarm=_shrunk(alarms, FALSE_ALARM),
        prior=[(value + STRENGTH * crowd) / (tally.objects + STRENGTH) for value in by_label],
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
