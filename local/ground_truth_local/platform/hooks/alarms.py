"""Alarms: each looks at the metric with exactly its dimensions.

ministack lets an alarm ring for every metric of its name, whosever it is.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

_CLOUDWATCH = "services.cloudwatch"
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}

PARTS: Parts = {
    _CLOUDWATCH: (
        "_calc_stats",
        "_dims_from_list",
        "_dims_key",
        "_dispatch_alarm_actions",
        "_evaluate_alarm",
        "_evaluate_parent_alarms",
        "_metrics",
        "_record_history",
        "_stat_value",
    )
}


def look_at_own_dimensions() -> None:
    """Evaluate alarms of one metric and threshold here; the rest stays with ministack."""
    otherwise = private(_CLOUDWATCH, "_evaluate_alarm")

    def evaluate_alarm(alarm: dict[str, Any]) -> None:
        compare = _COMPARISONS.get(str(alarm.get("ComparisonOperator")))
        if compare is None or not alarm.get("MetricName"):
            otherwise(alarm)
        else:
            _evaluate(alarm, compare)

    replace(_CLOUDWATCH, "_evaluate_alarm", evaluate_alarm)


def _evaluate(alarm: dict[str, Any], compare: Callable[[float, float], bool]) -> None:
    points = _recent_points(alarm)
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = _call("_stat_value", _call("_calc_stats", points), statistic, points)
    if not points or value is None:
        return
    threshold = alarm.get("Threshold", 0)
    before, now = alarm["StateValue"], "ALARM" if compare(value, threshold) else "OK"
    if before == now:
        return
    reason = f"Threshold Crossed: {statistic} {value} {alarm['ComparisonOperator']} {threshold}"
    alarm.update(StateValue=now, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    _call("_record_history", alarm["AlarmName"], before, now, reason)
    _call("_dispatch_alarm_actions", alarm, before, now, reason)
    _call("_evaluate_parent_alarms", alarm)


def _recent_points(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    dimensions = _call("_dims_from_list", alarm.get("Dimensions") or [])
    metric = (alarm.get("Namespace"), alarm["MetricName"], _call("_dims_key", dimensions))
    since = time.time() - alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
    kept = private(_CLOUDWATCH, "_metrics").get(metric) or ()
    return [point for point in kept if point["Timestamp"] >= since]


def _call(name: str, *arguments: Any) -> Any:
    return private(_CLOUDWATCH, name)(*arguments)
