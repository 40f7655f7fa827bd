"""Dawid and Skene's model for a batch: shrunk to one coin, and with what earlier batches taught.

A batch holds tens of objects with a few answers each, too few for a confusion matrix per worker
(Dawid and Skene 1979): alone, that model does worse than counting votes. So every matrix is drawn
to what the next coarser model says, and takes over as answers come in (n are expected counts over
this batch and the carried ones, with K labels):

    pool = (4 * 0.7 + answers that are right) / (4 + answers)           how good the crowd is
    p[w] = (4 pool + w's right ones) / (4 + w's answers)                one coin per worker
    crowd[c, l] proportional to n[c, l] + 100 (pool if l = c, else (1 - pool) / (K - 1))
    base[w, c, l] proportional to crowd[c, l] (p[w] / pool if l = c, else (1 - p[w]) / (1 - pool))
    pi[w, c, l] = (n[w, c, l] + 10 base[w, c, l]) / (n[w, c] + 10)

By expectation maximization over the labels somebody chose for an object; those nobody chose are one
rest, answered by coins. Objects with one answer teach nothing. The confidence is the posterior with
the evidence to the power 0.7, blended with the votes as for whole jobs (`job.blend`), because
workers err together on hard objects, which no model of independent workers can see.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ground_truth.consolidation.tally import NOTHING, Tally, WorkerTally, added
from ground_truth.consolidation.votes import (
    Consensus,
    Objects,
    Vote,
    best,
    check_votes,
    vote_shares,
)

_ACCURACY: Final = 0.7
ACCURACY_ANSWERS: Final = 4.0
COIN_ANSWERS: Final = 4.0
CROWD_ANSWERS: Final = 100.0
WORKER_ANSWERS: Final = 10.0
_LABEL_OBJECTS: Final = 300.0
HIGHEST_ACCURACY: Final = 0.999
_ROUNDS: Final = 10
_SMALL_CHANGE: Final = 0.01
_POWER: Final = 0.7
# Before answers are compared, two in three workers agree, with the weight of two objects.
_AGREEMENT: Final = 0.6
_AGREEMENT_OBJECTS: Final = 2.0
_VOTE_WEIGHTS: Final = (0.1, 0.5)
_PSEUDO_VOTES: Final = 4

Posterior = dict[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidated:
    """A batch's labels in the objects' order, and what it taught."""

    results: list[Consensus]
    learned: Tally


def consolidate(objects: Objects, classes: int) -> list[Consensus]:
    """Return the label and its probability for each object, in the objects' order."""
    return consolidate_with(NOTHING, objects, classes).results


def consolidate_with(carried: Tally, objects: Objects, classes: int) -> Consolidated:
    """Consolidate a batch with what others of its job have taught.

    Ties go to the first label in label order. The result depends neither on the order of objects
    or workers nor on what workers are called, and renaming labels renames the result.

    Args:
        carried: the sum of other batches' tallies; labels outside ``classes`` are not counted.
        objects: the votes of each object, at most one per worker.
        classes: how many label categories there are, K.

    Raises:
        ValueError: an object without votes, a label outside ``classes``, fewer than two classes.
    """
    check_votes(objects, classes)
    shared = [votes for votes in objects if len(votes) > 1]
    posteriors = [vote_shares(votes) for votes in shared]
    learned = _tally(shared, posteriors)
    # A first guess of the votes' shares would count for too much: what is carried goes first.
    model = Model.of(carried, classes)
    for _ in range(_ROUNDS):
        before = posteriors
        posteriors = [model.posterior(votes) for votes in shared]
        learned = _tally(shared, posteriors)
        model = Model.of(added([carried, learned]), classes)
        if _change(before, posteriors) < _SMALL_CHANGE * len(shared):
            break
    weight = _vote_weight(added([carried, learned]))
    results = [_result(model, votes, weight) for votes in objects]
    return Consolidated(results=results, learned=learned)


def _result(model: "Model", votes: Sequence[Vote], weight: float) -> Consensus:
    label = best(model.posterior(votes)).label
    pseudo = float(min(model.classes, _PSEUDO_VOTES))
    share = vote_shares(votes, pseudo=pseudo, classes=model.classes)[label]
    # a lone answer depends on no other
    posterior = model.posterior(votes, _POWER if len(votes) > 1 else 1.0)[label]
    return Consensus(label=label, confidence=(1.0 - weight) * posterior + weight * share)


def _vote_weight(tally: Tally) -> float:
    low, high = _VOTE_WEIGHTS
    agree = (_AGREEMENT_OBJECTS * _AGREEMENT + tally.agreement) / (
        _AGREEMENT_OBJECTS + tally.objects
    )
    return min(high, max(low, 1.0 - agree))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a tally says of the crowd and of every worker; matrices are worked out as needed."""

    classes: int
    tally: Tally
    pool: float
    crowd: dict[tuple[int, int], float]
    rows: dict[int, float]

    @classmethod
    def of(cls, tally: Tally, classes: int) -> "Model":
        crowd: dict[tuple[int, int], list[float]] = {}
        rows: dict[int, list[float]] = {}
        for worker in tally.workers.values():
            for (right, given), count in worker.given.items():
                crowd.setdefault((right, given), []).append(count)
                rows.setdefault(right, []).append(count)
        correct = [
            count for (right, given), counts in crowd.items() if right == given for count in counts
        ]
        answers = math.fsum(worker.answers for worker in tally.workers.values())
        pool = (ACCURACY_ANSWERS * _ACCURACY + math.fsum(correct)) / (ACCURACY_ANSWERS + answers)
        return cls(
            classes=classes,
            tally=tally,
            pool=min(max(pool, 1.0 / classes), HIGHEST_ACCURACY),
            crowd={pair: math.fsum(counts) for pair, counts in crowd.items()},
            rows={right: math.fsum(counts) for right, counts in rows.items()},
        )

    def posterior(self, votes: Sequence[Vote], power: float = 1.0) -> Posterior:
        """Return the probability of every label somebody chose."""
        coins = {vote.worker: self._coin(vote.worker) for vote in votes}
        labels = sorted({vote.label for vote in votes})
        weights = {
            label: math.log(self._prior(label))
            + power * math.fsum(math.log(self._answer(vote, label, coins)) for vote in votes)
            for label in labels
        }
        unchosen = 1.0 - math.fsum(map(self._prior, labels))
        rest = -math.inf
        if len(labels) < self.classes and unchosen > 0.0:
            wrong = ((1.0 - coins[vote.worker]) / (self.classes - 1) for vote in votes)
            rest = math.log(unchosen) + power * math.fsum(map(math.log, wrong))
        highest = max(rest, *weights.values())
        parts = {label: math.exp(weight - highest) for label, weight in weights.items()}
        total = math.fsum([*parts.values(), math.exp(rest - highest)])
        return {label: part / total for label, part in parts.items()}

    def _coin(self, worker: str) -> float:
        """Return how often a worker is right, never less than by chance."""
        tally = self.tally.workers.get(worker, WorkerTally())
        correct = math.fsum(n for (right, given), n in tally.given.items() if right == given)
        accuracy = (COIN_ANSWERS * self.pool + correct) / (COIN_ANSWERS + tally.answers)
        return min(max(accuracy, 1.0 / self.classes), HIGHEST_ACCURACY)

    def _prior(self, label: int) -> float:
        total = math.fsum(self.tally.labels.values())
        count = self.tally.labels.get(label, 0.0)
        return (count + _LABEL_OBJECTS / self.classes) / (total + _LABEL_OBJECTS)

    def _answer(self, vote: Vote, right: int, coins: dict[str, float]) -> float:
        """Return pi: the chance of a worker's answer where ``right`` is the label."""
        given = self.tally.workers.get(vote.worker, WorkerTally()).given
        row = math.fsum(count for (label, _), count in given.items() if label == right)
        better = coins[vote.worker] / self.pool
        worse = (1.0 - coins[vote.worker]) / (1.0 - self.pool)
        diagonal = self._crowd(right, right)
        share = self._crowd(right, vote.label) * (better if vote.label == right else worse)
        base = share / (diagonal * better + (1.0 - diagonal) * worse)
        count = given.get((right, vote.label), 0.0)
        return (count + WORKER_ANSWERS * base) / (row + WORKER_ANSWERS)

    def _crowd(self, right: int, given: int) -> float:
        coin = self.pool if right == given else (1.0 - self.pool) / (self.classes - 1)
        count = self.crowd.get((right, given), 0.0)
        return (count + CROWD_ANSWERS * coin) / (self.rows.get(right, 0.0) + CROWD_ANSWERS)


def _tally(objects: Objects, posteriors: Sequence[Posterior]) -> Tally:
    answers: dict[str, int] = {}
    given: dict[str, dict[tuple[int, int], list[float]]] = {}
    labels: dict[int, list[float]] = {}
    for votes, posterior in zip(objects, posteriors, strict=True):
        for label, probability in posterior.items():
            labels.setdefault(label, []).append(probability)
        for vote in votes:
            answers[vote.worker] = answers.get(vote.worker, 0) + 1
            counts = given.setdefault(vote.worker, {})
            for label, probability in posterior.items():
                counts.setdefault((label, vote.label), []).append(probability)
    return Tally(
        objects=float(len(objects)),
        agreement=math.fsum(map(_agreement, objects)),
        labels={label: math.fsum(values) for label, values in sorted(labels.items())},
        workers={
            worker: WorkerTally(
                answers=float(number),
                given={pair: math.fsum(given[worker][pair]) for pair in sorted(given[worker])},
            )
            for worker, number in sorted(answers.items())
        },
    )


def _agreement(votes: Sequence[Vote]) -> float:
    """Return the chance that two of an object's answers agree."""
    numbers = [share * len(votes) for share in vote_shares(votes).values()]
    return math.fsum(n * (n - 1.0) for n in numbers) / (len(votes) * (len(votes) - 1.0))


def _change(before: Sequence[Posterior], after: Sequence[Posterior]) -> float:
    return math.fsum(
        abs(new[label] - old[label]) / 2.0
        for old, new in zip(before, after, strict=True)
        for label in new
    )
