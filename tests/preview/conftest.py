"""A project of one campaign in a folder of its own, and a preview of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ground_truth_ops.preview.run import Running, preview

ROOT = Path(__file__).parents[2]
CAMPAIGN = """\
title = "What does the writer feel?"
description = "Read it"
task = "text-classification"
label_attribute = "mood"
labels = ["glad", "it's sad"]

[dataset]
manifest = "manifest.jsonl"
"""
HOSTILE = (
    "it's \"quoted\" </script><script>document.title='owned'</script> <b>"
    "\U0001f600 \u202e\u05e9\u05dc\u05d5\u05dd"
)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """`campaigns/moods` with three texts, the second hostile; its template is the reviews'."""
    folder = tmp_path / "campaigns" / "moods"
    shutil.copytree(
        ROOT / "campaigns/product-reviews",
        folder,
        ignore=shutil.ignore_patterns("*.py", "*.csv", "workers.toml"),
    )
    (folder / "campaign.toml").write_text(CAMPAIGN)
    lines = [{"source": text} for text in ("A fine day", HOSTILE, "A third text")]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture
def serve(campaign: Path) -> Iterator[Callable[[], Running]]:
    with ExitStack() as stack:
        root = campaign.parents[1]
        yield lambda: stack.enter_context(preview(root, campaign.name))
