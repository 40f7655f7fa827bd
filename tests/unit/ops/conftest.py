"""What the operations' tests share: an AWS that moto plays, and jobs made to measure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from ground_truth_ops.aws import Clients
from ground_truth_ops.jobs import Job

REGION = "us-east-1"
CREATED = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Clients of an empty account."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Clients(REGION)


def job(**changes: Any) -> Job:
    """A job with ordinary values where a test doesn't say otherwise."""
    values: dict[str, Any] = {
        "name": "gt-dev-digits-00000000-11111111-1-aaaaaa",
        "status": "InProgress",
        "created": CREATED,
        "changed": CREATED + timedelta(hours=1),
        "expires": CREATED + timedelta(days=10),
        "labeled": 3,
        "failed": 0,
        "unlabeled": 7,
        "failure_reason": "",
        "output_uri": "s3://out/digits/labels/x/manifests/output/output.manifest",
        "tags": {"ground-truth:environment": "dev"},
    }
    return Job(**{**values, **changes})


def described_job(**changes: Any) -> dict[str, Any]:
    """What DescribeLabelingJob answers."""
    answer: dict[str, Any] = {
        "LabelingJobName": "gt-dev-digits-00000000-11111111-1-aaaaaa",
        "LabelingJobStatus": "InProgress",
        "LabelCounters": {
            "TotalLabeled": 3,
            "HumanLabeled": 3,
            "MachineLabeled": 0,
            "FailedNonRetryableError": 1,
            "Unlabeled": 6,
        },
        "CreationTime": CREATED,
        "LastModifiedTime": CREATED + timedelta(hours=1),
        "LabelingJobOutput": {"OutputDatasetS3Uri": "s3://out/x/output.manifest"},
        "HumanTaskConfig": {"TaskAvailabilityLifetimeInSeconds": 864_000},
        "Tags": [
            {"Key": "ground-truth:environment", "Value": "dev"},
            {"Key": "ground-truth:generation", "Value": "2"},
            {"Key": "ground-truth:owner", "Value": "stack-id"},
        ],
    }
    return {**answer, **changes}


class FakeSageMaker:
    """Labeling jobs by name, newest last; each describe takes the next of a job's answers."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.described: list[str] = []
        self._answers: dict[str, list[dict[str, Any]]] = {}
        for answer in answers:
            self._answers.setdefault(answer["LabelingJobName"], []).append(answer)

    def describe_labeling_job(self, *, LabelingJobName: str) -> dict[str, Any]:
        self.described.append(LabelingJobName)
        answers = self._answers[LabelingJobName]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def get_paginator(self, operation: str) -> FakeSageMaker:
        assert operation == "list_labeling_jobs"
        return self

    def paginate(self, *, NameContains: str, **order: str) -> list[dict[str, Any]]:
        assert order == {"SortBy": "CreationTime", "SortOrder": "Descending"}
        names = [name for name in reversed(self._answers) if NameContains.lower() in name.lower()]
        return [{"LabelingJobSummaryList": [{"LabelingJobName": name}]} for name in names]
