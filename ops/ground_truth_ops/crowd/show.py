"""A job's report for people at 80 columns, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ground_truth.agreement.beta import Rate
    from ground_truth_ops.crowd.gates import Failure
    from ground_truth_ops.crowd.report import JobReport, WorkerReport

SHOWN_MIXUPS = 5
SHOWN_DOUBTS = 5


def render(report: JobReport) -> Iterator[RenderableType]:
    """Workers as Ground Truth names them."""
    yield Text(report.job, style="bold", overflow="fold")
    yield Text(
        f"{report.answers} answers of {len(report.workers)} people to {report.objects} objects; "
        f"median {_seconds(report.median_seconds)}"
        + (f"; {report.set_aside} answers could not be read" if report.set_aside else "")
    )
    alpha = "unknown" if report.alpha is None else f"{report.alpha:.3f}"
    yield Text(f"Krippendorff's alpha {alpha} ({report.measure})")
    if report.gold is not None:
        yield Text(f"gold: {_rate(report.gold)} right on {report.gold_objects} objects")
    elif report.gold_objects:
        yield Text(f"gold: nobody has answered any of {report.gold_objects} objects yet")
    yield _workers(report.workers)
    yield Text("in brackets, in percent: where the rate lies 9 times in 10", style="dim")
    for worker in report.workers:
        if worker.flagged:
            yield Text(f"{worker.worker}: {_note(worker)}", style="red", overflow="fold")
    for mixup in report.mixups[:SHOWN_MIXUPS]:
        yield Text(
            f"{mixup.label} taken for {mixup.given}: {mixup.answers} answers "
            f"({mixup.share:.1%} of those to {mixup.label})"
        )
    if report.doubts:
        yield Text("least certain:")
    for doubt in report.doubts[:SHOWN_DOUBTS]:
        yield Text(
            f"  {doubt.confidence:.2f} {doubt.label or 'nothing'}, {doubt.answers} answers: "
            f"{doubt.object}",
            overflow="fold",
        )


def _workers(workers: Sequence[WorkerReport]) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    table.add_column("worker", overflow="fold", ratio=1)
    for heading in ("answers", "median", "agrees", "gold"):
        table.add_column(heading, justify="right", no_wrap=True)
    order = sorted(workers, key=lambda each: (not each.flagged, _mean(each.agreement)))
    for each in order:
        table.add_row(
            Text(each.email or each.worker, style="red" if each.flagged else ""),
            str(each.answers),
            _seconds(each.median_seconds),
            _rate(each.agreement),
            _rate(each.gold),
        )
    return table


def _note(worker: WorkerReport) -> str:
    notes = ["doesn't look"] if worker.spammer else []
    if worker.copies is not None:
        notes.append(f"has the answers of {worker.copies}")
    return ", ".join(notes)


def _mean(rate: Rate | None) -> float:
    return 1.0 if rate is None else rate.mean


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "-"
    return f"{rate.right / rate.total:.0%} ({100 * rate.low:.0f}-{100 * rate.high:.0f})"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"


def to_json(report: JobReport, failed: Sequence[Failure]) -> dict[str, object]:
    """All of it; rates have 90 % intervals, what is unknown is null."""
    return {
        **asdict(report),
        "spammers": report.spammers,
        "failed": [{"gate": failure.gate.value, "why": failure.why} for failure in failed],
    }
