"""Emptying buckets, in moto's S3, and the guard over labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ground_truth_functions import bucket_contents
from ground_truth_functions.aws import client
from ground_truth_functions.bucket_contents import BucketContentsError, parse_buckets, reconcile
from ground_truth_functions.custom_resource import Outcome, stable_physical_id
from tests.unit.functions.conftest import STACK_ID, make_request

RAW, OUTPUT = "raw-bucket", "output-bucket"
ANSWERS = "digits/labels/gt-1/annotations/worker-response/iteration-1/0/2026-11-21.json"
MANIFEST = "digits/labels/gt-1/manifests/output/output.manifest"
DONE = Outcome(physical_id=stable_physical_id(make_request()))


class FakeCloudFormation:
    """Knows the status of one stack."""

    def __init__(self) -> None:
        self.status = "DELETE_IN_PROGRESS"

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        assert StackName == STACK_ID
        return {"Stacks": [{"StackStatus": self.status}]}


class Refusing:
    """S3 in which one operation is denied."""

    def __init__(self, real: Any, operation: str) -> None:
        self._real, self._operation = real, operation

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._real, name)

        def refuse(*_: Any, **__: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

        return refuse


@pytest.fixture
def cloudformation(cloud: None, monkeypatch: pytest.MonkeyPatch) -> FakeCloudFormation:
    fake = FakeCloudFormation()
    real: Callable[[str], Any] = client  # type: ignore[assignment]
    monkeypatch.setattr(
        bucket_contents, "client", lambda name: fake if name == "cloudformation" else real(name)
    )
    return fake


@pytest.fixture
def s3(cloudformation: FakeCloudFormation) -> Any:
    s3 = client("s3")
    for name in (RAW, OUTPUT):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def put(s3: Any, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def versions(s3: Any, bucket: str) -> int:
    page = s3.list_object_versions(Bucket=bucket)
    return len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))


def mark_exported(s3: Any, value: str) -> None:
    s3.put_bucket_tagging(
        Bucket=OUTPUT,
        Tagging={
            "TagSet": [
                {"Key": "ground-truth:environment", "Value": "local"},
                {"Key": "ground-truth:exported", "Value": value},
            ]
        },
    )


def delete(*names: str, guarded: str = OUTPUT, **changes: Any) -> Outcome:
    properties = {"Buckets": list(names or (RAW, OUTPUT)), "GuardedBucket": guarded}
    return reconcile(make_request("Delete", properties=properties), **changes)


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_deletes_every_version_and_delete_marker(s3: Any) -> None:
    put(s3, RAW, "a.png", "a.png", "b.png")
    s3.delete_object(Bucket=RAW, Key="b.png")
    assert versions(s3, RAW) == 4
    assert delete() == DONE
    assert (versions(s3, RAW), versions(s3, OUTPUT)) == (0, 0)
    s3.delete_bucket(Bucket=RAW)


def test_deletes_in_batches_across_pages(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_contents, "BATCH", 10)
    put(s3, RAW, *(f"{number:02d}" for number in range(19)))
    for number in range(0, 19, 4):
        s3.delete_object(Bucket=RAW, Key=f"{number:02d}")
    sizes: list[int] = []
    s3.meta.events.register(
        "provide-client-params.s3.DeleteObjects",
        lambda params, **_: sizes.append(len(params["Delete"]["Objects"])),
    )
    assert delete(RAW) == DONE
    assert versions(s3, RAW) == 0
    assert sizes == [10, 10, 4]


def test_delete_again_is_done_at_once(s3: Any) -> None:
    put(s3, RAW, "a.png")
    assert [delete(), delete()] == [DONE, DONE]


def test_buckets_that_are_gone_are_empty(cloudformation: FakeCloudFormation) -> None:
    assert delete() == DONE


def test_empties_fresh_buckets_of_a_rolled_back_create(
    s3: Any, cloudformation: FakeCloudFormation
) -> None:
    cloudformation.status = "ROLLBACK_IN_PROGRESS"
    put(s3, RAW, "sample.png")
    assert delete() == DONE
    assert versions(s3, RAW) == 0


@pytest.mark.parametrize(
    "status",
    [
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    ],
)
def test_leaves_everything_when_only_the_resource_leaves_the_stack(
    s3: Any, cloudformation: FakeCloudFormation, status: str
) -> None:
    cloudformation.status = status
    put(s3, RAW, "a.png")
    put(s3, OUTPUT, MANIFEST)
    assert delete() == DONE
    assert (versions(s3, RAW), versions(s3, OUTPUT)) == (1, 1)


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_creating_and_updating_touch_nothing(s3: Any, kind: str) -> None:
    put(s3, RAW, "a.png")
    properties = {"Buckets": [RAW], "GuardedBucket": OUTPUT}
    assert reconcile(make_request(kind, properties=properties)) == DONE
    assert versions(s3, RAW) == 1


@pytest.mark.parametrize(
    "key",
    [
        ANSWERS,
        MANIFEST,
        "digits/labels/gt-1/annotations/consolidated-annotation/consolidation-request/x.json",
    ],
)
def test_refuses_labels_that_were_never_exported(s3: Any, key: str) -> None:
    put(s3, RAW, "a.png")
    put(s3, OUTPUT, "digits/lineage.json", key)
    with pytest.raises(
        BucketContentsError,
        match=rf"^bucket {OUTPUT} holds 1 files with labels, and nothing was exported yet "
        rf"\(the first: {key}\); nothing was deleted\. Run `make destroy`, which exports first, "
        r"or `gt export`",
    ):
        delete()
    assert (versions(s3, RAW), versions(s3, OUTPUT)) == (1, 2)


def test_empties_what_was_exported(s3: Any) -> None:
    put(s3, OUTPUT, ANSWERS, MANIFEST)
    mark_exported(s3, at(datetime.now(UTC) + timedelta(seconds=2)))
    assert delete() == DONE
    assert versions(s3, OUTPUT) == 0


def test_refuses_anything_a_job_wrote_after_the_export(s3: Any) -> None:
    late = "digits/labels/gt-1/manifests/intermediate/1/output.manifest"
    put(s3, OUTPUT, late, "digits/inputs/gt-2.manifest")
    mark_exported(s3, at(datetime.now(UTC) - timedelta(hours=1)))
    with pytest.raises(
        BucketContentsError,
        match=rf"holds 1 files with labels, written after the last export, which reaches to "
        rf"20\d\d-.*Z \(the first: {late}\)",
    ):
        delete()
    assert versions(s3, OUTPUT) == 2


def test_lets_a_bucket_without_labels_go_unexported(s3: Any) -> None:
    put(
        s3,
        OUTPUT,
        "digits/lineage.json",
        "digits/definitions/ab/template.liquid.html",
        "digits/datasets/1/manifest.jsonl",
        "digits/inputs/gt-1.manifest",
        "labels/annotations/is-a-campaign-of-this-name.json",
    )
    assert delete() == DONE
    assert versions(s3, OUTPUT) == 0


def test_refuses_a_mark_it_can_not_read(s3: Any) -> None:
    put(s3, OUTPUT, MANIFEST)
    mark_exported(s3, "yesterday")
    with pytest.raises(
        BucketContentsError, match=r"ground-truth:exported of bucket .* is 'yesterday', allowed is"
    ):
        delete()
    assert versions(s3, OUTPUT) == 1


def test_takes_a_mark_without_zone_for_utc(s3: Any) -> None:
    put(s3, OUTPUT, MANIFEST)
    mark_exported(s3, (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S"))
    assert delete() == DONE


@pytest.mark.parametrize(
    "operation",
    ["get_bucket_tagging", "get_paginator", "list_object_versions", "delete_objects"],
)
def test_tells_when_a_bucket_is_denied(
    s3: Any, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    put(s3, RAW, "a.png")
    refusing = Refusing(s3, operation)
    monkeypatch.setattr(
        bucket_contents,
        "client",
        lambda name: cloudformation if name == "cloudformation" else refusing,
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        delete()
    assert versions(s3, RAW) == 1


def test_tells_which_object_could_not_be_deleted(
    s3: Any, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Holding(Refusing):
        def delete_objects(self, **_: Any) -> dict[str, Any]:
            error = {"Key": "a.png", "Code": "AccessDenied", "Message": "object lock"}
            return {"Errors": [error]}

    put(s3, RAW, "a.png", "b.png")
    holding = Holding(s3, "nothing")
    monkeypatch.setattr(
        bucket_contents,
        "client",
        lambda name: cloudformation if name == "cloudformation" else holding,
    )
    with pytest.raises(
        BucketContentsError,
        match=rf"1 of 2 versions in bucket {RAW} can't be deleted, the first is a.png: "
        "AccessDenied object lock",
    ):
        delete(RAW)


def test_stops_in_time_to_answer_and_goes_on_when_repeated(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_contents, "BATCH", 10)
    put(s3, RAW, *(f"{number:02d}" for number in range(13)))
    left = iter([500.0, 10.0])
    with pytest.raises(BucketContentsError, match="not empty yet: 10 versions were deleted"):
        delete(RAW, seconds_left=lambda: next(left))
    assert versions(s3, RAW) == 3
    assert delete(RAW) == DONE
    assert versions(s3, RAW) == 0


def test_reads_the_time_left_from_the_context() -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 1500

    assert bucket_contents._seconds_left(Context()) == 1.5
    assert bucket_contents._seconds_left(None) == float("inf")


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "Buckets must be a list"),
        ({"Buckets": "raw"}, "Buckets must be a list"),
        ({"Buckets": ["raw", ""]}, "Buckets must be a list"),
        ({"Buckets": [], "GuardedBucket": ["x"]}, "GuardedBucket must be the name"),
    ],
)
def test_says_which_property_is_wrong(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(BucketContentsError, match=message):
        parse_buckets(properties)
