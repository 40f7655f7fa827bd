"""The account as the lifecycle sees it, for reading only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from ground_truth.lifecycle.described import job_state
from ground_truth.lifecycle.faults import Fault, classify
from ground_truth.lifecycle.ports import StoredObject, World

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

    from ground_truth.lifecycle.ports import Jobs, JobState, Objects, Queues, Stacks
    from ground_truth_ops.aws import Clients


def reading_world(clients: Clients) -> World:
    """A world in which nothing can be changed: the methods that would are not there.

    Its deadline is now, because nothing is worth waiting for: a label that is counted but not
    written yet is a reason to run the command again.
    """
    clock = SystemClock()
    return World(
        jobs=cast("Jobs", ReadJobs(clients.sagemaker)),
        objects=cast("Objects", ReadObjects(clients.s3)),
        queues=cast("Queues", None),
        stacks=cast("Stacks", None),
        clock=clock,
        deadline=clock.now(),
    )


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ReadJobs:
    """Labeling jobs; errors are ClientError."""

    def __init__(self, sagemaker: SageMakerClient) -> None:
        self._sagemaker = sagemaker

    def describe(self, name: str) -> JobState | None:
        """The job, None when there is none."""
        try:
            return job_state(self._sagemaker.describe_labeling_job(LabelingJobName=name))
        except ClientError as error:
            details = error.response["Error"]
            if classify(details["Code"], details.get("Message", "")) is Fault.MISSING:
                return None
            raise

    def list(self, name_contains: str) -> Iterator[JobState]:
        """All jobs whose names hold this."""
        pages = self._sagemaker.get_paginator("list_labeling_jobs")
        for page in pages.paginate(NameContains=name_contains):
            yield from map(job_state, page["LabelingJobSummaryList"])


class ReadObjects:
    """Objects; errors are ClientError."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """The object, None when the key does not exist."""
        try:
            answer = self._s3.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return StoredObject(body=answer["Body"].read(), etag=answer["ETag"])

    def sizes(self, bucket: str, prefix: str) -> Mapping[str, int]:
        """Keys below a prefix with their sizes in bytes."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def read_all(self, bucket: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The content of many small objects."""
        return {key: self._s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
