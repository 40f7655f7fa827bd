"""`gt demo --keep`: people label first, as long as they like; simulated workers do the rest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from ground_truth_ops.demo.labeling import played_workers
from ground_truth_ops.jobs import describe_job

if TYPE_CHECKING:
    from rich.console import Console

    from ground_truth_ops.demo.server import LocalAws
    from ground_truth_ops.project import Target

POLL_SECONDS = 2.0


def wait_for_people(
    target: Target, server: LocalAws, jobs: Mapping[str, str], console: Console
) -> None:
    """Show where to sign in, and return when all jobs have ended or on Ctrl-C."""
    console.print()
    console.print(f"Sign in at [bold]{server.portal_url}[/] as [bold]{seat(target)}[/]")
    console.print(f"The temporary password is in the mail box: [bold]{server.mailbox_url}[/]")
    console.print(f"Clients of this AWS: source {server.log.parent.parent / 'local' / 'env'}")
    console.print("Ctrl-C lets the simulated workers do the rest and ends the demo as usual.\n")
    with suppress(KeyboardInterrupt), console.status("people are labeling") as spinner:
        while True:
            found = [describe_job(target.clients.sagemaker, name) for name in jobs.values()]
            spinner.update(
                ", ".join(f"{job.labeled} of {job.total} labeled ({job.status})" for job in found)
            )
            if not any(job.live for job in found):
                return
            time.sleep(POLL_SECONDS)


def seat(target: Target) -> str:
    """Whose place a person takes: somebody no simulated worker plays, else the team's last."""
    played: set[str] = set()
    for campaign in target.project.campaigns:
        skills = campaign.folder / "workers.toml"
        played |= set(played_workers(skills)) if skills.is_file() else set()
    team = [worker.email for worker in target.project.environment.settings.team.workers]
    return next((email for email in team if email not in played), team[-1])
