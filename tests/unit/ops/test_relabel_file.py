"""The campaign file after `gt relabel`: two values differ, everything else is as it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ground_truth_ops.relabel.campaign_file import CampaignFileError, plan_edit, write

ROOT = Path(__file__).parents[3]
USUAL = """# Digits, three opinions each.
title = "Which digit?"   # shown to workers
generation   =  1        # raised by hand so far
approve = "3f9a0c51d2e7:restart"

# what is asked
[dataset]
prefix = "digits/"
"""


def edited(path: Path, text: str, **changes: int | str) -> str:
    path.write_bytes(text.encode())
    edit = plan_edit(path, changes)
    write(edit)
    return path.read_bytes().decode()


def test_only_the_values_change(tmp_path: Path) -> None:
    text = edited(tmp_path / "campaign.toml", USUAL, generation=2, approve="")
    assert text == USUAL.replace("  1  ", "  2  ").replace("3f9a0c51d2e7:restart", "")


@pytest.mark.parametrize("campaign", ["handwritten-digits", "product-reviews"])
def test_shipped_campaigns_change_in_one_line(tmp_path: Path, campaign: str) -> None:
    before = (ROOT / f"campaigns/{campaign}/campaign.toml").read_text(encoding="utf-8")
    after = edited(tmp_path / "campaign.toml", before, generation=2)
    assert after == before.replace("generation = 1\n", "generation = 2\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'title = "a"\n\n# about the data\n[dataset]\nprefix = "a/"\n',
            'title = "a"\ngeneration = 2\n\n# about the data\n[dataset]\nprefix = "a/"\n',
        ),
        (
            'title = "a" # why\r\n[dataset]\r\nprefix = "a/"\r\n',
            'title = "a" # why\r\ngeneration = 2\r\n[dataset]\r\nprefix = "a/"\r\n',
        ),
        (
            'labels = [\n  "a",\n]\ntitle = "x"',
            'labels = [\n  "a",\n]\ntitle = "x"\ngeneration = 2\n',
        ),
        ('[dataset]\nprefix = "a/"\n', 'generation = 2\n\n[dataset]\nprefix = "a/"\n'),
        (
            'dataset.prefix = "a/"\ntitle = "x"\n[tags]\na = "generation = 1"\n',
            'dataset.prefix = "a/"\ntitle = "x"\ngeneration = 2\n[tags]\na = "generation = 1"\n',
        ),
        (
            'text = """\ngeneration = 1\n"""\n',
            'text = """\ngeneration = 1\n"""\ngeneration = 2\n',
        ),
    ],
)
def test_missing_key_goes_behind_the_last_of_its_kind(
    tmp_path: Path, before: str, after: str
) -> None:
    assert edited(tmp_path / "campaign.toml", before, generation=2) == after


def test_diff_shows_the_line(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text(USUAL, encoding="utf-8")
    edit = plan_edit(path, {"generation": 2})
    assert edit.diff("campaigns/digits/campaign.toml") == (
        "--- a/campaigns/digits/campaign.toml",
        "+++ b/campaigns/digits/campaign.toml",
        "@@ -1,5 +1,5 @@",
        " # Digits, three opinions each.",
        ' title = "Which digit?"   # shown to workers',
        "-generation   =  1        # raised by hand so far",
        "+generation   =  2        # raised by hand so far",
        ' approve = "3f9a0c51d2e7:restart"',
        " ",
    )
    assert path.read_text(encoding="utf-8") == USUAL


def test_file_that_changed_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text(USUAL, encoding="utf-8")
    edit = plan_edit(path, {"generation": 2})
    other = USUAL.replace("Which digit?", "Which?")
    path.write_text(other, encoding="utf-8")

    with pytest.raises(CampaignFileError, match="was changed by somebody else"):
        write(edit)

    assert path.read_text(encoding="utf-8") == other
    assert list(tmp_path.iterdir()) == [path]


def test_link_and_mode_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "campaign.toml"
    real.write_text(USUAL, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)

    write(plan_edit(link, {"generation": 2}))

    assert link.is_symlink()
    assert tomllib.loads(real.read_text(encoding="utf-8"))["generation"] == 2
    assert real.stat().st_mode & 0o777 == 0o640
