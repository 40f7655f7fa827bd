"""What `gt export` leaves for whoever trains a model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.answers.training import gold_of, write_training
from ground_truth_ops.project import load_project
from tests.stacks.projects import minimal_project
from tests.unit.ops.labeled import Bucket, asked, failed, labeled

if TYPE_CHECKING:
    from stacks.config import Campaign


def campaign(root: Path, *, gold: str = "") -> Campaign:
    """The campaign of the bucket's folder, with a gold file if there is a text for one."""
    files = minimal_project(root)
    files.set_campaign("dataset.prefix", "pets/")
    files.set_campaign("labels", ["cat", "dog", "cow"])
    if gold:
        files.write("campaigns/letters/gold.csv", gold)
        files.set_campaign("gold", "gold.csv")
    (found,) = load_project(root, "dev").campaigns
    return replace(found, name="pets")


GOLD = "object,label\n" + "".join(f"{number}.png,cat\n" for number in range(5))


def test_newest_output_without_gold_and_failures_is_written_beside_it(tmp_path: Path) -> None:
    bucket = Bucket(folder=tmp_path / "export")
    names = [f"{number}.png" for number in range(8)]
    given = [asked(name) for name in names]
    output = [*(labeled(name, "cat") for name in names[:6]), failed(names[6]), given[7]]
    bucket.job("job-1", given, {}, output=[labeled(names[5], "dog")])
    bucket.job("job-2", given, {}, output=output, parents=["job-1"])
    bucket.job("job-3", given, {}, parents=["job-2"])  # still running
    found = campaign(tmp_path / "project", gold=GOLD)
    assert len(gold_of(found)) == 5
    assert write_training(bucket.folder, "dev", found) == 1
    path = bucket.folder / "pets/labels/job-2/manifests/output/training.manifest"
    assert [json.loads(row) for row in path.read_text().splitlines()] == [output[5]]


def test_without_gold_every_label_is_to_learn_from(tmp_path: Path) -> None:
    bucket = Bucket(folder=tmp_path / "export")
    bucket.job("job-1", [asked("0.png")], {}, output=[labeled("0.png", "dog"), failed("1.png")])
    assert write_training(bucket.folder, "dev", campaign(tmp_path / "project")) == 1


def test_empty_labels_teach_nothing(tmp_path: Path) -> None:
    bucket = Bucket(folder=tmp_path / "export")
    empty = {**asked("0.png"), "pet": {}, "pet-metadata": {"worker-response-ref": "s3://a/b"}}
    bucket.job("job-1", [asked("0.png")], {}, output=[empty, labeled("1.png", "dog")])
    assert write_training(bucket.folder, "dev", campaign(tmp_path / "project")) == 1


def test_campaigns_that_left_nothing_are_passed_by(tmp_path: Path) -> None:
    bucket = Bucket(folder=tmp_path / "export")
    bucket.folder.mkdir()
    found = campaign(tmp_path / "project")
    assert write_training(bucket.folder, "dev", found) is None
    bucket.job("job-1", [asked("0.png")], {})
    assert write_training(bucket.folder, "dev", found) is None
