"""How good labels are against known truth: accuracy of people, of a majority and of the
consolidated labels, and whether a confidence of 0.8 is right four times in five.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

DEFAULT_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One person's label of one object."""

    object_id: str
    worker: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A consolidated label with its confidence in 0..1."""

    object_id: str
    label: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerAccuracy:
    worker: str
    answers: int
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Predictions whose confidence lies in (low, high]; the first bin also holds 0.

    Means are 0 when empty.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`ece`: mean gap of confidence and accuracy, weighted by bin size.

    `brier`: mean squared gap per object.
    """

    ece: float
    brier: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    objects: int
    workers: tuple[WorkerAccuracy, ...]
    majority: float
    consolidated: float
    calibration: Calibration

    @property
    def mean_worker(self) -> float:
        """Mean over people, each weighing the same whatever the number of their answers."""
        return _mean([worker.accuracy for worker in self.workers])

    @property
    def best_worker(self) -> WorkerAccuracy | None:
        return max(self.workers, key=lambda worker: worker.accuracy, default=None)


def measure(
    truth: Mapping[str, str], answers: Iterable[Answer], predictions: Iterable[Prediction]
) -> Quality:
    """Everything at once.

    Objects without known truth are left out, objects without a label count as wrong.
    """
    known_answers = [answer for answer in answers if answer.object_id in truth]
    known = [prediction for prediction in predictions if prediction.object_id in truth]
    right = sum(prediction.label == truth[prediction.object_id] for prediction in known)
    return Quality(
        objects=len(truth),
        workers=worker_accuracies(truth, known_answers),
        majority=majority_accuracy(truth, known_answers),
        consolidated=right / len(truth) if truth else 0.0,
        calibration=calibrate(
            [(item.confidence, item.label == truth[item.object_id]) for item in known]
        ),
    )


def worker_accuracies(
    truth: Mapping[str, str], answers: Iterable[Answer]
) -> tuple[WorkerAccuracy, ...]:
    """Per person, most accurate first, then by name."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for answer in answers:
        total[answer.worker] += 1
        right[answer.worker] += truth.get(answer.object_id) == answer.label
    found = [
        WorkerAccuracy(worker=worker, answers=count, accuracy=right[worker] / count)
        for worker, count in total.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.accuracy, item.worker)))


def majority_accuracy(truth: Mapping[str, str], answers: Iterable[Answer]) -> float:
    """Accuracy expected of a majority vote: one of k labels that lead together earns 1/k.

    So the figure depends on no rule for breaking ties. Unanswered objects count as wrong.
    """
    votes: dict[str, Counter[str]] = {}
    for answer in answers:
        votes.setdefault(answer.object_id, Counter())[answer.label] += 1
    if not truth:
        return 0.0
    score = Fraction(0)
    for object_id, label in truth.items():
        count = votes.get(object_id, Counter())
        most = max(count.values(), default=0)
        leaders = [name for name, number in count.items() if number == most]
        if label in leaders:
            score += Fraction(1, len(leaders))
    return float(score / len(truth))


def calibrate(outcomes: Sequence[tuple[float, bool]], *, bins: int = DEFAULT_BINS) -> Calibration:
    """Expected calibration error over equal-width bins, and the Brier score of being right."""
    table: list[Bin] = []
    ece = 0.0
    for index in range(bins):
        inside = [item for item in outcomes if _bin_of(item[0], bins) == index]
        confidence = _mean([item[0] for item in inside])
        accuracy = _mean([float(item[1]) for item in inside])
        ece += len(inside) * abs(confidence - accuracy)
        table.append(
            Bin(
                low=index / bins,
                high=(index + 1) / bins,
                count=len(inside),
                confidence=confidence,
                accuracy=accuracy,
            )
        )
    brier = _mean([(confidence - float(right)) ** 2 for confidence, right in outcomes])
    return Calibration(ece=ece / len(outcomes) if outcomes else 0.0, brier=brier, bins=tuple(table))


def _bin_of(confidence: float, bins: int) -> int:
    if not 0.0 <= confidence <= 1.0:
        raise ValueError(f"confidence out of range: got {confidence}, allowed 0 to 1")
    upper = next(index for index in range(1, bins + 1) if confidence <= index / bins)
    return upper - 1


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
