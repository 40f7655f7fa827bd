"""What is said about a job's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth.tasks import AnswerKind

if TYPE_CHECKING:
    from ground_truth.agreement.beta import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReport:
    """A person as Ground Truth names them; `email` is None unless somebody has asked for it.

    `agreement` is with what the others say about the same objects, `gold` with the known labels.
    `suspicion` is how many standard deviations the answers tell less about the objects than those
    of somebody who looks at every other one; `copies` is another worker. None is unknown.
    """

    worker: str
    sub: str | None
    answers: int
    median_seconds: float | None
    agreement: Rate | None
    gold: Rate | None
    suspicion: float | None
    spammer: bool
    copies: str | None
    email: str | None = None

    @property
    def flagged(self) -> bool:
        return self.spammer or self.copies is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixup:
    """So many answers say `given` where all answers together make the label `label`."""

    label: str
    given: str
    answers: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An object whose label is least certain; `object` is its address or how its text begins."""

    line: int
    object: str
    label: str
    confidence: float
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """`measure` names the distance of alpha. `gold` is of all answers to gold objects.

    Of sets of labels and of shapes `gold` counts how alike answers are to the known ones. Only of
    single labels it is told what is mixed up, and who has another one's answers. Of shapes and
    masks `confidence` of the doubts is how far people agree.
    """

    job: str
    kind: str
    objects: int
    answers: int
    set_aside: int
    median_seconds: float | None
    measure: str
    alpha: float | None
    gold_objects: int
    gold: Rate | None
    workers: Sequence[WorkerReport]
    mixups: Sequence[Mixup]
    doubts: Sequence[Doubt]

    @property
    def spammers(self) -> int | None:
        """How many don't look, or copy; None where of drawings or sets it can't be told of any."""
        single = self.kind == AnswerKind.SINGLE_LABEL
        if not single and all(worker.suspicion is None for worker in self.workers):
            return None
        return sum(worker.flagged for worker in self.workers)
