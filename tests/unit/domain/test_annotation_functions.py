"""The two handlers, with recorded requests and an S3 in memory."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from moto import mock_aws
from PIL import Image

from ground_truth.answers import AnnotationPayloadError
from ground_truth.limits import Range
from ground_truth.requests import RequestError, SettingsError
from ground_truth.tasks import rules_for
from ground_truth_functions import (
    aws,
    consolidation,
    consolidation_files,
    mask_consolidation,
    pre_annotation,
)
from tests.unit.domain.events import EVENTS, annotation, answered, event

BUCKET = "example-output-bucket"
JOB = "gt-dev-animals-0a1b2c3d-4e5f6a7b-1-8c9d0e"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASK", "image-classification")
    monkeypatch.setenv("LABELS", '["cat", "dog", "bird"]')


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The output bucket, in memory."""
    for name, value in {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    aws.forget_clients()
    with mock_aws():
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        yield s3
    aws.forget_clients()


def consolidate(s3: Any, payload: Any, **changes: Any) -> Any:
    """Store a payload where the recorded request points, and consolidate it."""
    request = event("consolidation_request") | changes
    key = request["payload"]["s3Uri"].removeprefix(f"s3://{BUCKET}/")
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return consolidation.handler(request, None)


def test_gives_the_page_the_image_and_the_labels() -> None:
    assert pre_annotation.handler(event("pre_annotation_image"), None) == {
        "taskInput": {
            "taskObject": "s3://example-raw-bucket/handwritten-digits/0001.png",
            "labels": ["cat", "dog", "bird"],
        },
        "isHumanAnnotationRequired": True,
    }


def test_gives_the_page_the_text_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASK", "text-classification")
    response = pre_annotation.handler(event("pre_annotation_text"), None)
    assert response["taskInput"]["taskObject"] == (
        'Ground control said: "all clear" — über 5 < 6 & 7'
    )


def test_gives_exactly_the_inputs_templates_may_read() -> None:
    response = pre_annotation.handler(event("pre_annotation_image"), None)
    assert set(response["taskInput"]) == {"taskObject", "labels"}


def test_answer_before_annotation_is_a_json_boolean_under_the_documented_name() -> None:
    answer = json.loads(json.dumps(pre_annotation.handler(event("pre_annotation_image"), None)))
    assert answer["isHumanAnnotationRequired"] is True
    assert set(answer) == {"taskInput", "isHumanAnnotationRequired"}


def test_leaves_out_a_line_that_has_nothing_to_label(caplog: pytest.LogCaptureFixture) -> None:
    request = event("pre_annotation_image") | {"dataObject": {"batch": 7}}
    assert pre_annotation.handler(request, None) == {
        "taskInput": {"taskObject": "", "labels": ["cat", "dog", "bird"]},
        "isHumanAnnotationRequired": False,
    }
    assert "neither source nor source-ref" in caplog.text
    assert JOB in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dataObject": None}, "the request has no dataObject: got None, allowed an object"),
        ({"labelingJobArn": ""}, "the request has no labelingJobArn"),
    ],
)
def test_refuses_a_request_that_breaks_the_contract(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        pre_annotation.handler(event("pre_annotation_image") | change, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LABELS", None),
        ("LABELS", "cat,dog"),
        ("LABELS", '["cat"]'),
        ("LABELS", '["cat", 1]'),
        ("TASK", None),
        ("TASK", "boxes"),
    ],
)
def test_refuses_settings_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"environment variable {name} is not .*deploy"):
        pre_annotation.handler(event("pre_annotation_image"), None)


def test_consolidates_a_recorded_batch(bucket: Any) -> None:
    payload = (EVENTS / "consolidation_payload_image.json").read_bytes()
    outputs = consolidate(bucket, payload)
    stored = bucket.head_object(
        Bucket=BUCKET,
        Key=event("consolidation_request")["payload"]["s3Uri"].removeprefix(f"s3://{BUCKET}/"),
    )
    created = stored["LastModified"].replace(tzinfo=None).isoformat()

    def expected(object_id: str, index: int, name: str, confidence: float) -> dict[str, Any]:
        return {
            "datasetObjectId": object_id,
            "consolidatedAnnotation": {
                "content": {
                    "animal": index,
                    "animal-metadata": {
                        "class-name": name,
                        "confidence": confidence,
                        "type": "groundtruth/image-classification",
                        "human-annotated": "yes",
                        "job-name": f"labeling-job/{JOB}",
                        "creation-date": created,
                    },
                }
            },
        }

    # A golden result: should these numbers change, raise CONSOLIDATION_BEHAVIOUR in definition.py.
    assert json.loads(json.dumps(outputs)) == [
        expected("0", 1, "dog", 0.898793),
        expected("1", 0, "cat", 0.825198),
        expected("10", 2, "bird", 0.898789),
        expected("2", 1, "dog", 0.618613),
    ]


def test_repeated_request_gives_the_same_answer(bucket: Any) -> None:
    payload = (EVENTS / "consolidation_payload_image.json").read_bytes()
    first = consolidate(bucket, payload)
    assert consolidation.handler(event("consolidation_request"), None) == first


def test_reads_answers_and_payload_of_a_text_task_from_s3(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK", "text-classification")
    bucket.put_object(
        Bucket=BUCKET,
        Key="animals/labels/answers/0-b.json",
        Body=b'{"crowd-classifier":{"label":"dog"}}',
    )
    outputs = consolidate(bucket, event("consolidation_payload_text"))
    contents = [output["consolidatedAnnotation"]["content"] for output in outputs]
    assert [content["animal"] for content in contents] == [1, 0]
    assert contents[0]["animal-metadata"]["type"] == "groundtruth/text-classification"


def test_failed_objects_are_left_out_and_logged_without_workers(
    bucket: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    good = (annotation("worker-a", "dog"), annotation("worker-b", "dog"))
    elsewhere = {"workerId": "worker-c", "annotationData": {"s3Uri": f"s3://{BUCKET}/gone.json"}}
    outputs = consolidate(
        bucket,
        [
            answered("0", annotation("worker-a", "fish")),
            answered("1", *good, elsewhere),
            answered(None, *good),
            answered("3", *good),
        ],
    )
    assert [output["datasetObjectId"] for output in outputs] == ["1", "3"]
    assert [json.loads(record.getMessage()) for record in caplog.records] == [
        {
            "message": "object left out, counts as failed",
            "job": JOB,
            "object": None,
            "reason": "datasetObjectId is not text: got None",
        },
        {
            "message": "object left out, counts as failed",
            "job": JOB,
            "object": "0",
            "reason": "no answer counts: label is not one of the categories: "
            "got text of 4 characters",
        },
        {
            "message": "answers set aside",
            "job": JOB,
            "object": "1",
            "reason": "content cannot be fetched from S3: 'NoSuchKey'",
        },
        {"message": "batch consolidated", "job": JOB, "labeled": 2, "failed": 2},
    ]
    assert "worker-" not in caplog.text


def test_answer_in_s3_that_is_too_large_is_set_aside(bucket: Any) -> None:
    bucket.put_object(Bucket=BUCKET, Key="huge.json", Body=b'"' + b"x" * 2_000_000 + b'"')
    huge = {"workerId": "c", "annotationData": {"s3Uri": f"s3://{BUCKET}/huge.json"}}
    outputs = consolidate(bucket, [answered("0", annotation("a", "dog"), huge)])
    assert [output["datasetObjectId"] for output in outputs] == ["0"]


@pytest.mark.parametrize(
    "categories", [["bird", "cat", "dog"], [{"label": "bird"}, {"label": "dog"}]]
)
def test_labels_fall_back_to_those_of_the_request(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, categories: Any
) -> None:
    monkeypatch.delenv("LABELS")
    (output,) = consolidate(
        bucket, [answered("0", annotation("a", "dog"))], labelCategories=categories
    )
    assert output["consolidatedAnnotation"]["content"]["animal"] == len(categories) - 1


def test_labels_of_the_function_count_before_those_of_the_request(bucket: Any) -> None:
    (output,) = consolidate(
        bucket, [answered("0", annotation("a", "dog"))], labelCategories=["dog", "cat"]
    )
    assert output["consolidatedAnnotation"]["content"]["animal"] == 1


def test_request_without_label_categories_is_served(bucket: Any) -> None:
    (output,) = consolidate(bucket, [answered("0", annotation("a", "cat"))], labelCategories=None)
    assert output["consolidatedAnnotation"]["content"]["animal-metadata"]["class-name"] == "cat"


def test_refuses_to_guess_labels(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABELS")
    with pytest.raises(SettingsError, match="environment variable LABELS"):
        consolidate(bucket, [], labelCategories=None)


def test_payload_that_is_no_json_is_a_clear_error(bucket: Any) -> None:
    with pytest.raises(
        AnnotationPayloadError, match="consolidation payload cannot be read: not JSON"
    ):
        consolidate(bucket, b"<html>")


def test_payload_that_is_not_there_names_it_and_the_permission(bucket: Any) -> None:
    with pytest.raises(
        consolidation_files.PayloadUnreadableError,
        match=r"NoSuchKey.*s3://example-output.*s3:GetObject",
    ):
        consolidation.handler(event("consolidation_request"), None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"payload": {}}, "no s3Uri"),
        ({"payload": None}, "no payload"),
        ({"labelAttributeName": None}, "no labelAttributeName"),
    ],
)
def test_refuses_a_consolidation_request_that_breaks_the_contract(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        consolidation.handler(event("consolidation_request") | change, None)


def test_masks_of_a_batch_are_stored_below_the_job_and_referred_to(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABELS", '["road"]')
    rules = replace(
        rules_for("image-classification"),
        labels=Range(1, None),
        template_element="crowd-semantic-segmentation",
    )
    monkeypatch.setattr(mask_consolidation, "rules_for", lambda task: rules)
    pixels = np.zeros((6, 6, 4), np.uint8)
    pixels[2:4] = (255, 0, 0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    content = {
        "labelMappings": {"road": {"color": "#ff0000"}},
        "labeledImage": {"pngImageData": base64.b64encode(file.getvalue()).decode()},
    }
    drawn = {"content": json.dumps({"crowd-semantic-segmentation": content})}
    body = [answered("a/../b", {"workerId": "w", "annotationData": drawn})]
    request = event("consolidation_request")
    key = request["payload"]["s3Uri"].removeprefix(f"s3://{BUCKET}/")
    bucket.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(body).encode())

    first = mask_consolidation.handler(request, None)
    again = mask_consolidation.handler(request, None)

    uri = str(first[0]["consolidatedAnnotation"]["content"]["animal"])
    folder = f"s3://{BUCKET}/animals/labels/{JOB}/annotations/consolidated-annotation/output/"
    assert first == again
    assert uri.startswith(f"{folder}a%2F..%2Fb_")
    stored = bucket.get_object(Bucket=BUCKET, Key=uri.removeprefix(f"s3://{BUCKET}/"))
    assert stored["ContentType"] == "image/png"
    assert (np.asarray(Image.open(io.BytesIO(stored["Body"].read())))[2:4] == 1).all()


def test_payload_elsewhere_than_in_the_jobs_folder_is_refused() -> None:
    request = event("consolidation_request") | {"payload": {"s3Uri": f"s3://{BUCKET}/x.json"}}

    with pytest.raises(RequestError, match="does not lie in the job's folder"):
        mask_consolidation.handler(request, None)
