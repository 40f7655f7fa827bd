"""`gt demo --keep`: people label first, as long as they like; simulated workers do the rest."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

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
    people = free_workers(target)
    console.print()
    console.print(f"Sign in at [bold]{server.portal_url}[/] as [bold]{people[0]}[/]")
    console.print(f"Their temporary password is in the mail box: [bold]{server.mailbox_url}[/]")
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


def free_workers(target: Target) -> list[str]:
    """Members of the team that no simulated worker plays; all of them when every one is played."""
    played: set[str] = set()
    for campaign in target.project.campaigns:
        skills = campaign.folder / "workers.toml"
        if skills.is_file():
            rows = tomllib.loads(skills.read_text(encoding="utf-8")).get("worker", [])
            played |= {row["email"] for row in rows}
    team = [worker.email for worker in target.project.environment.settings.team.workers]
    return [email for email in team if email not in played] or team
