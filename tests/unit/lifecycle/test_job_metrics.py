"""A campaign's numbers, whatever its job is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.lifecycle.plan import KnownJob
from ground_truth.lifecycle.ports import Counters, JobState, Status
from ground_truth.lifecycle.progress import Progress, progress
from ground_truth_functions import job_metrics
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign
from tests.unit.lifecycle.conftest import Account
from tests.unit.lifecycle.test_lineage_file import entry

if TYPE_CHECKING:
    from ground_truth.lifecycle.lineage import Entry
    from tests.unit.lifecycle.cloudformation import Stack


@pytest.fixture
def stack(account: Account, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("ENVIRONMENT", "dev")
    monkeypatch.setenv("CAMPAIGN", "digits")
    monkeypatch.setenv("JOB_NAME_PREFIX", Campaign().job_prefix)
    monkeypatch.setenv("OUTPUT_BUCKET", OUTPUT)
    return account.stack()


def state_change(job: str, status: str) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Ground Truth Labeling Job State Change",
        "resources": [f"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/{job}"],
        "detail": {"LabelingJobStatus": status},
    }


def values(account: Account) -> list[dict[str, float]]:
    """What was put, metric by name; the rest is asserted on the way."""
    found = []
    for call in account.metrics:
        assert call["Namespace"] == "GroundTruth/Campaigns"
        for datum in call["MetricData"]:
            assert datum["Dimensions"] == [
                {"Name": "Environment", "Value": "dev"},
                {"Name": "Campaign", "Value": "digits"},
            ]
            assert datum["Unit"] == (
                "Percent" if datum["MetricName"] == "FailedPercent" else "Count"
            )
        found.append({datum["MetricName"]: datum["Value"] for datum in call["MetricData"]})
    return found


def test_scheduled_check_puts_the_counters(account: Account, stack: Stack) -> None:
    account.deploy(stack, Campaign())
    account.ground_truth.label(stack.job, 4)
    account.ground_truth.fail_objects(stack.job, 1)

    job_metrics.handler({"check": True}, None)

    assert values(account) == [
        {"Labeled": 4, "Total": 10, "Failed": 1, "FailedPercent": 10.0, "JobFailed": 0}
    ]


def test_failed_job_is_told_and_its_successor_takes_it_back(account: Account, stack: Stack) -> None:
    account.deploy(stack, Campaign())
    account.ground_truth.label(stack.job, 4)
    failed = stack.job
    account.ground_truth.fail(failed, "InternalServerError")
    job_metrics.handler(state_change(failed, "Failed"), None)

    account.deploy(stack, Campaign(title="Another"))
    job_metrics.handler(state_change(failed, "Failed"), None)

    assert values(account) == [
        {"Labeled": 4, "Total": 10, "Failed": 0, "FailedPercent": 0.0, "JobFailed": 1},
        {"Labeled": 4, "Total": 10, "Failed": 0, "FailedPercent": 0.0, "JobFailed": 0},
    ]


def test_event_of_another_campaign_is_left_alone(account: Account, stack: Stack) -> None:
    account.deploy(stack, Campaign())

    job_metrics.handler(state_change("gt-dev-other-12345678-1-abc", "Completed"), None)

    assert account.metrics == []


def test_campaign_without_a_job_has_no_numbers(account: Account, stack: Stack) -> None:
    job_metrics.handler({"check": True}, None)

    assert account.metrics == []


def test_job_of_a_rolled_back_update_is_not_the_campaigns(account: Account, stack: Stack) -> None:
    account.deploy(stack, Campaign())
    account.ground_truth.complete(stack.job)
    wanted = Campaign(labels=("two", "one")).approved("restart")
    account.deploy(stack, wanted, fails="after")

    job_metrics.handler({"check": True}, None)

    assert values(account) == [
        {"Labeled": 10, "Total": 10, "Failed": 0, "FailedPercent": 0.0, "JobFailed": 0}
    ]


def test_event_that_is_neither_is_an_error(account: Account, stack: Stack) -> None:
    with pytest.raises(job_metrics.EventError, match="no state change of a labeling job"):
        job_metrics.handler({"detail": {}}, None)


def job(counters: Counters, recorded: Entry, status: Status = Status.IN_PROGRESS) -> KnownJob:
    return KnownJob(
        entry=recorded,
        state=JobState(
            name=recorded.name,
            arn="arn",
            status=status,
            created_at=Account().clock.now(),
            modified_at=Account().clock.now(),
            counters=counters,
        ),
    )


@pytest.mark.parametrize(
    ("counters", "labeled"),
    [
        (Counters(), 6),  # right after the start
        (Counters(labeled=8, unlabeled=2), 8),  # carried labels are counted
        (Counters(labeled=2, unlabeled=2), 8),  # they are not
        (Counters(labeled=1, failed=1, unlabeled=2), 7),
    ],
)
def test_labels_of_earlier_jobs_count_once(counters: Counters, labeled: int) -> None:
    found = progress(job(counters, entry(2, objects=10, carried=6)))

    assert found == Progress(labeled=labeled, total=10, failed=counters.failed, job_failed=False)


def test_campaign_without_objects_has_no_failed_percent() -> None:
    assert progress(job(Counters(), entry(1), Status.FAILED)).failed_percent == 0.0
