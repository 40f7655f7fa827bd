"""Output manifests are read however they are spelled."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.json_lines import read_json
from ground_truth.output import classification_output
from ground_truth.records import LabelRecord, RecordError, read_record, read_records
from tests.unit.domain.events import EVENTS

CREATED = datetime(2018, 10, 18, 22, 18, 13, 527256, tzinfo=UTC)


def without_line(record: LabelRecord) -> dict[str, Any]:
    values = dataclasses.asdict(record)
    del values["line"]
    return values


def test_reads_every_documented_form_of_a_line() -> None:
    content = (EVENTS / "output_manifest.jsonl").read_bytes()
    records = list(read_records(content, "sport"))
    base = {
        "labeled": True,
        "value": 0,
        "class_index": 0,
        "class_name": "football",
        "confidence": 0.8,
        "human_annotated": True,
        "job_name": "identify-sport",
        "created": CREATED,
        "failure_reason": None,
    }
    nothing = dict.fromkeys(base) | {"labeled": False}
    assert [without_line(record) for record in records] == [
        {"source": "s3://example-raw-bucket/sport/1.jpg", **base},
        {
            **base,
            "source": "s3://example-raw-bucket/sport/2.jpg",
            "value": "1",
            "class_index": 1,
            "class_name": "tennis",
            "confidence": 0.0,
            "human_annotated": False,
        },
        {
            **base,
            "source": "A set point.",
            "value": 1,
            "class_index": 1,
            "class_name": None,
            "confidence": None,
            "created": CREATED.replace(microsecond=0),
        },
        {
            **nothing,
            "source": "s3://example-raw-bucket/sport/3.jpg",
            "human_annotated": True,
            "failure_reason": "ClientError: the object expired",
        },
        {**nothing, "source": "s3://example-raw-bucket/sport/4.jpg"},
    ]
    assert [record.failed for record in records] == [False, False, False, True, False]
    assert records[0].line["source-ref"] == "s3://example-raw-bucket/sport/1.jpg"


def test_reads_back_what_consolidation_writes() -> None:
    output = classification_output(
        object_id="7",
        attribute="sport",
        class_index=1,
        class_name="tennis",
        confidence=0.87654321,
        metadata_type="groundtruth/image-classification",
        job_name="identify-sport",
        created=CREATED,
    )
    assert output == {
        "datasetObjectId": "7",
        "consolidatedAnnotation": {
            "content": {
                "sport": 1,
                "sport-metadata": {
                    "class-name": "tennis",
                    "confidence": 0.876543,
                    "type": "groundtruth/image-classification",
                    "human-annotated": "yes",
                    "job-name": "labeling-job/identify-sport",
                    "creation-date": "2018-10-18T22:18:13.527256",
                },
            }
        },
    }
    record = read_record(output["consolidatedAnnotation"]["content"], "sport")
    assert (record.class_index, record.class_name, record.confidence) == (1, "tennis", 0.876543)
    assert (record.job_name, record.created, record.failed) == ("identify-sport", CREATED, False)


def test_class_zero_is_a_label_and_null_is_none() -> None:
    assert read_record({"sport": 0}, "sport").labeled
    assert not read_record({"sport": None}, "sport").labeled
    assert read_record({"sport-metadata": {"retry-count": 1}}, "sport").failed


def test_names_the_line_that_is_no_object() -> None:
    with pytest.raises(RecordError, match="output manifest line 2: not JSON"):
        list(read_records('{"a": 1}\n{', "sport"))
    with pytest.raises(RecordError, match="output manifest line 1: not a JSON object"):
        list(read_records("[]\n", "sport"))


@given(
    st.dictionaries(
        st.sampled_from(["source", "source-ref", "sport", "sport-metadata", "sport_metadata"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.dictionaries(
            st.sampled_from(
                [
                    "class-name",
                    "confidence",
                    "job_name",
                    "creation-date",
                    "human-annotated",
                    "failure-reason",
                ]
            ),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text()
            | st.lists(st.text()),
        ),
    )
)
def test_any_line_is_read_without_raising(line: dict[str, Any]) -> None:
    record = read_record(line, "sport")
    assert record.confidence is None or 0.0 <= record.confidence <= 1.0
    assert record.created is None or record.created.tzinfo is UTC
    assert not (record.failed and record.labeled)


@given(st.text())
def test_strict_reader_raises_one_kind_of_error(text: str) -> None:
    try:
        read_json(text)
    except ValueError as error:
        assert type(error).__name__ == "JsonError"
