"""Single labels where a matrix per worker would not fit: hundreds of labels, or very many workers.

Only labels that somebody chose for an object are weighed, and each worker is one coin with the
crowd's accuracy as prior (Ghosh, Kale and McAfee 2011), so memory grows with the answers alone. A
wrong answer falls on one of the other labels as often as they are used, so the number of labels
counts as 1 / sum of f[l] ** 2, with f the labels' shares of all answers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ground_truth.consolidation.job.answers import Answers, Floats, Integers, summed
from ground_truth.consolidation.job.blend import (
    EXPONENTS,
    PRIOR_ACCURACY,
    TIE_DIGITS,
    confidence,
    vote_weight,
)

_MATRIX_PLACES: Final = 4_000_000
_POSTERIOR_PLACES: Final = 40_000_000
_PRIOR_ANSWERS: Final = 4.0
_HIGHEST_ACCURACY: Final = 0.999
_SMALL_CHANGE: Final = 0.01
_ROUNDS: Final = 20
_TINY: Final = 1e-300


def is_sparse(answers: Answers) -> bool:
    """Tell whether matrices or posteriors over all labels would take too much memory."""
    labels = len(answers.labels)
    return (
        len(answers.workers) * labels**2 > _MATRIX_PLACES
        or len(answers.objects) * labels > _POSTERIOR_PLACES
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Every label somebody chose for an object, once: sorted by object, then label.

    ``of_answer`` leads from an answer to its pair, ``starts`` from an object to its first one.
    """

    object: Integers
    label: Integers
    votes: Integers
    of_answer: Integers
    starts: Integers
    counts: Integers
    classes: float

    def posterior(self, evidence: Floats, exponent: float = 1.0) -> Floats:
        """Return each pair's probability; labels nobody chose have the evidence 0."""
        scaled = exponent * evidence
        highest = np.maximum(0.0, np.maximum.reduceat(scaled, self.starts))
        weights = np.exp(scaled - highest[self.object])
        sizes = np.diff(np.append(self.starts, len(self.object)))
        unchosen = np.maximum(0.0, self.classes - sizes) * np.exp(-highest)
        total = np.add.reduceat(weights, self.starts) + unchosen
        found: Floats = weights / total[self.object]
        return found


def consolidate_sparsely(answers: Answers) -> tuple[Integers, Floats]:
    """Return each object's label, as its place among the labels, and its probability."""
    chosen = _chosen(answers)
    weights = _fit(answers, chosen)
    evidence = summed(chosen.of_answer, weights[answers.worker], len(chosen.object))
    plain = chosen.posterior(evidence)
    tempered = chosen.posterior(evidence, _exponent(answers, chosen, evidence, weights))
    # best first, and of equals the first in label order
    order = np.lexsort((chosen.label, -np.round(plain, TIE_DIGITS), chosen.object))
    best = order[chosen.starts]
    return chosen.label[best], confidence(
        posterior=tempered[best],
        votes=chosen.votes[best].astype(float),
        answers=chosen.counts.astype(float),
        classes=max(2, len(answers.labels)),
        weight=vote_weight(_agreement(chosen)),
    )


def _chosen(answers: Answers) -> _Chosen:
    labels = len(answers.labels)
    pairs, of_answer, votes = np.unique(
        answers.object * labels + answers.label, return_inverse=True, return_counts=True
    )
    of_object = pairs // labels
    used = np.bincount(answers.label, minlength=labels) / max(1, len(answers.label))
    return _Chosen(
        object=of_object,
        label=pairs % labels,
        votes=votes,
        of_answer=of_answer,
        starts=np.searchsorted(of_object, np.arange(len(answers.objects))),
        counts=answers.counts,
        classes=max(2.0, 1.0 / float((used**2).sum())),
    )


def _fit(answers: Answers, chosen: _Chosen) -> Floats:
    """Return what one answer of each worker says for its label, as a log ratio."""
    # a lone answer agrees with itself, so nothing is learned from it
    learned = chosen.counts[answers.object] > 1
    workers = answers.worker[learned]
    of_answer = chosen.of_answer[learned]
    number = np.bincount(workers, minlength=len(answers.workers))
    posterior = chosen.votes / chosen.counts[chosen.object]
    weights = np.zeros(len(answers.workers))
    for _ in range(_ROUNDS):
        right = posterior[of_answer]
        pool = (_PRIOR_ANSWERS * PRIOR_ACCURACY + right.sum()) / (_PRIOR_ANSWERS + len(workers))
        sums = summed(workers, right, len(number))
        accuracy = (_PRIOR_ANSWERS * pool + sums) / (_PRIOR_ANSWERS + number)
        accuracy = np.clip(accuracy, 1.0 / chosen.classes, _HIGHEST_ACCURACY)
        weights = np.log(accuracy * (chosen.classes - 1.0) / (1.0 - accuracy))
        before = posterior
        posterior = chosen.posterior(
            summed(chosen.of_answer, weights[answers.worker], len(chosen.object))
        )
        if np.abs(posterior - before).sum() < 2 * _SMALL_CHANGE * len(chosen.counts):
            break
    return weights


def _exponent(answers: Answers, chosen: _Chosen, evidence: Floats, weights: Floats) -> float:
    """Return the power of the evidence that best predicts each answer from the object's others."""
    own = weights[answers.worker]
    accuracy = 1.0 / (1.0 + (chosen.classes - 1.0) * np.exp(-own))
    wrong = (1.0 - accuracy) / (chosen.classes - 1.0)
    shared = chosen.counts[answers.object] > 1
    unchosen = np.maximum(0.0, chosen.classes - np.bincount(chosen.object))
    best, highest = 1.0, -np.inf
    for exponent in EXPONENTS:
        scaled = exponent * evidence
        most = np.maximum(0.0, np.maximum.reduceat(scaled, chosen.starts))
        weight = np.exp(scaled - most[chosen.object])
        total = np.add.reduceat(weight, chosen.starts) + unchosen * np.exp(-most)
        others = np.maximum(0.0, total[answers.object] - weight[chosen.of_answer])
        mine = weight[chosen.of_answer] * np.exp(-exponent * own)
        right = mine / (mine + others + _TINY)
        likelihood = float(np.log(right * accuracy + (1.0 - right) * wrong)[shared].sum())
        if likelihood > highest + 1e-9 * abs(likelihood):
            best, highest = exponent, likelihood
    return best


def _agreement(chosen: _Chosen) -> float | None:
    """Return the chance that two answers for an object agree; None where no object has two."""
    shared = chosen.counts > 1
    if not shared.any():
        return None
    agreeing = np.bincount(chosen.object, weights=chosen.votes * (chosen.votes - 1.0))[shared]
    pairs = chosen.counts[shared] * (chosen.counts[shared] - 1.0)
    return float((agreeing / pairs).mean())
