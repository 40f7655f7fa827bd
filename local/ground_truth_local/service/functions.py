"""Calling the customer's Lambda functions (ground-truth.md 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_local.service.failures import JobFailedError, client_error

if TYPE_CHECKING:
    from ground_truth_local.service.role import RoleSession

_MAX_RESPONSE = 6 * 1024 * 1024  # 5.3: Lambda's synchronous limit
_UNHANDLED = "Unhandled"


def invoke(role: RoleSession, function_arn: str, event: Mapping[str, object]) -> object:
    """The function's JSON answer. Raises JobFailedError with the text AWS shows (5.3).

    AWS says the same for a missing permission and a bug in the code; the cause of the latter is
    only in the function's own log.
    """
    try:
        response = role.client("lambda").invoke(
            FunctionName=function_arn,
            InvocationType="RequestResponse",
            Payload=json.dumps(event, ensure_ascii=False).encode(),
        )
        body = response["Payload"].read()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", _UNHANDLED))
        raise _failed(role, function_arn, code) from error
    except BotoCoreError as error:
        raise _failed(role, function_arn, type(error).__name__) from error
    if response.get("FunctionError"):
        raise _failed(role, function_arn, _UNHANDLED)
    return _parsed(role, function_arn, body)


def _parsed(role: RoleSession, function_arn: str, body: bytes) -> object:
    if len(body) > _MAX_RESPONSE:
        raise _failed(role, function_arn, _UNHANDLED)
    try:
        return json.loads(body)
    except ValueError as error:
        raise _failed(role, function_arn, _UNHANDLED) from error


def _failed(role: RoleSession, function_arn: str, code: str) -> JobFailedError:
    return client_error(
        f"Exception invoking the Lambda function {function_arn}. LambdaErrorCode: {code}. Ensure "
        f"the Lambda function exists, that the role {role.role_arn} has permissions to invoke it "
        "and try your request again."
    )
