"""Segmentation, deployed by our stacks: masks painted, voted on, and written where the label says.

The function for masks carries libraries, which `make libraries` fetches; skipped without them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from ground_truth_cdk.libraries import CACHE, HOST, LibrariesError, library_files
from tests.e2e.drawn_project import OBJECTS, drawn_project, label_all, output_of
from tests.e2e.project import ROOT

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


@pytest.fixture(scope="module")
def lines(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[dict[str, Any]]]:
    try:
        library_files(HOST, root=ROOT / CACHE)
    except LibrariesError as error:
        pytest.skip(str(error))
    project = drawn_project(tmp_path_factory.mktemp("painted"), server, PAINTED)
    (project.root / CACHE.parts[0]).symlink_to(ROOT / CACHE.parts[0])
    try:
        project.set_up("first", "--all")
        job = label_all(project, aws, "painted")
        assert job["LabelingJobStatus"] == "Completed", job.get("FailureReason")
        assert job["LabelCounters"]["HumanLabeled"] == OBJECTS
        found = output_of(aws, job)
        for line in found:
            bucket, _, key = line["areas-ref"].removeprefix("s3://").partition("/")
            line["picture"] = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        yield found
    finally:
        project.gt("destroy", "--env", "local", "--yes", "--running-jobs")


def test_masks_are_pictures_of_the_areas_that_two_of_three_painted(
    lines: list[dict[str, Any]],
) -> None:
    for number, line in enumerate(lines):
        picture = Image.open(io.BytesIO(line["picture"])).convert("RGB")
        assert picture.size == (320, 200)
        names = {
            entry["hex-color"]: entry["class-name"]
            for entry in line["areas-ref-metadata"]["internal-color-map"].values()
        }
        counts = {"dog": 0}
        for count, (red, green, blue) in picture.getcolors(1000) or []:  # type: ignore[misc]
            name = names[f"#{red:02x}{green:02x}{blue:02x}"]
            counts[name] = counts.get(name, 0) + count
        assert set(counts) <= {"BACKGROUND", "dog"}
        true = 160 * 100 if number else 0
        assert abs(counts["dog"] - true) <= 0.05 * true


def test_masks_have_ground_truths_metadata(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        metadata = line["areas-ref-metadata"]
        assert metadata["type"] == "groundtruth/semantic-segmentation"
        assert metadata["human-annotated"] == "yes"
