"""Consolidation as the function does it, batch by batch, without and with a memory."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bench.scores import Score, single_labels
from ground_truth.consolidation import shrunken
from ground_truth.consolidation.tally import NOTHING, added
from ground_truth.consolidation.votes import Consensus, Objects, Vote, best, vote_shares

if TYPE_CHECKING:
    from bench.sets import AnswerSet

METHODS = ("majority", "a batch alone", "with memory")


def score(found: AnswerSet, method: str, *, batch: int, seed: int) -> Score:
    """Score a set whose objects come in random order."""
    labels = sorted({label for _, _, label in found.rows} | set(found.truth.values()))
    index = {label: number for number, label in enumerate(labels)}
    votes: dict[str, list[Vote]] = defaultdict(list)
    for name, worker, label in found.rows:
        votes[name].append(Vote(worker=worker, label=index[label]))
    draw = random.Random(seed)  # noqa: S311 - not a secret
    names = draw.sample(sorted(votes), len(votes))
    results = _consolidated([votes[name] for name in names], len(labels), method, batch)
    return single_labels(
        found.truth,
        {
            name: (labels[result.label], result.confidence)
            for name, result in zip(names, results, strict=True)
        },
    )


def _consolidated(
    objects: Sequence[Sequence[Vote]], classes: int, method: str, batch: int
) -> Iterator[Consensus]:
    carried = NOTHING
    for start in range(0, len(objects), batch):
        votes: Objects = objects[start : start + batch]
        if method == "majority":
            yield from (best(vote_shares(each)) for each in votes)
            continue
        found = shrunken.consolidate_with(carried, votes, classes)
        if method == "with memory":
            carried = added([carried, found.learned])
        yield from found.results
