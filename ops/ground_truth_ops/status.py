"""`gt status`: where every campaign of an environment stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from rich.table import Table
from rich.text import Text

from ground_truth.lifecycle.lineage_file import LineageError, from_bytes
from ground_truth.names import TAG_OWNER, job_name_prefix, lineage_key
from ground_truth_ops.deployment import DeployedStack, Deployment, StackKind, find_deployment
from ground_truth_ops.jobs import Job, describe_job, job_names

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ground_truth_ops.project import Target

STYLES = {"Completed": "green", "InProgress": "cyan", "Failed": "bold red", "Stopped": "yellow"}
SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStatus:
    """A campaign that is in the files, deployed, or both; `job` is its newest.

    `asked` is how many objects the campaign's record says the job was given; 0 when unknown. More
    than `max_failed_percent` of them without a label, and a completed job is no success.
    """

    campaign: str
    stack: DeployedStack | None
    job: Job | None
    asked: int = 0
    max_failed_percent: float = 0.0

    @property
    def state(self) -> str:
        if self.job is not None:
            return self.job.status
        return "not deployed" if self.stack is None else "no job"

    @property
    def succeeded(self) -> bool | None:
        """None while there is no job that has ended."""
        if self.job is None or self.job.live:
            return None
        return self.job.succeeded(self.max_failed_percent)

    @property
    def total(self) -> int:
        """Objects of the job; Ground Truth's counters are all 0 for a while after the start."""
        return self.job.total or self.asked if self.job is not None else 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What the state alone doesn't tell, for a person to act on."""
        found = []
        if self.stack is None and self.job is not None:
            running = "is running without its stack" if self.job.live else "is of a removed stack"
            found.append(f"{self.job.name} {running}")
        if self.stack is not None and self.stack.status not in SETTLED:
            found.append(f"stack {self.stack.name} is {self.stack.status}")
        if self.job is not None and self.job.failure_reason:
            found.append(f"{self.job.name}: {self.job.failure_reason}")
        if self.job is not None and self.job.status == "Completed" and self.job.failed:
            found.append(f"completed with {self.job.without_label(self.max_failed_percent)}")
            if not self.succeeded:
                found.append("that is no success; `gt relabel` asks for them again")
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentStatus:
    environment: str
    region: str
    portal_url: str | None
    campaigns: tuple[CampaignStatus, ...]


def read_status(target: Target) -> EnvironmentStatus:
    """Every campaign of the files and every deployed one, by name."""
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    names = {campaign.name for campaign in target.project.campaigns}
    names |= {stack.campaign for stack in deployment.stacks if stack.campaign is not None}
    return EnvironmentStatus(
        environment=target.environment,
        region=target.clients.region,
        portal_url=deployment.portal_url,
        campaigns=tuple(_campaign(target, deployment, name) for name in sorted(names)),
    )


def _campaign(target: Target, deployment: Deployment, campaign: str) -> CampaignStatus:
    stack = deployment.labeling(campaign)
    prefix = job_name_prefix(target.environment, campaign)
    sagemaker = target.clients.sagemaker
    newest: Job | None = None
    # newest first; after a rollback the stack's newest job counts, not one of another stack of
    # that name
    for name in job_names(sagemaker, prefix):
        job = describe_job(sagemaker, name)
        if stack is None or job.tags.get(TAG_OWNER) == stack.stack_id:
            newest = job
            break
    asked = 0 if newest is None or newest.total else _asked(target, deployment, campaign, newest)
    return CampaignStatus(
        campaign=campaign,
        stack=stack,
        job=newest,
        asked=asked,
        max_failed_percent=target.max_failed_percent,
    )


def _asked(target: Target, deployment: Deployment, campaign: str, job: Job) -> int:
    bucket = deployment.output(StackKind.STORAGE, "OutputBucketName")
    if bucket is None:
        return 0
    try:
        body = target.clients.s3.get_object(Bucket=bucket, Key=lineage_key(campaign))["Body"].read()
        record = from_bytes(body, environment=target.environment, campaign=campaign)
    except (ClientError, LineageError):
        return 0  # a status is worth showing without it
    entry = record.named(job.name)
    return entry.objects if entry is not None else 0


def render(status: EnvironmentStatus) -> list[RenderableType]:
    """For a terminal of 80 columns: times are local ones, to the minute."""
    table = Table(title=f"{status.environment} ({status.region})", title_justify="left", box=None)
    table.add_column("campaign", overflow="fold", ratio=1)
    table.add_column("state", no_wrap=True)
    table.add_column("labeled", justify="right", no_wrap=True)
    table.add_column("failed", justify="right", no_wrap=True)
    table.add_column("started", no_wrap=True)
    table.add_column("ends", no_wrap=True)
    notes: list[RenderableType] = []
    for item in status.campaigns:
        table.add_row(*_row(item))
        notes += [Text(f"{item.campaign}: {note}", style="yellow") for note in item.notes]
    portal = status.portal_url or "none (no team is deployed)"
    return [table, *notes, Text(f"portal: {portal}", overflow="fold")]


def _row(item: CampaignStatus) -> tuple[str | Text, ...]:
    short = item.state == "Completed" and not item.succeeded
    state = Text(item.state, style=STYLES["Failed"] if short else STYLES.get(item.state, ""))
    job = item.job
    if job is None:
        return item.campaign, state, "-", "-", "-", "-"
    return (
        item.campaign,
        state,
        f"{job.labeled}/{item.total}" if item.total else "-",
        str(job.failed),
        _moment(job.created),
        _moment(job.expires if job.live else job.changed),
    )


def _moment(value: datetime) -> str:
    return value.astimezone().strftime("%m-%d %H:%M")


def to_json(status: EnvironmentStatus) -> dict[str, object]:
    """The same for a program; times are UTC, `ends` is null once a job has ended."""
    return {
        "environment": status.environment,
        "region": status.region,
        "portal_url": status.portal_url,
        "campaigns": [_campaign_json(item) for item in status.campaigns],
    }


def _campaign_json(item: CampaignStatus) -> Mapping[str, object]:
    job = item.job
    base = {"campaign": item.campaign, "state": item.state, "notes": list(item.notes)}
    if job is None:
        return {**base, "job": None}
    return {
        **base,
        "job": job.name,
        "generation": job.generation,
        "labeled": job.labeled,
        "total": item.total,
        "failed": job.failed,
        "succeeded": item.succeeded,
        "started": _utc(job.created),
        "ends": _utc(job.expires) if job.live else None,
        "ended": None if job.live else _utc(job.changed),
        "output_manifest": job.output_uri,
    }


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")
