"""Where the labeling jobs stand, and what of it needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from ground_truth_ops.doctor.finding import Finding, ok, problem

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene
    from ground_truth_ops.jobs import Job
    from ground_truth_ops.status import CampaignStatus

SOON = timedelta(days=2)


def check_jobs(scene: Scene) -> Iterator[Finding]:
    for status in scene.campaigns:
        if status.job is not None:
            yield _finding(scene, status, status.job)


def _finding(scene: Scene, status: CampaignStatus, job: Job) -> Finding:
    text = f"{status.campaign}: {job.status}, {job.labeled} of {status.total} labeled"
    allowed = scene.target.max_failed_percent
    if not job.live:
        return _ended(scene, status, job, text)
    if status.stack is None:
        return problem(
            "job",
            f"{text}; its stack is gone, so nothing will stop it",
            f"deploy {status.campaign} again, or stop it",
            run=f"aws sagemaker stop-labeling-job --labeling-job-name {job.name}",
        )
    text += f", until {job.expires.astimezone():%Y-%m-%d %H:%M}"
    if job.failed_percent > allowed:
        return problem(
            "job",
            f"{text}, and already {job.without_label(allowed)}",
            "mend the cause; after the job's end, have them asked again",
            run=_relabel(scene, status),
        )
    if job.expires - scene.now < SOON:
        return problem(
            "job",
            f"{text}: less than {SOON.days} days are left",
            "have it finished, or have the rest asked again after its end",
            run=_relabel(scene, status),
        )
    return ok("job", text)


def _ended(scene: Scene, status: CampaignStatus, job: Job, text: str) -> Finding:
    if job.status == "Failed":
        return problem("job", f"{text}: {job.failure_reason}", run=_relabel(scene, status))
    if job.status == "Completed" and job.failed:
        text += f", {job.without_label(scene.target.max_failed_percent)}"
        if not job.succeeded(scene.target.max_failed_percent):
            return problem("job", text, run=_relabel(scene, status))
    return ok("job", text)


def _relabel(scene: Scene, status: CampaignStatus) -> str:
    return f"make relabel ENV={scene.environment} CAMPAIGN={status.campaign}"
