"""Every task with a page but masks: deployed by our stacks, labeled, read as documented."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.drawn_project import (
    BOXES,
    CAMPAIGNS,
    OBJECTS,
    ONES,
    OUTLINES,
    PATHS,
    POINTS,
    SETS,
    SPANS,
    TEXTS,
    Audit,
    add_audits,
    audit,
    drawn_project,
    label_all,
    output_of,
)

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws
    from tests.e2e.project import LittleProject

pytestmark = pytest.mark.slow


COMMENT = "The cat's box is too far to the left."
MOVED = [{**BOXES[0][0], "left": 120}]
AUDITS = {
    "checked": Audit(
        task="bounding-box-verification",
        attribute="boxes-verdict",
        labels=["right", "wrong"],
        based_on="scenes",
        truth={
            "scenes/0.png": {"label": "wrong", "workerComment": COMMENT},
            "scenes/1.png": "wrong",
            "scenes/2.png": "right",
            "scenes/3.png": "right",
        },
    ),
    "mended": Audit(
        task="bounding-box-adjustment",
        attribute="boxes-mended",
        labels=["cat", "dog", "owl", "fox"],
        based_on="checked",
        accepted=("wrong",),
        truth={"scenes/0.png": MOVED, "scenes/1.png": BOXES[1]},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """What came of each campaign's job: its description and its output manifest."""

    jobs: Mapping[str, dict[str, Any]]
    lines: Mapping[str, list[dict[str, Any]]]
    quality: Mapping[str, dict[str, Any]]
    anew: Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def labeled(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Labeled]:
    project = drawn_project(tmp_path_factory.mktemp("drawn"), server)
    try:
        add_audits(project, AUDITS)
        project.set_up("first", *(f"GroundTruth/Labeling-{name}" for name in CAMPAIGNS))
        jobs = {name: label_all(project, aws, name) for name in CAMPAIGNS}
        lines = {name: output_of(aws, job) for name, job in jobs.items()}
        for name in AUDITS:
            lines |= audit(project, aws, name)
        yield Labeled(
            jobs=jobs,
            lines=lines,
            quality={name: _told(project, "quality", name) for name in AUDITS},
            anew={name: _told(project, "reconsolidate", name) for name in AUDITS},
        )
    finally:
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def _told(project: LittleProject, verb: str, campaign: str) -> dict[str, Any]:
    """What a verb says of a campaign, in JSON."""
    ran = project.gt(verb, "--env", "local", "--campaign", campaign, "--json")
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_every_object_is_labeled(labeled: Labeled, campaign: str) -> None:
    job = labeled.jobs[campaign]
    assert job["LabelingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["LabelCounters"]["HumanLabeled"] == OBJECTS
    for line in labeled.lines[campaign]:
        metadata = line[f"{CAMPAIGNS[campaign][1]}-metadata"]
        assert metadata["human-annotated"] == "yes"
        assert metadata["job-name"].removeprefix("labeling-job/") == job["LabelingJobName"]


def overlap(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Intersection over union of two boxes."""
    across = min(one["left"] + one["width"], other["left"] + other["width"])
    down = min(one["top"] + one["height"], other["top"] + other["height"])
    width = max(0.0, across - max(one["left"], other["left"]))
    height = max(0.0, down - max(one["top"], other["top"]))
    areas = one["width"] * one["height"] + other["width"] * other["height"]
    return width * height / (areas - width * height)


def test_boxes_are_where_two_of_three_saw_them(labeled: Labeled) -> None:
    for number, line in enumerate(labeled.lines["scenes"]):
        assert line["source-ref"].endswith(f"/scenes/{number}.png")
        label, metadata = line["boxes"], line["boxes-metadata"]
        (size,) = label["image_size"]
        assert (size["width"], size["height"]) == (320, 200)
        names = metadata["class-map"]
        assert len(metadata["objects"]) == len(label["annotations"])
        assert all(0 <= each["confidence"] <= 1 for each in metadata["objects"])
        assert metadata["type"] == "groundtruth/object-detection"
        found = sorted(label["annotations"], key=lambda box: box["left"])
        assert [names[str(box["class_id"])] for box in found] == [b["label"] for b in BOXES[number]]
        for box, true in zip(found, BOXES[number], strict=True):
            assert overlap(box, true) > 0.85  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("campaign", "key", "truth"),
    [
        ("outlined", "polygons", OUTLINES),
        ("traced", "polylines", PATHS),
        ("pointed", "keypoints", POINTS),
    ],
)
def test_shapes_are_where_two_of_three_drew_them(
    labeled: Labeled, campaign: str, key: str, truth: list[list[dict[str, Any]]]
) -> None:
    attribute = CAMPAIGNS[campaign][1]
    for number, line in enumerate(labeled.lines[campaign]):
        label, metadata = line[attribute], line[f"{attribute}-metadata"]
        names = [metadata["class-map"][str(shape["class_id"])] for shape in label[key]]
        assert names == [shape["label"] for shape in truth[number]]
        for shape, true in zip(label[key], truth[number], strict=True):
            found, wanted = (each.get("vertices", [each]) for each in (shape, true))
            assert len(found) == len(wanted)
            for one, other in zip(found, wanted, strict=True):
                assert abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) < 8


def test_answers_nobody_consolidates_are_kept_as_they_are(labeled: Labeled) -> None:
    for line in labeled.lines["unsorted"]:
        assert line["kind"] == {}
        # the guide writes it both ways
        assert line["kind-metadata"]["type"].lower() == "groundtruth/custom"
        assert "/annotations/worker-response/" in line["kind-metadata"]["worker-response-ref"]


def test_clips_have_the_label_that_two_of_three_chose(labeled: Labeled) -> None:
    lines = labeled.lines["clips"]
    assert [line["animal-metadata"]["class-name"] for line in lines] == ONES


@pytest.mark.parametrize(
    ("campaign", "kind"),
    [
        ("tagged", "groundtruth/image-classification-multilabel"),
        ("mentions", "groundtruth/text-classification-multilabel"),
    ],
)
def test_sets_are_what_two_of_three_ticked(labeled: Labeled, campaign: str, kind: str) -> None:
    attribute = CAMPAIGNS[campaign][1]
    for number, line in enumerate(labeled.lines[campaign]):
        metadata = line[f"{attribute}-metadata"]
        names, sure = metadata["class-map"], metadata["confidence-map"]
        assert names.keys() == sure.keys() == {str(index) for index in line[attribute]}
        # what only the careless one ticked is listed, too, and hardly believed
        believed = sorted(names[index] for index, confidence in sure.items() if confidence > 0.5)
        assert believed == SETS[number]
        assert metadata["type"] == kind


def test_spans_are_the_words_that_two_of_three_marked(labeled: Labeled) -> None:
    for number, line in enumerate(labeled.lines["names"]):
        assert line["source"] == TEXTS[number]
        found = line["names"]["annotations"]["entities"]
        spans = [
            {key: span[key] for key in ("label", "startOffset", "endOffset")}
            for span in sorted(found, key=lambda span: span["startOffset"])
        ]
        assert spans == SPANS[number]
        assert len(line["names-metadata"]["entities"]) == len(found)
        assert line["names-metadata"]["type"] == "groundtruth/text-span"


def without(line: Mapping[str, Any], attribute: str) -> dict[str, Any]:
    return {key: line[key] for key in line if key not in {attribute, f"{attribute}-metadata"}}


def test_judgements_of_boxes_are_beside_the_boxes(labeled: Labeled) -> None:
    lines = labeled.lines["checked"]

    assert [without(line, "boxes-verdict") for line in lines] == labeled.lines["scenes"]
    assert [line["boxes-verdict"] for line in lines] == ["1", "1", "0", "0"]
    metadata = [line["boxes-verdict-metadata"] for line in lines]
    assert {each["type"] for each in metadata} == {"groundtruth/label-verification"}
    assert [each["class-name"] for each in metadata] == ["wrong", "wrong", "right", "right"]
    assert metadata[0]["worker-feedback"] == [{"comment": COMMENT}] * 3
    assert not any("worker-feedback" in each for each in metadata[1:])


def test_what_was_judged_wrong_is_corrected_and_nothing_else(labeled: Labeled) -> None:
    lines = labeled.lines["mended"]

    assert [without(line, "boxes-mended") for line in lines] == labeled.lines["checked"][:2]
    moved, left = (line["boxes-mended"]["annotations"] for line in lines)
    assert [{**box, "label": "cat"} for box in moved] == [{"class_id": 0, **MOVED[0]}]
    assert left == lines[1]["boxes"]["annotations"]
    assert [line["boxes-mended-metadata"]["adjustment-status"] for line in lines] == [
        "adjusted",
        "unadjusted",
    ]
    assert {line["boxes-mended-metadata"]["type"] for line in lines} == {
        "groundtruth/object-detection"
    }


def test_answers_of_audits_are_judged_and_consolidated_as_any_others(labeled: Labeled) -> None:
    checked, mended = (labeled.quality[name] for name in AUDITS)
    assert (checked["objects"], checked["answers"]) == (4, 12)
    assert (mended["objects"], mended["answers"]) == (2, 6)
    for name, objects in {"checked": 4, "mended": 2}.items():
        found = labeled.anew[name]
        assert (found["labeled"], found["compared"], found["changed"]) == (objects, objects, 0)
