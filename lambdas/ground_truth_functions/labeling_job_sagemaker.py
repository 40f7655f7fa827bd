"""Labeling jobs on SageMaker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ground_truth.lifecycle.described import job_state
from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth_functions.aws import client
from ground_truth_functions.labeling_job_errors import api_errors

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

    from ground_truth.lifecycle.ports import JobState


class SageMakerJobs:
    """The calls the lifecycle needs; errors are ``ApiError``."""

    def create(self, request: Mapping[str, object]) -> None:
        """CreateLabelingJob."""
        parameters: Any = request
        with api_errors("CreateLabelingJob"):
            _sagemaker().create_labeling_job(**parameters)

    def describe(self, name: str) -> JobState | None:
        """DescribeLabelingJob; None when there is no such job."""
        try:
            with api_errors("DescribeLabelingJob"):
                return job_state(_sagemaker().describe_labeling_job(LabelingJobName=name))
        except ApiError as error:
            if error.fault is Fault.MISSING:
                return None
            raise

    def stop(self, name: str) -> None:
        """StopLabelingJob."""
        with api_errors("StopLabelingJob"):
            _sagemaker().stop_labeling_job(LabelingJobName=name)

    def list(self, name_contains: str) -> Iterator[JobState]:
        """ListLabelingJobs, all pages."""
        with api_errors("ListLabelingJobs"):
            pages = _sagemaker().get_paginator("list_labeling_jobs")
            for page in pages.paginate(
                NameContains=name_contains, PaginationConfig={"PageSize": 100}
            ):
                yield from map(job_state, page.get("LabelingJobSummaryList", []))

    def tags(self, arn: str) -> Mapping[str, str]:
        """ListTags, all pages."""
        with api_errors("ListTags"):
            pages = _sagemaker().get_paginator("list_tags").paginate(ResourceArn=arn)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """AddTags."""
        wanted = [{"Key": key, "Value": value} for key, value in tags.items()]
        with api_errors("AddTags"):
            _sagemaker().add_tags(ResourceArn=arn, Tags=wanted)  # type: ignore[arg-type]

    def delete_tags(self, arn: str, keys: Iterable[str]) -> None:
        """DeleteTags."""
        with api_errors("DeleteTags"):
            _sagemaker().delete_tags(ResourceArn=arn, TagKeys=list(keys))


def _sagemaker() -> SageMakerClient:
    return client("sagemaker")
