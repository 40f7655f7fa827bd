from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_ops.quality import Answer, Prediction
from ground_truth_ops.results import (
    LabeledLine,
    OutputManifestError,
    predictions_of,
    read_answers,
    read_output_manifest,
    read_truth,
    truth_by_line,
)

LABELS = ("cat", "dog")
TYPE = "groundtruth/image-classification"


def record(**changes: Any) -> dict[str, Any]:
    metadata = {
        "class-name": "dog",
        "confidence": 0.9,
        "type": TYPE,
        "human-annotated": "yes",
        "job-name": "labeling-job/gt-dev-digits",
        "creation-date": "2026-11-21T09:30:00.123456",
    }
    metadata.update(changes.pop("metadata", {}))
    return {"source-ref": "s3://raw/pets/1.png", "pet": 1, "pet-metadata": metadata, **changes}


def read(*records: object, expected: int | None = None) -> tuple[LabeledLine, ...]:
    text = "".join(json.dumps(item) + "\n" for item in records)
    wanted = len(records) if expected is None else expected
    return read_output_manifest(
        text, attribute="pet", labels=LABELS, metadata_type=TYPE, expected=wanted
    )


def test_reads_label_and_confidence_of_each_line() -> None:
    text = record(source="a text", **{"source-ref": None})
    text.pop("source-ref")
    text["pet"] = "1"  # the documents show the index as a number and as a string
    assert read(record(), text) == (
        LabeledLine(line=0, source="s3://raw/pets/1.png", label="dog", confidence=0.9),
        LabeledLine(line=1, source="a text", label="dog", confidence=0.9),
    )


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ([1], "not a JSON object"),
        ({"pet": 1}, "no source-ref and no source"),
        ({"source": "x"}, "no pet with pet-metadata: the object has no label"),
        (
            {"source": "x", "pet-metadata": {"failure-reason": "nobody answered"}},
            "nobody answered",
        ),
        (record(pet=0), "class index 0 doesn't stand for 'dog'"),
        (record(pet=True), "class index True is no whole number"),
        (record(pet="-1"), "class index '-1' is no whole number"),
        (record(pet=7), "class index 7 doesn't stand for 'dog'"),
        (record(metadata={"class-name": "cow"}), "class-name 'cow' is none of"),
        (record(metadata={"confidence": "0.9"}), "confidence '0.9' is no number"),
        (record(metadata={"confidence": 1.5}), "confidence 1.5 lies outside 0 to 1"),
        (record(metadata={"type": "groundTruth/custom"}), "type is 'groundTruth/custom'"),
        (record(metadata={"human-annotated": True}), "human-annotated is True"),
        (record(metadata={"job-name": ""}), "job-name is missing"),
        (record(metadata={"creation-date": "yesterday"}), "creation-date is 'yesterday'"),
    ],
)
def test_names_line_and_departure_from_the_documented_shape(broken: object, problem: str) -> None:
    with pytest.raises(OutputManifestError, match="in 1 places") as caught:
        read(record(), broken)
    assert caught.value.details[0].startswith("line 2: ")
    assert problem in caught.value.details[0]


def test_names_repeated_objects_and_missing_lines_together() -> None:
    with pytest.raises(OutputManifestError) as caught:
        read(record(), record(), expected=3)
    assert caught.value.details == (
        "2 lines, expected one for each of 3 objects",
        "line 2: s3://raw/pets/1.png appears twice",
    )


def test_shows_ten_problems_and_counts_the_rest() -> None:
    with pytest.raises(OutputManifestError, match="in 12 places") as caught:
        read(*[{}] * 12)
    assert len(caught.value.details) == 11
    assert caught.value.details[-1] == "and 2 more"


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_whatever_the_text_it_is_read_or_refused(text: str) -> None:
    try:
        read_output_manifest(text, attribute="pet", labels=LABELS, metadata_type=TYPE, expected=1)
    except OutputManifestError as error:
        assert error.details


def response(worker: str, label: str, moment: str) -> dict[str, Any]:
    content = {"crowd-image-classifier": {"label": label}}
    return {"workerId": worker, "submissionTime": moment, "answerContent": content}


def test_reads_the_latest_answer_of_each_person_in_the_order_of_the_objects() -> None:
    folder = "x/labels/job/annotations/worker-response/iteration-1"
    early, late = "2026-11-21T09:00:00.000Z", "2026-11-21T09:00:01.000Z"
    first = {"answers": [response("ada", "dog", early), response("ben", "cat", early)]}
    again = {"answers": [response("ada", "cat", late)]}
    found = read_answers(
        [
            (f"{folder}/10/b.json", json.dumps(again)),
            (f"{folder}/10/a.json", json.dumps(first)),
            (f"{folder}/9/a.json", json.dumps(again)),
            ("x/labels/job/annotations/consolidated-annotation/y.json", "[]"),
        ],
        element="crowd-image-classifier",
    )
    assert found == (
        Answer(object_id="9", worker="ada", label="cat"),
        Answer(object_id="10", worker="ada", label="cat"),
        Answer(object_id="10", worker="ben", label="cat"),
    )


def line(number: int, source: str) -> LabeledLine:
    return LabeledLine(line=number, source=source, label="dog", confidence=0.5)


def test_finds_truth_by_the_key_below_the_prefix() -> None:
    lines = [line(0, "s3://raw/pets/a/1.png"), line(1, "s3://raw/pets/2.png")]
    truth = {"a/1.png": "dog", "3.png": "cat"}
    assert truth_by_line(truth, lines, prefix="pets/") == {"0": "dog"}


def test_finds_truth_of_a_given_manifest_by_line_number() -> None:
    lines = [line(0, "a text"), line(1, "another")]
    assert truth_by_line({"1": "cat"}, lines, prefix=None) == {"1": "cat"}


def test_reads_truth_rows_with_quoted_names(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text('object,label\n"a,b.png",cat\n2.png,dog\n', encoding="utf-8")
    assert read_truth(path) == {"a,b.png": "cat", "2.png": "dog"}


def test_names_predictions_by_line_number() -> None:
    found = predictions_of([line(4, "x")])
    assert found == (Prediction(object_id="4", label="dog", confidence=0.5),)
