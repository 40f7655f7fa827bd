"""What is deployed, as the base of a review: templates, protection, and the jobs of the day."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.deployment import find_deployment, template_of
from ground_truth_ops.review.assemblies import Assembly
from ground_truth_ops.status import CampaignStatus, read_status

if TYPE_CHECKING:
    from ground_truth_ops.project import Target
    from ground_truth_ops.review.consequences import Consequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """An environment as CloudFormation has it, and its campaigns' newest jobs by name."""

    assembly: Assembly | None
    jobs: Mapping[str, CampaignStatus]


def read_deployed(target: Target, folder: Path) -> Deployed:
    """Read only: DescribeStacks, GetTemplate, and what `gt status` reads."""
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    artifacts = {}
    for stack in reversed(deployment.stacks):  # they come in the order they may go
        file = f"{stack.name}.template.json"
        template = template_of(target.clients.cloudformation, stack.name)
        (folder / file).write_text(json.dumps(template), encoding="utf-8")
        artifacts[stack.name] = {
            "type": "aws:cloudformation:stack",
            "properties": {
                "stackName": stack.name,
                "templateFile": file,
                "terminationProtection": stack.protected,
            },
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    status = read_status(target)
    return Deployed(
        assembly=Assembly(target.environment, folder) if artifacts else None,
        jobs={item.campaign: item for item in status.campaigns},
    )


def at_work(found: Consequence, status: CampaignStatus | None) -> str:
    """The day's job in a sentence, and what the change does to it; empty without a job."""
    job = status.job if status is not None else None
    if status is None or job is None:
        return ""
    left = max(status.total - job.labeled, 0)
    counters = f"{left} of {status.total} objects without a label"
    if not job.live:
        return f"job {job.name} is {job.status} with {counters}"
    if found.stops_work:
        return f"stops job {job.name} with {counters}"
    return f"job {job.name} is {job.status} with {counters} and goes on"
