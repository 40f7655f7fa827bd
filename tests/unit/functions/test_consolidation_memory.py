"""What batches teach each other, in S3, never costs a label."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ground_truth.consolidation.tally import NOTHING
from ground_truth_functions import consolidation, consolidation_memory
from ground_truth_functions.aws import client, forget_clients

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

EVENTS = Path(__file__).parents[2] / "events"
BUCKET = "output"


@pytest.fixture(autouse=True)
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("TASK", "image-classification")
    monkeypatch.setenv("LABELS", '["cat", "dog", "bird"]')
    monkeypatch.setenv("TALLIES", f"s3://{BUCKET}/animals/tallies/")
    with mock_aws():
        forget_clients()
        found = client("s3")
        found.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield found
    forget_clients()


def labeled(s3: S3Client, number: int, *, file: str = "request") -> str:
    """The function's answer to the recorded payload, of objects that each number has others of."""
    key = f"animals/labels/job/{file}-{number}.json"
    if not s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("KeyCount"):
        entries = json.loads((EVENTS / "consolidation_payload_image.json").read_bytes())
        for entry in entries:
            entry["datasetObjectId"] = f"{number}-{entry['datasetObjectId']}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(entries))
    request = json.loads((EVENTS / "consolidation_request.json").read_text(encoding="utf-8"))
    request["payload"] = {"s3Uri": f"s3://{BUCKET}/{key}"}
    return json.dumps(consolidation.handler(request, None))


def confidences(answer: str) -> list[float]:
    return [
        value["confidence"]
        for item in json.loads(answer)
        for name, value in item["consolidatedAnnotation"]["content"].items()
        if name.endswith("-metadata")
    ]


def kept(s3: S3Client) -> dict[str, Any]:
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="animals/tallies/").get("Contents", [])
    return {
        item["Key"]: json.loads(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read())
        for item in found
    }


def test_batches_of_a_job_learn_from_each_other(s3: S3Client) -> None:
    first, second = labeled(s3, 1), labeled(s3, 2)

    assert sorted(len(document["seen"]) for document in kept(s3).values()) == [0, 1]
    assert confidences(second) != confidences(first)


def test_a_repeated_request_is_answered_alike_whatever_was_learned_since(s3: S3Client) -> None:
    labeled(s3, 1)
    answer = labeled(s3, 2)
    labeled(s3, 3)
    before = kept(s3)

    assert labeled(s3, 2) == answer
    assert kept(s3) == before


def test_a_batch_that_comes_again_in_another_file_counts_once(s3: S3Client) -> None:
    """As after a function that died when it had kept what it learned, and had answered nobody."""
    labeled(s3, 1)
    answer = labeled(s3, 2)
    before = kept(s3)

    assert confidences(labeled(s3, 2, file="again")) == confidences(answer)
    assert kept(s3) == before


@pytest.mark.parametrize("payload", [b"{", b"[]", b"{}", b'[{"id": 1}]', b"[1]", b"null"])
def test_a_payload_without_objects_is_known_by_its_file(payload: bytes) -> None:
    def kept_after(uri: str) -> int:
        found = consolidation_memory.memory_of(
            f"s3://{BUCKET}/tallies/", job_name="job", payload=payload, payload_uri=uri
        )
        assert found.keep(NOTHING) == NOTHING
        return client("s3").list_objects_v2(Bucket=BUCKET, Prefix="tallies/")["KeyCount"]

    assert [kept_after(f"s3://{BUCKET}/{name}") for name in ("one", "one", "two")] == [1, 1, 2]


def test_what_is_kept_names_no_object_and_no_answer(s3: S3Client) -> None:
    labeled(s3, 1)

    (document,) = kept(s3).values()
    assert set(document) == {"carried", "learned", "seen"}
    assert set(document["learned"]) == {
        "version",
        "objects",
        "agreement",
        "predictions",
        "labels",
        "workers",
    }


@pytest.mark.parametrize("operation", ["names", "read", "create"])
def test_a_store_that_fails_costs_no_label(
    s3: S3Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    operation: str,
) -> None:
    def denied(*_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

    alone = labeled(s3, 1)
    other = labeled(s3, 2)
    monkeypatch.setattr(consolidation_memory._S3Store, operation, denied)
    answer = labeled(s3, 3)

    assert confidences(answer) == confidences(alone) != confidences(other)
    assert len(kept(s3)) == 2
    (told,) = [message for message in caplog.messages if "other batches" in message]
    assert "AccessDenied" in told


def test_a_broken_memory_of_its_own_costs_no_label(s3: S3Client) -> None:
    alone = labeled(s3, 1)
    (key,) = kept(s3)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"{")

    assert labeled(s3, 1) == alone


def test_without_a_place_nothing_is_kept(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLIES")

    assert labeled(s3, 1)
    assert kept(s3) == {}


def test_a_run_that_comes_second_answers_like_the_first(
    s3: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both runs of a batch found nothing of it; meanwhile another batch was kept, too."""
    labeled(s3, 1)
    first = labeled(s3, 2)
    labeled(s3, 3)
    found = consolidation_memory._S3Store.read
    looked: list[str] = []

    def late(store: consolidation_memory._S3Store, name: str) -> bytes | None:
        looked.append(name)
        return None if looked.count(name) == 1 and len(looked) == 1 else found(store, name)

    monkeypatch.setattr(consolidation_memory._S3Store, "read", late)

    assert labeled(s3, 2) == first
    assert len(kept(s3)) == 3
