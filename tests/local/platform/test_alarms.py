"""Alarms ring for the metric with their dimensions, tell their topic, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ground_truth_local.platform import environment
from ground_truth_local.platform.hooks import alarms, services
from ground_truth_local.platform.hooks.private import private, replace

pytestmark = pytest.mark.usefixtures("ministack")

CLOUDWATCH = "services.cloudwatch"
TOPIC = f"arn:aws:sns:us-east-1:{environment.ACCOUNT_ID}:news"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What alarms say, in an account where each looks at its own dimensions."""
    original = private(CLOUDWATCH, "_evaluate_alarm")
    messages: list[dict[str, Any]] = []

    def tell(topic: str, _id: str, message: str, _subject: str) -> None:
        assert topic == TOPIC
        messages.append(json.loads(message))

    alarms.look_at_own_dimensions()
    fanout = replace("services.sns", "_fanout", tell)
    with services.scope(environment.ACCOUNT_ID, "us-east-1"):
        yield messages
    replace("services.sns", "_fanout", fanout)
    replace(CLOUDWATCH, "_evaluate_alarm", original)


def make_alarm(campaign: str, **changes: Any) -> None:
    request = {
        "AlarmName": f"failed-{campaign}",
        "Namespace": "Campaigns",
        "MetricName": "FailedPercent",
        "Dimensions": [{"Name": "Campaign", "Value": campaign}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [TOPIC],
        **changes,
    }
    private(CLOUDWATCH, "_put_metric_alarm")({}, request, False, is_json=True)


def put(campaign: str, value: float) -> None:
    datum = {
        "MetricName": "FailedPercent",
        "Dimensions": [{"Name": "Campaign", "Value": campaign}],
        "Value": value,
    }
    request = {"Namespace": "Campaigns", "MetricData": [datum]}
    private(CLOUDWATCH, "_put_metric_data")({}, request, False, is_json=True)


def state(campaign: str) -> str:
    return str(private(CLOUDWATCH, "_alarms")[f"failed-{campaign}"]["StateValue"])


def test_alarm_rings_for_its_own_metric_alone(told: list[dict[str, Any]]) -> None:
    make_alarm("digits")
    make_alarm("moods")

    put("digits", 50)

    assert (state("digits"), state("moods")) == ("ALARM", "INSUFFICIENT_DATA")
    assert [(m["AlarmName"], m["NewStateValue"]) for m in told] == [("failed-digits", "ALARM")]


def test_alarm_at_its_threshold_stays_silent(told: list[dict[str, Any]]) -> None:
    make_alarm("letters")

    put("letters", 5)

    assert (state("letters"), told) == ("OK", [])


def test_alarm_tells_a_change_once(told: list[dict[str, Any]]) -> None:
    make_alarm("birds")

    for value in (6, 7, 8):
        put("birds", value)

    assert len(told) == 1


def test_alarm_without_own_data_and_one_of_another_kind_are_left_alone(
    told: list[dict[str, Any]],
) -> None:
    make_alarm("trees", Dimensions=[])
    make_alarm("bands", ComparisonOperator="GreaterThanUpperThreshold")

    put("trees", 50)
    put("bands", 50)

    assert state("trees") == "INSUFFICIENT_DATA"
    assert state("bands") == "ALARM"
