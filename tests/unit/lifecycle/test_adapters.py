"""The lifecycle's ports on AWS: S3 by moto, SageMaker by the service model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.ports import StoredObject
from ground_truth_functions import aws, labeling_job_world
from ground_truth_functions.labeling_job_objects import S3Objects
from ground_truth_functions.labeling_job_sagemaker import SageMakerJobs

if TYPE_CHECKING:
    from tests.unit.lifecycle.conftest import Account


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Objects]:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws.forget_clients()
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
        yield S3Objects()
    aws.forget_clients()


def test_object_reads_back_with_the_tag_its_write_returned(s3: S3Objects) -> None:
    etag = s3.put("bucket", "a/b", b"content")

    assert s3.get("bucket", "a/b") == StoredObject(body=b"content", etag=etag)


def test_key_that_does_not_exist_is_none(s3: S3Objects) -> None:
    assert s3.get("bucket", "nothing") is None


def test_bucket_that_does_not_exist_is_an_error(s3: S3Objects) -> None:
    with pytest.raises(ApiError, match="GetObject: NoSuchBucket") as caught:
        s3.get("elsewhere", "key")
    assert caught.value.fault is Fault.MISSING


def test_only_new_does_not_overwrite(s3: S3Objects) -> None:
    s3.put("bucket", "key", b"first", only_new=True)

    with pytest.raises(ApiError) as caught:
        s3.put("bucket", "key", b"second", only_new=True)

    assert caught.value.fault is Fault.CONFLICT
    stored = s3.get("bucket", "key")
    assert stored is not None
    assert stored.body == b"first"


def test_if_match_writes_over_the_version_that_was_read_and_no_other(s3: S3Objects) -> None:
    first = s3.put("bucket", "key", b"first")
    s3.put("bucket", "key", b"second", if_match=first)

    with pytest.raises(ApiError) as caught:
        s3.put("bucket", "key", b"third", if_match=first)

    assert caught.value.fault is Fault.CONFLICT


def test_listing_has_every_page_and_the_sizes(s3: S3Objects) -> None:
    for number in range(1005):
        s3.put("bucket", f"p/{number:04}", b"x" * (number % 3))
    s3.put("bucket", "q/0", b"")

    sizes = s3.sizes("bucket", "p/")

    assert len(sizes) == 1005
    assert list(sizes.items())[:3] == [("p/0000", 0), ("p/0001", 1), ("p/0002", 2)]


def test_many_objects_are_read_in_their_order(s3: S3Objects) -> None:
    keys = [f"k{number}" for number in range(30)]
    for key in keys:
        s3.put("bucket", key, key.encode())

    contents = s3.read_all("bucket", keys)

    assert list(contents.items()) == [(key, key.encode()) for key in keys]


def test_403_for_a_key_that_is_not_listed_means_that_it_does_not_exist(account: Account) -> None:
    account.refuse("GetObject", "AccessDenied", "Access Denied")
    account.storage.put("output-bucket", "there/x", b"")

    assert S3Objects().get("output-bucket", "there") is None


def test_403_for_a_key_that_is_listed_is_an_error(account: Account) -> None:
    account.refuse("GetObject", "AccessDenied", "Access Denied")
    account.storage.put("output-bucket", "there", b"")

    with pytest.raises(ApiError, match="GetObject: AccessDenied"):
        S3Objects().get("output-bucket", "there")


def test_request_the_service_model_refuses_is_a_final_error(account: Account) -> None:
    with pytest.raises(ApiError, match='Missing required parameter in input: "Label') as caught:
        SageMakerJobs().create({})
    assert caught.value.fault is Fault.FINAL


def test_job_that_does_not_exist_is_none(account: Account) -> None:
    assert SageMakerJobs().describe("nothing") is None


def test_stack_that_does_not_exist_counts_as_deleted(account: Account) -> None:
    account.refuse("DescribeStacks", "ValidationError", "Stack with id a does not exist")

    stack_id = "arn:aws:cloudformation:us-east-1:123456789012:stack/a/1"

    assert labeling_job_world.CloudFormationStacks().status(stack_id) == "DELETE_COMPLETE"


def test_other_refusals_to_describe_a_stack_are_errors(account: Account) -> None:
    account.refuse("DescribeStacks", "AccessDenied", "no")

    with pytest.raises(ApiError, match="DescribeStacks: AccessDenied: no"):
        labeling_job_world.CloudFormationStacks().status("arn")


def test_world_ends_before_the_function_does(account: Account) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 900_000

    world = labeling_job_world.aws_world(Context())

    assert (world.deadline - account.clock.now()).total_seconds() == 860
    assert world.clock.now() == datetime(2026, 11, 21, 10, tzinfo=UTC)
