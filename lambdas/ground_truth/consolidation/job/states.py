"""Dawid and Skene's model by expectation maximization, with states that may be finer than labels.

An object is in one of S states, each belonging to a label; a worker in state s answers l with
probability pi[w, s, l]. With one state per label this is Dawid and Skene (1979), and every worker's
matrix has the crowd's as its prior (n are expected numbers of answers):

    pi[w, c, l] proportional to n[w, c, l] + 2 crowd[c, l]
    crowd[c, l] proportional to sum over w of n[w, c, l] + 4 m[c, l]

with m right in 0.7 of the answers. With two states, an object can be an easy or a hard one of its
label, and on hard ones everybody may err alike: that is how workers depend on each other (Li,
Rubinstein and Cohn 2019, "Exploiting worker correlation for label aggregation in crowdsourcing",
who draw the finer states at random; here they start from the agreement). Few workers answer enough
to have a matrix per state, so the prior is the worker's own matrix, shifted as the crowd's is:

    pi[w, s, l] proportional to n[w, s, l] + 10 base[w, s, l]
    base[w, s, l] proportional to pi[w, c(s), l] crowd[s, l] / crowd[c(s), l]

Objects with one answer are labeled, but nothing is learned from them: a lone answer agrees with
itself. Iterations stop early, when the posteriors change by less than a hundredth: run to the end,
the model convinces itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Floats, Integers
from ground_truth.consolidation.job.blend import EXPONENTS, PRIOR_ACCURACY
from ground_truth.consolidation.job.layout import Layout

_PRIOR_ANSWERS: Final = 4.0
# How many answers a prior is worth in each row of a matrix.
_STRENGTH: Final = 2.0
_STRENGTH_OF_STATES: Final = 10.0
_SMALL_CHANGE: Final = 0.01
_ROUNDS: Final = 60
# Objects the exponent is chosen on; more would cost time and change nothing.
_SAMPLE: Final = 20_000

Posterior = Callable[[slice], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What was learned: log probabilities of states, and of answers by state and code."""

    states: int
    prior: Floats
    answer: Floats

    def evidence(self, layout: Layout, places: slice) -> Floats:
        """Return the log likelihood of the answers: state by place."""
        found = np.zeros((len(self.prior), places.stop - places.start))
        for rank in layout.ranks:
            codes = rank[places]
            for state, row in enumerate(self.answer):
                found[state, : len(codes)] += row[codes]
        return found

    def posterior(self, layout: Layout, places: slice, exponent: float = 1.0) -> Floats:
        """Return the probability of each label: label by place."""
        states = _normalized(exponent * self.evidence(layout, places) + self.prior[:, None])
        labels: Floats = states.reshape(layout.classes, self.states, -1).sum(axis=1)
        return labels


def fit(layout: Layout, start: Posterior, *, states: int = 1) -> Fit:
    """Learn from ``start``, which gives the first guess: state by place.

    Args:
        layout: the answers.
        start: the posterior to begin with.
        states: how many each label has.
    """
    size = layout.classes * states
    posterior = np.empty((size, layout.places))
    counts = _Counts(layout, size)
    for places in layout.blocks():
        posterior[:, places] = start(places)
        counts.add(places, posterior[:, places])
    for _ in range(_ROUNDS):
        found = counts.fit(states)
        counts, change = _Counts(layout, size), 0.0
        for places in layout.blocks():
            new = _normalized(found.evidence(layout, places) + found.prior[:, None])
            change += float(np.abs(new - posterior[:, places]).sum())
            posterior[:, places] = new
            counts.add(places, new)
        if change < 2 * _SMALL_CHANGE * layout.places:
            break
    return found


class _Counts:
    """Expected answers by state, worker and label, and expected objects by state."""

    def __init__(self, layout: Layout, size: int) -> None:
        self._layout = layout
        self._answers = np.zeros((size, layout.workers * layout.classes))
        self._objects = np.zeros(size)

    def add(self, places: slice, posterior: Floats) -> None:
        """Count the objects at ``places`` that have two answers or more."""
        shared = max(0, min(places.stop, self._layout.shared) - places.start)
        self._objects += posterior[:, :shared].sum(axis=1)
        for rank in self._layout.ranks:
            codes = rank[places][:shared]
            for state, weights in enumerate(posterior):
                self._answers[state] += np.bincount(
                    codes, weights=weights[: len(codes)], minlength=self._answers.shape[1]
                )

    def fit(self, states: int) -> Fit:
        """Return the probabilities that these counts and the priors make likeliest."""
        classes, workers = self._layout.classes, self._layout.workers
        counts = self._answers.reshape(classes, states, workers, classes)
        coarse = counts.sum(axis=1)
        crowd = _rows(coarse.sum(axis=1) + _PRIOR_ANSWERS * _prior(classes))
        answers = _rows(coarse + _STRENGTH * crowd[:, None, :])
        if states > 1:
            finer = counts.sum(axis=2) + _PRIOR_ANSWERS * _prior(classes)[:, None, :]
            shift = _rows(finer) / crowd[:, None, :]
            base = _rows(answers[:, None, :, :] * shift[:, :, None, :])
            answers = _rows(counts + _STRENGTH_OF_STATES * base)
        objects = self._objects + 1.0
        return Fit(
            states=states,
            prior=np.log(objects / objects.sum()),
            answer=np.log(answers).reshape(len(objects), -1),
        )


def _rows(weights: Floats) -> Floats:
    """Turn weights into probabilities along the last axis."""
    rows: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return rows


def _prior(classes: int) -> Floats:
    matrix = np.full((classes, classes), (1.0 - PRIOR_ACCURACY) / (classes - 1))
    np.fill_diagonal(matrix, PRIOR_ACCURACY)
    return matrix


def _normalized(logarithms: Floats) -> Floats:
    """Turn log weights into probabilities, in place."""
    logarithms -= logarithms.max(axis=0)
    np.exp(logarithms, out=logarithms)
    logarithms /= logarithms.sum(axis=0)
    return logarithms


def exponent_of(layout: Layout, found: Fit) -> float:
    """Return the power of the evidence that best predicts each answer from the object's others.

    Where workers err together, the evidence of several counts for less than their product. What it
    counts for shows without any true label: in how well answers predict each other.
    """
    step = max(1, layout.shared // _SAMPLE)
    sample = Layout(
        classes=layout.classes,
        workers=layout.workers,
        order=layout.order[: layout.shared : step],
        ranks=tuple(rank[: layout.shared : step] for rank in layout.ranks),
    )
    evidence = found.evidence(sample, slice(0, sample.places))
    best, highest = 1.0, -np.inf
    for exponent in EXPONENTS:
        likelihood = sum(_predicted(rank, evidence, found, exponent) for rank in sample.ranks)
        if likelihood > highest + 1e-9 * abs(likelihood):
            best, highest = exponent, likelihood
    return best


def _predicted(rank: Integers, evidence: Floats, found: Fit, exponent: float) -> float:
    answers = found.answer[:, rank]
    others = exponent * (evidence[:, : len(rank)] - answers) + found.prior[:, None]
    return float(np.log((_normalized(others) * np.exp(answers)).sum(axis=0)).sum())
