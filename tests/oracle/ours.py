"""What we say to the questions crowd-kit is asked (`crowd_kit`), by the code that ships.

The models of workers have priors, a stop and a share of the votes that crowd-kit's don't have. They
are taken away for the length of a question, so that what is left has to be the same to many digits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from ground_truth.agreement import alpha, distances
from ground_truth.consolidation import masks
from ground_truth.consolidation.job import matrices, single, states
from ground_truth.consolidation.job.answers import Floats, answers_of
from ground_truth.consolidation.job.layout import Layout, layout_of
from ground_truth.consolidation.votes import Vote, vote_shares

Question = Mapping[str, Any]
Row = tuple[str, str, str]
Probabilities = list[tuple[str, str, float]]

# crowd-kit's: no label, and no answer a worker has ever given, is less likely.
_LEAST = 1e-10
# What a prior is worth that leaves nothing to what it is the prior of.
_EVERYTHING = 1e12


def shared(rows: Sequence[Row]) -> list[Row]:
    """Return the answers for objects that several people answered: we learn from no others."""
    people: dict[str, int] = defaultdict(int)
    for item, _, _ in rows:
        people[item] += 1
    return [row for row in rows if people[row[0]] > 1]


def _votes(question: Question) -> Probabilities:
    found: dict[str, list[Vote]] = defaultdict(list)
    labels = sorted({label for _, _, label in question["rows"]})
    for item, worker, label in question["rows"]:
        found[item].append(Vote(worker=worker, label=labels.index(label)))
    return [
        (item, labels[label], share)
        for item, votes in found.items()
        for label, share in vote_shares(votes).items()
    ]


def _matrices(question: Question) -> Probabilities:
    def without_prior(counts: Floats) -> Floats:
        given = counts.sum(axis=(0, 1)) > 0.0
        return matrices.matrices(np.where(given, np.maximum(counts, _LEAST), 0.0))

    with _replaced((matrices, "_STRENGTH", 0.0)):
        return _fitted(question, without_prior)


def _coins(question: Question) -> Probabilities:
    with _replaced(
        (matrices, "COIN_ANSWERS", 0.0),
        (matrices, "CROWD_ANSWERS", _EVERYTHING),
        (matrices, "WORKER_ANSWERS", _EVERYTHING),
        (matrices, "HIGHEST_ACCURACY", 1.0 - _LEAST),
    ):
        return _fitted(question, matrices.coins)


def _fitted(question: Question, model: states.Model) -> Probabilities:
    """Return the posteriors after so many rounds from the votes' shares."""
    answers = answers_of([list(zip(*question["rows"], strict=True))])
    layout = layout_of(answers)
    with (
        _replaced(
            (states, "_OBJECTS", _LEAST),
            (states, "_ROUNDS", question["rounds"]),
            (states, "_SMALL_CHANGE", -1.0),
        ),
        np.errstate(divide="ignore"),  # answers a worker never gave
    ):
        found = states.fit(layout, layout.shares, model=model)
    return _named(layout, answers.objects, answers.labels, found)


def _named(
    layout: Layout, objects: Sequence[str], labels: Sequence[str], found: states.Fit
) -> Probabilities:
    posterior = found.posterior(layout, slice(0, layout.places))
    return [
        (objects[item], label, float(posterior[number, place]))
        for place, item in enumerate(layout.order)
        for number, label in enumerate(labels)
    ]


def labels_of(rows: Sequence[Row]) -> dict[str, str]:
    """Return the labels as they ship, nothing taken away."""
    answers = answers_of([list(zip(*rows, strict=True))])
    labels, _ = single.consolidate(answers)
    return {
        item: answers.labels[label] for item, label in zip(answers.objects, labels, strict=True)
    }


def _alpha(question: Question) -> float:
    return _known(alpha.nominal(_by_object(question["rows"])))


def _alpha_of_sets(question: Question) -> float:
    sets = [[frozenset(labels) for labels in each] for each in _by_object(question["rows"])]
    return _known(alpha.structured(sets, distances.jaccard))


def _known(found: alpha.Agreement) -> float:
    """Return 1 where nothing varies, as crowd-kit does: we say that it is not known."""
    return 1.0 if found.alpha is None else found.alpha


def _masks(question: Question) -> list[tuple[str, list[list[int]]]]:
    found: dict[str, list[masks.Mask]] = defaultdict(list)
    for item, _, mask in question["rows"]:
        found[item].append(np.array(mask, dtype=np.uint8))
    return [(item, masks.consolidate(each).mask.tolist()) for item, each in found.items()]


def _by_object(rows: Sequence[tuple[str, str, Any]]) -> list[list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for item, _, answer in rows:
        found[item].append(answer)
    return list(found.values())


@contextmanager
def _replaced(*constants: tuple[object, str, float]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in constants:
            patch.setattr(module, name, value)
        yield


ASKED: Mapping[str, Callable[[Question], Any]] = {
    "votes": _votes,
    "matrices": _matrices,
    "coins": _coins,
    "alpha": _alpha,
    "alpha of sets": _alpha_of_sets,
    "masks": _masks,
}
