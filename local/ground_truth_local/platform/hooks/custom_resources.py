"""Custom resources as CloudFormation drives them; ministack is gentler in four ways.

It calls the function once and waits for it, where CloudFormation sends an event that Lambda tries
again; it counts the service timeout from the function's end; it takes an answer of any size; and it
sends no Delete for a Create that failed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

_CUSTOM = "services.cloudformation.custom_resource"
_LAMBDA = "services.lambda_svc"
_STACKS = "services.cloudformation.stacks"
_PROVISIONERS = "services.cloudformation.provisioners"

PARTS: Parts = {
    _CUSTOM: ("invoke_custom_resource", "deliver_response"),
    _LAMBDA: ("_execute_function_with_config_scope", "invoke_async_with_retry"),
    _STACKS: ("_roll_back_operation", "now_iso"),
    _PROVISIONERS: ("_custom_resource_create", "_RESOURCE_HANDLERS"),
    "services.cloudformation": ("_stacks",),
    "app": ("_handle_post_body_shortcuts",),
}
_ANSWERS = "/_ministack/cfn-response/"
_MOST_BYTES = 4096  # "The total size of the response body can't exceed 4096 bytes"
_TOO_LONG = json.dumps({"Status": "FAILED", "Reason": "Response object is too long."}).encode()
_GENERIC = "AWS::CloudFormation::CustomResource"

_sending: ContextVar[bool] = ContextVar("a custom resource's event is on its way", default=False)


def send_events() -> None:
    """Invoke the function of a custom resource by an event, and wait for the answer alone."""
    invoke = private(_CUSTOM, "invoke_custom_resource")
    execute = private(_LAMBDA, "_execute_function_with_config_scope")

    def invoke_custom_resource(*args: Any, **options: Any) -> Any:
        token = _sending.set(True)
        try:
            return invoke(*args, **options)
        finally:
            _sending.reset(token)

    def execute_function(function: Any, event: Any) -> Any:
        if not _sending.get():
            return execute(function, event)
        token = _sending.set(False)  # what the event's own thread does is no custom resource
        try:
            return private(_LAMBDA, "invoke_async_with_retry")(function, event)
        finally:
            _sending.reset(token)

    replace(_CUSTOM, "invoke_custom_resource", invoke_custom_resource)
    replace(_LAMBDA, "_execute_function_with_config_scope", execute_function)


def refuse_long_answers() -> None:
    """Take an answer over 4096 bytes for a failure."""
    _read_answers_first(lambda body: _TOO_LONG if len(body) > _MOST_BYTES else body)


def refuse_answers(status_of: Callable[[bytes], int | None]) -> None:
    """Meet an answer with the HTTP status that `status_of(answer)` gives, if any."""
    _read_answers_first(lambda body: status_of(body) or body)


def _read_answers_first(read: Callable[[bytes], bytes | int]) -> None:
    """`read` gives the answer that CloudFormation takes, or the status with which it takes none."""
    shortcuts = private("app", "_handle_post_body_shortcuts")

    async def handle_post_body_shortcuts(
        method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        found: bytes | int = body
        if method == "PUT" and path.startswith(_ANSWERS):
            found = read(body)
        if isinstance(found, int):
            return found, {}, b""
        return await shortcuts(method, path, headers, found, *rest)

    replace("app", "_handle_post_body_shortcuts", handle_post_body_shortcuts)


def delete_what_failed_to_be_created() -> None:
    """Keep a custom resource whose Create failed in its stack, so that a Delete follows.

    Its id is the one of the failed answer, or an invented one when no answer came in time.
    """
    answered: dict[tuple[object, object], str] = {}
    deliver = private(_CUSTOM, "deliver_response")
    create = private(_PROVISIONERS, "_custom_resource_create")
    roll_back = private(_STACKS, "_roll_back_operation")

    def deliver_response(token: str, response: Mapping[str, Any]) -> Any:
        named = response.get("StackId"), response.get("LogicalResourceId")
        answered[named] = str(response.get("PhysicalResourceId") or "")
        return deliver(token, response)

    def custom_resource_create(
        logical_id: str, props: Any, stack_name: str, resource_type: str = _GENERIC
    ) -> Any:
        stack = private("services.cloudformation", "_stacks").get(stack_name) or {}
        named = stack.get("StackId"), logical_id
        answered.pop(named, None)
        try:
            return create(logical_id, props, stack_name, resource_type)
        except Exception:
            invented = f"{stack_name}-{logical_id}-{secrets.token_hex(6).upper()}"
            stack.setdefault("_resources", {})[logical_id] = {
                "PhysicalResourceId": answered.get(named) or invented,
                "ResourceType": resource_type,
                "ResourceStatus": "CREATE_FAILED",
                "LogicalResourceId": logical_id,
                "Properties": props,
                "Attributes": {},
                "Timestamp": private(_STACKS, "now_iso")(),
            }
            raise

    async def roll_back_operation(
        name: str, stack_id: str, stack: Any, operation: MutableMapping[str, Any], *rest: Any
    ) -> Any:
        failed = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed) or {}
        if record.get("ResourceStatus") == "CREATE_FAILED":
            operation = {**operation, "created": [*operation["created"], failed]}
        return await roll_back(name, stack_id, stack, operation, *rest)

    replace(_CUSTOM, "deliver_response", deliver_response)
    replace(_PROVISIONERS, "_custom_resource_create", custom_resource_create)
    handlers = private(_PROVISIONERS, "_RESOURCE_HANDLERS")
    handlers[_GENERIC] = {**handlers[_GENERIC], "create": custom_resource_create}
    replace(_STACKS, "_roll_back_operation", roll_back_operation)
