"""A service of our own in the gateway: routing, IAM, and the request it is answering."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Any]

PARTS: Parts = {
    "app": ("app", "SERVICE_REGISTRY", "SERVICE_HANDLERS", "_loaded_modules"),
    "core.router": ("SERVICE_PATTERNS", "extract_access_key_id"),
    "core.concurrency": ("run_reentrant",),
    "core.responses": ("request_scope", "_service_model", "get_region", "get_account_id"),
    "core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE",
        "extract_resource_arn",
        "request_tag_context",
        "access_denied_response",
        "identity_denial_message",
        "_TAG_OPERATIONS",
        "_UNSIGNED_OPERATIONS",
    ),
    "core.iam_evaluator": ("caller_arn", "enforce"),
}


def application() -> Any:
    """The gateway's ASGI application."""
    return private("app", "app")


def add_service(
    name: str, *, target_prefix: str, handler: Handler, reset: Callable[[], None]
) -> None:
    """Route `X-Amz-Target: <target_prefix>…` to `handler`; there is no registration interface."""
    private("core.router", "SERVICE_PATTERNS")[name] = {"target_prefixes": [target_prefix]}
    private("app", "SERVICE_REGISTRY")[name] = {"module": name}
    private("app", "SERVICE_HANDLERS")[name] = handler
    # POST /_ministack/reset asks every loaded module to forget
    private("app", "_loaded_modules")[name] = SimpleNamespace(reset=reset, handle_request=handler)


def add_iam_service(
    name: str,
    *,
    resource_arn: Callable[[str, bytes, str, str], str],
    condition_keys: Callable[[bytes], dict[str, object]],
    tag_operations: frozenset[str],
) -> None:
    """Put a service under IAM: without a namespace every signed call would be allowed.

    `resource_arn(operation, body, region, account)` names what a call touches;
    `condition_keys(body)` are the service's own.
    """
    private("core.iam_actions", "SERVICE_TO_IAM_NAMESPACE")[name] = name
    # Both are computed from botocore's model on first use, which would load another copy of it.
    private("core.iam_actions", "_TAG_OPERATIONS")[name] = tag_operations
    private("core.iam_actions", "_UNSIGNED_OPERATIONS")[name] = frozenset()
    arn_of = private("core.iam_actions", "extract_resource_arn")
    context_of = private("core.iam_actions", "request_tag_context")
    denied = private("core.iam_actions", "access_denied_response")
    model_of = private("core.responses", "_service_model")

    def extract_resource_arn(*args: Any) -> Any:
        service, _, _, headers, body, _, region, account = args
        if service != name:
            return arn_of(*args)
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        return resource_arn(operation, body, region, account)

    def request_tag_context(service: str, action: str, body: bytes, params: Any) -> Any:
        context = context_of(service, action, body, params)
        return {**context, **condition_keys(body)} if service == name else context

    def access_denied_response(service: str, *args: Any, **options: Any) -> Any:
        if service == name and not options.get("error_code"):
            action, principal, *_ = args
            options["message"] = private("core.iam_actions", "identity_denial_message")(
                action, principal, options["resource_arn"], options["explicit_deny"]
            )
        return denied(service, *args, **options)

    def service_model(asked: str) -> Any:
        # Another copy of the model, only to learn the Content-Type that our handler sets itself.
        return None if asked == name else model_of(asked)

    replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)
    replace("core.iam_actions", "request_tag_context", request_tag_context)
    # SageMaker says which resource it was
    replace("core.iam_actions", "access_denied_response", access_denied_response)
    replace("core.responses", "_service_model", service_model)


# Condition keys that ministack doesn't tell, by action, with the request's member that they are:
# service authorization reference of CloudWatch and of SNS.
_TOLD = {
    "cloudwatch:PutMetricData": {"cloudwatch:namespace": "Namespace"},
    "sns:Subscribe": {"sns:Endpoint": "Endpoint", "sns:Protocol": "Protocol"},
}


def tell_policies_what_is_asked() -> None:
    """Condition keys of requests whose policies of ours are narrowed by them."""
    context_of = private("core.iam_actions", "request_tag_context")

    def request_tag_context(service: str, action: str, body: bytes, params: Any) -> Any:
        context = context_of(service, action, body, params)
        told = {
            key: (params.get(member) or [""])[0] or _member(body, member)
            for key, member in _TOLD.get(action, {}).items()
        }
        return {**context, **{key: value for key, value in told.items() if value}}

    replace("core.iam_actions", "request_tag_context", request_tag_context)


def _member(body: bytes, name: str) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""


def caller_arn() -> str:
    """Who signed the request being served."""
    arn: str = private("core.iam_evaluator", "caller_arn")()
    return arn


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An action on a resource, and the condition keys it comes with."""

    action: str
    resource: str
    keys: Mapping[str, object] = field(default_factory=dict)


def region_and_account() -> tuple[str, str]:
    """Of the request being served."""
    return private("core.responses", "get_region")(), private("core.responses", "get_account_id")()


def refusal(headers: dict[str, str], query: dict[str, list[str]], asked: Asked) -> Response | None:
    """Whether the caller lacks another action than the call's own; SageMaker's answer then."""
    key = private("core.router", "extract_access_key_id")(headers, query)
    denied = private("core.iam_evaluator", "enforce")(
        key,
        asked.action,
        asked.action.partition(":")[0],
        "" if asked.action.startswith("iam:") else region_and_account()[0],  # IAM is global
        resource_arn=asked.resource,
        service_context=dict(asked.keys),
    )
    if denied is None:
        return None
    answer: Response = private("core.iam_actions", "access_denied_response")(
        "sagemaker",
        asked.action,
        getattr(denied, "principal_arn", ""),
        "",
        headers=headers,
        resource_arn=asked.resource,
        explicit_deny=getattr(denied, "decision", "") == "Deny",
    )
    return answer


async def off_the_loop(work: Callable[..., Any], *args: Any) -> Any:
    """Run work that calls the gateway again in a thread of its own, with the request's scope."""
    return await private("core.concurrency", "run_reentrant")(work, *args)


@contextmanager
def scope(account: str, region: str) -> Iterator[None]:
    """Every store is kept per account and region of a request; ours come from outside one."""
    with private("core.responses", "request_scope")(account, region):
        yield
