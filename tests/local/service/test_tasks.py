"""What differs by task: label categories, PassThrough, -ref attributes, large answers, quotas."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.loaders import Loader

from ground_truth_local.platform.port import ServiceError
from ground_truth_local.service import Tuning
from ground_truth_local.service.limits import most_objects
from ground_truth_local.service.manifest import ManifestError, parse_manifest
from ground_truth_local.service.tasks import TASKS
from tests.local.service.task_violations import aws_function, task, worker_ui, workers
from tests.local.service.violations import both, drop
from tests.local.service.world import ACS, ADA, BOB, CYD, ONE, World, answer, image_lines, request


def test_tasks_are_those_of_the_api_model() -> None:
    """The names behind PRE- in botocore's model; a new one there is noticed here."""

    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    text = shapes["HumanTaskConfig"]["members"]["PreHumanTaskLambdaArn"]["documentation"]
    assert set(re.findall(r":function:PRE-(\w+)", text)) == set(TASKS)


def categories(world: World, *names: str, **more: object) -> None:
    labels = [{"label": name} for name in names]
    document = {"document-version": "2018-11-28", "labels": labels, **more}
    world.platform.put("in", "labels.json", json.dumps(document))


@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("ImageMultiClass", 1, "it has 1 labels, the task needs 2"),
        ("TextMultiClassMultiLabel", 51, "it has 51 labels, the task allows 50"),
        ("BoundingBox", 51, "it has 51 labels, the task allows 50"),
        ("VideoMultiClass", 31, "it has 31 labels, the task allows 30"),
        ("ImageMultiClass", 51, "PRE-ImageMultiClass is not offered locally"),
        ("BoundingBox", 50, "PRE-BoundingBox is not offered locally"),
        ("VerificationBoundingBox", 1, "PRE-VerificationBoundingBox is not offered locally"),
    ],
)
def test_label_categories_are_as_many_as_the_task_wants(
    world: World, name: str, count: int, message: str
) -> None:
    world.team()
    categories(world, *(f"label {number}" for number in range(count)))
    wanted = request()
    task(name)(wanted)
    with pytest.raises(ServiceError, match=message):
        world.call("CreateLabelingJob", **wanted)


def test_a_custom_job_may_have_one_label_category(world: World) -> None:
    categories(world, "only")
    world.create()
    assert world.describe()["LabelingJobStatus"] == "InProgress"


def test_named_entities_need_instructions_in_their_label_categories(world: World) -> None:
    world.team()
    wanted = request()
    both(task("NamedEntityRecognition"), worker_ui("NamedEntityRecognition"))(wanted)
    with pytest.raises(ServiceError, match='it has no "instructions" with shortInstruction'):
        world.call("CreateLabelingJob", **wanted)
    categories(world, "city", instructions={"shortInstruction": "a", "fullInstruction": "b"})
    with pytest.raises(ServiceError, match=r"NamedEntityRecognition .* is not offered locally"):
        world.call("CreateLabelingJob", **wanted)


SEEN = {"name": "seen", "type": "string", "enum": ["yes", "no"], "isRequired": True}
COUNT = {"name": "n", "type": "number", "description": "d", "minimum": 0, "maximum": 9}
NOTE = {"name": "note", "type": "string"}


def frames(**changes: object) -> dict[str, object]:
    """A file with everything there can be."""
    labels = [{"label": "car", "categoryAttributes": [SEEN], "editsAllowed": "none"}]
    return {
        "documentVersion": "2020-03-01",
        "labels": labels,
        "frameAttributes": [COUNT],
        "categoryGlobalAttributes": [NOTE],
        "annotationType": "Keypoint",
        "instructions": {"shortInstruction": "a", "fullInstruction": "b"},
        **changes,
    }


def refusal(world: World, document: object, name: str = "VideoObjectDetection") -> str:
    """What CreateLabelingJob says of label categories; the job itself isn't offered."""
    world.platform.put("in", "labels.json", json.dumps(document))
    wanted = request()
    ui = name.removeprefix("Adjustment").removeprefix("3D")
    both(task(name, "label-ref"), workers, worker_ui(ui))(wanted)
    with pytest.raises(ServiceError) as refused:
        world.call("CreateLabelingJob", **wanted)
    return str(refused.value)


def test_label_categories_of_video_frames_have_a_form_of_their_own(world: World) -> None:
    world.team()
    assert "is not offered locally" in refusal(world, frames())
    least = {"documentVersion": "2020-03-01", "labels": [{"label": "car"}]}
    assert "is not offered locally" in refusal(world, least)
    cloud = refusal(world, least, "3DPointCloudObjectDetection")
    assert re.search("built-in worker UI .*PointCloudObjectDetection .* is not offered", cloud)
    audited = frames(auditLabelAttributeName="tracks-ref")
    assert "not offered" in refusal(world, audited, "AdjustmentVideoObjectTracking")
    other = {"document-version": "2018-11-28", "labels": [{"label": "car"}]}
    assert 'it has no "documentVersion": "2020-03-01"' in refusal(world, other)


def labels_with(**changes: object) -> list[dict[str, object]]:
    return [{"label": "car", **changes}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"document": "x"}, "it has unknown keys: document"),
        ({"labels": []}, "it has no labels"),
        ({"labels": [{"label": f"l{each}"} for each in range(31)]}, "or more than 30"),
        ({"labels": [{"label": "x" * 17}]}, "each label is"),
        ({"labels": [*labels_with(), *labels_with()]}, "each label must be unique; twice: car"),
        ({"labels": labels_with(color="red")}, "label car has unknown keys: color"),
        ({"labels": labels_with(editsAllowed="no")}, "editsAllowed of label car"),
        ({"labels": labels_with(categoryAttributes={})}, "attributes are lists"),
        ({"labels": labels_with(categoryAttributes=[NOTE])}, "must be unique; twice: note"),
        ({"frameAttributes": [NOTE]}, "frame attribute note has no description"),
        ({"frameAttributes": [COUNT, COUNT]}, "each frame attribute must be unique"),
        ({"frameAttributes": [{**COUNT, "name": f"n{n}"} for n in range(11)]}, "are 11, 0 of"),
        ({"frameAttributes": [{"name": "x"}]}, "an attribute has a name"),
        ({"frameAttributes": [{**COUNT, "unit": "m"}]}, "attribute n has unknown keys: unit"),
        ({"frameAttributes": [{**COUNT, "minimum": 10}]}, "it has minimum and maximum"),
        ({"frameAttributes": [{**COUNT, "isRequired": "yes"}]}, "isRequired of attribute n"),
        ({"frameAttributes": [{**COUNT, "description": "x" * 129}]}, "more than 128 characters"),
        ({"categoryGlobalAttributes": [{**NOTE, "minimum": 1}]}, "it has no minimum"),
        ({"categoryGlobalAttributes": [{**NOTE, "enum": []}]}, "enum of attribute note"),
        (
            {"categoryGlobalAttributes": [{**NOTE, "name": f"n{n}"} for n in range(6)]},
            "are 7, 6 of them free text",
        ),
        ({"annotationType": "Cuboid"}, "annotationType is for video frames alone"),
        ({"auditLabelAttributeName": "x"}, "auditLabelAttributeName is required for adjustment"),
        ({"instructions": {"shortInstruction": "x" * 255}}, "has no shortInstruction under 255"),
    ],
)
def test_label_categories_of_video_frames_are_held_to_their_tables(
    world: World, changes: dict[str, object], message: str
) -> None:
    world.team()
    assert message in refusal(world, frames(**changes))


def test_label_categories_of_point_clouds_have_no_tool_and_masks_no_attributes(
    world: World,
) -> None:
    world.team()
    masks = "3DPointCloudSemanticSegmentation"
    assert "are not supported for 3D" in refusal(world, frames(), masks)
    plain = frames(labels=labels_with(), categoryGlobalAttributes=[])
    assert "annotationType is for video frames alone" in refusal(world, plain, masks)
    named = refusal(world, frames(), "AdjustmentVideoObjectDetection")
    assert "auditLabelAttributeName is required" in named


LINE_TEMPLATE = (
    '<crowd-form><crowd-image-classifier name="crowd-image-classifier" '
    "src=\"{{ task.input['source-ref'] | grant_read_access }}\" categories=\"['0', '1']\">"
    "</crowd-image-classifier></crowd-form>"
)


@pytest.mark.parametrize("how", ["pass-through", "none"])
def test_without_functions_the_answers_are_referred_to(world: World, how: str) -> None:
    world.dataset(image_lines(1))
    world.platform.put("in", "template.liquid.html", LINE_TEMPLATE)
    wanted = request(**ONE)
    if how == "none":
        drop("HumanTaskConfig.PreHumanTaskLambdaArn")(wanted)
        drop("HumanTaskConfig.AnnotationConsolidationConfig")(wanted)
    else:
        both(aws_function("PRE", "PassThrough"), aws_function("ACS", "PassThrough"))(wanted)
    world.team()
    world.call("CreateLabelingJob", **wanted)
    world.settle()
    world.label_everything(ADA)
    response = "annotations/worker-response/iteration-1/0/2026-11-21_12:00:00.json"
    (line,) = world.output_lines()
    assert (line["source-ref"], line["digit"]) == ("s3://in/images/0.png", {})
    assert line["digit-metadata"]["worker-response-ref"] == f"s3://out/labels/digits-1/{response}"
    (given,) = json.loads(world.output(response))["answers"]
    assert given["answerContent"] == answer("1")
    assert world.platform.invocations == []


def test_large_answers_come_to_the_function_as_objects() -> None:
    with World(tuning=Tuning(threads=2, inline_annotation_bytes=50)) as world:
        seen: list[dict[str, Any]] = []

        def consolidate(event: dict[str, Any]) -> object:
            bucket, _, key = event["payload"]["s3Uri"].removeprefix("s3://").partition("/")
            seen.extend(json.loads(world.platform.read(bucket, key)))
            content = {event["labelAttributeName"]: 1}
            return [
                {"datasetObjectId": "0", "consolidatedAnnotation": {"content": content}},
            ]

        world.platform.functions[ACS] = consolidate
        world.dataset(image_lines(1))
        world.create()
        world.label_everything(ADA, label="1")
        world.label_everything(BOB, label="a mask" * 10)
        world.label_everything(CYD, label="0")
    data = [annotation["annotationData"] for annotation in seen[0]["annotations"]]
    uri = (
        "s3://out/labels/digits-1/annotations/consolidated-annotation/consolidation-request/"
        "iteration-1/2026-11-21_12:00:00/0-1.json"
    )
    assert [list(each) for each in data] == [["content"], ["s3Uri"], ["content"]]
    assert data[1] == {"s3Uri": uri}
    text = world.platform.read("out", uri.removeprefix("s3://out/"))
    assert json.loads(text) == answer("a mask" * 10)


@pytest.mark.parametrize(
    ("value", "labeled"),
    [("s3://out/masks/0.png", 1), ("s3://out", 0), ("https://out/0.png", 0), ({"a": 1}, 0)],
)
def test_an_attribute_ending_in_ref_must_be_an_s3_uri(
    world: World, value: object, labeled: int
) -> None:
    def consolidate(event: dict[str, Any]) -> object:
        content = {"digit-ref": value, "digit-ref-metadata": {"type": "mine"}}
        return [{"datasetObjectId": "0", "consolidatedAnnotation": {"content": content}}]

    world.platform.functions[ACS] = consolidate
    world.dataset(image_lines(1))
    world.create(LabelAttributeName="digit-ref", **ONE)
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"]["TotalLabeled"] == labeled
    (line,) = world.output_lines()
    if labeled:
        assert line["digit-ref"] == value
        assert line["digit-ref-metadata"]["type"] == "mine"
    else:
        assert "not an S3 URI" in line["digit-ref-metadata"]["failure-reason"]


def test_a_dataset_for_segmentation_has_a_quota_of_its_own() -> None:
    assert most_objects("<crowd-form><crowd-polygon></crowd-polygon></crowd-form>") == 100_000
    assert most_objects("{% if x %}<crowd-semantic-segmentation src='{{a}}'>{% endif %}") == 20_000
    body = b'{"source":"a"}\n' * 3
    with pytest.raises(ManifestError, match="has 3 lines, allowed are at most 2"):
        parse_manifest(body, "label", most=2)


def test_an_image_over_the_quota_fails_alone(world: World) -> None:
    world.dataset(image_lines(2))
    world.platform.put("in", "images/1.png", bytes(40 * 1024 * 1024 + 1))
    world.create(**ONE)
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"]["FailedNonRetryableError"] == 1
    labeled, failed = world.output_lines()
    assert "digit" in labeled
    assert "has 41943041 bytes, allowed for an image" in failed["digit-metadata"]["failure-reason"]


def test_a_job_goes_on_from_another_jobs_output(world: World) -> None:
    """3.6: a new label attribute asks about every object, and the earlier label is kept."""
    world.dataset(image_lines(2))
    world.create()
    world.label_everything(ADA, BOB, CYD)
    template = (
        "<crowd-form><crowd-image-classifier name='crowd-image-classifier' "
        "src=\"{{ task.input['source-ref'] | grant_read_access }}\" categories=\"['0', '1']\" "
        'header="{{ task.input.digit.label }}"></crowd-image-classifier></crowd-form>'
    )
    world.platform.put("in", "template.liquid.html", template)
    wanted = request(
        LabelingJobName="check-1",
        LabelAttributeName="check",
        InputConfig={
            "DataSource": {
                "S3DataSource": {
                    "ManifestS3Uri": "s3://out/labels/digits-1/manifests/output/output.manifest"
                }
            }
        },
        HumanTaskConfig__PreHumanTaskLambdaArn=None,
        **ONE,
    )
    world.call("CreateLabelingJob", **wanted)
    world.settle()
    shown = world.take(ADA, "check-1")
    assert 'header="1"' in world.service.queue.html(ADA, shown.id)
    world.label_everything(ADA, name="check-1")
    for line in world.output_lines("check-1"):
        assert line["digit"] == {"label": "1", "answers": 3}
        assert line["digit-metadata"]["job-name"] == "digits-1"
        assert line["check"] == {"label": "1", "answers": 1}
        assert line["check-metadata"]["job-name"] == "check-1"
