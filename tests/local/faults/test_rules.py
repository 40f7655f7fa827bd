"""Which rule hits which call, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from ground_truth_local.faults.rules import Kind, Rule, RuleError, Rules, Subject

STOP = Subject(
    text="/? {'LabelingJobName': 'gt-local-digits-1'}",
    service="sagemaker",
    operation="StopLabelingJob",
    function="Labeling-digits-Function",
)


def rules(*given: dict[str, Any]) -> Rules:
    found = Rules()
    for rule in given:
        found.add(Rule.parse(rule))
    return found


@pytest.mark.parametrize(
    "narrowing",
    [
        {},
        {"service": "sagemaker"},
        {"function": "Labeling-digits"},
        {"containing": "gt-local-digits"},
        {"service": "sagemaker", "function": "digits", "containing": "'gt-local-"},
    ],
)
def test_rule_hits_what_it_names(narrowing: dict[str, str]) -> None:
    found = rules({"kind": "refuse", "operation": "StopLabelingJob", **narrowing})

    assert found.strike(Kind.REFUSE, STOP) is not None
    assert [(rule["seen"], rule["fired"]) for rule in found.list()] == [(1, 1)]


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "CreateLabelingJob"},
        {"operation": "StopLabelingJob", "service": "s3"},
        {"operation": "StopLabelingJob", "function": "Labeling-moods"},
        {"operation": "StopLabelingJob", "containing": "gt-local-moods"},
    ],
)
def test_rule_leaves_everything_else_alone(other: dict[str, str]) -> None:
    found = rules({"kind": "refuse", **other})

    assert found.strike(Kind.REFUSE, STOP) is None
    assert found.strike(Kind.LOSE, STOP) is None
    assert [(rule["seen"], rule["fired"]) for rule in found.list()] == [(0, 0)]


def test_rule_skips_and_counts() -> None:
    found = rules({"kind": "kill", "operation": "StopLabelingJob", "skip": 2, "times": 2})

    hits = [found.strike(Kind.KILL, STOP) is not None for _ in range(6)]

    assert hits == [False, False, True, True, False, False]
    assert [(rule["seen"], rule["fired"]) for rule in found.list()] == [(6, 2)]


def test_first_rule_that_is_due_hits_and_the_others_have_seen_it() -> None:
    found = rules(
        {"kind": "refuse", "operation": "StopLabelingJob", "code": "First", "times": 1},
        {"kind": "refuse", "operation": "StopLabelingJob", "code": "Second", "skip": 1},
    )

    codes = [rule.code for _ in range(2) if (rule := found.strike(Kind.REFUSE, STOP))]

    assert codes == ["First", "Second"]


def test_job_counts_once_however_often_it_is_looked_at() -> None:
    found = rules(
        {"kind": "hold", "job_status": "Stopping", "containing": "digits", "times": 1},
    )

    held = [found.strike_job(Kind.HOLD, name, "Stopping") for name in ["digits-1"] * 3]
    other = found.strike_job(Kind.HOLD, "digits-2", "Stopping")

    assert all(held)
    assert other is None
    assert found.strike_job(Kind.HOLD, "digits-1", "Initializing") is None
    assert [(rule["seen"], rule["fired"]) for rule in found.list()] == [(2, 1)]


def test_cleared_rule_hits_no_more() -> None:
    found = rules({"kind": "hold", "job_status": "Stopping"}, {"kind": "fail", "message": "x"})

    assert found.clear(1)
    assert not found.clear(1)
    assert found.strike_job(Kind.HOLD, "any", "Stopping") is None
    assert [rule["id"] for rule in found.list()] == [2]
    found.clear()
    assert found.list() == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["kill"], "a rule is a JSON object, got list"),
        ({}, "kind is None, allowed are refuse, delay, lose, kill, answer, hold, fail"),
        ({"kind": "burn"}, "kind is 'burn', allowed are"),
        ({"kind": "kill"}, "kill needs operation"),
        ({"kind": "delay", "operation": "X", "code": "Y"}, "code mean nothing to delay"),
        ({"kind": "kill", "operation": 7}, "operation is 7, a text is needed"),
        ({"kind": "kill", "operation": "X", "times": "2"}, "times is '2', a number from 0"),
        ({"kind": "kill", "operation": "X", "skip": -1}, "skip is -1, a number from 0"),
        ({"kind": "hold", "job_status": "Failed"}, "allowed are Initializing, Stopping"),
        ({"kind": "answer"}, "answer needs status"),
        ({"kind": "fail"}, "fail needs message"),
    ],
)
def test_rule_that_says_nonsense_is_refused(given: object, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        Rule.parse(given)
