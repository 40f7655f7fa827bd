"""One little campaign for each case: four texts, seen by one person each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from ground_truth.definition import definition_hash
from stacks.config import load
from tests.e2e.project import ROOT, SHARED, edit

TEXTS = 4


def write_project(folder: Path, campaigns: Iterable[str]) -> None:
    """A project folder of these campaigns, and a second environment beside the local one."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    shutil.copytree(ROOT / "environments", folder / "environments")
    _second_environment(folder / "environments")
    for name in campaigns:
        _campaign(folder / "campaigns" / name)


def change_instructions(folder: Path, campaign: str) -> None:
    """Ask another question, and approve that the job goes on with what is labeled."""
    place = folder / "campaigns" / campaign
    (place / "instructions/short.html").write_text("<p>Choose again.</p>\n", encoding="utf-8")
    (found,) = load(folder, env="local", campaign=campaign).campaigns
    line = f'approve = "{definition_hash(found.definition)}:continue"'
    edit(place / "campaign.toml", "generation = 1\n", f"generation = 1\n{line}\n")


def change_title(folder: Path, campaign: str) -> None:
    edit(folder / "campaigns" / campaign / "campaign.toml", "What does", "Please say what")


def empty_dataset(folder: Path, campaign: str) -> None:
    file = folder / "campaigns" / campaign / "campaign.toml"
    edit(file, 'manifest = "manifest.jsonl"', 'prefix = "nothing/"')


def _campaign(place: Path) -> None:
    shutil.copytree(ROOT / "campaigns/product-reviews", place)
    edit(place / "campaign.toml", "workers_per_object = 3", "workers_per_object = 1")
    edit(place / "campaign.toml", 'gold = "gold.csv"\n', "")  # of texts that are left out
    manifest = place / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(lines[:TEXTS]), encoding="utf-8")


def _second_environment(environments: Path) -> None:
    """Keeps its buckets, as prod does, and would make a workforce of its own."""
    second = environments / "second.toml"
    shutil.copy(environments / "local.toml", second)
    edit(second, 'removal = "destroy"', 'removal = "retain"')
