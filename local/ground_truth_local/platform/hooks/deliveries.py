"""Services that call functions and topics by themselves: only as far as those let them.

ministack delivers whatever a rule, an alarm or a user pool names. On AWS a function's or topic's
own policy must allow the service, and what it doesn't allow is lost without a word to the caller; a
template that forgets the permission must not work here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from ground_truth_local.platform.hooks.identity import evaluation_context
from ground_truth_local.platform.hooks.private import Parts, private, replace

LOG = logging.getLogger("ground_truth_local.deliveries")

PARTS: Parts = {
    "core.iam_evaluator": ("evaluate_resource_policy",),
    "services.eventbridge": ("_invoke_target",),
    "services.cloudwatch": ("_dispatch_alarm_actions",),
    "services.cognito": ("_apply_custom_message_trigger", "_CustomMessageRejected"),
    "services.lambda_svc": ("function_policy_for_arn",),
    "services.sns": ("topic_policy_for_arn",),
}

# (target ARN, service principal, source ARN) -> allowed
_LetsIn = Callable[[object, str, object], bool]
_ACTIONS = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
_ALARM_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def obey_resource_policies(*, account: str, region: str) -> None:
    """Ask functions and topics before EventBridge, CloudWatch and Cognito may use them."""

    def lets_in(target: object, principal: str, source: object) -> bool:
        service = str(target).split(":")[2] if str(target).count(":") >= 5 else ""
        if service not in _ACTIONS:
            return True
        keys = {"aws:SourceArn": str(source), "aws:SourceAccount": account}
        allowed = _allows(str(target), service, principal, keys, region)
        if not allowed:
            LOG.warning("%s may not call %s for %s: its policy lacks it", principal, target, source)
        return allowed

    _ask_before_rules(lets_in)
    _ask_before_alarms(lets_in)
    _ask_before_pools(lets_in)


def _ask_before_rules(lets_in: _LetsIn) -> None:
    invoke = private("services.eventbridge", "_invoke_target")

    def invoke_target(target: Mapping[str, Any], event: Any, rule: Any, *rest: Any) -> None:
        if lets_in(target.get("Arn"), "events.amazonaws.com", rule.get("Arn")):
            invoke(target, event, rule, *rest)

    replace("services.eventbridge", "_invoke_target", invoke_target)


def _ask_before_alarms(lets_in: _LetsIn) -> None:
    dispatch = private("services.cloudwatch", "_dispatch_alarm_actions")

    def dispatch_alarm_actions(alarm: Mapping[str, Any], *change: Any) -> None:
        def allowed(action: object) -> bool:
            return lets_in(action, "cloudwatch.amazonaws.com", alarm.get("AlarmArn"))

        actions = {name: list(filter(allowed, alarm.get(name) or [])) for name in _ALARM_LISTS}
        dispatch({**alarm, **actions}, *change)

    replace("services.cloudwatch", "_dispatch_alarm_actions", dispatch_alarm_actions)


def _ask_before_pools(lets_in: _LetsIn) -> None:
    apply = private("services.cognito", "_apply_custom_message_trigger")
    rejected = private("services.cognito", "_CustomMessageRejected")

    def apply_custom_message_trigger(pool: Mapping[str, Any], *args: Any, **options: Any) -> Any:
        function = (pool.get("LambdaConfig") or {}).get("CustomMessage")
        if function and not lets_in(function, "cognito-idp.amazonaws.com", pool.get("Arn")):
            raise rejected("CustomMessage invocation failed due to error AccessDeniedException.")
        return apply(pool, *args, **options)

    replace("services.cognito", "_apply_custom_message_trigger", apply_custom_message_trigger)


def _allows(
    target: str, service: str, principal: str, keys: Mapping[str, str], region: str
) -> bool:
    lookup = (
        private("services.lambda_svc", "function_policy_for_arn")
        if service == "lambda"
        else private("services.sns", "topic_policy_for_arn")
    )
    found = lookup(target)
    if found is None:
        return True  # what isn't there is reported by whoever calls it
    context = evaluation_context(
        principal=principal,
        principal_type="AWSService",
        action=_ACTIONS[service],
        resource=target,
        region=region,
        keys=keys,
    )
    decide = private("core.iam_evaluator", "evaluate_resource_policy")
    decision: str = decide(found[0], context, service=principal).decision
    return decision == "Allow"
