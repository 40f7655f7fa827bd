"""Segmentation, deployed by our stacks: masks painted, voted on, and written where the label says.

The function for masks carries libraries, which `make libraries` fetches; skipped without them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from ground_truth import names
from ground_truth_cdk.libraries import CACHE, HOST, LibrariesError, library_files
from tests.e2e.drawn_project import (
    LABELS,
    OBJECTS,
    Audit,
    add_audits,
    audit,
    drawn_project,
    label_all,
    output_of,
)
from tests.e2e.people import Worker
from tests.e2e.project import ROOT
from tests.permissions.answers import listening
from tests.permissions.bench import Bench
from tests.permissions.examiner import Examiner, Findings
from tests.permissions.needed import PAINTED as PAINTED_ROWS

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow
AREA = [{"x": 40, "y": 30}, {"x": 200, "y": 30}, {"x": 200, "y": 130}, {"x": 40, "y": 130}]
PAINTED = {
    "painted": (
        "semantic-segmentation",
        "areas-ref",
        [[{"label": "dog", "vertices": AREA}] if number else [] for number in range(OBJECTS)],
    )
}

OBJECT = "painted/{}.png"
AUDITS = {
    "judged": Audit(
        task="semantic-segmentation-verification",
        attribute="areas-verdict",
        labels=["right", "wrong"],
        based_on="painted",
        truth={OBJECT.format(number): "right" for number in range(OBJECTS)},
    ),
    "repainted": Audit(
        task="semantic-segmentation-adjustment",
        attribute="areas-mended-ref",
        labels=LABELS,
        based_on="painted",
        truth={
            OBJECT.format(number): [{"label": "owl", "vertices": AREA}] for number in range(OBJECTS)
        },
    ),
}

STACKS = [names.labeling_stack_name("local", campaign) for campaign in ("painted", *AUDITS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The output of each campaign, and what became of its roles without their grants."""

    manifests: dict[str, list[dict[str, Any]]]
    findings: Findings


@pytest.fixture(scope="module")
def told(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    try:
        library_files(HOST, root=ROOT / CACHE)
    except LibrariesError as error:
        pytest.skip(str(error))
    project = drawn_project(tmp_path_factory.mktemp("painted"), server, PAINTED)
    (project.root / CACHE.parts[0]).symlink_to(ROOT / CACHE.parts[0])
    try:
        add_audits(project, AUDITS)
        project.set_up("first", "GroundTruth/Labeling-painted")
        job = label_all(project, aws, "painted")
        assert job["LabelingJobStatus"] == "Completed", job.get("FailureReason")
        assert job["LabelCounters"]["HumanLabeled"] == OBJECTS
        manifests = {"painted": output_of(aws, job), **audit(project, aws, *AUDITS)}
        with listening() as ear:
            # not one of the three who have labeled
            dan = partial(Worker, server.portal_url, "dan@example.com")
            findings = Examiner(Bench(aws=aws, ear=ear, person=dan)).examine(STACKS, PAINTED_ROWS)
        yield Told(manifests=manifests, findings=findings)
    finally:
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


@pytest.fixture
def manifests(told: Told) -> dict[str, list[dict[str, Any]]]:
    return told.manifests


@pytest.fixture
def lines(manifests: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return manifests["painted"]


def seen(aws: Clients, line: dict[str, Any], attribute: str) -> dict[str, int]:
    """How many pixels of a line's mask have each label."""
    bucket, _, key = line[attribute].removeprefix("s3://").partition("/")
    body = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    assert picture.size == (320, 200)
    names = {
        entry["hex-color"]: entry["class-name"]
        for entry in line[f"{attribute}-metadata"]["internal-color-map"].values()
    }
    counts: dict[str, int] = {}
    for count, (red, green, blue) in picture.getcolors(1000) or []:  # type: ignore[misc]
        name = names[f"#{red:02x}{green:02x}{blue:02x}"]
        counts[name] = counts.get(name, 0) + count
    return counts


def test_masks_are_pictures_of_the_areas_that_two_of_three_painted(
    aws: Clients, lines: list[dict[str, Any]]
) -> None:
    for number, line in enumerate(lines):
        counts = seen(aws, line, "areas-ref")
        assert set(counts) <= {"BACKGROUND", "dog"}
        true = 160 * 100 if number else 0
        assert abs(counts.get("dog", 0) - true) <= 0.05 * true


def test_masks_have_ground_truths_metadata(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        metadata = line["areas-ref-metadata"]
        assert metadata["type"] == "groundtruth/semantic-segmentation"
        assert metadata["human-annotated"] == "yes"


def test_judgements_of_masks_are_beside_the_masks(
    manifests: dict[str, list[dict[str, Any]]],
) -> None:
    for before, line in zip(manifests["painted"], manifests["judged"], strict=True):
        metadata = line["areas-verdict-metadata"]
        assert (line["areas-verdict"], metadata["class-name"]) == ("0", "right")
        assert metadata["type"] == "groundtruth/label-verification"
        assert before.items() <= line.items()


def test_corrected_masks_are_pictures_beside_the_earlier_ones(
    aws: Clients, manifests: dict[str, list[dict[str, Any]]]
) -> None:
    for before, line in zip(manifests["painted"], manifests["repainted"], strict=True):
        assert before.items() <= line.items()
        assert line["areas-mended-ref"] != line["areas-ref"]
        assert seen(aws, line, "areas-mended-ref")["owl"] == 160 * 100
        metadata = line["areas-mended-ref-metadata"]
        assert metadata["adjustment-status"] == "adjusted"
        assert metadata["type"] == "groundtruth/semantic-segmentation"


def test_something_fails_without_each_grant_of_masks(told: Told) -> None:
    told.findings.all_shown(PAINTED_ROWS)
