"""Campaigns of video frames and point clouds, which are AWS's from the page to the label."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.built_in import RefSuffix, UiKind
from ground_truth.definition import changed_fields
from ground_truth.tasks import TASK_RULES, TaskType
from ground_truth_local.service.frame_categories import parse_frame_categories
from ground_truth_local.service.tasks import TASKS
from ground_truth_ops.review.assemblies import Assembly
from ground_truth_ops.review.campaigns import declared_campaigns
from stacks.config import Campaign, check, load
from stacks.problems import ConfigError
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.frames import AUDITS, FRAMES, ask_about_frames
from tests.stacks.projects import CAMPAIGN, toml
from tests.stacks.test_functions import requested, spelled

if TYPE_CHECKING:
    from stacks.campaign import CampaignFile
    from tests.stacks.projects import ProjectFiles

TRACKING = TaskType.VIDEO_FRAME_OBJECT_TRACKING
CLOUD = TaskType.POINT_CLOUD_OBJECT_DETECTION
SEEN = {"name": "seen", "type": "string", "enum": ["yes", "no"], "is_required": True}
LIGHT = {"name": "light", "type": "number", "description": "0-9", "minimum": 0, "maximum": 9}


def campaign(files: ProjectFiles) -> Campaign:
    (found,) = load(files.root, env="dev").campaigns
    return found


def synthesized(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


def problems(files: ProjectFiles) -> list[tuple[str, str]]:
    try:
        load(files.root, env="dev")
    except ConfigError as error:
        return [(problem.key, problem.message) for problem in error.problems]
    return []


@pytest.mark.parametrize("task", FRAMES)
def test_every_task_is_asked_for_with_a_few_lines(files: ProjectFiles, task: TaskType) -> None:
    ask_about_frames(files, task)

    found = campaign(files).settings

    built_in = TASK_RULES[task].built_in
    assert built_in is not None
    assert (found.functions.value, found.workers_per_object) == ("aws", 1)
    assert found.task_time_limit_seconds == (3600 if "video" in task else 259_200)
    assert found.job_rules.built_in == built_in
    assert found.job_rules.ui is UiKind.HUMAN_TASK_UI


def test_request_names_the_page_the_functions_and_typed_categories(files: ProjectFiles) -> None:
    ask_about_frames(files, TRACKING)
    files.set_campaign("labels", [{"name": "car", "category_attributes": [SEEN]}, "person"])
    files.set_campaign(
        "label_categories",
        {
            "annotation_type": "Polygon",
            "frame_attributes": [LIGHT],
            "category_global_attributes": [{"name": "note", "type": "string"}],
        },
    )

    synthesis = synthesized(files)

    request = requested(synthesis)
    task = request["HumanTaskConfig"]
    place = "arn:AWS::Partition:lambda:us-east-1:432418664414:function"
    assert spelled(task["PreHumanTaskLambdaArn"]) == f"{place}:PRE-VideoObjectTracking"
    assert task["UiConfig"]["HumanTaskUiArn"].endswith(":human-task-ui/VideoObjectTracking")
    assert task["NumberOfHumanWorkersPerDataObject"] == 1
    assert request["LabelAttributeName"] == "tracks-ref"
    job = synthesis.one("Custom::GroundTruthLabelingJob").properties
    assert json.loads(job["LabelCategories"]) == {
        "documentVersion": "2020-03-01",
        "labels": [
            {
                "label": "car",
                "categoryAttributes": [
                    {"name": "seen", "type": "string", "enum": ["yes", "no"], "isRequired": True}
                ],
            },
            {"label": "person"},
        ],
        "frameAttributes": [LIGHT],
        "categoryGlobalAttributes": [{"name": "note", "type": "string"}],
        "annotationType": "Polygon",
        "instructions": {
            "shortInstruction": "<p>Choose one.</p>",
            "fullInstruction": "<p>Choose the letter.</p>",
        },
    }
    assert synthesis.violations == []


def test_workers_tools_may_work_on_both_buckets(files: ProjectFiles) -> None:
    """Developer guide, "CORS Permission Requirement" of video frames and point clouds."""
    tools = {
        "AllowedHeaders": ["*"],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedOrigins": ["*"],
        "ExposedHeaders": ["Access-Control-Allow-Origin"],
        "MaxAge": 3000,
    }

    def rules() -> list[Any]:
        buckets = synthesized(files).resources("AWS::S3::Bucket", "Storage")
        found = [each.properties.get("CorsConfiguration", {}) for each in buckets]
        return sorted((each.get("CorsRules", []) for each in found), key=len)

    assert [len(each) for each in rules()] == [0, 1, 1]
    ask_about_frames(files, TRACKING)
    logs, *both = rules()
    assert logs == []
    assert [each[1] for each in both] == [tools, tools]


def test_environment_that_keeps_tools_off_its_buckets_is_refused(files: ProjectFiles) -> None:
    ask_about_frames(files, CLOUD)
    files.set_environment("storage.frames", False)

    ((key, message),) = problems(files)

    assert (key, "set storage.frames = true there" in message) == ("task", True)


def test_not_offered_locally(files: ProjectFiles) -> None:
    ask_about_frames(files, CLOUD)
    files.set_environment("workforce", {"portal_scheme": "http"})

    ((key, message),) = problems(files)

    assert key == "functions"
    assert "not offered locally" in message
    assert "choose 'own'" not in message


@pytest.mark.parametrize(
    ("key", "value", "at", "message"),
    [
        ("functions", "own", "functions", "are AWS's alone, as its page is: got 'own'"),
        ("workers_per_object", 2, "workers_per_object", "got 2, allowed exactly 1"),
        ("task_time_limit_seconds", 2_592_001, "task_time_limit_seconds", "30-2592000"),
        ("label_attribute", "tracks", "label_attribute", "lacks -ref"),
        ("labels", ["x" * 17], "label_categories", "characters in the label"),
        ("labels", [f"l{each}" for each in range(31)], "labels", "got 31, allowed 1-30"),
        ("dataset", {"prefix": "clips/"}, "dataset", "said by a manifest"),
        ("gold", "gold.csv", "gold", "can't be scored"),
        ("automated_labeling", {}, "automated_labeling", "no automated labeling"),
        ("template", "other.html", "template", "see Amazon's page"),
        ("streaming", {}, "streaming", "a manifest has 1-10 sequences"),
        ("label_categories.annotation_type", "Cuboid", "label_categories.annotation_type", "got"),
        ("labels", [{"name": "a", "category_attributes": [LIGHT | {"minimum": 10}]}], None, "lie"),
    ],
)
def test_what_the_task_does_not_allow_is_refused(
    files: ProjectFiles, key: str, value: object, at: str | None, message: str
) -> None:
    ask_about_frames(files, TRACKING)
    files.set_campaign(key, value)

    found = problems(files)

    assert [each for each in found if message in each[1] and at in (each[0], None)], found


def test_long_instructions_are_refused(files: ProjectFiles) -> None:
    ask_about_frames(files, TRACKING)
    files.write("campaigns/letters/instructions/short.html", "x" * 255)

    ((key, message),) = problems(files)

    assert (key, "got 255, allowed 0-254" in message) == ("instructions", True)


def test_task_that_is_no_text_is_reported_as_such(files: ProjectFiles) -> None:
    files.set_campaign("task", ["bounding-box"])

    assert [key for key, _ in problems(files)] == ["task"]


@pytest.mark.parametrize(
    "changes",
    [
        {"label_categories": {"annotation_type": "Polygon"}},
        {"labels": [{"name": "a", "category_attributes": [SEEN]}, "b"]},
    ],
)
def test_other_tasks_have_no_attributes(files: ProjectFiles, changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        files.set_campaign(key, value)

    ((key, message),) = problems(files)

    assert key == "label_categories"
    assert "only workers of video frames and point clouds see attributes" in message


def test_what_workers_say_of_objects_is_part_of_what_is_asked(files: ProjectFiles) -> None:
    ask_about_frames(files, TRACKING)
    before = campaign(files).definition
    files.set_campaign("labels", [{"name": "a", "category_attributes": [SEEN]}, "b"])

    assert changed_fields(before, campaign(files).definition) == ("categories_sha256",)


def audit(files: ProjectFiles, task: TaskType, **changes: Any) -> None:
    """A campaign `audits` of what `letters` has labeled."""
    audited = TASK_RULES[task].audited
    assert audited is not None
    ask_about_frames(files, audited)
    reference = TASK_RULES[task].ref_suffix is RefSuffix.REQUIRED
    campaign = {
        **CAMPAIGN,
        "task": task.value,
        "label_attribute": "checked-ref" if reference else "checked",
        "dataset": {"based_on": "letters"},
        **changes,
    }
    files.write("campaigns/audits/campaign.toml", toml(campaign))
    for length in ("short", "full"):
        files.write(f"campaigns/audits/instructions/{length}.html", "<p>Look.</p>")


def audits_file(files: ProjectFiles) -> dict[str, Any]:
    (found,) = [each for each in load(files.root, env="dev").campaigns if each.name == "audits"]
    file: dict[str, Any] = json.loads(found.content.categories)
    return file


@pytest.mark.parametrize("task", AUDITS)
def test_audit_names_what_it_audits_and_what_may_be_edited(
    files: ProjectFiles, task: TaskType
) -> None:
    audit(files, task)

    file = audits_file(files)

    assert file["auditLabelAttributeName"] == campaign_named(files, "letters").label_attribute
    edits = {"editsAllowed": "none"} if "verification" in task else {}
    assert file["labels"] == [{"label": "a", **edits}, {"label": "b", **edits}]
    built_in = campaign_named(files, "audits").job_rules.built_in
    assert built_in is not None
    assert built_in.name.startswith("Adjustment")


def campaign_named(files: ProjectFiles, name: str) -> CampaignFile:
    (found,) = [each for each in load(files.root, env="dev").campaigns if each.name == name]
    return found.settings


@pytest.mark.parametrize("task", [*FRAMES, *AUDITS])
def test_local_aws_reads_the_label_categories_as_the_guide_has_them(
    files: ProjectFiles, task: TaskType
) -> None:
    """Its reading of the guide is its own: the job isn't offered, but its request is checked."""
    rules = TASK_RULES[task]
    assert rules.built_in is not None
    said: dict[str, Any] = {"label_categories": {"frame_attributes": [LIGHT]}}
    if rules.built_in.category_attributes:
        said["labels"] = [{"name": "a", "category_attributes": [SEEN]}, "b"]
        said["label_categories"]["category_global_attributes"] = [{"name": "n", "type": "string"}]
    if rules.audit is None:
        ask_about_frames(files, task)
        for key, value in said.items():
            files.set_campaign(key, value)
    else:
        audit(files, task, **said)
    asked = load(files.root, env="dev").campaigns
    (found,) = [each for each in asked if each.settings.task is task]

    read = parse_frame_categories(found.content.categories, TASKS[rules.built_in.name])

    assert read == ["a", "b"]


def test_adjustment_says_which_labels_and_attributes_stay(files: ProjectFiles) -> None:
    audit(
        files,
        TaskType.VIDEO_FRAME_OBJECT_TRACKING_ADJUSTMENT,
        labels=[
            {"name": "a", "edits_allowed": "none"},
            {"name": "b", "category_attributes": [SEEN | {"edits_allowed": "any"}]},
            "c",
        ],
    )

    first, second, third = audits_file(files)["labels"]

    assert first == {"label": "a", "editsAllowed": "none"}
    assert second["categoryAttributes"][0]["editsAllowed"] == "any"
    assert third == {"label": "c"}


@pytest.mark.parametrize(
    ("task", "changes", "key", "message"),
    [
        ("verification", {"labels": ["a", "b", "c"]}, "labels", "are those of letters"),
        ("verification", {"labels": ["b", "a"]}, "labels", "in their order: 'a', 'b'"),
        (
            "verification",
            {"labels": [{"name": "a", "edits_allowed": "any"}, "b"]},
            "label_categories",
            "labels that workers may edit in a verification: got ['a']",
        ),
        ("adjustment", {"labels": ["a"]}, "labels", "lacks 'b' of letters"),
        (
            "adjustment",
            {"label_categories": {"annotation_type": "Polygon"}},
            "label_categories.annotation_type",
            "got 'Polygon', and the labels of letters are 'BoundingBox'",
        ),
        ("adjustment", {"label_attribute": "tracks-ref"}, "label_attribute", "carry already"),
        ("adjustment", {"dataset": {"manifest": "m.jsonl"}}, "dataset", "set based_on"),
    ],
)
def test_audit_that_does_not_fit_what_was_labeled_is_refused(
    files: ProjectFiles, task: str, changes: dict[str, Any], key: str, message: str
) -> None:
    audit(files, TaskType(f"video-frame-object-tracking-{task}"), **changes)
    files.write("campaigns/audits/m.jsonl", '{"source-ref": "s3://raw/seq1.json"}\n')

    found = problems(files)

    assert [each for each in found if each[0] == key and message in each[1]], found


def test_role_of_an_audit_reads_the_labels_it_shows(files: ProjectFiles) -> None:
    audit(files, TaskType.POINT_CLOUD_OBJECT_TRACKING_VERIFICATION)

    role = synthesized(files).at("Labeling-audits/Job/ExecutionRole/Permissions/Resource")

    assert "/letters/labels/*" in json.dumps(role.properties["PolicyDocument"])


@pytest.mark.parametrize(("task", "objects"), [(TRACKING, None), (CLOUD, 1)])
def test_review_prices_point_clouds_and_no_sequences(
    files: ProjectFiles, task: TaskType, objects: int | None
) -> None:
    """Of a sequence every frame is paid for, and none is in the manifest."""
    ask_about_frames(files, task)

    assembly = Assembly(environment="dev", folder=synthesized(files).directory)

    assert declared_campaigns(assembly)["letters"].objects == objects


def test_manifest_is_checked_at_synth(files: ProjectFiles) -> None:
    ask_about_frames(files, CLOUD)
    files.write("campaigns/letters/manifest.jsonl", '{"source-ref": "s3://raw/1.bin"}\n')

    found = check(files.root).problems

    assert [each.file for each in found] == ["campaigns/letters/manifest.jsonl"]
    assert "lacks source-ref-metadata" in found[0].message


SEQUENCE: dict[str, Any] = {
    "seq-no": 1,
    "prefix": "s3://raw/videos/1/",
    "number-of-frames": 2,
    "frames": [{"frame-no": number, "frame": f"{number}.jpg"} for number in (1, 2)],
}
PLACE = "campaigns/letters/sequences"


def with_sequences(files: ProjectFiles, *keys: str, task: TaskType = TRACKING) -> None:
    """A manifest of sequences at these keys of the raw bucket, and a folder for copies."""
    ask_about_frames(files, task)
    files.set_campaign("dataset", {"manifest": "manifest.jsonl", "sequences": "sequences"})
    lines = (json.dumps({"source-ref": f"s3://raw/{key}"}) + "\n" for key in keys)
    files.write("campaigns/letters/manifest.jsonl", "".join(lines))


def test_copies_of_sequences_are_checked(files: ProjectFiles) -> None:
    with_sequences(files, "videos/street/1.json", "videos/field/1.json")
    files.write(f"{PLACE}/street/1.json", json.dumps(SEQUENCE))
    files.write(f"{PLACE}/videos/field/1.json", json.dumps({**SEQUENCE, "number-of-frames": 3}))

    with pytest.raises(ConfigError) as refused:
        load(files.root, env="dev")

    (problem,) = refused.value.problems
    assert problem.file == f"{PLACE}/videos/field/1.json"
    assert problem.message == "number-of-frames is 3, and frames has 2; make them agree"
    files.write(f"{PLACE}/videos/field/1.json", json.dumps(SEQUENCE))
    assert campaign(files).content.warnings == ()


def test_every_line_has_its_copy_and_every_copy_its_line(files: ProjectFiles) -> None:
    with_sequences(files, "videos/1.json", "videos/2.json")
    for name in ("2.json", "other.json"):
        files.write(f"{PLACE}/{name}", json.dumps(SEQUENCE))

    found = {problem.file: problem.message for problem in check(files.root).problems}

    assert found == {
        "campaigns/letters/manifest.jsonl": (
            "line 1: no copy of s3://raw/videos/1.json in dataset.sequences; add it"
        ),
        f"{PLACE}/other.json": "no line of the manifest points at it; add one, or remove the file",
    }


def test_a_broken_manifest_says_nothing_of_copies(files: ProjectFiles) -> None:
    with_sequences(files, "1.json")
    files.write(f"{PLACE}/1.json", json.dumps(SEQUENCE))
    files.write("campaigns/letters/manifest.jsonl", "{\n")

    (problem,) = check(files.root).problems

    assert problem.file == "campaigns/letters/manifest.jsonl"


def test_frames_whose_names_sort_otherwise_are_a_warning(files: ProjectFiles) -> None:
    with_sequences(files, "1.json")
    frames = [{"frame-no": number, "frame": f"{number}.jpg"} for number in (2, 10)]
    files.write(f"{PLACE}/1.json", json.dumps({**SEQUENCE, "frames": frames}))

    (warning,) = campaign(files).content.warnings

    assert (warning.file, warning.key) == (f"{PLACE}/1.json", "frame-order")
    assert "frame '10.jpg' is listed after '2.jpg'" in warning.message


def test_many_problems_of_one_sequence_are_counted(files: ProjectFiles) -> None:
    with_sequences(files, "1.json")
    frames = [{"frame-no": number, "frame": f"{number}.gif"} for number in range(30)]
    sequence = {**SEQUENCE, "number-of-frames": 30, "frames": frames}
    files.write(f"{PLACE}/1.json", json.dumps(sequence))

    found = problems(files)

    assert len(found) == 11
    assert ("", "20 more problems like these") in found


@pytest.mark.parametrize(
    ("task", "dataset", "problem"),
    [
        (
            TRACKING,
            {"manifest": "manifest.jsonl", "sequences": "nowhere"},
            "dataset.sequences: got 'nowhere', which is no folder",
        ),
        (
            CLOUD,
            {"manifest": "manifest.jsonl", "sequences": "sequences"},
            "sequences: objects of 3d-point-cloud-object-detection are no sequences; remove it",
        ),
        (
            TRACKING,
            {"based_on": "other", "sequences": "sequences"},
            "sequences without manifest; its lines say which they are",
        ),
    ],
)
def test_copies_that_can_not_be_are_refused(
    files: ProjectFiles, task: TaskType, dataset: dict[str, str], problem: str
) -> None:
    ask_about_frames(files, task)
    files.set_campaign("dataset", dataset)

    (found,) = (str(each) for each in check(files.root).problems)

    assert problem in found
