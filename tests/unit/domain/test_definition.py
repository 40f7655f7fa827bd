"""A definition's identity survives every way it travels."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.categories import label_category_document, label_category_json
from ground_truth.definition import (
    CampaignDefinition,
    DefinitionError,
    Stopping,
    changed_fields,
    continuation_problems,
    definition_hash,
)
from ground_truth.tasks import TaskType

DIGITS = CampaignDefinition(
    task=TaskType.IMAGE_CLASSIFICATION,
    label_attribute="digit",
    labels=("zero", "one"),
    template_sha256="a" * 64,
    categories_sha256="b" * 64,
    workers_per_object=3,
    dataset_revision=1,
    task_time_limit_seconds=300,
    pre_annotation_behaviour=1,
    consolidation_behaviour=1,
)

numbers = st.integers(min_value=1, max_value=10**6)
definitions = st.builds(
    CampaignDefinition,
    task=st.sampled_from(TaskType),
    label_attribute=st.text(),
    labels=st.lists(st.text(), max_size=5).map(tuple),
    template_sha256=st.text(),
    categories_sha256=st.text(),
    workers_per_object=numbers,
    dataset_revision=numbers,
    task_time_limit_seconds=numbers,
    pre_annotation_behaviour=numbers,
    consolidation_behaviour=numbers,
    stopping=st.builds(
        Stopping,
        max_labeled_objects=st.none() | numbers,
        max_labeled_percent=st.none() | st.integers(min_value=1, max_value=100),
    ),
    functions=st.sampled_from(["", "aws", "none"]),
)


def stringified(value: Any) -> Any:
    """What CloudFormation makes of numbers in custom resource properties."""
    if isinstance(value, dict):
        return {key: stringified(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stringified(item) for item in value]
    return str(value)


@given(definitions)
def test_definition_comes_back_from_cloudformation_unchanged(
    definition: CampaignDefinition,
) -> None:
    document = json.loads(json.dumps(definition.to_dict()))
    assert CampaignDefinition.from_dict(document) == definition
    assert CampaignDefinition.from_dict(stringified(document)) == definition


@given(definitions, definitions)
def test_hashes_are_equal_exactly_when_definitions_are(
    one: CampaignDefinition, other: CampaignDefinition
) -> None:
    assert (definition_hash(one) == definition_hash(other)) == (one == other)


def test_hash_is_stable_between_versions() -> None:
    # jobs carry it in a tag: a change here asks people again for labels that were bought
    assert definition_hash(DIGITS) == "86423173611e"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", TaskType.TEXT_CLASSIFICATION),
        ("label_attribute", "number"),
        ("labels", ("one", "zero")),
        ("template_sha256", "c" * 64),
        ("categories_sha256", "c" * 64),
        ("workers_per_object", 5),
        ("dataset_revision", 2),
        ("task_time_limit_seconds", 600),
        ("pre_annotation_behaviour", 2),
        ("consolidation_behaviour", 2),
        ("stopping", Stopping(max_labeled_objects=10)),
        ("functions", "aws"),
    ],
)
def test_every_field_decides_identity(field: str, value: object) -> None:
    changed = dataclasses.replace(DIGITS, **{field: value})  # type: ignore[arg-type]
    assert definition_hash(changed) != definition_hash(DIGITS)
    assert changed_fields(DIGITS, changed) == (field,)


def test_stopping_conditions_that_are_not_set_are_left_out() -> None:
    assert "stopping" not in DIGITS.to_dict()
    limited = dataclasses.replace(DIGITS, stopping=Stopping(max_labeled_percent=50))
    assert limited.to_dict()["stopping"] == {"max_labeled_percent": 50}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "boxes"}, "field task cannot be read: got 'boxes', allowed image-classification"),
        ({"labels": "zero"}, "field labels cannot be read: got 'zero', allowed a list of text"),
        ({"labels": ["zero", 1]}, "field labels cannot be read"),
        ({"workers_per_object": "three"}, "field workers_per_object cannot be read: got 'three'"),
        ({"workers_per_object": True}, "field workers_per_object cannot be read: got True"),
        ({"workers_per_object": "-3"}, "field workers_per_object cannot be read"),
        ({"template_sha256": None}, "field template_sha256 cannot be read: got None, allowed text"),
        ({"stopping": {"after": "1"}}, "field stopping cannot be read"),
        ({"functions": "theirs"}, "field functions cannot be read: got 'theirs', allowed own, aws"),
        ({"price": "1"}, "fields this version does not know: got price"),
    ],
)
def test_definition_that_cannot_be_read_names_the_field(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        CampaignDefinition.from_dict({**DIGITS.to_dict(), **change})


def test_definition_without_a_field_names_it() -> None:
    document = dict(DIGITS.to_dict())
    del document["label_attribute"]
    with pytest.raises(DefinitionError, match="definition has no label_attribute"):
        CampaignDefinition.from_dict(document)


def test_labels_can_be_kept_when_new_ones_are_added_after_them() -> None:
    more = dataclasses.replace(DIGITS, labels=("zero", "one", "two"), workers_per_object=5)
    assert continuation_problems(DIGITS, more) == []


@pytest.mark.parametrize(
    "labels", [("one", "zero"), ("zero",), ("zero", "uno"), ("new", "zero", "one")]
)
def test_labels_cannot_be_kept_when_their_indexes_would_mean_others(
    labels: tuple[str, ...],
) -> None:
    changed = dataclasses.replace(DIGITS, labels=labels)
    assert continuation_problems(DIGITS, changed) == [
        f"labels were removed, renamed or reordered: got {list(labels)}, "
        "allowed ['zero', 'one'] with new labels after them"
    ]


def test_labels_cannot_be_kept_under_another_task_or_attribute() -> None:
    changed = dataclasses.replace(
        DIGITS, task=TaskType.TEXT_CLASSIFICATION, label_attribute="number"
    )
    assert continuation_problems(DIGITS, changed) == [
        "the task changed: got text-classification, was image-classification",
        "the label attribute changed: got 'number', was 'digit'",
    ]


def test_label_category_file_has_the_documented_form() -> None:
    assert label_category_document(["a", "b"]) == {
        "document-version": "2018-11-28",
        "labels": [{"label": "a"}, {"label": "b"}],
    }
    assert label_category_json(["ä", 'q"']) == (
        b'{"document-version":"2018-11-28","labels":[{"label":"\\u00e4"},{"label":"q\\""}]}'
    )


@given(st.lists(st.text()))
def test_label_category_file_is_ascii_json_of_the_labels_in_order(labels: list[str]) -> None:
    content = label_category_json(labels)
    assert content.isascii()
    assert [entry["label"] for entry in json.loads(content)["labels"]] == labels
