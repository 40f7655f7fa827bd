"""CloudFormation in the name of the role it is given; ministack reads no RoleARN and acts as root.

API reference, CreateStack, RoleARN: CloudFormation uses the role for this and all later operations
on the stack; without one it uses a session of the caller's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from ground_truth_local.platform.hooks.private import Parts, private, replace

_CLOUDFORMATION = "services.cloudformation"
_STACKS = "services.cloudformation.stacks"
_ENGINE = "services.cloudformation.engine"
_PROVISIONERS = "services.cloudformation.provisioners"
_OPERATIONS = frozenset(
    {
        *("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ExecuteChangeSet"),
        *("ContinueUpdateRollback", "RollbackStack"),
    }
)

PARTS: Parts = {
    "app": ("SERVICE_HANDLERS",),
    "core.iam_evaluator": ("enforce", "caller_arn"),
    "core.router": ("extract_access_key_id",),
    _CLOUDFORMATION: ("_change_sets", "_stacks"),
    _STACKS: ("_provision_resource", "_update_resource", "_delete_resource"),
    _ENGINE: ("_resolve_refs", "_resolve_dynamic_reference"),
    _PROVISIONERS: ("_replacing_change",),
    "services.ssm": ("resolve_parameter_value",),
}

# ARN of the session that the running operation acts as; "" is the account's root
_acting: ContextVar[str] = ContextVar("whom CloudFormation acts as", default="")

# (type, operation, stack name, logical id, physical id, old properties, new properties)
Authorize = Callable[..., None]
Response = tuple[int, dict[str, str], bytes]


def acting_session() -> str:
    """ARN of the session that CloudFormation acts as here, "" for root."""
    return _acting.get()


def act_as_given_roles(
    session_of: Callable[[str], str], refusal: Callable[[str], Response]
) -> None:
    """Run each operation as the role it names, the one its stack had before, or its caller.

    `session_of(role ARN)` raises an exception whose text `refusal` turns into an answer when
    CloudFormation can't assume the role.
    """
    handlers = private("app", "SERVICE_HANDLERS")
    answer = handlers["cloudformation"]
    roles: dict[str, str] = {}

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        asked = _parameters(headers, body, query)
        if asked.get("Action") not in _OPERATIONS:
            return await answer(method, path, headers, body, query)
        stack = _stack_of(asked)
        if asked.get("Action") in ("CreateStack",) or asked.get("ChangeSetType") == "CREATE":
            roles.pop(stack, None)  # another stack may have had the name
        role = asked.get("RoleARN") or roles.get(stack, "")
        try:
            session = session_of(role) if role else _callers_session()
        except Exception as error:
            return refusal(str(error))
        denied = asked.get("RoleARN") and _may_not_pass(headers, query, role)
        if denied:
            return refusal(denied)
        token = _acting.set(session)  # the operation's task takes a copy of this context
        try:
            answered = await answer(method, path, headers, body, query)
        finally:
            _acting.reset(token)
        if role and answered[0] < 400:
            roles[stack] = role
        return answered

    handlers["cloudformation"] = handle


def ask_before_changes(authorize: Authorize) -> None:
    """Call `authorize` before a resource is made, changed or deleted; what it raises fails it."""
    provision = private(_STACKS, "_provision_resource")
    update = private(_STACKS, "_update_resource")
    delete = private(_STACKS, "_delete_resource")

    def provision_resource(type_: str, logical_id: str, props: Any, stack: str) -> Any:
        if _acting.get():
            authorize(type_, "create", stack, logical_id, "", {}, props)
        return provision(type_, logical_id, props, stack)

    def update_resource(
        type_: str, physical_id: str, old: Any, new: Any, stack: str, *rest: Any
    ) -> Any:
        if _acting.get() and old != new:
            replaced = private(_PROVISIONERS, "_replacing_change")(type_, old, new)
            operation = "create" if replaced else "update"
            before = {} if replaced else old
            logical_id = str(rest[0]) if rest else ""
            authorize(type_, operation, stack, logical_id, physical_id, before, new)
        return update(type_, physical_id, old, new, stack, *rest)

    def delete_resource(
        type_: str, physical_id: str, props: Any, stack: Any = None, logical_id: Any = None
    ) -> None:
        if _acting.get():
            authorize(type_, "delete", str(stack), str(logical_id), physical_id, props, {})
        delete(type_, physical_id, props, stack, logical_id)

    replace(_STACKS, "_provision_resource", provision_resource)
    replace(_STACKS, "_update_resource", update_resource)
    replace(_STACKS, "_delete_resource", delete_resource)


def ask_before_reading(
    *,
    output: Callable[[str], None],
    parameter: Callable[[str], None],
    secret: Callable[[str], None],
) -> None:
    """Call these before another stack's outputs, a parameter of SSM or a secret are read."""
    resolve = private(_ENGINE, "_resolve_refs")
    resolve_dynamic = private(_ENGINE, "_resolve_dynamic_reference")
    value_of = private("services.ssm", "resolve_parameter_value")

    def resolve_refs(value: Any, *rest: Any) -> Any:
        if _acting.get() and isinstance(value, Mapping) and "Fn::GetStackOutput" in value:
            read = value["Fn::GetStackOutput"]
            output(str(resolve_refs(read.get("StackName", ""), *rest)))
        return resolve(value, *rest)

    def resolve_parameter_value(name: str, *args: Any, **options: Any) -> Any:
        if _acting.get():
            parameter(name)
        return value_of(name, *args, **options)

    def resolve_dynamic_reference(literal: str) -> Any:
        service, _, rest = literal.removeprefix("{{resolve:").removesuffix("}}").partition(":")
        if _acting.get() and service == "secretsmanager":
            # an ARN has seven parts, a name one
            parts = rest.split(":")
            secret(":".join(parts[: 7 if rest.startswith("arn:") else 1]))
        return resolve_dynamic(literal)

    replace(_ENGINE, "_resolve_refs", resolve_refs)
    replace(_ENGINE, "_resolve_dynamic_reference", resolve_dynamic_reference)
    replace("services.ssm", "resolve_parameter_value", resolve_parameter_value)


def _parameters(
    headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> dict[str, str]:
    """The request's parameters, from a form or, as newer SDKs send it, from JSON."""
    target = headers.get("x-amz-target", "")
    if target:
        found = json.loads(body or b"{}")
        texts = {key: value for key, value in found.items() if isinstance(value, str)}
        return {**texts, "Action": target.rpartition(".")[2]}
    form = {**parse_qs(body.decode("utf-8", "replace")), **query}
    return {key: value[0] if isinstance(value, list) else value for key, value in form.items()}


def _stack_of(asked: Mapping[str, str]) -> str:
    """The stack's name, also where it is given by its id or by its change set's."""
    name = asked.get("StackName", "")
    if not name:
        changes = private(_CLOUDFORMATION, "_change_sets").get(asked.get("ChangeSetName", ""))
        name = str((changes or {}).get("StackName", ""))
    return name.split("/")[1] if name.startswith("arn:") else name


def _callers_session() -> str:
    arn: str = private("core.iam_evaluator", "caller_arn")()
    return arn if ":assumed-role/" in arn else ""


def _may_not_pass(headers: dict[str, str], query: dict[str, Any], role: str) -> str:
    denied = private("core.iam_evaluator", "enforce")(
        private("core.router", "extract_access_key_id")(headers, query),
        "iam:PassRole",
        "iam",
        "",  # IAM is global
        resource_arn=role,
        service_context={"iam:PassedToService": "cloudformation.amazonaws.com"},
    )
    if denied is None:
        return ""
    principal = getattr(denied, "principal_arn", "the caller")
    return f"User: {principal} is not authorized to perform: iam:PassRole on resource: {role}"
