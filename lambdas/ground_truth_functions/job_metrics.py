"""Turns a labeling job's counters into metrics of its campaign.

Invoked when a job of the campaign ends, and on a schedule. Ground Truth's own metrics carry the
job's name, which is another one with every generation; alarms need names that stay.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ground_truth.lifecycle.lineage_file import LineageFile
from ground_truth.lifecycle.progress import Progress, current_job, progress
from ground_truth_functions.aws import client
from ground_truth_functions.labeling_job_objects import S3Objects
from ground_truth_functions.labeling_job_sagemaker import SageMakerJobs
from ground_truth_functions.labeling_job_world import SystemClock

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE = "GroundTruth/Campaigns"

_log = logging.getLogger(__name__)


class EventError(ValueError):
    """Neither a state change of a labeling job nor a scheduled check."""


def handler(event: Mapping[str, object], _context: object) -> None:
    """Lambda entry point for EventBridge: a job's state change, or ``{"check": true}``."""
    _log.setLevel(logging.INFO)
    if not concerns(event, os.environ["JOB_NAME_PREFIX"]):
        return
    environment, campaign = os.environ["ENVIRONMENT"], os.environ["CAMPAIGN"]
    record = LineageFile(
        S3Objects(),
        SystemClock(),
        bucket=os.environ["OUTPUT_BUCKET"],
        environment=environment,
        campaign=campaign,
    )
    # The event may be of a job that a newer one has replaced; the campaign's numbers are the
    # current job's.
    job = current_job(record.load(), SageMakerJobs())
    if job is None:
        _log.info("campaign %s has no job yet", campaign)
        return
    client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=metric_data(progress(job), environment=environment, campaign=campaign),
    )


def concerns(event: Mapping[str, object], prefix: str) -> bool:
    """Return whether an event is about this campaign; raises ``EventError`` for other events."""
    if event.get("check"):
        return True
    resources = event.get("resources")
    if not isinstance(resources, list) or not resources:
        raise EventError(
            "the event is no state change of a labeling job: it has no resources; allowed are "
            'events of EventBridge and {"check": true}'
        )
    names = [str(arn).rpartition("labeling-job/")[2] for arn in resources]
    return any(name.lower().startswith(f"{prefix.lower()}-") for name in names)


def metric_data(progress: Progress, *, environment: str, campaign: str) -> list[MetricDatumTypeDef]:
    """Return the data of one look at the campaign."""
    values: dict[str, float] = {
        "Labeled": progress.labeled,
        "Total": progress.total,
        "Failed": progress.failed,
        "FailedPercent": progress.failed_percent,
        "JobFailed": 1 if progress.job_failed else 0,
    }
    return [
        {
            "MetricName": name,
            "Dimensions": [
                {"Name": "Environment", "Value": environment},
                {"Name": "Campaign", "Value": campaign},
            ],
            "Value": value,
            "Unit": "Percent" if name == "FailedPercent" else "Count",
        }
        for name, value in values.items()
    ]
