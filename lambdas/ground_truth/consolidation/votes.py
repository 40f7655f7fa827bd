"""What every algorithm for single labels takes and gives.

Labels are indexes into the label categories, so algorithms know nothing of names. Every sum over
workers, objects or labels is exactly rounded (``math.fsum``): the order things arrive in changes
no bit of the result.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

# Scores closer than this are a tie: a platform's logarithms differ in the last digits.
_TIE_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One worker's label for one object."""

    worker: str
    label: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement(Vote):
    """A vote on earlier labels; ``comment`` says why, and decides nothing."""

    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """The label of an object and how sure it is, 0-1."""

    label: int
    confidence: float


Objects = Sequence[Sequence[Vote]]


def check_votes(objects: Objects, classes: int) -> None:
    """Raise ``ValueError`` unless every object has votes and every vote one of ``classes``."""
    if classes < 2:
        raise ValueError(f"too few label categories: got {classes}, allowed 2 or more")
    for votes in objects:
        if not votes:
            raise ValueError("an object has no votes: leave it out")
        for vote in votes:
            if not 0 <= vote.label < classes:
                raise ValueError(f"label out of range: got {vote.label}, allowed 0-{classes - 1}")


def best(scores: Mapping[int, float]) -> Consensus:
    """Return the label with the highest score; of equals the first in label order."""
    label = min(scores, key=lambda candidate: (-round(scores[candidate], _TIE_DIGITS), candidate))
    return Consensus(label=label, confidence=scores[label])


def vote_shares(
    votes: Iterable[Vote], *, pseudo: float = 0.0, classes: int = 0
) -> dict[int, float]:
    """Return the share of the votes for every label somebody chose.

    ``pseudo`` votes are added, spread evenly over the ``classes``:
    (n_c + pseudo / K) / (n + pseudo). Two of them over two classes are Laplace's rule of
    succession, which adds one to each.
    """
    counts: dict[int, int] = {}
    for vote in votes:
        counts[vote.label] = counts.get(vote.label, 0) + 1
    total = math.fsum(counts.values()) + pseudo
    extra = pseudo / classes if classes else 0.0
    return {label: (count + extra) / total for label, count in counts.items()}
