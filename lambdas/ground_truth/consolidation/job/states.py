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
from ground_truth.consolidation.job.blend import EXPONENTS
from ground_truth.consolidation.job.layout import Layout
from ground_truth.consolidation.job.matrices import matrices

_SMALL_CHANGE: Final = 0.01
_ROUNDS: Final = 60
# How many objects more every state is taken to have.
_OBJECTS: Final = 1.0
# Objects the exponent is chosen on; more would cost time and change nothing.
_SAMPLE: Final = 20_000

Posterior = Callable[[slice], Floats]
Model = Callable[[Floats], Floats]


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


def fit(layout: Layout, start: Posterior, *, states: int = 1, model: Model = matrices) -> Fit:
    """Learn from ``start``, which gives the first guess: state by place.

    Args:
        layout: the answers.
        start: the posterior to begin with.
        states: how many each label has.
        model: makes probabilities of expected counts of label, state, worker and label given.
    """
    size = layout.classes * states
    posterior = np.empty((size, layout.places))
    counts = _Counts(layout, size)
    for places in layout.blocks():
        posterior[:, places] = start(places)
        counts.add(places, posterior[:, places])
    for _ in range(_ROUNDS):
        found = counts.fit(states, model)
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

    def fit(self, states: int, model: Model) -> Fit:
        """Return the probabilities that these counts and the priors make likeliest."""
        classes, workers = self._layout.classes, self._layout.workers
        answers = model(self._answers.reshape(classes, states, workers, classes))
        objects = self._objects + _OBJECTS
        return Fit(
            states=states,
            prior=np.log(objects / objects.sum()),
            answer=np.log(answers).reshape(len(objects), -1),
        )


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
    sample = layout.only(np.arange(0, layout.shared, step))
    evidence = found.evidence(sample, slice(0, sample.places))
    best, highest = 1.0, -np.inf
    for exponent in EXPONENTS:
        likelihood = sum(
            float(predicted(rank, evidence, found, exponent).sum()) for rank in sample.ranks
        )
        if likelihood > highest + 1e-9 * abs(likelihood):
            best, highest = exponent, likelihood
    return best


def predicted(rank: Integers, evidence: Floats, found: Fit, exponent: float) -> Floats:
    """Return the log likelihood of each answer of a rank, given the other answers' evidence."""
    answers = found.answer[:, rank]
    others = exponent * (evidence[:, : len(rank)] - answers) + found.prior[:, None]
    likely: Floats = np.log((_normalized(others) * np.exp(answers)).sum(axis=0))
    return likely
