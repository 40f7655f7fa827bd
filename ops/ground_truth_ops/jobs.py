"""Labeling jobs as Ground Truth describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ground_truth.names import TAG_ENVIRONMENT, TAG_GENERATION
from ground_truth_ops.aws import tag_map

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

# developer guide, sms-monitor-cloud-watch: a job that isn't finished expires after 30 days
JOB_LIFETIME = timedelta(days=30)
# developer guide, sms-streaming-labeling-job: one that is idle for longer is stopped
STREAM_IDLE = timedelta(days=10)
LIVE = frozenset({"Initializing", "InProgress", "Stopping"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`total` is 0 until Ground Truth has read the manifest.

    `expires` is when unfinished work ends; that of a job which `streams` if nothing more happens.
    """

    name: str
    status: str
    created: datetime
    changed: datetime
    expires: datetime
    labeled: int
    failed: int
    unlabeled: int
    failure_reason: str
    output_uri: str
    tags: Mapping[str, str]
    streams: bool = False

    @property
    def total(self) -> int:
        return self.labeled + self.failed + self.unlabeled

    @property
    def failed_percent(self) -> float:
        """Objects without a label, in percent of all; 0 as long as nothing was counted."""
        return 100 * self.failed / self.total if self.total else 0.0

    def succeeded(self, max_failed_percent: float) -> bool:
        """Whether it is done and no more of its objects lack a label than are allowed to."""
        done = self.status == "Completed" or (
            self.streams and not self.at_work and not self.unlabeled
        )
        return done and self.failed_percent <= max_failed_percent

    def without_label(self, max_failed_percent: float) -> str:
        """How many objects have no label, beside what is allowed."""
        return (
            f"{self.failed} of {self.total} objects without a label"
            f" ({self.failed_percent:.1f} %, allowed {max_failed_percent:g} %)"
        )

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def at_work(self) -> bool:
        """Whether there is something to wait for: a stream goes on with nothing left to label."""
        listens = self.streams and self.status == "InProgress" and not self.unlabeled
        return self.live and not listens

    @property
    def generation(self) -> int:
        value = self.tags.get(TAG_GENERATION, "0")
        return int(value) if value.isdigit() else 0


def describe_job(sagemaker: SageMakerClient, name: str) -> Job:
    """The job of that name with its tags."""
    found: Any = sagemaker.describe_labeling_job(LabelingJobName=name)
    counters = found.get("LabelCounters", {})
    human: Mapping[str, Any] = found.get("HumanTaskConfig", {})
    availability = human.get("TaskAvailabilityLifetimeInSeconds")
    lifetime = min(JOB_LIFETIME, timedelta(seconds=availability)) if availability else JOB_LIFETIME
    expires = found["CreationTime"] + lifetime
    streams = "SnsDataSource" in found.get("InputConfig", {}).get("DataSource", {})
    if streams:
        expires = found["LastModifiedTime"] + STREAM_IDLE
    return Job(
        name=found["LabelingJobName"],
        status=found["LabelingJobStatus"],
        created=found["CreationTime"],
        changed=found["LastModifiedTime"],
        expires=expires,
        labeled=counters.get("TotalLabeled", 0),
        failed=counters.get("FailedNonRetryableError", 0),
        unlabeled=counters.get("Unlabeled", 0),
        failure_reason=found.get("FailureReason", ""),
        output_uri=found.get("LabelingJobOutput", {}).get("OutputDatasetS3Uri", ""),
        tags=tag_map(found.get("Tags")),
        streams=streams,
    )


def job_names(sagemaker: SageMakerClient, prefix: str) -> list[str]:
    """Names of all jobs that start with `prefix`, newest first (case doesn't matter in them)."""
    pages = sagemaker.get_paginator("list_labeling_jobs").paginate(
        NameContains=prefix, SortBy="CreationTime", SortOrder="Descending"
    )
    return [
        item["LabelingJobName"]
        for page in pages
        for item in page["LabelingJobSummaryList"]
        if item["LabelingJobName"].lower().startswith(prefix.lower())
    ]


def jobs_of(
    sagemaker: SageMakerClient, environment: str, prefixes: Iterable[str]
) -> tuple[Job, ...]:
    """The environment's own jobs under the given name prefixes: the tag decides, not the name."""
    names = dict.fromkeys(name for prefix in prefixes for name in job_names(sagemaker, prefix))
    jobs = (describe_job(sagemaker, name) for name in names)
    return tuple(job for job in jobs if job.tags.get(TAG_ENVIRONMENT) == environment)
