"""What a run of the demo ends with: for people at 80 columns, and for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ground_truth_ops.demo.collect import Collected
    from ground_truth_ops.demo.timeline import StepTime
    from ground_truth_ops.jobs import Job
    from ground_truth_ops.quality import Quality

FIRST_LINES = 2
# named whatever their number: what the project is about
NAMED_ALWAYS = (
    "AWS::Cognito::UserPool",
    "AWS::SageMaker::Workforce",
    "AWS::SageMaker::Workteam",
    "Custom::GroundTruthLabelingJob",
)
SHOWN_KINDS = 9
KIND_NAMES = {
    "AWS::Lambda::Function": ("Lambda function", "Lambda functions"),
    "AWS::IAM::Role": ("IAM role", "IAM roles"),
    "AWS::IAM::ManagedPolicy": ("IAM policy", "IAM policies"),
    "AWS::S3::Bucket": ("S3 bucket", "S3 buckets"),
    "AWS::S3::BucketPolicy": ("bucket policy", "bucket policies"),
    "AWS::Logs::LogGroup": ("log group", "log groups"),
    "AWS::Events::Rule": ("event rule", "event rules"),
    "AWS::CloudWatch::Alarm": ("alarm", "alarms"),
    "AWS::Lambda::Permission": ("function permission", "function permissions"),
    "AWS::Lambda::Version": ("function version", "function versions"),
    "AWS::SageMaker::Workforce": ("workforce", "workforces"),
    "AWS::SageMaker::Workteam": ("work team", "work teams"),
    "AWS::Cognito::UserPool": ("user pool", "user pools"),
    "Custom::GroundTruthLabelingJob": ("labeling job", "labeling jobs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything worth telling; `memory_mb` is local AWS's, functions apart, None when unknown."""

    stacks: int
    resources: Mapping[str, int]
    campaigns: tuple[tuple[Job, Collected], ...]
    steps: tuple[StepTime, ...]
    memory_mb: float | None
    functions_mb: float | None
    manifests: Mapping[str, str]


def render(summary: Summary) -> list[RenderableType]:
    parts: list[RenderableType] = [_created(summary)]
    for job, collected in summary.campaigns:
        parts += _campaign(job, collected, summary.manifests[collected.campaign])
    parts += [_heading("Time"), _times(summary)]
    return parts


def _heading(text: str) -> RenderableType:
    return Text(f"\n{text}", style="bold")


def _created(summary: Summary) -> RenderableType:
    total = sum(summary.resources.values())
    ordered = sorted(summary.resources.items(), key=lambda item: (-item[1], item[0]))
    shown = {kind for kind, _ in ordered[:SHOWN_KINDS]} | set(NAMED_ALWAYS)
    named = [counted(count, kind) for kind, count in ordered if kind in shown]
    rest = sum(count for kind, count in ordered if kind not in shown)
    listed = ", ".join([*named, f"{rest} others"] if rest else named)
    text = Text("\nCreated by cdk deploy: ", style="bold")
    text.append(f"{total} resources in {summary.stacks} stacks ({listed}).", style="not bold")
    return text


def counted(count: int, kind: str) -> str:
    """A number of resources, in a word of ours or the CloudFormation type's own last part."""
    own = kind.removeprefix("Custom::").rsplit("::", 1)[-1]
    one, many = KIND_NAMES.get(kind, (own, own))
    return f"{count} {one if count == 1 else many}"


def _campaign(job: Job, collected: Collected, path: str) -> list[RenderableType]:
    quality = collected.quality
    counters = Text(
        f"{job.labeled} of {job.total} objects labeled, {job.failed} failed, from "
        f"{collected.answers} answers of {len(quality.workers)} workers. Job {job.name}."
    )
    lines = Text("\n".join(collected.first_lines(FIRST_LINES)), style="cyan", overflow="fold")
    return [
        _heading(f"Campaign {collected.campaign}"),
        counters,
        _heading(f"First lines of {path}"),
        lines,
        _heading(f"How often is a label right? ({quality.objects} objects with known truth)"),
        _accuracies(quality),
        _heading("Is a label with confidence 0.8 right four times in five?"),
        _reliability(quality),
        Text(
            f"ECE {quality.calibration.ece:.3f} (mean gap of confidence and accuracy), "
            f"Brier {quality.calibration.brier:.3f}; 0 is perfect for both. Simulated workers err "
            "independently; people err together on hard objects, so agreement is trusted less "
            "than this crowd deserves (docs/benchmarks.md)."
        ),
    ]


def _accuracies(quality: Quality) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    best = quality.best_worker
    table.add_row("  one worker, mean of all", f"{quality.mean_worker:.1%}")
    if best is not None:
        table.add_row("  one worker, the best", f"{best.accuracy:.1%}")
    table.add_row("  majority vote", f"{quality.majority:.1%}")
    table.add_row("  consolidated", f"{quality.consolidated:.1%}", style="bold")
    return table


def _reliability(quality: Quality) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for name in ("  confidence", "objects", "mean confidence", "right"):
        table.add_column(name, justify="left" if name == "  confidence" else "right")
    table.add_row("  confidence", "objects", "mean confidence", "right", style="dim")
    for item in quality.calibration.bins:
        if item.count:
            table.add_row(
                f"  {item.low:.1f} to {item.high:.1f}",
                str(item.count),
                f"{item.confidence:.2f}",
                f"{item.accuracy:.2f}",
            )
    return table


def _times(summary: Summary) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for step in summary.steps:
        table.add_row(f"  {step.name}", f"{step.seconds:.1f} s")
    table.add_row("  all of it", f"{_total(summary.steps):.1f} s", style="bold")
    if summary.memory_mb is not None:
        table.add_row("  memory of local AWS", f"{summary.memory_mb:.0f} MB")
    if summary.functions_mb is not None:
        table.add_row("  memory of its functions", f"{summary.functions_mb:.0f} MB")
    return table


def _total(steps: Sequence[StepTime]) -> float:
    return sum(step.seconds for step in steps)


def to_json(summary: Summary) -> str:
    """Everything of the summary; accuracies and confidences lie in 0..1, times are seconds."""
    document = {
        "stacks": summary.stacks,
        "resources": dict(sorted(summary.resources.items())),
        "campaigns": [_campaign_json(job, found) for job, found in summary.campaigns],
        "seconds": {step.name: round(step.seconds, 2) for step in summary.steps},
        "total_seconds": round(_total(summary.steps), 2),
        "local_aws_memory_mb": None if summary.memory_mb is None else round(summary.memory_mb),
        "functions_memory_mb": None
        if summary.functions_mb is None
        else round(summary.functions_mb),
    }
    return json.dumps(document, indent=2) + "\n"


def _campaign_json(job: Job, collected: Collected) -> Mapping[str, Any]:
    quality = collected.quality
    best = quality.best_worker
    return {
        "campaign": collected.campaign,
        "job": job.name,
        "status": job.status,
        "labeled": job.labeled,
        "failed": job.failed,
        "total": job.total,
        "answers": collected.answers,
        "accuracy": {
            "worker_mean": quality.mean_worker,
            "worker_best": None if best is None else best.accuracy,
            "majority": quality.majority,
            "consolidated": quality.consolidated,
            "workers": [dataclasses.asdict(worker) for worker in quality.workers],
        },
        "calibration": dataclasses.asdict(quality.calibration),
    }
