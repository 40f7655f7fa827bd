"""Every task with a template runs in local AWS without our stacks: boto3 and simulated workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_local.workers.__main__ import main
from tests.e2e.desk import PASSWORD, Desk, hand_made
from tests.e2e.people import ended, until
from tests.e2e.plain_tasks import (
    BOX,
    BOXES,
    FUNCTION,
    LABELS,
    NUMBERED,
    ONE_LABEL,
    PICTURE,
    TASKS,
    TEXTS,
    Task,
)

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow
PRE = """
def handler(event, context):
    line = event["dataObject"]
    return {"taskInput": {"taskObject": line.get("source") or line["source-ref"],
                          "labels": ["cat", "dog", "owl"]}}
"""
COMMON = {"type", "job-name", "human-annotated", "creation-date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The desk, and people who work by themselves."""

    desk: Desk
    portal_url: str
    folder: Path

    def work(self, job: str, lines: list[dict[str, Any]], truths: tuple[Any, ...]) -> None:
        """Three perfect simulated workers label everything."""
        manifest, truth = self.folder / f"{job}.manifest", self.folder / f"{job}.jsonl"
        manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
        rows = [{"object": str(number), "label": value} for number, value in enumerate(truths)]
        truth.write_text("".join(json.dumps(row) + "\n" for row in rows))
        options = {
            "--portal": self.portal_url,
            "--job": job,
            "--truth": str(truth),
            "--manifest": str(manifest),
            "--skills": str(self.folder / "skills.toml"),
            "--passwords": str(self.folder / "passwords.json"),
        }
        assert main([part for pair in options.items() for part in pair]) == 0

    def finished(self, job: str) -> list[dict[str, Any]]:
        """The output manifest of a job that labeled everything."""
        found = until(self.desk.aws.sagemaker, job, ended)
        assert found["LabelingJobStatus"] == "Completed"
        lines = self.desk.text(found["LabelingJobOutput"]["OutputDatasetS3Uri"]).splitlines()
        assert found["LabelCounters"]["HumanLabeled"] == len(lines)
        return [json.loads(line) for line in lines]

    def responses(self, job: str) -> list[list[dict[str, Any]]]:
        """The answers people gave, by object."""
        prefix = f"out/{job}/annotations/worker-response/iteration-1/"
        listed = self.desk.aws.s3.list_objects_v2(Bucket=self.desk.bucket, Prefix=prefix)
        keys = sorted(item["Key"] for item in listed["Contents"])
        assert [key.removeprefix(prefix).partition("/")[0] for key in keys] == ["0", "1"]
        files = [json.loads(self.desk.text(f"s3://{self.desk.bucket}/{key}")) for key in keys]
        return [[each["answerContent"] for each in file["answers"]] for file in files]


@pytest.fixture(scope="module")
def office(
    aws: Clients, server: LocalAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with hand_made(aws) as desk:
        skills = "".join(f'[[worker]]\nemail = "{email}"\n' for email in desk.emails)
        (folder / "skills.toml").write_text(skills)
        # of the invitation, whose mail was suppressed; they choose their own at the first sign-in
        (folder / "passwords.json").write_text(json.dumps(dict.fromkeys(desk.emails, PASSWORD)))
        for number in range(2):
            desk.aws.s3.put_object(Bucket=desk.bucket, Key=f"images/{number}.png", Body=PICTURE)
        labels = [{"label": label} for label in LABELS]
        document = {"document-version": "2018-11-28", "labels": labels}
        desk.put("animals.json", json.dumps(document))
        desk.function("pre-any", PRE)
        yield Office(desk=desk, portal_url=server.portal_url, folder=folder)


def lines_for(office: Office, task: Task) -> list[dict[str, Any]]:
    if task.text:
        return [{"source": text} for text in TEXTS]
    return [{"source-ref": f"s3://{office.desk.bucket}/images/{n}.png"} for n in range(2)]


def request(
    office: Office, name: str, lines: list[dict[str, Any]], template: str, code: str, **more: Any
) -> dict[str, Any]:
    desk = office.desk
    desk.put(f"{name}.liquid.html", template)
    function = desk.function(f"post-{name}", FUNCTION + code)
    return desk.request(
        *lines,
        LabelCategoryConfigS3Uri=f"s3://{desk.bucket}/animals.json",
        UiConfig={"UiTemplateS3Uri": f"s3://{desk.bucket}/{name}.liquid.html"},
        AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": function},
        NumberOfHumanWorkersPerDataObject=3,
        **more,
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_task_is_labeled_from_its_manifest_to_its_output(office: Office, task: Task) -> None:
    lines = lines_for(office, task)
    wanted = request(
        office,
        task.name,
        lines,
        task.template,
        task.function,
        LabelAttributeName=task.attribute,
        PreHumanTaskLambdaArn=office.desk.functions["pre-any"],
    )
    job = office.desk.create(wanted)
    office.work(job, lines, task.truths)
    output = office.finished(job)

    answers = office.responses(job)
    for number, expected in enumerate(task.answers):
        assert len(answers[number]) == 3
        for given in answers[number]:
            (value,) = given.values()
            assert list(given) == [task.key]
            image = value.pop("labeledImage", None)
            assert value == expected
            assert (image is None) == (task.attribute == "label")

    for number, line in enumerate(output):
        metadata = line.pop(f"{task.attribute}-metadata")
        label = line.pop(task.attribute)
        assert line == lines[number]
        assert metadata["job-name"].removeprefix("labeling-job/") == job
        assert metadata["human-annotated"] == "yes"
        if task.attribute == "label-ref":
            label = picture(office.desk, label)
        assert label == task.labels_out[number]
        own = {key: value for key, value in metadata.items() if key in task.metadata[number]}
        assert own == task.metadata[number]
        assert set(metadata) >= COMMON


def test_a_large_answer_comes_to_the_function_in_s3(office: Office) -> None:
    (task,) = (task for task in TASKS if task.name == "polygon")
    lines = lines_for(office, task)
    outline = [{"x": number % 320, "y": number // 320} for number in range(6000)]
    polygons = [{"label": "cat", "vertices": outline}]
    more = {"PreHumanTaskLambdaArn": office.desk.functions["pre-any"]}
    job = office.desk.create(request(office, "large", lines, task.template, task.function, **more))
    office.work(job, lines, (polygons, []))
    output = office.finished(job)
    assert [line["mood"]["polygons"] for line in output] == [polygons, []]
    prefix = f"out/{job}/annotations/consolidated-annotation/consolidation-request/"
    listed = office.desk.aws.s3.list_objects_v2(Bucket=office.desk.bucket, Prefix=prefix)
    beside = [item["Key"].rsplit("/", 1)[-1] for item in listed["Contents"]]
    assert sorted(beside)[:3] == ["0-0.json", "0-1.json", "0-2.json"]


def picture(desk: Desk, uri: str) -> bytes:
    assert uri.startswith(f"s3://{desk.bucket}/out/")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return desk.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


OLD_BOXES = (
    "{%- capture old -%}[{%- for box in task.input.boxes.annotations -%}"
    "{%- capture number -%}{{ box.class_id }}{%- endcapture -%}"
    "{label: {{ task.input['boxes-metadata']['class-map'][number] | to_json }}, "
    "left: {{ box.left }}, top: {{ box.top }}, width: {{ box.width }}, height: {{ box.height }}},"
    "{%- endfor -%}]{%- endcapture -%}"
)
HEAD = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script><crowd-form>'
SOURCE = "src=\"{{ task.input['source-ref'] | grant_read_access }}\""
ADJUST = (
    f'{HEAD}{OLD_BOXES}<crowd-bounding-box name="boundingBox" {SOURCE} '
    "labels=\"['cat', 'dog', 'owl']\" initial-value=\"{{ old }}\"></crowd-bounding-box>"
    "</crowd-form>"
)
VERIFY = (
    f'{HEAD}{OLD_BOXES}<crowd-image-classifier name="crowd-image-classifier" {SOURCE} '
    "categories=\"['cat', 'dog', 'owl']\" overlay=\"{boundingBox: {labels: ['cat', 'dog', 'owl'], "
    'value: {{ old }}}}"></crowd-image-classifier></crowd-form>'
)


@pytest.fixture(scope="module")
def boxes(office: Office) -> str:
    """The output manifest of a job that drew boxes: one object has one, the other none."""
    (task,) = (task for task in TASKS if task.name == "bounding-box")
    lines = lines_for(office, task)
    pre = office.desk.functions["pre-any"]
    more = {"LabelAttributeName": "boxes", "PreHumanTaskLambdaArn": pre}
    job = office.desk.create(request(office, "first", lines, task.template, task.function, **more))
    office.work(job, lines, task.truths)
    office.finished(job)
    return f"s3://{office.desk.bucket}/out/{job}/manifests/output/output.manifest"


def chained(office: Office, name: str, manifest: str, template: str, code: str) -> str:
    """A job over another one's output, each line being the template's input."""
    wanted = request(office, name, [], template, code, LabelAttributeName=name)
    del wanted["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    wanted["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = manifest
    return office.desk.create(wanted)


def test_adjusting_begins_with_the_boxes_of_the_job_before(office: Office, boxes: str) -> None:
    lines = [json.loads(line) for line in office.desk.text(boxes).splitlines()]
    job = chained(office, "adjusted", boxes, ADJUST, BOXES)
    added = {**BOX, "label": "owl", "left": 200}
    office.work(job, lines, ([BOX], [added]))
    output = office.finished(job)
    values = [given["boundingBox"] for (given, *_) in office.responses(job)]
    assert [value["initialValueModified"] for value in values] == [False, True]
    assert [line["boxes"]["annotations"] for line in output] == [[NUMBERED], []]
    assert [line["adjusted"]["annotations"] for line in output] == [
        [NUMBERED],
        [{**NUMBERED, "class_id": 2, "left": 200}],
    ]
    assert output[0]["boxes-metadata"] == lines[0]["boxes-metadata"]


REPAINT = (
    f'{HEAD}<crowd-semantic-segmentation name="crowd-semantic-segmentation" {SOURCE} '
    "labels=\"['cat', 'dog', 'owl']\" initial-value=\"{labelMappings: { "
    "{%- for entry in task.input['mask-ref-metadata']['internal-color-map'] -%}"
    "{%- if entry[1]['hex-color'] -%}{{ entry[1]['class-name'] | to_json }}: "
    "{color: {{ entry[1]['hex-color'] | to_json }}},{%- endif -%}{%- endfor -%}"
    " }, src: {{ task.input['mask-ref'] | grant_read_access | to_json }}}\">"
    "</crowd-semantic-segmentation></crowd-form>"
)


def test_adjusting_begins_with_the_mask_of_the_job_before(office: Office) -> None:
    (task,) = (task for task in TASKS if task.name == "semantic-segmentation")
    lines, pre = lines_for(office, task), office.desk.functions["pre-any"]
    more = {"LabelAttributeName": "mask-ref", "PreHumanTaskLambdaArn": pre}
    job = office.desk.create(request(office, "masks", lines, task.template, task.function, **more))
    office.work(job, lines, task.truths)
    before = office.finished(job)
    manifest = f"s3://{office.desk.bucket}/out/{job}/manifests/output/output.manifest"
    job = chained(office, "repainted-ref", manifest, REPAINT, task.function)
    office.work(job, before, task.truths)
    output = office.finished(job)
    assert [line["mask-ref"] for line in output] == [line["mask-ref"] for line in before]
    for number, line in enumerate(output):
        assert picture(office.desk, line["repainted-ref"]) == task.labels_out[number]
    assert len({line[name] for line in output for name in ("mask-ref", "repainted-ref")}) == 4


def test_verifying_shows_the_boxes_of_the_job_before(office: Office, boxes: str) -> None:
    lines = [json.loads(line) for line in office.desk.text(boxes).splitlines()]
    job = chained(office, "checked", boxes, VERIFY, ONE_LABEL)
    office.work(job, lines, ("owl", "cat"))
    output = office.finished(job)
    assert [line["checked"] for line in output] == [2, 0]
    assert [line["checked-metadata"]["class-name"] for line in output] == ["owl", "cat"]
    assert [line["boxes"] for line in output] == [line["boxes"] for line in lines]


def test_the_same_label_attribute_asks_only_for_what_has_none(office: Office, boxes: str) -> None:
    """3.6: chaining under the same name goes on with what is unlabeled."""
    first, second = (json.loads(line) for line in office.desk.text(boxes).splitlines())
    for key in ("boxes", "boxes-metadata"):
        del second[key]
    (task,) = (task for task in TASKS if task.name == "bounding-box")
    wanted = request(
        office,
        "again",
        [first, second],
        task.template,
        task.function,
        LabelAttributeName="boxes",
        PreHumanTaskLambdaArn=office.desk.functions["pre-any"],
    )
    job = office.desk.create(wanted)
    office.work(job, [first, second], ([BOX], [BOX]))
    output = office.finished(job)
    assert output[0] == first
    assert output[1]["boxes"]["annotations"] == [NUMBERED]
    assert output[1]["boxes-metadata"]["job-name"].removeprefix("labeling-job/") == job
