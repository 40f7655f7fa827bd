"""Environments whose days are over: which there are, and taking down exactly those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ground_truth.names import (
    TAG_CAMPAIGN,
    TAG_ENVIRONMENT,
    TAG_EXPIRES,
    stack_name,
    worker_responses_prefix,
)
from ground_truth_ops.aws import tag_map
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.destroy import Plan
    from ground_truth_ops.jobs import Job


class ExpiryError(OpsError):
    """An environment whose days are over stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """An environment of a pattern, as its stacks tell.

    `until` is the last day of the stack that lasts longest; None with a `doubt`, which says why the
    environment is left alone.
    """

    name: str
    stacks: tuple[str, ...]
    until: date | None = None
    doubt: str = ""

    def expired(self, today: date) -> bool:
        return self.until is not None and self.until < today


def find_passing(
    cloudformation: CloudFormationClient, pattern: str, *, own_files: Iterable[str] = ()
) -> tuple[Passing, ...]:
    """Every deployed environment of a pattern, by name.

    `own_files` are names of environments that have a file of their own: they belong to no pattern.
    """
    name = re.compile(
        stack_name(f"(?P<environment>{re.escape(pattern)}-[1-9][0-9]*)", "")
        + "(?:Account|Storage|Team|Labeling-.+)"
    )
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            match = name.fullmatch(stack["StackName"])
            if match is not None and match["environment"] not in own_files:
                stacks = found.setdefault(match["environment"], {})
                stacks[stack["StackName"]] = tag_map(stack.get("Tags"))
    return tuple(_passing(environment, found[environment]) for environment in sorted(found))


def _passing(name: str, stacks: Mapping[str, Mapping[str, str]]) -> Passing:
    days: list[date] = []
    for stack, tags in sorted(stacks.items()):
        if tags.get(TAG_ENVIRONMENT) != name:
            doubt = f"stack {stack} has no tag {TAG_ENVIRONMENT}={name}, so it may be another's"
            return Passing(name=name, stacks=tuple(sorted(stacks)), doubt=doubt)
        try:
            days.append(date.fromisoformat(tags.get(TAG_EXPIRES, "")))
        except ValueError:
            doubt = (
                f"stack {stack} has {TAG_EXPIRES}={tags.get(TAG_EXPIRES, '')!r}, which is no day; "
                f"`make deploy ENV={name}` sets one"
            )
            return Passing(name=name, stacks=tuple(sorted(stacks)), doubt=doubt)
    return Passing(name=name, stacks=tuple(sorted(stacks)), until=max(days))


def refuse_answered(clients: Clients, plan: Plan, file: str) -> None:
    """Raise ExpiryError while a job runs that somebody has answered, be it a single task."""
    answered = [job for job in plan.running if _has_answers(clients, plan.output_bucket, job)]
    if answered:
        raise ExpiryError(
            f"{plan.deployment.environment} stays: people have answered, and its jobs run; wait, "
            f"or set ephemeral.stop_running_jobs in {file} (their labels so far are kept):",
            details=tuple(_lines(answered)),
        )


def _lines(jobs: Iterable[Job]) -> Iterator[str]:
    for job in jobs:
        yield f"job {job.name} is {job.status} with {job.labeled} of {job.total} labeled"


def _has_answers(clients: Clients, bucket: str | None, job: Job) -> bool:
    """An object counts as labeled only when all have answered; each answer is written at once."""
    campaign = job.tags.get(TAG_CAMPAIGN)
    if job.labeled or bucket is None or campaign is None:
        return True
    prefix = worker_responses_prefix(campaign, job.name)
    found = clients.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return bool(found.get("Contents"))
