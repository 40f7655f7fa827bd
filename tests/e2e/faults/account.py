"""What there is in local AWS: jobs and whose they are, stacks, and every label ever bought."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth import names

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

ENVIRONMENT, ATTRIBUTE = "local", "sentiment"
AT_WORK = ("Initializing", "InProgress")  # nobody is asked for a job that is Stopping
WITHOUT_STACK = ("gone", "DELETE_COMPLETE", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A campaign's labels by object: how often each was answered, and which labels are kept."""

    answered: Counter[str]
    labeled: frozenset[str]

    @property
    def lost(self) -> list[str]:
        """Objects somebody answered of which no label is left."""
        return sorted(set(self.answered) - self.labeled)

    @property
    def bought_twice(self) -> list[str]:
        return sorted(text for text, count in self.answered.items() if count > 1)


@dataclass(frozen=True, slots=True)
class Account:
    """One look at local AWS after the other."""

    aws: Clients

    def stack_name(self, campaign: str) -> str:
        return f"GroundTruth-{ENVIRONMENT}-Labeling-{campaign}"

    def status(self, stack: str) -> str:
        """A stack's status, by name or ARN; "gone" when there is none of that name."""
        try:
            (found,) = self.aws.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError:
            return "gone"
        return found["StackStatus"]

    def seconds(self, stack: str, since: datetime) -> float:
        """How long a stack's operation took, by its events."""
        try:
            pages = self.aws.cloudformation.get_paginator("describe_stack_events")
            times = [
                event["Timestamp"]
                for page in pages.paginate(StackName=stack)
                for event in page["StackEvents"]
                if event["Timestamp"] >= since
            ]
        except ClientError:
            return 0.0
        return (max(times) - min(times)).total_seconds() if times else 0.0

    def jobs(self, campaign: str) -> list[dict[str, Any]]:
        """The campaign's jobs, oldest first."""
        prefix = names.job_name_prefix(ENVIRONMENT, campaign)
        return [job for job in self._all_jobs() if job["LabelingJobName"].startswith(prefix)]

    def states(self, campaign: str) -> list[str]:
        return [job["LabelingJobStatus"] for job in self.jobs(campaign)]

    def failures(self, campaign: str) -> list[str]:
        """Why its jobs failed, of those that did."""
        found = [self._described(job["LabelingJobName"]) for job in self.jobs(campaign)]
        return [job["FailureReason"] for job in found if "FailureReason" in job]

    def templates(self, campaign: str) -> list[str]:
        """The worker template of each of its jobs."""
        return [
            self._described(job["LabelingJobName"])["HumanTaskConfig"]["UiConfig"][
                "UiTemplateS3Uri"
            ]
            for job in self.jobs(campaign)
        ]

    def unowned(self) -> list[str]:
        """Jobs of ours that run though their stack is gone or never came to be."""
        found = []
        for job in self._all_jobs():
            if job["LabelingJobStatus"] not in AT_WORK:
                continue
            tags = self.aws.sagemaker.list_tags(ResourceArn=job["LabelingJobArn"])["Tags"]
            owner = {tag["Key"]: tag["Value"] for tag in tags}.get(names.TAG_OWNER)
            if owner and self.status(owner) in WITHOUT_STACK:
                found.append(job["LabelingJobName"])
        return found

    def _described(self, job: str) -> Any:
        return self.aws.sagemaker.describe_labeling_job(LabelingJobName=job)

    def _all_jobs(self) -> list[dict[str, Any]]:
        pages = self.aws.sagemaker.get_paginator("list_labeling_jobs").paginate(
            SortBy="CreationTime", SortOrder="Ascending"
        )
        return [dict(job) for page in pages for job in page["LabelingJobSummaryList"]]

    def book(self, campaign: str, bucket: str) -> Book:
        keys = list(self._keys(bucket, f"{campaign}/"))
        answered: Counter[str] = Counter()
        for key in keys:
            if "/annotations/worker-response/" in key:
                _, _, job, *_, number, _ = key.split("/")
                asked = self._lines(bucket, names.input_manifest_key(campaign, job))
                answers = json.loads(self._text(bucket, key))["answers"]
                answered[asked[int(number)]["source"]] += len(answers)
        labeled = {
            line["source"]
            for key in keys
            if key.endswith(".manifest")
            for line in self._lines(bucket, key)
            if ATTRIBUTE in line
        }
        return Book(answered=answered, labeled=frozenset(labeled))

    def _keys(self, bucket: str, prefix: str) -> Iterator[str]:
        pages = self.aws.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]

    def _lines(self, bucket: str, key: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._text(bucket, key).splitlines() if line]

    def _text(self, bucket: str, key: str) -> str:
        return self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
