from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from ground_truth_ops.jobs import Job, describe_job, job_names, jobs_of
from ground_truth_ops.wait import WaitError, wait_until_finished
from tests.unit.ops.conftest import CREATED, FakeSageMaker, described_job

NAME = "gt-dev-digits-00000000-11111111-1-aaaaaa"


def sagemaker(*answers: dict[str, Any]) -> Any:
    return cast("Any", FakeSageMaker(*answers))


def test_describes_counters_times_and_generation() -> None:
    found = describe_job(sagemaker(described_job()), NAME)
    assert found == Job(
        name=NAME,
        status="InProgress",
        created=CREATED,
        changed=CREATED + timedelta(hours=1),
        expires=CREATED + timedelta(days=10),
        labeled=3,
        failed=1,
        unlabeled=6,
        failure_reason="",
        output_uri="s3://out/x/output.manifest",
        tags={
            "ground-truth:environment": "dev",
            "ground-truth:generation": "2",
            "ground-truth:owner": "stack-id",
        },
    )
    assert (found.total, found.live, found.generation) == (10, True, 2)


@pytest.mark.parametrize(
    ("human", "days"),
    [
        ({}, 30),
        ({"TaskAvailabilityLifetimeInSeconds": 40 * 86_400}, 30),
        ({"TaskAvailabilityLifetimeInSeconds": 2 * 86_400}, 2),
    ],
)
def test_job_ends_with_its_tasks_or_after_thirty_days(human: dict[str, int], days: int) -> None:
    found = describe_job(sagemaker(described_job(HumanTaskConfig=human)), NAME)
    assert found.expires == CREATED + timedelta(days=days)


STREAM = {"DataSource": {"SnsDataSource": {"SnsTopicArn": "arn"}}}


def test_stream_ends_ten_days_after_the_last_change() -> None:
    found = describe_job(sagemaker(described_job(InputConfig=STREAM)), NAME)
    assert found.expires == CREATED + timedelta(hours=1, days=10)


@pytest.mark.parametrize(
    ("status", "unlabeled", "at_work"),
    [
        ("InProgress", 1, True),
        ("InProgress", 0, False),
        ("Stopping", 0, True),
        ("Stopped", 1, False),
    ],
)
def test_stream_is_at_work_while_something_has_no_label(
    status: str, unlabeled: int, at_work: bool
) -> None:
    counters = {"TotalLabeled": 3, "FailedNonRetryableError": 0, "Unlabeled": unlabeled}
    answer = described_job(LabelingJobStatus=status, LabelCounters=counters, InputConfig=STREAM)
    found = describe_job(sagemaker(answer), NAME)
    assert found.at_work is at_work
    assert found.succeeded(5.0) is (not at_work and not unlabeled)


def test_job_without_counters_has_a_total_of_zero() -> None:
    answer = described_job()
    del answer["LabelCounters"]
    assert describe_job(sagemaker(answer), NAME).total == 0


def test_finds_jobs_by_the_beginning_of_their_names_whatever_the_case() -> None:
    jobs = sagemaker(
        described_job(LabelingJobName="gt-dev-a-1"),
        described_job(LabelingJobName="GT-dev-a-2"),
        described_job(LabelingJobName="other-gt-dev-a-3"),
    )
    assert job_names(jobs, "gt-dev-a") == ["GT-dev-a-2", "gt-dev-a-1"]


def test_only_jobs_tagged_for_the_environment_are_its_own() -> None:
    foreign = [{"Key": "ground-truth:environment", "Value": "prod"}]
    jobs = sagemaker(
        described_job(LabelingJobName="gt-dev-a-1"),
        described_job(LabelingJobName="gt-dev-a-2", Tags=foreign),
        described_job(LabelingJobName="gt-dev-a-3", Tags=[]),
    )
    assert [job.name for job in jobs_of(jobs, "dev", ["gt-dev-a", "gt-dev"])] == ["gt-dev-a-1"]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def test_waits_longer_each_time_up_to_the_longest_pause() -> None:
    working, done = described_job(), described_job(LabelingJobStatus="Completed")
    clock = Clock()
    seen: list[str] = []
    jobs = wait_until_finished(
        sagemaker(working, working, working, working, done),
        [NAME],
        timeout_seconds=100,
        longest_pause_seconds=2.0,
        report=lambda job: seen.append(job.status),
        clock=clock,
        sleep=clock.sleep,
    )
    assert [job.status for job in jobs] == ["Completed"]
    assert clock.pauses == [1.0, 1.5, 2.0, 2.0]
    assert seen == ["InProgress"] * 4 + ["Completed"]


def test_asks_no_more_about_a_job_that_has_ended() -> None:
    fake = FakeSageMaker(
        described_job(LabelingJobName="a", LabelingJobStatus="Failed"),
        described_job(LabelingJobName="b", LabelingJobStatus="Stopping"),
        described_job(LabelingJobName="b", LabelingJobStatus="Stopped"),
    )
    clock = Clock()
    jobs = wait_until_finished(
        cast("Any", fake),
        ["a", "b"],
        timeout_seconds=100,
        clock=clock,
        sleep=clock.sleep,
    )
    assert [job.status for job in jobs] == ["Failed", "Stopped"]
    assert fake.described == ["a", "b", "b"]


def test_waits_for_nothing_when_there_is_no_job() -> None:
    assert wait_until_finished(sagemaker(), [], timeout_seconds=0) == ()


def test_names_what_is_still_at_work_when_the_time_is_over() -> None:
    clock = Clock()
    with pytest.raises(WaitError, match="1 labeling jobs were still at work after 3 s") as caught:
        wait_until_finished(
            sagemaker(described_job()),
            [NAME],
            timeout_seconds=3,
            clock=clock,
            sleep=clock.sleep,
        )
    assert caught.value.details == (f"{NAME}: InProgress, 3 of 10 labeled",)
    assert clock.pauses == [1.0, 1.5, 0.5]
