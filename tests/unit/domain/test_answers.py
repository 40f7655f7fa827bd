"""One broken answer never costs another answer, or another object, its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.answer_labels import SetsOfLabels, SingleLabels
from ground_truth.answers import (
    AnnotationPayloadError,
    AnswerBatch,
    AnsweredObject,
    FailedObject,
    read_answers,
)
from ground_truth.consolidation.label_sets import LabelSet
from ground_truth.consolidation.votes import Vote
from tests.unit.domain.events import EVENTS, annotation, answered

LABELS = ("cat", "dog", "bird")
GOOD = (annotation("a", "dog"), annotation("b", "dog"))


def nothing_stored(uri: str) -> str:
    raise FileNotFoundError(uri)


def read(
    payload: Any,
    *,
    fetch: Callable[[str], str | bytes] = nothing_stored,
    element: str = "crowd-image-classifier",
) -> AnswerBatch[Vote]:
    content = payload if isinstance(payload, str | bytes) else json.dumps(payload)
    answer_format = SingleLabels(labels=LABELS, element=element)
    return read_answers(content, answer_format=answer_format, fetch=fetch)


def set_aside(broken: Any, **options: Any) -> tuple[str, ...]:
    """Read an object with two good answers and a broken one; the good ones must count."""
    batch = read([answered("7", *GOOD, broken)], **options)
    (found,) = batch.objects
    assert found.answers == (Vote(worker="a", label=1), Vote(worker="b", label=1))
    return found.set_aside


def test_reads_a_recorded_image_payload() -> None:
    batch = read((EVENTS / "consolidation_payload_image.json").read_bytes())
    assert batch.failed == ()
    assert [
        (found.object_id, sorted(vote.label for vote in found.answers), found.set_aside)
        for found in batch.objects
    ] == [
        ("0", [1, 1, 1], ()),
        ("1", [0, 0, 2], ()),
        ("10", [2, 2, 2], ()),
        ("2", [1], ()),
    ]
    assert batch.objects[1].answers == (
        Vote(worker="private.us-east-1.0f3a9c1d5e7b2846", label=0),
        Vote(worker="private.us-east-1.7be1d40c93a65f28", label=0),
        Vote(worker="private.us-east-1.e19f7a02b6d3584c", label=2),
    )


def test_reads_answers_that_lie_in_s3() -> None:
    stored = {
        "s3://example-output-bucket/animals/labels/answers/0-b.json": (
            '{"crowd-classifier":{"label":"bird"}}'
        )
    }
    batch = read(
        (EVENTS / "consolidation_payload_text.json").read_text(encoding="utf-8"),
        fetch=stored.__getitem__,
        element="crowd-classifier",
    )
    assert batch.failed == ()
    assert [[vote.label for vote in found.answers] for found in batch.objects] == [[1, 2], [0, 0]]


def test_takes_the_only_answer_of_a_template_that_names_its_element_otherwise() -> None:
    batch = read([answered("7", annotation("a", "cat", element="which-animal"))])
    assert batch.objects[0].answers == (Vote(worker="a", label=0),)


def test_takes_the_named_element_beside_others() -> None:
    content = {"other": {"label": "cat"}, "crowd-image-classifier": {"label": "dog"}, "note": "x"}
    both = {"workerId": "a", "annotationData": {"content": json.dumps(content)}}
    assert read([answered("7", both)]).objects[0].answers == (Vote(worker="a", label=1),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"content": "not json"}, "content is not JSON (Expecting value, character 1)"),
        ({"content": ""}, "content is not JSON (Expecting value, character 1)"),
        ({"content": "[" * 50_000}, "content is nested too deeply"),
        ({"content": "[1]"}, "content is not a JSON object: got list"),
        ({"content": 5}, "content is not a JSON object: got int"),
        ({}, "content is not a JSON object: got null"),
        (None, "annotationData is not an object: got null"),
        ("text", "annotationData is not an object: got text of 4 characters"),
        (
            {"content": '"' + "x" * 100_000 + '"'},
            "content is too large: got 100002 characters, allowed 100000",
        ),
        (
            {"content": '{"note":"x"}'},
            "no answer of crowd-image-classifier: got the keys ['note']",
        ),
        (
            {"content": '{"a":{"label":"cat"},"b":{"label":"cat"}}'},
            "no answer of crowd-image-classifier: got the keys ['a', 'b']",
        ),
        (
            {"content": '{"crowd-image-classifier":{"label":["cat"]}}'},
            "label is not text: got list",
        ),
        (
            {"content": '{"crowd-image-classifier":{"label":"Cat"}}'},
            "label is not one of the categories: got text of 3 characters",
        ),
        (
            {"content": json.dumps({"crowd-image-classifier": {"label": "x" * 500}})},
            "label is not one of the categories: got text of 500 characters",
        ),
        (
            {"s3Uri": "s3://out/gone.json"},
            "content cannot be fetched from S3: 's3://out/gone.json'",
        ),
    ],
)
def test_sets_a_broken_answer_aside_with_the_reason(data: Any, reason: str) -> None:
    assert set_aside({"workerId": "c", "annotationData": data}) == (reason,)


@pytest.mark.parametrize(
    ("worker", "shown"), [(None, "null"), ("", "text of 0 characters"), (7, "int"), (["c"], "list")]
)
def test_sets_an_answer_of_nobody_aside(worker: Any, shown: str) -> None:
    broken = annotation("c", "cat") | {"workerId": worker}
    assert set_aside(broken) == (f"workerId is not text: got {shown}",)


@pytest.mark.parametrize("broken", [None, "text", 5, ["a"]])
def test_sets_an_annotation_that_is_no_object_aside(broken: Any) -> None:
    assert set_aside(broken) == ("workerId is not text: got null",)


def test_counts_a_worker_who_answered_twice_the_same_once() -> None:
    (found,) = read([answered("7", *GOOD, annotation("a", "dog"))]).objects
    assert found.answers == (Vote(worker="a", label=1), Vote(worker="b", label=1))
    assert found.set_aside == ()


def test_counts_a_worker_who_contradicted_themselves_not_at_all() -> None:
    contradiction = [annotation("c", "cat"), annotation("c", "bird")]
    (found,) = read([answered("7", *contradiction, *GOOD)]).objects
    assert found.answers == (Vote(worker="a", label=1), Vote(worker="b", label=1))
    assert found.set_aside == ("one worker gave 2 different answers",)


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ([], "no answer counts: nobody answered"),
        (None, "annotations is not a list: got null"),
        ({"a": 1}, "annotations is not a list: got dict"),
        (
            [annotation("a", "fish"), annotation("b", None)],
            "no answer counts: label is not one of the categories: got text of 4 "
            "characters; label is not text: got null",
        ),
    ],
)
def test_fails_one_object_and_keeps_the_others(annotations: Any, reason: str) -> None:
    broken = {"datasetObjectId": "8", "dataObject": {}, "annotations": annotations}
    batch = read([answered("7", *GOOD), broken, answered("9", *GOOD)])
    assert [found.object_id for found in batch.objects] == ["7", "9"]
    assert batch.failed == (FailedObject(object_id="8", reason=reason),)


@pytest.mark.parametrize("object_id", [None, True, 1.5, ["7"], {}])
def test_fails_an_object_without_an_id_and_keeps_the_others(object_id: Any) -> None:
    batch = read([answered(object_id, *GOOD), 5, answered("9", *GOOD)])
    assert [found.object_id for found in batch.objects] == ["9"]
    assert batch.failed == (
        FailedObject(object_id=None, reason=f"datasetObjectId is not text: got {object_id!r}"),
        FailedObject(object_id=None, reason="datasetObjectId is not text: got None"),
    )


def test_returns_object_ids_exactly_as_they_came() -> None:
    ids: list[Any] = ["007", 7, "7", "", "ä/€\n", 2**70]
    batch = read([answered(object_id, *GOOD) for object_id in ids])
    assert [found.object_id for found in batch.objects] == ids


def test_puts_an_object_that_comes_twice_together() -> None:
    batch = read([answered("7", GOOD[0]), answered("7", GOOD[1]), answered("7", GOOD[1])])
    assert batch.objects == (
        AnsweredObject(
            object_id="7",
            answers=(Vote(worker="a", label=1), Vote(worker="b", label=1)),
            set_aside=(),
        ),
    )


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("", "payload cannot be read: not JSON"),
        ("[{]", "payload cannot be read: not JSON"),
        (b"\xff\xfe", "payload cannot be read: not UTF-8"),
        ("[" * 100_000, "payload cannot be read: nested too deeply"),
        ("{}", "payload is not a list of objects: got dict"),
        ("null", "payload is not a list of objects: got NoneType"),
    ],
)
def test_refuses_a_payload_that_is_no_json_list(payload: Any, message: str) -> None:
    with pytest.raises(AnnotationPayloadError, match=message):
        read(payload)


@pytest.mark.parametrize("junk", ["NaN", "-Infinity", '{"a":1,"a":2}', "9" * 5000, '"\\ud800"'])
def test_odd_value_in_the_payload_costs_no_other_object(junk: str) -> None:
    good = json.dumps(answered("7", *GOOD))
    assert [found.object_id for found in read(f"[{junk}, {good}]").objects] == ["7"]


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["datasetObjectId", "annotations", "workerId", "annotationData", "content", "s3Uri"]
            ),
            children | st.just('{"crowd-image-classifier":{"label":"cat"}}'),
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.lists(hostile, max_size=4), st.permutations([0, 1, 2]))
def test_good_objects_survive_whatever_is_beside_them(junk: list[Any], order: list[int]) -> None:
    good = [answered(f"good-{number}", *GOOD) for number in order]
    batch = read([*junk, *good])
    survivors = [
        found.object_id
        for found in batch.objects
        if isinstance(found.object_id, str) and found.object_id.startswith("good-")
    ]
    assert survivors == [f"good-{number}" for number in order]


@given(st.permutations([*GOOD, annotation("c", "fish"), annotation("d", "cat"), None]))
def test_order_of_answers_changes_nothing(annotations: list[Any]) -> None:
    assert read([answered("7", *annotations)]) == read(
        [answered("7", *GOOD, annotation("c", "fish"), annotation("d", "cat"), None)]
    )


def read_sets(*values: Any, element: str = "crowd-classifier-multi-select") -> tuple[Any, Any]:
    """Read an object that each worker gave the element one of `values`; answers and asides."""
    annotations = [
        {"workerId": f"w{n}", "annotationData": {"content": json.dumps({element: value})}}
        for n, value in enumerate(values)
    ]
    batch = read_answers(
        json.dumps([answered("7", *annotations)]),
        answer_format=SetsOfLabels(labels=LABELS, element="crowd-classifier-multi-select"),
        fetch=nothing_stored,
    )
    (found,) = batch.objects
    return found.answers, found.set_aside


def test_reads_sets_of_labels_in_any_order_also_none() -> None:
    answers, aside = read_sets(
        {"labels": ["bird", "cat"]}, {"labels": []}, {"labels": ["dog", "dog"]}
    )
    assert answers == (
        LabelSet(worker="w0", labels=frozenset({0, 2})),
        LabelSet(worker="w1", labels=frozenset()),
        LabelSet(worker="w2", labels=frozenset({1})),
    )
    assert aside == ()


def test_takes_the_only_set_of_a_template_that_names_its_element_otherwise() -> None:
    answers, _ = read_sets({"labels": ["cat"]}, element="which-animals")
    assert answers == (LabelSet(worker="w0", labels=frozenset({0})),)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"labels": "cat"}, "labels is not a list: got text of 3 characters"),
        ({"labels": ["cat", 1]}, "labels is not a list of texts"),
        (
            {"labels": ["cat", "cow"]},
            "label is not one of the categories: got text of 3 characters",
        ),
        ({"label": "cat"}, "labels is not a list: got null"),
        (
            "cat",
            "no answer of crowd-classifier-multi-select: got the keys "
            "['crowd-classifier-multi-select']",
        ),
    ],
)
def test_sets_a_broken_set_aside_with_the_reason(value: Any, reason: str) -> None:
    answers, aside = read_sets({"labels": ["dog"]}, value)
    assert answers == (LabelSet(worker="w0", labels=frozenset({1})),)
    assert aside == (reason,)
