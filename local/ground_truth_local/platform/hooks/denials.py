"""What IAM refused, listed as CloudTrail lists it: `LookupEvents`, errorCode AccessDenied.

ministack records calls only when it is told to, and never whether they were refused. A refusal that
a service swallows (a log line that isn't written) or that a function waits out would not be seen.
"""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

from ground_truth_local.platform.hooks.private import Parts, private, replace

PARTS: Parts = {
    "core.iam_evaluator": ("enforce", "EvalResult"),
    "core.iam_actions": ("identity_denial_message",),
    "core.responses": ("get_account_id",),
    "services.cloudtrail": ("_get_event_queue",),
}


def record() -> None:
    """Record what the evaluator refuses from now on.

    A key's own policy has its say where another service uses the key for the caller.
    """
    enforce = private("core.iam_evaluator", "enforce")
    refusal = private("core.iam_evaluator", "EvalResult")

    def enforce_and_record(
        access_key_id: str, iam_action: str, service: str, region: str, *more: Any, **options: Any
    ) -> Any:
        asked = "kms" if iam_action.startswith("kms:") else service
        denied = enforce(access_key_id, iam_action, asked, region, *more, **options)
        if isinstance(denied, refusal):
            resource_arn = more[0] if more else options.get("resource_arn", "*")
            add(iam_action, denied.principal_arn, resource_arn, region)
        return denied

    replace("core.iam_evaluator", "enforce", enforce_and_record)


def message(action: str, principal_arn: str, resource_arn: str) -> str:
    """AWS's words for a refusal."""
    said: str = private("core.iam_actions", "identity_denial_message")(
        action, principal_arn, resource_arn, False
    )
    return said


def add(action: str, principal_arn: str, resource_arn: str, region: str) -> None:
    """One refusal; the role of an assumed one is its session's issuer, as in CloudTrail."""
    service, _, operation = action.partition(":")
    moment, number = time.time(), str(uuid4())
    session = principal_arn.rpartition("/")[2]
    account = private("core.responses", "get_account_id")()
    event = {
        "eventVersion": "1.08",
        "userIdentity": _identity(principal_arn, account),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "errorCode": "AccessDenied",
        "errorMessage": message(action, principal_arn, resource_arn),
        "resources": [{"ARN": resource_arn}],
        "eventID": number,
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
    }
    private("services.cloudtrail", "_get_event_queue")().append(
        {
            "EventId": number,
            "EventName": operation,
            "EventSource": event["eventSource"],
            "EventTime": moment,
            "Username": session,
            "ReadOnly": "true" if operation.startswith(("Get", "List", "Describe")) else "false",
            "Resources": [{"ResourceName": resource_arn, "ResourceType": service}],
            "CloudTrailEvent": json.dumps(event),
        }
    )


def _identity(principal_arn: str, account: str) -> dict[str, object]:
    if ":assumed-role/" not in principal_arn:
        return {"type": "IAMUser", "arn": principal_arn, "accountId": account}
    partition, role = principal_arn.split(":")[1], principal_arn.split("/")[1]
    issuer = {"type": "Role", "arn": f"arn:{partition}:iam::{account}:role/{role}"}
    return {
        "type": "AssumedRole",
        "arn": principal_arn,
        "accountId": account,
        "sessionContext": {"sessionIssuer": {**issuer, "userName": role}},
    }
