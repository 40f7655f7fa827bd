"""Local AWS is useful without our stacks: plain boto3 against a running one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.e2e.desk import (
    ANSWERS_A_STRING,
    ANSWERS_NO_JSON,
    PASSWORD,
    RAISES,
    Desk,
    hand_made,
    role,
)
from tests.e2e.people import Worker, ended, until
from tests.local.service.task_violations import TASK_VIOLATIONS
from tests.local.service.violations import VIOLATIONS, Violation

if TYPE_CHECKING:
    from ground_truth_local.workers.sight import Seen
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(aws: Clients) -> Iterator[Desk]:
    with hand_made(aws) as found:
        yield found


@pytest.fixture(scope="module")
def team(desk: Desk, server: LocalAws) -> list[Worker]:
    return [Worker(server.portal_url, email, PASSWORD) for email in desk.emails]


def by_sight(seen: Seen) -> str:
    return "good" if "fine" in seen.text else "bad"


def test_hand_made_job_runs_to_completed_without_our_stacks(desk: Desk, team: list[Worker]) -> None:
    request = desk.request(
        {"source": "a fine day", "page": "7"},
        {"source": 'a "poor" day'},
        NumberOfHumanWorkersPerDataObject=3,
    )
    job = desk.create(request)
    given = [worker.answer(job, by_sight, tasks=2) for worker in team]
    assert [sorted(labels) for labels in given] == [["bad", "good"]] * 3
    found = until(desk.aws.sagemaker, job, ended)
    assert found["LabelingJobStatus"] == "Completed"
    assert found["LabelCounters"] == {
        "TotalLabeled": 2,
        "HumanLabeled": 2,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    uri = found["LabelingJobOutput"]["OutputDatasetS3Uri"]
    assert uri == f"s3://{desk.bucket}/out/{job}/manifests/output/output.manifest"
    lines = [json.loads(line) for line in desk.text(uri).splitlines()]
    metadata = [line.pop("mood-metadata") for line in lines]
    assert lines == [
        {"source": "a fine day", "page": "7", "mood": {"good": 3}},
        {"source": 'a "poor" day', "mood": {"bad": 3}},
    ]
    for each in metadata:
        each.pop("creation-date")
        each["job-name"] = each["job-name"].removeprefix("labeling-job/")
    assert (
        metadata == [{"type": "groundtruth/custom", "job-name": job, "human-annotated": "yes"}] * 2
    )


def test_job_without_functions_gives_the_manifest_line_to_the_template(
    desk: Desk, team: list[Worker]
) -> None:
    request = desk.request({"source": "unused", "text": "a fine day"})
    del request["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    del request["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    job = desk.create(request)
    seen: list[str] = []

    def remember(what: Seen) -> str:
        seen.append(what.text)
        return "good"

    team[0].answer(job, remember, tasks=1)
    assert until(desk.aws.sagemaker, job, ended)["LabelingJobStatus"] == "Completed"
    assert seen == ["a fine day"]


def test_stopped_job_stays_stopped_and_is_no_more_offered(desk: Desk, team: list[Worker]) -> None:
    job = desk.create(desk.request())
    until(desk.aws.sagemaker, job, lambda found: found["LabelingJobStatus"] == "InProgress")
    desk.aws.sagemaker.stop_labeling_job(LabelingJobName=job)
    assert until(desk.aws.sagemaker, job, ended)["LabelingJobStatus"] == "Stopped"
    assert not team[0].offered(job)


@pytest.mark.parametrize(
    "violation", VIOLATIONS + TASK_VIOLATIONS, ids=lambda violation: violation.name
)
def test_documented_violation_is_refused_with_code_and_message(
    desk: Desk, violation: Violation
) -> None:
    request = violation.broken(desk.request())
    if violation.client_side:
        with pytest.raises(ParamValidationError):
            desk.create(request)
        return
    message = refusal(desk, request, code=violation.code)
    assert re.search(violation.message, message), message


def refusal(desk: Desk, request: dict[str, Any], *, code: str = "ValidationException") -> str:
    with pytest.raises(ClientError) as caught:
        desk.create(request)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def test_role_that_does_not_trust_the_service_is_refused(desk: Desk) -> None:
    stranger = role(desk.aws, "hand-made-stranger", "lambda.amazonaws.com")
    message = refusal(desk, desk.request(RoleArn=stranger))
    assert message.startswith(f"Could not assume role {stranger}.")


def test_manifest_that_is_not_there_is_refused(desk: Desk) -> None:
    request = desk.request()
    source = request["InputConfig"]["DataSource"]["S3DataSource"]
    source["ManifestS3Uri"] = f"s3://{desk.bucket}/missing.manifest"
    assert "Unable to read ManifestS3Uri" in refusal(desk, request)


def failure(desk: Desk, request: dict[str, Any], worker: Worker | None = None) -> str:
    job = desk.create(request)
    if worker is not None:
        worker.answer(job, by_sight, tasks=2)
    found = until(desk.aws.sagemaker, job, ended)
    assert found["LabelingJobStatus"] == "Failed"
    reason: str = found["FailureReason"]
    return reason


def test_manifest_with_a_broken_line_fails_the_job_and_names_the_line(desk: Desk) -> None:
    reason = failure(desk, desk.request({"source": "a fine day"}, '{"source": '))
    assert "line 2 is not valid JSON" in reason


def test_bucket_without_cors_fails_its_images_with_the_reason(desk: Desk) -> None:
    bucket = "hand-made-without-cors"
    desk.aws.s3.create_bucket(Bucket=bucket)
    desk.aws.s3.put_object(Bucket=bucket, Key="a.png", Body=b"png")
    reason = failure(desk, desk.request({"source-ref": f"s3://{bucket}/a.png"}))
    assert "CORS" in reason


def test_pre_annotation_function_that_raises_fails_the_job(desk: Desk) -> None:
    broken = desk.function("pre-raises", RAISES)
    reason = failure(desk, desk.request(PreHumanTaskLambdaArn=broken))
    assert f"Exception invoking the Lambda function {broken}. LambdaErrorCode: Unhandled" in reason


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("post-raises", RAISES, "LambdaErrorCode: Unhandled"),
        ("post-no-json", ANSWERS_NO_JSON, "LambdaErrorCode: Unhandled"),
        ("post-string", ANSWERS_A_STRING, "returned str, expected a JSON list"),
    ],
    ids=["raises", "no-json", "a-string"],
)
def test_consolidation_function_that_answers_nothing_usable_fails_the_job(
    desk: Desk, team: list[Worker], name: str, code: str, expected: str
) -> None:
    broken = desk.function(name, code)
    config = {"AnnotationConsolidationLambdaArn": broken}
    reason = failure(desk, desk.request(AnnotationConsolidationConfig=config), team[0])
    assert broken in reason
    assert expected in reason
