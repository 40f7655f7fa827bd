"""What batches of a job have taught about its workers, as numbers that can be added and kept.

Expected numbers of objects: nobody knows the truth, so an answer counts for every label it may have
been given for, with that label's probability. The file holds no answers and no objects.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

_Key = TypeVar("_Key", int, str, tuple[int, int])
_VERSION: Final = 1
# Finer would only make the file longer.
_DIGITS: Final = 4


class TallyError(ValueError):
    """A document that is no tally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTally:
    """How many answers a worker gave, and how many with label l where c was right: (c, l)."""

    answers: float = 0.0
    given: Mapping[tuple[int, int], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Of objects with two answers or more: how many, their labels, how far answers agree.

    ``agreement`` is the sum over objects of the chance that two of its answers agree,
    ``predictions`` by models' names the sum over answers of the logs of how likely they were held
    before they were seen.
    """

    objects: float = 0.0
    agreement: float = 0.0
    predictions: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[int, float] = field(default_factory=dict)
    workers: Mapping[str, WorkerTally] = field(default_factory=dict)


NOTHING: Final = Tally()


def added(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies, to the bit whatever their order."""
    every = list(tallies)
    workers = sorted({worker for tally in every for worker in tally.workers})
    return Tally(
        objects=math.fsum(tally.objects for tally in every),
        agreement=math.fsum(tally.agreement for tally in every),
        predictions=_summed(tally.predictions for tally in every),
        labels=_summed(tally.labels for tally in every),
        workers={
            worker: _added([tally.workers[worker] for tally in every if worker in tally.workers])
            for worker in workers
        },
    )


def _added(parts: list[WorkerTally]) -> WorkerTally:
    return WorkerTally(
        answers=math.fsum(part.answers for part in parts),
        given=_summed(part.given for part in parts),
    )


def _summed(parts: Iterable[Mapping[_Key, float]]) -> dict[_Key, float]:
    found: dict[_Key, list[float]] = {}
    for part in parts:
        for key, value in part.items():
            found.setdefault(key, []).append(value)
    return {key: math.fsum(found[key]) for key in sorted(found)}


def tally_document(tally: Tally) -> dict[str, object]:
    """Return a tally as JSON."""
    return {
        "version": _VERSION,
        "objects": round(tally.objects, _DIGITS),
        "agreement": round(tally.agreement, _DIGITS),
        "predictions": {
            name: round(value, _DIGITS) for name, value in sorted(tally.predictions.items())
        },
        "labels": [[label, round(value, _DIGITS)] for label, value in sorted(tally.labels.items())],
        "workers": {
            name: {
                "answers": round(worker.answers, _DIGITS),
                "given": [
                    [right, given, round(value, _DIGITS)]
                    for (right, given), value in sorted(worker.given.items())
                    if round(value, _DIGITS)
                ],
            }
            for name, worker in sorted(tally.workers.items())
        },
    }


def read_tally(document: object) -> Tally:
    """Return the tally of a document; raises ``TallyError``."""
    try:
        return _tally(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TallyError(f"no tally of version {_VERSION}: {type(error).__name__}") from error


def _tally(document: object) -> Tally:
    if not isinstance(document, dict) or document["version"] != _VERSION:
        raise TallyError("not ours")
    return Tally(
        objects=_number(document["objects"]),
        agreement=_number(document["agreement"]),
        predictions={
            str(name): -_number(-value) for name, value in document.get("predictions", {}).items()
        },
        labels={_index(label): _number(value) for label, value in document["labels"]},
        workers={
            str(name): WorkerTally(
                answers=_number(worker["answers"]),
                given={
                    (_index(right), _index(given)): _number(value)
                    for right, given, value in worker["given"]
                },
            )
            for name, worker in document["workers"].items()
        },
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TallyError("no number")
    number = float(value)
    if not (math.isfinite(number) and number >= 0.0):
        raise TallyError("no count")
    return number


def _index(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TallyError("no label")
    return value
