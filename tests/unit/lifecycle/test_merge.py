"""Dataset and earlier labels, merged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.lifecycle.merge import Merged, has_label, merge, object_key
from ground_truth.lifecycle.outputs import (
    EarlierOutputError,
    consolidated_lines,
    manifest_lines,
)

ATTRIBUTE = "digit"


def line(key: int, **more: Any) -> dict[str, Any]:
    return {"source-ref": f"s3://raw/{key}.png", **more}


def labeled(key: int, value: object = 1) -> dict[str, Any]:
    return line(key, **{ATTRIBUTE: value, f"{ATTRIBUTE}-metadata": {"class-name": "one"}})


def failed(key: int) -> dict[str, Any]:
    return line(key, **{f"{ATTRIBUTE}-metadata": {"failure-reason": "nobody came"}})


def test_puts_labels_of_earlier_jobs_onto_the_datasets_lines() -> None:
    merged = merge([line(1, shelf="a"), line(2)], [labeled(1)], ATTRIBUTE)

    assert merged == Merged(lines=(labeled(1) | {"shelf": "a"}, line(2)), labeled=1, carried=1)
    assert merged.left == 1


def test_class_zero_is_a_label() -> None:
    assert merge([line(1)], [labeled(1, 0)], ATTRIBUTE).left == 0


def test_null_is_no_label() -> None:
    merged = merge([line(1) | {ATTRIBUTE: None}], [line(1) | {ATTRIBUTE: None}], ATTRIBUTE)

    assert merged == Merged(lines=(line(1),), labeled=0, carried=0)


def test_failed_objects_lose_their_mark_and_are_asked_again() -> None:
    merged = merge([failed(1), line(2)], [failed(1), failed(2)], ATTRIBUTE)

    assert merged == Merged(lines=(line(1), line(2)), labeled=0, carried=0)


def test_labels_of_objects_that_left_the_dataset_stay_at_the_end() -> None:
    gone = labeled(9) | {"shelf": "z"}

    merged = merge([line(1)], [gone, failed(8)], ATTRIBUTE)

    assert merged == Merged(lines=(line(1), gone), labeled=1, carried=1)


def test_first_of_several_labels_wins() -> None:
    merged = merge([line(1)], [labeled(1, 5), labeled(1, 6)], ATTRIBUTE)

    assert merged.lines == (labeled(1, 5),)


def test_label_that_came_with_the_dataset_stays_and_is_not_counted_as_bought() -> None:
    merged = merge([labeled(1, 3)], [labeled(1, 4)], ATTRIBUTE)

    assert merged == Merged(lines=(labeled(1, 3),), labeled=1, carried=0)


def test_labels_of_another_attribute_are_no_labels_but_pass_through() -> None:
    merged = merge([line(1, colour=2)], [line(1, colour=2)], ATTRIBUTE)

    assert merged == Merged(lines=(line(1, colour=2),), labeled=0, carried=0)


def test_texts_are_known_by_their_text() -> None:
    text = {"source": "good", "object-key": "a.txt"}
    bought = {"source": "good", ATTRIBUTE: 1}

    assert merge([text], [bought], ATTRIBUTE).lines == (text | {ATTRIBUTE: 1},)


def test_metadata_is_found_in_either_spelling() -> None:
    bought = line(1) | {ATTRIBUTE: 1, f"{ATTRIBUTE}_metadata": {"confidence": 0.5}}

    assert merge([failed(1)], [bought], ATTRIBUTE).lines == (bought,)


@given(
    dataset=st.sets(st.integers(0, 12)),
    jobs=st.lists(st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 3)), max_size=4),
)
def test_no_label_is_lost_and_no_labeled_object_is_asked(
    dataset: set[int], jobs: list[dict[int, int | None]]
) -> None:
    """Any dataset, any earlier outputs: None stands for an object that failed."""
    earlier = [
        failed(key) if value is None else labeled(key, value)
        for job in jobs
        for key, value in job.items()
    ]

    merged = merge([line(key) for key in sorted(dataset)], earlier, ATTRIBUTE)

    bought = {object_key(item) for item in earlier if has_label(item, ATTRIBUTE)}
    kept = {object_key(item) for item in merged.lines if has_label(item, ATTRIBUTE)}
    asked = [object_key(item) for item in merged.lines if not has_label(item, ATTRIBUTE)]
    assert kept == bought
    assert set(asked) == {object_key(line(key)) for key in dataset} - bought
    assert len(asked) == merged.left == len(set(asked))
    assert not any("failure-reason" in json.dumps(item) for item in merged.lines)
    assert merge(merged.lines, earlier, ATTRIBUTE).lines == merged.lines


@given(
    rounds=st.lists(
        st.tuples(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9))),
        min_size=1,
        max_size=6,
    )
)
def test_over_generations_every_object_is_labeled_at_most_once(
    rounds: list[tuple[set[int], set[int]]],
) -> None:
    """Each round has its dataset and what people manage to label; outputs feed the next round."""
    times = dict.fromkeys(range(10), 0)
    output: tuple[Any, ...] = ()
    for dataset, answered in rounds:
        lines = merge([line(key) for key in sorted(dataset)], output, ATTRIBUTE).lines
        result = []
        for item in lines:
            key = int(str(item["source-ref"]).removeprefix("s3://raw/").removesuffix(".png"))
            asked = not has_label(item, ATTRIBUTE)
            times[key] += asked and key in answered
            result.append((labeled(key) if key in answered else failed(key)) if asked else item)
        output = tuple(result)

    assert max(times.values()) <= 1
    assert {object_key(item) for item in output if has_label(item, ATTRIBUTE)} == {
        object_key(line(key)) for key, count in times.items() if count
    }


def test_reads_a_manifest_whatever_its_line_ends() -> None:
    content = b'{"source": "a\xe2\x80\xa8b"}\r\n\n{"source": "c"}'

    assert list(manifest_lines(content, where="x")) == [{"source": "a\u2028b"}, {"source": "c"}]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"source": "a"}\n{"sour', r"s3://b/k line 2 is not JSON"),
        (b"[1]", r"s3://b/k line 1 is not a JSON object"),
        (b"\xff", r"s3://b/k line 1 is not UTF-8 \(byte 0\)"),
    ],
)
def test_unreadable_labels_are_an_error_and_no_second_purchase(content: bytes, text: str) -> None:
    with pytest.raises(EarlierOutputError, match=text):
        list(manifest_lines(content, where="s3://b/k"))


def test_joins_consolidation_responses_with_their_requests() -> None:
    request = [
        {"datasetObjectId": "0", "dataObject": {"s3Uri": "s3://raw/0.png"}, "annotations": []},
        {"datasetObjectId": 1, "dataObject": {"content": "a text"}, "annotations": []},
    ]
    response = [
        {"datasetObjectId": 0, "consolidatedAnnotation": {"content": {ATTRIBUTE: 0}}},
        {"datasetObjectId": "1", "consolidatedAnnotation": {"content": {ATTRIBUTE: 2}}},
        {"datasetObjectId": "7", "consolidatedAnnotation": {"content": {ATTRIBUTE: 2}}},
        {"datasetObjectId": "1", "consolidatedAnnotation": {"content": {"other": 2}}},
        "nonsense",
    ]

    lines = consolidated_lines(
        [json.dumps(request).encode(), b"{"],
        [json.dumps(response).encode(), b"null"],
        attribute=ATTRIBUTE,
        job="job-1",
    )

    metadata = {
        "type": "groundTruth/custom",
        "job-name": "labeling-job/job-1",
        "human-annotated": "yes",
    }
    assert lines == [
        {"source-ref": "s3://raw/0.png", ATTRIBUTE: 0, f"{ATTRIBUTE}-metadata": metadata},
        {"source": "a text", ATTRIBUTE: 2, f"{ATTRIBUTE}-metadata": metadata},
    ]
