"""Verifications and adjustments: what their pages begin with, and what they leave in the manifest.

The expected lines are those of the developer guide, "Output data", but for the numbers that depend
on the consolidation.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from ground_truth import limits
from ground_truth.consolidation import mask_batch
from ground_truth.consolidation.batch import Batch
from ground_truth.consolidation.kinds import consolidate_batch
from ground_truth.earlier_labels import EarlierLabelError, initial_value, labels_shown
from ground_truth.json_lines import json_line
from ground_truth.task_input import Audited, ObjectLeftOutError, task_input
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from ground_truth_functions import pre_annotation
from tests.unit.domain.events import answered
from tests.unit.domain.test_mask_batches import answer as mask_answer
from tests.unit.domain.test_mask_batches import picture, png

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# "Bounding Box Job Output"
BOXES = {
    "source-ref": "s3://raw/image_example.png",
    "bounding-box": {
        "image_size": [{"width": 500, "height": 400, "depth": 3}],
        "annotations": [
            {"class_id": 0, "left": 111, "top": 134, "width": 61, "height": 128},
            {"class_id": 5, "left": 161, "top": 250, "width": 30, "height": 30},
        ],
    },
    "bounding-box-metadata": {
        "objects": [{"confidence": 0.8}, {"confidence": 0.9}],
        "class-map": {"0": "dog", "5": "bone"},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2018-10-18T22:18:13.527256",
        "job-name": "identify-dogs-and-toys",
    },
}
DRAWN = [
    {"label": "dog", "left": 111, "top": 134, "width": 61, "height": 128},
    {"label": "bone", "left": 161, "top": 250, "width": 30, "height": 30},
]
# "Semantic Segmentation Job Output"
MASK = {
    "source-ref": "s3://raw/example_city_image.png",
    "city-streets-ref": "s3://output/city.png",
    "city-streets-ref-metadata": {
        "internal-color-map": {
            "0": {"class-name": "BACKGROUND", "confidence": 0.9, "hex-color": "#ffffff"},
            "1": {"class-name": "buildings", "confidence": 0.9, "hex-color": "#2acf59"},
            "2": {"class-name": "road", "confidence": 0.9, "hex-color": "#f28333"},
        },
        "type": "groundtruth/semantic-segmentation",
    },
}
PAINTED = {
    "src": "s3://output/city.png",
    "labelMappings": {"buildings": {"color": "#2acf59"}, "road": {"color": "#f28333"}},
}
CREATED = datetime(2018, 11, 20, 22, 18, 13, 527256, tzinfo=UTC)
OUTLINE = [{"x": 1, "y": 2}, {"x": 9, "y": 2}, {"x": 5, "y": 8}]


def shapes(key: str, **shape: object) -> dict[str, object]:
    return {
        "drawn": {"image_size": [], key: [{"class_id": 1, **shape}]},
        "drawn-metadata": {"class-map": {"1": "fox"}},
    }


@pytest.mark.parametrize(
    ("line", "attribute", "kind", "value"),
    [
        (BOXES, "bounding-box", AnswerKind.BOXES, DRAWN),
        (MASK, "city-streets-ref", AnswerKind.MASK, PAINTED),
        (
            shapes("polygons", vertices=OUTLINE),
            "drawn",
            AnswerKind.POLYGONS,
            [{"label": "fox", "vertices": OUTLINE}],
        ),
        (
            shapes("polylines", vertices=OUTLINE),
            "drawn",
            AnswerKind.POLYLINES,
            {"polylines": [{"label": "fox", "vertices": OUTLINE}]},
        ),
        (
            shapes("keypoints", x=3, y=4),
            "drawn",
            AnswerKind.KEYPOINTS,
            [{"label": "fox", "x": 3, "y": 4}],
        ),
        (
            {
                "said": {
                    "annotations": {
                        "labels": [{"label": "who", "shortDisplayName": "w"}],
                        "entities": [{"label": "who", "startOffset": 0, "endOffset": 3}],
                    }
                },
                "said-metadata": {"entities": [{"confidence": 0}]},
            },
            "said",
            AnswerKind.SPANS,
            [{"label": "who", "startOffset": 0, "endOffset": 3}],
        ),
        (
            {"species": "0", "species-metadata": {"class-name": "dog"}},
            "species",
            AnswerKind.SINGLE_LABEL,
            "dog",
        ),
        (
            {
                "bounding-box": {"image_size": [], "annotations": []},
                "bounding-box-metadata": {"objects": [], "class-map": {}},
            },
            "bounding-box",
            AnswerKind.BOXES,
            [],
        ),
    ],
)
def test_earlier_label_is_what_elements_begin_with(
    line: Mapping[str, object], attribute: str, kind: AnswerKind, value: object
) -> None:
    assert initial_value(line, attribute, kind) == value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bounding-box": None}, "no label bounding-box"),
        ({"bounding-box-metadata": None}, "no bounding-box-metadata"),
        ({"bounding-box": {"annotations": 5}}, "annotations is no list"),
        ({"bounding-box": "s3://output/x.png"}, "the label is no object"),
        ({"bounding-box-metadata": {"class-map": {"0": "dog"}}}, "KeyError\\('5'\\)"),
    ],
)
def test_label_that_can_not_be_shown_is_told(change: dict[str, object], message: str) -> None:
    with pytest.raises(EarlierLabelError, match=message):
        initial_value(BOXES | change, "bounding-box", AnswerKind.BOXES)


def test_mask_without_hexadecimal_colors_can_not_be_shown() -> None:
    """Developer guide, "Color Information Requirements for Semantic Segmentation Jobs"."""
    old = {"internal-color-map": {"1": {"class-name": "road", "confidence": 0.9}}}
    with pytest.raises(EarlierLabelError, match="hex-color"):
        initial_value(
            MASK | {"city-streets-ref-metadata": old}, "city-streets-ref", AnswerKind.MASK
        )


def handled(monkeypatch: pytest.MonkeyPatch, line: object, task: str, labels: list[str]) -> Any:
    """What the function answers, with the settings it is deployed with."""
    earlier = {"attribute": "bounding-box", "labels": ["dog", "bone"]}
    monkeypatch.setenv("TASK", task)
    monkeypatch.setenv("LABELS", json.dumps(labels))
    monkeypatch.setenv("AUDITED", json.dumps(earlier))
    arn = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/audit"
    request = {"version": "2018-10-16", "labelingJobArn": arn, "dataObject": line}
    return pre_annotation.handler(request, None)


def test_page_of_a_verification_gets_the_labels_and_where_they_were_chosen_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = handled(monkeypatch, BOXES, "bounding-box-verification", ["good", "bad"])

    assert answer == {
        "taskInput": {
            "taskObject": "s3://raw/image_example.png",
            "labels": ["good", "bad"],
            "initialValue": DRAWN,
            "earlierLabels": ["dog", "bone"],
        },
        "isHumanAnnotationRequired": True,
    }


def test_nobody_is_asked_to_correct_what_the_page_would_not_draw(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer = handled(monkeypatch, BOXES, "bounding-box-adjustment", ["dog", "cat"])

    assert answer["isHumanAnnotationRequired"] is False
    assert "bounding-box has labels that this campaign hasn't: bone" in caplog.text


def test_nobody_is_asked_about_labels_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"source-ref": "s3://raw/image_example.png"}

    answer = handled(monkeypatch, line, "bounding-box-verification", ["good", "bad"])

    assert answer["isHumanAnnotationRequired"] is False


def test_a_task_that_audits_nothing_is_given_no_earlier_label() -> None:
    with pytest.raises(ObjectLeftOutError, match="bounding-box is about no labels"):
        task_input(
            BOXES,
            task=TaskType.BOUNDING_BOX,
            labels=("dog", "bone"),
            audited=Audited(attribute="bounding-box", labels=("dog",)),
        )


def batch(task: str, labels: Sequence[str], attribute: str, answers: Sequence[object]) -> Batch:
    return Batch(
        payload=json.dumps([answered("7", *answers)]).encode(),
        rules=rules_for(task),
        labels=tuple(labels),
        label_attribute=attribute,
        job_name="audit",
        created=CREATED,
        fetch=lambda uri: uri,
    )


def content(task: str, labels: Sequence[str], attribute: str, answers: Sequence[object]) -> Any:
    (output,) = consolidate_batch(batch(task, labels, attribute, answers)).outputs
    assert output["datasetObjectId"] == "7"
    return output["consolidatedAnnotation"]["content"]


def given(worker: str, element: str, value: object) -> dict[str, object]:
    return {"workerId": worker, "annotationData": {"content": json.dumps({element: value})}}


def judged(worker: str, label: str, comment: object = None) -> dict[str, object]:
    value = {"label": label} if comment is None else {"label": label, "workerComment": comment}
    return given(worker, "crowd-image-classifier", value)


@pytest.mark.parametrize(
    "task",
    ["bounding-box-verification", "semantic-segmentation-verification"],
)
def test_line_of_a_verification_is_as_documented(task: str) -> None:
    found = content(
        task,
        ["good", "bad"],
        "verify",
        [
            judged("a", "bad", "The bounding box on the bird is too wide on the right side."),
            judged("b", "bad", "  The bird on the upper right\nis not labeled. "),
            judged("c", "good"),
        ],
    )

    confidence = found["verify-metadata"].pop("confidence")
    assert 0.5 < confidence < 1
    assert found == {
        "verify": "1",
        "verify-metadata": {
            "class-name": "bad",
            "type": "groundtruth/label-verification",
            "job-name": "labeling-job/audit",
            "human-annotated": "yes",
            "creation-date": "2018-11-20T22:18:13.527256",
            "worker-feedback": [
                {"comment": "The bounding box on the bird is too wide on the right side."},
                {"comment": "The bird on the upper right is not labeled."},
            ],
        },
    }


@pytest.mark.parametrize("comment", [None, "", " \n", 7])
def test_without_comments_there_is_no_field_for_them(comment: object) -> None:
    found = content(
        "bounding-box-verification", ["good", "bad"], "v", [judged("a", "good", comment)]
    )

    assert found["v"] == "0"
    assert "worker-feedback" not in found["v-metadata"]


def test_comments_of_a_verification_fit_into_the_manifest_of_the_next_job() -> None:
    answers = [judged(f"w{number}", "bad", '"\\' * 3_000) for number in range(9)]

    found = content("bounding-box-verification", ["good", "bad"], "v", answers)

    assert len(json_line(found["v-metadata"])) <= limits.MANIFEST_ATTRIBUTE_CHARACTERS
    assert len(found["v-metadata"]["worker-feedback"]) == 9


def test_two_judgements_of_one_worker_are_one_whatever_was_written() -> None:
    answers = [judged("a", "bad", "first"), judged("a", "bad", "second"), judged("b", "good")]

    consolidation = consolidate_batch(
        batch("bounding-box-verification", ["good", "bad"], "v", answers)
    )

    assert consolidation.incomplete == ()


def adjusted(worker: str, *, modified: bool | None, left: int = 111) -> dict[str, object]:
    boxes = [{"label": "dog", "left": left, "top": 134, "width": 61, "height": 128}]
    value: dict[str, object] = {
        "boundingBoxes": boxes,
        "inputImageProperties": {"width": 500, "height": 400},
    }
    if modified is not None:
        value["initialValueModified"] = modified
    return given(worker, "boundingBox", value)


def test_line_of_a_box_adjustment_is_as_documented() -> None:
    answers = [
        adjusted("a", modified=True, left=110),
        adjusted("b", modified=False),
        adjusted("c", modified=True, left=110),
    ]

    found = content("bounding-box-adjustment", ["dog", "bone"], "adjusted-bounding-box", answers)

    metadata = found["adjusted-bounding-box-metadata"]
    assert 0.5 < metadata.pop("objects")[0]["confidence"] <= 1
    assert found == {
        "adjusted-bounding-box": {
            "image_size": [{"width": 500, "height": 400, "depth": 3}],
            "annotations": [{"class_id": 0, "left": 110, "top": 134, "width": 61, "height": 128}],
        },
        "adjusted-bounding-box-metadata": {
            "class-map": {"0": "dog"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2018-11-20T22:18:13.527256",
            "job-name": "labeling-job/audit",
            "adjustment-status": "adjusted",
        },
    }


@pytest.mark.parametrize(
    ("modified", "status"),
    [
        ([False, False], "unadjusted"),
        ([False, True], "adjusted"),
        ([True, True], "adjusted"),
        # an element that doesn't say whether it was changed
        ([None, False], "adjusted"),
    ],
)
def test_one_worker_who_adjusts_makes_it_adjusted(modified: list[bool], status: str) -> None:
    answers = [adjusted(str(number), modified=each) for number, each in enumerate(modified)]

    found = content("bounding-box-adjustment", ["dog", "bone"], "again", answers)

    assert found["again-metadata"]["adjustment-status"] == status


@pytest.mark.parametrize(("left", "moved"), [(131, 4), (160, 0), (300, 0)])
def test_one_correction_of_three_counts_as_one_answer_of_three(left: int, moved: int) -> None:
    answers = [adjusted("a", modified=True, left=left)]
    answers += [adjusted(worker, modified=False) for worker in "bc"]

    found = content("bounding-box-adjustment", ["dog", "bone"], "again", answers)

    (box,) = found["again"]["annotations"]
    assert box["left"] - 111 == moved
    assert found["again-metadata"]["adjustment-status"] == "adjusted"


def test_boxes_drawn_from_nothing_have_no_adjustment_status() -> None:
    found = content("bounding-box", ["dog", "bone"], "boxes", [adjusted("a", modified=True)])

    assert "adjustment-status" not in found["boxes-metadata"]


@pytest.mark.parametrize(
    ("modified", "status"), [([False, False], "unadjusted"), ([False, True], "adjusted")]
)
def test_line_of_a_mask_adjustment_is_as_documented(modified: list[bool], status: str) -> None:
    """The guide's example lacks the status; "Verify and Adjust Labels" says all have one."""
    answers = [
        mask_answer(str(number), png(picture(10)), initialValueModified=each)
        for number, each in enumerate(modified)
    ]
    task = batch("semantic-segmentation-adjustment", ["road", "sky"], "city-ref", answers)

    (output,) = mask_batch.consolidate(task, lambda object_id, _: f"s3://out/{object_id}").outputs

    found: Any = output["consolidatedAnnotation"]["content"]
    for color in found["city-ref-metadata"]["internal-color-map"].values():
        assert color.pop("confidence") >= 0
    assert found == {
        "city-ref": "s3://out/7",
        "city-ref-metadata": {
            "internal-color-map": {
                "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff"},
                "1": {"class-name": "road", "hex-color": "#2acf59"},
                "2": {"class-name": "sky", "hex-color": "#f28333"},
            },
            "type": "groundtruth/semantic-segmentation",
            "human-annotated": "yes",
            "creation-date": "2018-11-20T22:18:13.527256",
            "job-name": "labeling-job/audit",
            "adjustment-status": status,
        },
    }


@pytest.mark.parametrize(
    ("task", "element", "value"),
    [
        ("polygon", "crowd-polygon", {"polygons": [{"label": "dog", "vertices": OUTLINE}]}),
        ("polyline", "crowd-polyline", {"polylines": [{"label": "dog", "vertices": OUTLINE}]}),
        ("keypoint", "crowd-keypoint", {"keypoints": [{"label": "dog", "x": 3, "y": 4}]}),
        (
            "named-entity-recognition",
            "crowd-entity-annotation",
            {"entities": [{"label": "dog", "startOffset": 0, "endOffset": 3}]},
        ),
    ],
)
def test_other_adjustments_are_as_their_tasks_with_a_status(
    task: str, element: str, value: dict[str, object]
) -> None:
    answers = [given("a", element, {**value, "initialValueModified": False})]

    first = content(task, ["dog", "bone"], "x", answers)
    again = content(f"{task}-adjustment", ["dog", "bone"], "x", answers)

    status = again["x-metadata"].pop("adjustment-status")
    assert (status, again) == ("unadjusted", first)


def test_comments_on_texts_come_from_a_text_area_of_the_page() -> None:
    """The element for texts has none of its own."""
    content_of = {"crowd-classifier": {"label": "bad"}, "workerComment": "It is irony."}
    answers = [
        {"workerId": "a", "annotationData": {"content": json.dumps(content_of)}},
        given("b", "crowd-classifier", {"label": "bad"}),
    ]

    found = content("text-classification-verification", ["good", "bad"], "v", answers)

    assert found["v-metadata"]["worker-feedback"] == [{"comment": "It is irony."}]


@pytest.mark.parametrize(
    ("task", "element", "key", "things"),
    [
        (
            "bounding-box",
            "boundingBox",
            "boundingBoxes",
            [
                {"label": "bone", "left": 5, "top": 6, "width": 70, "height": 8},
                {"label": "dog", "left": 90, "top": 20, "width": 11, "height": 30},
            ],
        ),
        (
            "polygon",
            "crowd-polygon",
            "polygons",
            [
                {
                    "label": "bone",
                    "vertices": [{"x": 1, "y": 2}, {"x": 30, "y": 2}, {"x": 5, "y": 28}],
                }
            ],
        ),
        (
            "polyline",
            "crowd-polyline",
            "polylines",
            [
                {
                    "label": "dog",
                    "vertices": [{"x": 1, "y": 2}, {"x": 30, "y": 2}, {"x": 5, "y": 28}],
                }
            ],
        ),
        ("keypoint", "crowd-keypoint", "keypoints", [{"label": "bone", "x": 12, "y": 34}]),
        (
            "named-entity-recognition",
            "crowd-entity-annotation",
            "entities",
            [
                {"label": "dog", "startOffset": 0, "endOffset": 3},
                {"label": "bone", "startOffset": 9, "endOffset": 13},
            ],
        ),
        ("bounding-box", "boundingBox", "boundingBoxes", []),
    ],
)
def test_what_nobody_changes_goes_through_an_adjustment_as_it_was(
    task: str, element: str, key: str, things: list[dict[str, object]]
) -> None:
    """From answers to a label, from the label to the page, and back."""
    labels = ["dog", "bone"]
    size = {"inputImageProperties": {"width": 200, "height": 100}}
    first = content(task, labels, "x", [given(who, element, {key: things, **size}) for who in "ab"])

    shown: Any = initial_value(first, "x", rules_for(task).answers)
    begun = shown[key] if isinstance(shown, dict) else shown
    unchanged = {key: begun, "initialValueModified": False, **size}
    answers = [given(who, element, unchanged) for who in "ab"]
    second = content(f"{task}-adjustment", labels, "y", answers)

    assert begun == things
    assert second["y"] == first["x"]
    assert second["y-metadata"]["adjustment-status"] == "unadjusted"


WORDS = ("annotations", "class-map", "class_id", "entities", "label", "polygons", "vertices", "x")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@forall(label=JSON, metadata=JSON, kind=st.sampled_from(AnswerKind))
def test_whatever_a_line_carries_is_shown_or_told(
    label: object, metadata: object, kind: AnswerKind
) -> None:
    try:
        value = initial_value({"x": label, "x-metadata": metadata}, "x", kind)
    except EarlierLabelError:
        return
    assert all(isinstance(name, str) for name in labels_shown(value))
