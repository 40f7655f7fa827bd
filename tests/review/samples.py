"""docs/reviews: what a reviewer reads for three changes, made by the tool itself.

    .venv/bin/python -m tests.review.samples

writes them anew; a test refuses stale ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.review.history import DIGITS, REVIEWS, ROOT, History, make_history

FOLDER = ROOT / "docs/reviews"
BASE = "0123456789ab"  # in place of a commit that is another one each time


def label_added(history: History) -> None:
    history.edit(f"{REVIEWS}/campaign.toml", '"neutral"', '"neutral", "mixed"')


def retention_shortened(history: History) -> None:
    history.edit(
        "environments/dev.toml", "noncurrent_version_days = 30", "noncurrent_version_days = 3"
    )


def campaign_added(history: History) -> None:
    history.copy(DIGITS, "campaigns/more-digits")


SAMPLES: Mapping[str, Callable[[History], None]] = {
    "label-added": label_added,
    "retention-shortened": retention_shortened,
    "campaign-added": campaign_added,
}


def sample(history: History, name: str) -> str:
    """The report on a change of the base, as it is posted."""
    SAMPLES[name](history)
    history.commit(name)
    _found, text = history.told()
    return text.replace(history.git("rev-parse", "base")[: len(BASE)], BASE)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ground-truth-samples-") as folder:
        history = make_history(Path(folder) / "project")
        for name in SAMPLES:
            (FOLDER / f"{name}.md").write_text(sample(history, name), encoding="utf-8")
            history.back_to_base()


if __name__ == "__main__":
    main()
