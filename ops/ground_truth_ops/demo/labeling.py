"""Simulated workers at the portal, until the job has what it asked for."""

from __future__ import annotations

import subprocess
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.demo.server import LocalAws, local_python
from ground_truth_ops.errors import OpsError
from ground_truth_ops.jobs import Job, describe_job
from ground_truth_ops.processes import start, stop, tail

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

    from stacks.config import Campaign

POLL_SECONDS = 0.5
SETTLE_SECONDS = 60.0


class LabelingError(OpsError):
    """The job didn't end as Completed, or the simulated workers gave up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who labels a campaign's job, and how well: its truth and skills, and the seed of the run.

    `passwords` keeps what the workers chose, as a second campaign has the same people. `away`
    names those who don't take part, because a person sits in their place.
    """

    root: Path
    server: LocalAws
    campaign: Campaign
    job: str
    seed: int
    log: Path
    passwords: Path
    away: tuple[str, ...] = ()

    def start(self) -> subprocess.Popen[bytes]:
        folder, dataset = self.campaign.folder, self.campaign.settings.dataset
        skills = folder / "workers.toml"
        command: list[str | Path] = [
            *(local_python(self.root), "-m", "ground_truth_local.workers"),
            *("--portal", self.server.portal_url, "--job", self.job),
            *("--truth", folder / "truth.csv", "--skills", skills),
            *("--seed", str(self.seed), "--passwords", self.passwords),
            # a fixed order of tasks, so that two runs end with the same labels
            "--in-turn",
        ]
        if dataset.manifest is not None:
            command += ["--manifest", folder / dataset.manifest]
        if self.away:
            team = [email for email in played_workers(skills) if email not in self.away]
            command += ["--workers", *team]
        return start(command, cwd=self.root, env=self.server.variables, log=self.log)


def played_workers(skills: Path) -> list[str]:
    """The e-mail addresses of simulated workers, in the file's order."""
    rows = tomllib.loads(skills.read_text(encoding="utf-8")).get("worker", [])
    return [row["email"] for row in rows]


def label(
    crew: Crew,
    sagemaker: SageMakerClient,
    *,
    timeout_seconds: float,
    report: Callable[[Job], None],
) -> Job:
    """Let the crew work until the job has ended; raises LabelingError unless it is Completed."""
    process = crew.start()
    try:
        return _completed(crew, process, sagemaker, timeout_seconds, report)
    finally:
        stop(process)


def _completed(
    crew: Crew,
    process: subprocess.Popen[bytes],
    sagemaker: SageMakerClient,
    timeout_seconds: float,
    report: Callable[[Job], None],
) -> Job:
    deadline = time.monotonic() + timeout_seconds
    done = False
    while True:
        code = process.poll()
        if code not in {None, 0}:
            raise LabelingError(
                f"the simulated workers ended with {code}; all of it is in {crew.log}",
                details=tail(crew.log),
            )
        if code == 0 and not done:
            # nothing is left to answer; what remains is consolidation
            done, deadline = True, min(deadline, time.monotonic() + SETTLE_SECONDS)
        job = describe_job(sagemaker, crew.job)
        report(job)
        if job.status == "Completed":
            return job
        if not job.live:
            raise LabelingError(f"job {job.name} is {job.status}: {job.failure_reason}")
        if time.monotonic() > deadline:
            raise LabelingError(
                f"job {job.name} was still {job.status} with {job.labeled} of {job.total} labeled",
                details=tail(crew.log),
            )
        time.sleep(POLL_SECONDS)
