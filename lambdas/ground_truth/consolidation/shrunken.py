"""Single labels of a batch: by the model its job bears out, with what earlier batches taught.

A batch holds tens of objects with a few answers each, too few for a confusion matrix per worker
(Dawid and Skene 1979): alone, that model does worse than counting votes. So workers' matrices are
shrunk, and the job's answers so far choose between them and coarser models (`worker_models`).

By expectation maximization over the labels somebody chose for an object; those nobody chose are one
rest, answered by coins. Objects with one answer teach nothing. The confidence is the posterior with
the evidence to the power 0.7, blended with the votes as for whole jobs (`job.blend`), because
workers err together on hard objects, which no model of independent workers can see.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from ground_truth.consolidation.worker_models import Matrices, Posterior, borne_out, predictions

_ROUNDS: Final = 10
_SMALL_CHANGE: Final = 0.01
_POWER: Final = 0.7
# Before answers are compared, two in three workers agree, with the weight of two objects.
_AGREEMENT: Final = 0.6
_AGREEMENT_OBJECTS: Final = 2.0
_VOTE_WEIGHTS: Final = (0.1, 0.5)
_PSEUDO_VOTES: Final = 4


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
    kind = borne_out(carried)
    model: Matrices = kind.of(carried, classes)
    for _ in range(_ROUNDS):
        before = posteriors
        posteriors = [model.posterior(votes) for votes in shared]
        learned = _tally(shared, posteriors)
        model = kind.of(added([carried, learned]), classes)
        if _change(before, posteriors) < _SMALL_CHANGE * len(shared):
            break
    weight = _vote_weight(added([carried, learned]))
    results = [_result(model, votes, weight) for votes in objects]
    foreseen = predictions(carried, shared, classes)
    return Consolidated(results=results, learned=replace(learned, predictions=foreseen))


def _result(model: Matrices, votes: Sequence[Vote], weight: float) -> Consensus:
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
