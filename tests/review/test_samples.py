"""The sample reports of docs/reviews are what the tool says today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.review.samples import FOLDER, SAMPLES, sample

if TYPE_CHECKING:
    from tests.review.history import History

# each synthesizes the project once more
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_what_the_review_says(history: History, name: str) -> None:
    written = (FOLDER / f"{name}.md").read_text(encoding="utf-8")

    assert sample(history, name) == written, "run: .venv/bin/python -m tests.review.samples"


def test_every_sample_is_introduced() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}

    assert files == {f"{name}.md" for name in SAMPLES}
    assert [name for name in SAMPLES if f"({name}.md)" not in text] == []
