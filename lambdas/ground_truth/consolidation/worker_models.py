"""What a tally says of workers, in models from coarse to fine, and which of them it bears out.

A matrix per worker needs more answers than a batch has. So every matrix is drawn to what the next
coarser model says, and takes over as answers come in (n are a tally's expected counts, with K
labels):

    pool = (4 * 0.7 + answers that are right) / (4 + answers)           how good the crowd is
    p[w] = (4 pool + w's right ones) / (4 + w's answers)                one coin per worker
    crowd[c, l] proportional to n[c, l] + 100 (pool if l = c, else (1 - pool) / (K - 1))
    base[w, c, l] proportional to crowd[c, l] (p[w] / pool if l = c, else (1 - p[w]) / (1 - pool))
    pi[w, c, l] = (n[w, c, l] + 10 base[w, c, l]) / (n[w, c] + 10)

Where nearly all objects are of one label, or workers are hardly better than chance, those matrices
explain mistakes as labels, and end below the plain vote. Which model a job bears out is told by
what each says of answers it has not seen: the sums of log probabilities of batch after batch
(Dawid's prequential rule, 1984). No true label is needed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from ground_truth.consolidation.tally import Tally, WorkerTally
from ground_truth.consolidation.votes import Objects, Vote

_ACCURACY: Final = 0.7
ACCURACY_ANSWERS: Final = 4.0
COIN_ANSWERS: Final = 4.0
CROWD_ANSWERS: Final = 100.0
WORKER_ANSWERS: Final = 10.0
_LABEL_OBJECTS: Final = 300.0
HIGHEST_ACCURACY: Final = 0.999
# What matrices must explain of that which coins leave open (McFadden's measure, 1974): less can
# come of taking mistakes for labels.
_MATRICES_GAIN: Final = 0.05
# Before anything is known all models say the same.
_ROUNDING: Final = 1e-6

Posterior = dict[int, float]
# The labels nobody chose.
_REST: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices:
    """A matrix for every worker; parts are worked out as needed."""

    classes: int
    tally: Tally
    pool: float
    crowd: Mapping[tuple[int, int], float]
    rows: Mapping[int, float]

    @classmethod
    def of(cls, tally: Tally, classes: int) -> Self:
        """Return what a tally says of workers."""
        crowd: dict[tuple[int, int], list[float]] = {}
        rows: dict[int, list[float]] = {}
        for worker in tally.workers.values():
            for (right, given), count in worker.given.items():
                crowd.setdefault((right, given), []).append(count)
                rows.setdefault(right, []).append(count)
        correct = [
            count for (right, given), counts in crowd.items() if right == given for count in counts
        ]
        answers = ACCURACY_ANSWERS + _answers(tally)
        pool = (ACCURACY_ANSWERS * _ACCURACY + math.fsum(correct)) / answers
        return cls(
            classes=classes,
            tally=tally,
            pool=min(max(pool, 1.0 / classes), HIGHEST_ACCURACY),
            crowd={pair: math.fsum(counts) for pair, counts in crowd.items()},
            rows={right: math.fsum(counts) for right, counts in rows.items()},
        )

    def posterior(self, votes: Sequence[Vote], power: float = 1.0) -> Posterior:
        """Return the probability of every label somebody chose; the evidence counts to a power."""
        states, parts = self._states(votes)
        weights = [
            prior + power * math.fsum(logs)
            for prior, logs in zip(states.values(), zip(*parts, strict=True), strict=True)
        ]
        total = _log_of_sum(weights)
        return {
            label: math.exp(weight - total)
            for label, weight in zip(states, weights, strict=True)
            if label != _REST
        }

    def prediction(self, votes: Sequence[Vote]) -> float:
        """Return the logs, summed, of how likely each answer is where the others are given."""
        states, parts = self._states(votes)
        weights = [
            prior + math.fsum(logs)
            for prior, logs in zip(states.values(), zip(*parts, strict=True), strict=True)
        ]
        every = _log_of_sum(weights)
        return math.fsum(
            every - _log_of_sum([all_ - own for all_, own in zip(weights, logs, strict=True)])
            for logs in parts
        )

    def _states(self, votes: Sequence[Vote]) -> tuple[dict[int, float], list[list[float]]]:
        """Return the logs of every state's prior, and of every vote's chance in each of them.

        States are the labels somebody chose, and all others as one.
        """
        labels = sorted({vote.label for vote in votes})
        priors = {label: self._prior(label) for label in labels}
        rest = 1.0 - math.fsum(priors.values())
        if len(labels) < self.classes and rest > 0.0:
            priors[_REST] = rest
        parts = []
        for vote in votes:
            coin = self._coin(vote.worker)
            chances = [
                self._wrong(coin) if label == _REST else self._answer(vote, label, coin)
                for label in priors
            ]
            parts.append([math.log(chance) for chance in chances])
        return {label: math.log(prior) for label, prior in priors.items()}, parts

    def _prior(self, label: int) -> float:
        total = math.fsum(self.tally.labels.values())
        count = self.tally.labels.get(label, 0.0)
        return (count + _LABEL_OBJECTS / self.classes) / (total + _LABEL_OBJECTS)

    def _coin(self, worker: str) -> float:
        """Return how often a worker is right, never less than by chance."""
        tally = self.tally.workers.get(worker, WorkerTally())
        correct = math.fsum(n for (right, given), n in tally.given.items() if right == given)
        accuracy = (COIN_ANSWERS * self.pool + correct) / (COIN_ANSWERS + tally.answers)
        return min(max(accuracy, 1.0 / self.classes), HIGHEST_ACCURACY)

    def _wrong(self, coin: float) -> float:
        return (1.0 - coin) / (self.classes - 1)

    def _answer(self, vote: Vote, right: int, coin: float) -> float:
        """Return pi: the chance of a worker's answer where ``right`` is the label."""
        given = self.tally.workers.get(vote.worker, WorkerTally()).given
        row = math.fsum(count for (label, _), count in given.items() if label == right)
        better = coin / self.pool
        worse = (1.0 - coin) / (1.0 - self.pool)
        diagonal = self._crowd(right, right)
        share = self._crowd(right, vote.label) * (better if vote.label == right else worse)
        base = share / (diagonal * better + (1.0 - diagonal) * worse)
        count = given.get((right, vote.label), 0.0)
        return (count + WORKER_ANSWERS * base) / (row + WORKER_ANSWERS)

    def _crowd(self, right: int, given: int) -> float:
        coin = self.pool if right == given else self._wrong(self.pool)
        count = self.crowd.get((right, given), 0.0)
        return (count + CROWD_ANSWERS * coin) / (self.rows.get(right, 0.0) + CROWD_ANSWERS)


class Coins(Matrices):
    """A coin for every worker: wrong answers are any other label."""

    __slots__ = ()

    def _answer(self, vote: Vote, right: int, coin: float) -> float:
        return coin if vote.label == right else self._wrong(coin)


class Alike(Coins):
    """One coin for everybody: the vote, with the labels' frequencies."""

    __slots__ = ()

    def _coin(self, worker: str) -> float:  # noqa: ARG002 - all are alike
        return self.pool


# By the names they have in tallies.
MODELS: Final[Mapping[str, type[Matrices]]] = {
    "alike": Alike,
    "coins": Coins,
    "matrices": Matrices,
}


def predictions(carried: Tally, objects: Objects, classes: int) -> dict[str, float]:
    """Return how well each model, knowing only what is carried, predicts a batch's answers."""
    known = {name: model.of(carried, classes) for name, model in MODELS.items()}
    return {name: math.fsum(map(model.prediction, objects)) for name, model in known.items()}


def borne_out(carried: Tally) -> type[Matrices]:
    """Return the model that has best predicted the answers of other batches.

    Matrices are the rule where nothing was predicted yet. Coins take over unless matrices explain
    5 % of what they leave open, everybody alike where it predicts better than those.
    """
    gone = carried.predictions
    if not gone.keys() >= MODELS.keys():
        return Matrices
    explained = gone["matrices"] - gone["coins"]
    chosen = "matrices" if explained > -_MATRICES_GAIN * gone["coins"] else "coins"
    return MODELS["alike" if gone["alike"] - gone[chosen] > _ROUNDING else chosen]


def _answers(tally: Tally) -> float:
    return math.fsum(worker.answers for worker in tally.workers.values())


def _log_of_sum(logs: Sequence[float]) -> float:
    """Return log(sum(exp(logs)))."""
    highest = max(logs)
    return highest + math.log(math.fsum(math.exp(each - highest) for each in logs))
