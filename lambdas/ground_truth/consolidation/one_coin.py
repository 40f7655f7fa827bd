"""One-coin expectation maximization over a batch, tempered, blended with the vote.

A batch holds tens of objects with a few answers each, too few for a confusion matrix per worker
(Dawid and Skene 1979): on such batches that model does worse than counting votes. So each worker w
is one coin (Ghosh, Kale and McAfee 2011; Raykar et al. 2010): right with probability p_w, else one
of the other K - 1 labels at random. With equal prior for all labels the posterior of an object is

    q(c) proportional to prod over the votes (w, c) of r_w,  r_w = p_w (K - 1) / (1 - p_w)

and a label nobody chose weighs 1. Expectation maximization alternates q with

    pool = (A m + sum of all q(chosen)) / (A + number of votes)
    p_w  = (S pool + sum of w's q(chosen)) / (S + number of w's votes)

that is, the crowd's accuracy is the prior of every worker's (a Beta of strength S), so somebody
with two answers counts as an average worker. It stops early: run to the end on few answers, the
model convinces itself.

Workers err together on hard objects, which no model of independent workers can see. Two brakes:

* Tempering (Grünwald's safe Bayes in spirit): the evidence is raised to the power t of 0.1 … 1 that
  best predicts every vote from the object's other votes, chosen without knowing any true label.
* The result is a blend, (1 - u) q_t(c) + u v(c), with v the vote share with two pseudo votes and
  u = min(1/2, 2 (1 - pool)): the more the crowd errs, the more its votes count as mere votes.

The constants were set on public crowdsourcing data with three to five answers per object, cut into
batches of 10, 50 and 200, where they matter little; see docs/benchmarks.md.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from ground_truth.consolidation.votes import (
    Consensus,
    Objects,
    Vote,
    best,
    check_votes,
    vote_shares,
)

_PRIOR_ACCURACY: Final = 0.7  # m
_PRIOR_VOTES: Final = 4.0  # A: what the crowd's accuracy is worth before anybody answered
_WORKER_PRIOR_VOTES: Final = 4.0  # S
_HIGHEST_ACCURACY: Final = 0.999
_ROUNDS: Final = 10
_SMALL_CHANGE: Final = 0.0025
_TEMPERATURES: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
_PSEUDO_VOTES: Final = 2.0
_HIGHEST_VOTE_WEIGHT: Final = 0.5

Accuracies = Mapping[str, float]


def consolidate(objects: Objects, classes: int) -> list[Consensus]:
    """Return the label and its probability for each object, in the objects' order.

    Ties go to the first label in label order. The result depends neither on the order of objects
    or workers nor on what workers are called, and renaming labels renames the result. One answer
    alone has the prior accuracy of a worker as its confidence, blended with its smoothed share.

    Args:
        objects: the votes of each object, at most one per worker.
        classes: how many label categories there are, K.

    Raises:
        ValueError: an object without votes, a label outside ``classes``, fewer than two classes.
    """
    check_votes(objects, classes)
    accuracies, pool = _fit(objects, classes)
    exponent = _temperature(objects, accuracies, classes)
    vote_weight = min(_HIGHEST_VOTE_WEIGHT, 2.0 * (1.0 - pool))
    results = []
    for votes in objects:
        posterior = _posterior(_evidence(votes, accuracies, classes), classes, exponent)
        shares = vote_shares(votes, pseudo=_PSEUDO_VOTES, classes=classes)
        results.append(
            best(
                {
                    label: (1.0 - vote_weight) * posterior[label] + vote_weight * share
                    for label, share in shares.items()
                }
            )
        )
    return results


def _fit(objects: Objects, classes: int) -> tuple[Accuracies, float]:
    """Return every worker's accuracy and the crowd's."""
    workers = {vote.worker for votes in objects for vote in votes}
    accuracies = dict.fromkeys(workers, _PRIOR_ACCURACY)
    pool = mean = _PRIOR_ACCURACY
    for _ in range(_ROUNDS):
        right: dict[str, list[float]] = defaultdict(list)
        for votes in objects:
            posterior = _posterior(_evidence(votes, accuracies, classes), classes)
            for vote in votes:
                right[vote.worker].append(posterior[vote.label])
        every = [value for values in right.values() for value in values]
        pool = _shrunk(every, _PRIOR_ACCURACY, _PRIOR_VOTES)
        for worker, values in right.items():
            accuracy = _shrunk(values, pool, _WORKER_PRIOR_VOTES)
            # Nobody counts for less than nothing: below chance a small batch proves no malice.
            accuracies[worker] = min(max(accuracy, 1.0 / classes), _HIGHEST_ACCURACY)
        before, mean = mean, math.fsum(accuracies.values()) / max(1, len(accuracies))
        if abs(mean - before) < _SMALL_CHANGE:
            break
    return accuracies, pool


def _shrunk(values: Sequence[float], prior: float, strength: float) -> float:
    return (strength * prior + math.fsum(values)) / (strength + len(values))


def _weight(accuracy: float, classes: int) -> float:
    """Return log r_w: what one vote says for its label against every other."""
    return math.log(accuracy * (classes - 1) / (1.0 - accuracy))


def _evidence(votes: Sequence[Vote], accuracies: Accuracies, classes: int) -> dict[int, float]:
    """Return the log evidence of every label somebody chose, against one nobody chose."""
    parts: dict[int, list[float]] = defaultdict(list)
    for vote in votes:
        parts[vote.label].append(_weight(accuracies[vote.worker], classes))
    return {label: math.fsum(weights) for label, weights in parts.items()}


def _posterior(
    evidence: Mapping[int, float], classes: int, exponent: float = 1.0
) -> dict[int, float]:
    """Return the posterior of the labels in ``evidence``; the rest share what is left to one."""
    highest = max(0.0, *evidence.values())
    weights = {label: math.exp(exponent * (value - highest)) for label, value in evidence.items()}
    unchosen = (classes - len(weights)) * math.exp(-exponent * highest)
    total = math.fsum([*weights.values(), unchosen])
    return {label: weight / total for label, weight in weights.items()}


def _temperature(objects: Objects, accuracies: Accuracies, classes: int) -> float:
    """Return the exponent that best predicts each vote from the others of its object."""
    chosen, highest = 1.0, -math.inf
    for exponent in _TEMPERATURES:
        likelihood = math.fsum(
            _prediction(votes, accuracies, classes, exponent) for votes in objects if len(votes) > 1
        )
        # Clearly better, or the evidence stays as it is: one answer per object tells nothing.
        if likelihood > highest + 1e-9:
            chosen, highest = exponent, likelihood
    return chosen


def _prediction(
    votes: Sequence[Vote], accuracies: Accuracies, classes: int, exponent: float
) -> float:
    """Return the log probability of an object's votes, each given the others."""
    evidence = _evidence(votes, accuracies, classes)
    parts = []
    for vote in votes:
        accuracy = accuracies[vote.worker]
        others = evidence | {vote.label: evidence[vote.label] - _weight(accuracy, classes)}
        right = _posterior(others, classes, exponent)[vote.label]
        wrong = (1.0 - accuracy) / (classes - 1)
        parts.append(math.log(right * accuracy + (1.0 - right) * wrong))
    return math.fsum(parts)
