"""The report end to end: two syntheses, each with its own code, and what people read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ground_truth_ops.review.markdown import render
from tests.review.history import DIGITS, summary

if TYPE_CHECKING:
    from tests.review.history import History


def test_nothing_changed_says_so_and_trips_no_gate(history: History) -> None:
    history.edit("README.md", "Declare a labeling campaign", "State a labeling campaign")
    history.commit("README")

    found = history.review("dev", "prod")

    assert [each.changed for each in found.environments] == [False, False]
    assert found.gates == frozenset()
    assert "Nothing: the templates of both revisions are the same." in render(found)


def test_instructions_without_approval_are_refused(history: History) -> None:
    history.write(f"{DIGITS}/instructions/short.html", "<p>Choose the digit.</p>\n")
    history.commit("instructions")

    found, text = history.told()

    assert summary(found) == {"handwritten-digits": "refused", "product-reviews": "same job"}
    assert re.search(r'^approve = "[0-9a-f]{12}:continue"$', text, re.MULTILINE)
    assert f"`{DIGITS}/campaign.toml`" in text
