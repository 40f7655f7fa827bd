"""What a pipeline may ask of a job's answers, with an exit code for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_ops.crowd.report import JobReport


class Gate(StrEnum):
    """In the order of their exit codes; the first that fails decides."""

    ALPHA = "min-alpha"
    GOLD = "min-gold-accuracy"
    SPAMMERS = "max-spammers"

    @property
    def exit_code(self) -> int:
        return 20 + list(Gate).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is asked; None asks nothing."""

    min_alpha: float | None = None
    min_gold_accuracy: float | None = None
    max_spammers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A gate that is not passed, and why."""

    gate: Gate
    why: str


def failures(report: JobReport, limits: Limits) -> tuple[Failure, ...]:
    """The gates a job's answers don't pass. What can't be told doesn't pass either."""
    return tuple(_failures(report, limits))


def _failures(report: JobReport, limits: Limits) -> Iterator[Failure]:
    least = limits.min_alpha
    if least is not None and (report.alpha is None or report.alpha < least):
        why = f"alpha is {_shown(report.alpha)}, allowed {least:g} or more"
        yield Failure(gate=Gate.ALPHA, why=why)
    least = limits.min_gold_accuracy
    accuracy = report.gold.right / report.gold.total if report.gold is not None else None
    if least is not None and (accuracy is None or accuracy < least):
        why = f"right answers to gold objects: {_shown(accuracy)}, allowed {least:g} or more"
        yield Failure(gate=Gate.GOLD, why=why)
    most, found = limits.max_spammers, report.spammers
    if most is not None and (found is None or found > most):
        names = ", ".join(worker.worker for worker in report.workers if worker.flagged)
        why = (
            f"{found} answer without looking or copy ({names}), allowed {most}"
            if found is not None
            else f"who doesn't look can't be told from these {report.kind}, allowed {most}"
        )
        yield Failure(gate=Gate.SPAMMERS, why=why)


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
