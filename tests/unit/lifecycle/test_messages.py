"""What people read fits into what CloudFormation shows."""

from __future__ import annotations

import pytest

from ground_truth.lifecycle import messages
from ground_truth.lifecycle.approval import Approval, ApprovalError, parse_approval

REVIEW = messages.Review(
    campaign="c" * 40,
    job="g" * 63,
    status="InProgress",
    labeled=123456,
    failed=12345,
    objects=100000,
    old_hash="0" * 12,
    new_hash="f" * 12,
    changed=("labels", "template_sha256", "workers_per_object 3 to 5"),
    problems=(),
    runs=True,
    given_approval="",
    used_approval="",
    next_generation=2,
)


def test_both_choices_of_the_longest_names_are_among_the_first_700_characters() -> None:
    shown = f"RefusedError: {messages.change_refused(REVIEW)}"[:699]

    assert f'approve = "{REVIEW.new_hash}:continue"' in shown
    assert f'approve = "{REVIEW.new_hash}:restart"' in shown
    assert "or undo the change." in shown


@pytest.mark.parametrize("verb", ["continue", "restart"])
def test_printed_line_is_the_one_that_is_understood(verb: str) -> None:
    text = messages.change_refused(REVIEW)
    line = next(part for part in text.split('"') if part.endswith(f":{verb}"))

    assert parse_approval(line) == Approval(definition_hash="f" * 12, verb=verb)  # type: ignore[arg-type]


def test_no_approval_is_none() -> None:
    assert parse_approval(" ") is None


@pytest.mark.parametrize("text", ["continue", "f" * 12, "F" * 12 + ":continue", "abc:continue"])
def test_approval_that_is_not_a_copied_line_is_refused(text: str) -> None:
    with pytest.raises(ApprovalError, match="copy the line from the refusal"):
        parse_approval(text)
