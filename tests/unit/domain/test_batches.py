"""A payload becomes Ground Truth's answer in the way its kind of answer is consolidated."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ground_truth.consolidation.batch import Batch
from ground_truth.consolidation.kinds import AnswerKindError, consolidate_batch
from ground_truth.tasks import AnswerKind, TaskRules, TaskType, rules_for
from tests.unit.domain.events import annotation, answered

LABELS = ("cat", "dog", "bird")
CREATED = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def rules(kind: AnswerKind, **changes: Any) -> TaskRules:
    return replace(rules_for(TaskType.IMAGE_CLASSIFICATION), answers=kind, **changes)


def batch(task: TaskRules, *objects: Any) -> Batch:
    return Batch(
        payload=json.dumps(objects).encode(),
        rules=task,
        labels=LABELS,
        label_attribute="animal",
        job_name="animals-1",
        created=CREATED,
        fetch=lambda uri: uri,
    )


def chosen(worker: str, *labels: str) -> dict[str, Any]:
    content = {"crowd-image-classifier-multi-select": {"labels": labels}}
    return {"workerId": worker, "annotationData": {"content": json.dumps(content)}}


def test_single_labels_have_their_class_and_confidence() -> None:
    found = consolidate_batch(
        batch(
            rules(AnswerKind.SINGLE_LABEL),
            answered("1", annotation("a", "dog"), annotation("b", "dog")),
            answered("2"),
        )
    )

    (output,) = found.outputs
    content = output["consolidatedAnnotation"]["content"]
    assert output["datasetObjectId"] == "1"
    assert content["animal"] == 1
    assert content["animal-metadata"] == {
        "class-name": "dog",
        "confidence": pytest.approx(0.8, abs=0.1),
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "job-name": "labeling-job/animals-1",
        "creation-date": "2026-11-25T08:00:00",
    }
    assert [(failed.object_id, failed.reason) for failed in found.failed] == [
        ("2", "no answer counts: nobody answered")
    ]


def test_sets_of_labels_list_what_anybody_chose_the_likeliest_first() -> None:
    task = rules(
        AnswerKind.MULTI_LABEL,
        template_element="crowd-image-classifier-multi-select",
        metadata_type="groundtruth/image-classification-multilabel",
    )
    found = consolidate_batch(
        batch(
            task,
            answered("1", chosen("a", "bird", "cat"), chosen("b", "bird"), chosen("c", "bird")),
            answered("2", chosen("a"), chosen("b"), chosen("c")),
            answered("3", chosen("a", "cow"), chosen("b", "dog")),
            answered("4", annotation("a", "dog")),
        )
    )

    contents = [output["consolidatedAnnotation"]["content"] for output in found.outputs]
    metadata: Any = contents[0]["animal-metadata"]
    assert [content["animal"] for content in contents] == [[2, 0], [], [1]]
    assert metadata["class-map"] == {"2": "bird", "0": "cat"}
    assert metadata["confidence-map"]["2"] > 0.5 > metadata["confidence-map"]["0"]
    assert {key: metadata[key] for key in metadata if not key.endswith("-map")} == {
        "type": "groundtruth/image-classification-multilabel",
        "human-annotated": "yes",
        "job-name": "labeling-job/animals-1",
        "creation-date": "2026-11-25T08:00:00",
    }
    assert contents[1]["animal-metadata"] == {**metadata, "class-map": {}, "confidence-map": {}}
    assert [answered.object_id for answered in found.incomplete] == ["3"]
    assert [failed.object_id for failed in found.failed] == ["4"]


def test_a_kind_without_consolidation_is_named() -> None:
    with pytest.raises(AnswerKindError, match="got mask, allowed single-label"):
        consolidate_batch(batch(rules(AnswerKind.MASK)))
