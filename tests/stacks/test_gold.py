"""Gold objects at synth: checked with everything else, and in nothing that is deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ground_truth.consolidation.pictures import write_classes
from ground_truth.definition import definition_hash
from stacks.config import ConfigError, load

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

GOLD = "object,label\n" + "".join(f"{number}.png,a\n" for number in range(5))


def problems(files: ProjectFiles) -> list[str]:
    try:
        load(files.root, env="dev")
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def with_gold(files: ProjectFiles, content: str = GOLD, path: str = "gold.csv") -> None:
    files.write(f"campaigns/letters/{path}", content)
    files.set_campaign("gold", path)


def test_gold_and_gates_are_no_part_of_what_a_label_means(files: ProjectFiles) -> None:
    (before,) = load(files.root, env="dev").campaigns
    with_gold(files)
    files.set_campaign("quality", {"min_alpha": 0.6, "min_gold_accuracy": 1, "max_spammers": 0})
    (after,) = load(files.root, env="dev").campaigns
    assert definition_hash(after.definition) == definition_hash(before.definition)
    assert after.content == before.content
    assert after.settings.quality.model_dump() == {
        "min_alpha": 0.6,
        "min_gold_accuracy": 1.0,
        "max_spammers": 0,
    }


def test_every_problem_of_a_gold_file_is_reported_with_the_others(files: ProjectFiles) -> None:
    with_gold(files, "object,label\n1.png,z\n1.png,a\n")
    files.set_campaign("generation", 0)
    found = problems(files)
    file = "campaigns/letters/gold.csv"
    assert found[0].startswith("campaigns/letters/campaign.toml: generation: ")
    assert [problem.partition(": ")[0] for problem in found[1:]] == [file] * 3


def test_missing_gold_file_is_refused(files: ProjectFiles) -> None:
    files.set_campaign("gold", "gold.csv")
    assert problems(files) == [
        "campaigns/letters/campaign.toml: gold: got 'gold.csv', no such file or directory; "
        "add the file"
    ]


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("dataset.sample_data", "data", "data/gold.csv"),
        ("instructions.full", "instructions/full.html", "instructions/full.html"),
    ],
)
def test_gold_that_would_be_deployed_is_refused(
    files: ProjectFiles, key: str, value: str, path: str
) -> None:
    files.write("campaigns/letters/data/0.png", "x")
    files.set_campaign(key, value)
    with_gold(files, path=path)
    assert (
        f"campaigns/letters/campaign.toml: gold: got {path!r}, allowed a file that is not "
        "deployed, so that no worker can see it; move it"
    ) in problems(files)


def test_gold_that_is_not_in_the_sample_data_is_refused_where_that_is_the_dataset(
    files: ProjectFiles,
) -> None:
    for number in range(1, 6):
        files.write(f"campaigns/letters/data/{number}.png", "x")
    files.set_campaign("dataset.sample_data", "data")
    with_gold(files)
    assert problems(files) == []  # a bucket's objects are not known
    files.set_environment("storage", {"upload_sample_data": True})
    assert problems(files) == [
        "campaigns/letters/gold.csv: line 2: no object '0.png' in the dataset; it has 5, such as "
        "'1.png'"
    ]


def test_gold_beyond_the_manifest_is_refused(files: ProjectFiles) -> None:
    texts = "".join(json.dumps({"source": f"text {number}"}) + "\n" for number in range(6))
    files.write("campaigns/letters/manifest.jsonl", texts)
    files.set_campaign("task", "text-classification")
    files.campaign["dataset"] = {}
    files.set_campaign("dataset.manifest", "manifest.jsonl")
    files.write(
        "campaigns/letters/template.liquid.html",
        (files.root / "campaigns/letters/template.liquid.html")
        .read_text()
        .replace("crowd-image-classifier", "crowd-classifier"),
    )
    with_gold(files, "object,label\n0,a\n1,b\n2,a\n3,b\n6,a\n")
    (found,) = [problem for problem in problems(files) if "gold.csv" in problem]
    assert found == (
        "campaigns/letters/gold.csv: line 6: no object '6' in the dataset; it has 6, such as '0'"
    )


def test_accuracy_on_gold_that_there_is_not_is_no_gate(files: ProjectFiles) -> None:
    files.set_campaign("quality", {"min_gold_accuracy": 0.9})
    assert problems(files) == [
        "campaigns/letters/campaign.toml: quality: min_gold_accuracy without gold; name a file of "
        "gold objects or remove it"
    ]


RED, BLUE = 0xFF0000, 0x0000FF


def png(*colors: int, height: int = 1) -> bytes:
    """One row of these colors, or so many."""
    return write_classes(np.array([range(len(colors))] * height), colors)


def painted(files: ProjectFiles) -> str:
    """A campaign of masks whose five gold objects share one; the CSV file without the pictures."""
    (files.root / "campaigns/letters/template.liquid.html").unlink()
    files.set_campaign("task", "semantic-segmentation")
    files.set_campaign("label_attribute", "letter-ref")
    rows = [
        f"{number}.png,masks/a.png,{color},{label}\n"
        for number in range(5)
        for color, label in (("#ff0000", "a"), ("#0000ff", "b"))
    ]
    with_gold(files, "object,mask,color,label\n" + "".join(rows), path="gold/gold.csv")
    return "campaigns/letters/gold"


def test_gold_masks_lie_beside_the_file_and_in_nothing_that_is_deployed(
    files: ProjectFiles,
) -> None:
    place = painted(files)
    (files.root / place / "masks").mkdir()
    (files.root / place / "masks/a.png").write_bytes(png(RED, BLUE))
    assert problems(files) == []
    files.set_campaign("instructions.full", "gold/masks/a.png")
    assert any(
        "gold: got 'gold/masks/a.png', allowed a file that is not deployed" in problem
        for problem in problems(files)
    )


def test_missing_gold_mask_is_told_once(files: ProjectFiles) -> None:
    painted(files)
    assert problems(files) == [
        "campaigns/letters/campaign.toml: gold: got 'gold/masks/a.png', no such file or directory; "
        "add the file"
    ]


def test_gold_mask_is_held_to_its_rows_and_to_the_image_where_that_is_there(
    files: ProjectFiles,
) -> None:
    place = painted(files)
    (files.root / place / "masks").mkdir()
    (files.root / place / "masks/a.png").write_bytes(png(RED))
    found = problems(files)
    assert len(found) == 5
    assert found[0] == (
        f"{place}/gold.csv: line 11: no pixel of masks/a.png is #0000ff; correct the color, or "
        "remove the row"
    )
    (files.root / place / "masks/a.png").write_bytes(png(RED, BLUE))
    data = files.root / "campaigns/letters/data"
    data.mkdir()
    for number in range(6):
        (data / f"{number}.png").write_bytes(png(RED, BLUE, height=1 + number // 4))
    files.set_campaign("dataset.sample_data", "data")
    files.set_environment("storage", {"upload_sample_data": True})
    assert problems(files) == [
        f"{place}/gold.csv: line 10: masks/a.png is 2 x 1 pixels, and its image 2 x 2; make them "
        "alike"
    ]
