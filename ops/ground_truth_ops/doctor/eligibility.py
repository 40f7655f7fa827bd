"""Whether the account may use Ground Truth. No call says so; this weighs the evidence there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth.lifecycle.faults import Fault, classify
from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene

# SageMaker's availability notice: closed to new customers on this day
CLOSED = datetime(2026, 7, 30, tzinfo=UTC)
NO_CALL = "AWS has no call that tells whether this account may start labeling jobs"


def check_eligibility(scene: Scene) -> Iterator[Finding]:
    try:
        jobs = scene.clients.sagemaker.list_labeling_jobs(
            SortBy="CreationTime", SortOrder="Descending", MaxResults=1
        )["LabelingJobSummaryList"]
    except ClientError as error:
        details = error.response["Error"]
        if classify(details["Code"], details.get("Message", "")) is not Fault.CLOSED:
            raise
        yield problem(
            "eligibility",
            f"Ground Truth refuses this account: {details['Code']}: {details.get('Message', '')}",
            "deploy into an account that used Ground Truth before, or run it on this machine "
            "(make demo)",
        )
        return
    if jobs:
        created = jobs[0]["CreationTime"]
        day = f"{created.astimezone(UTC):%Y-%m-%d}"
        name = jobs[0]["LabelingJobName"]
        if created >= CLOSED:
            yield ok("eligibility", f"job {name} was accepted on {day}, after the closing")
        else:
            yield ok("eligibility", f"used before the closing: job {name} is of {day}")
        return
    if scene.workforce is not None:
        text = "a workforce, but no labeling job in this region: a sign of earlier use, no proof"
    else:
        text = "no labeling job and no workforce in this region"
    yield unknown(
        "eligibility",
        f"{text}; {NO_CALL}",
        "look for earlier jobs in the account's other regions, ask AWS Support, or find out by "
        "deploying",
    )
