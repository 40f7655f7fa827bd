"""Every touch of ministack's private parts, each with its reason; nothing else imports ministack.

ministack reads its settings when it is imported, so nothing here imports it before `private` is called.
A part that has moved raises HookMovedError with its name; `check` looks at all of them at start.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from ground_truth_local.platform.port import PlatformError

MINISTACK = "1.5.33"
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Any]

# module -> the names used below, so that a moved one is named at start and not days later
USED: Mapping[str, tuple[str, ...]] = {
    "app": ("app", "SERVICE_REGISTRY", "SERVICE_HANDLERS", "_loaded_modules"),
    "core.router": ("SERVICE_PATTERNS", "extract_access_key_id"),
    "core.concurrency": ("run_reentrant",),
    "core.responses": ("request_scope", "_service_model"),
    "core.lambda_runtime": ("_workers", "_lock", "kill_workers"),
    "core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE",
        "extract_resource_arn",
        "request_tag_context",
        "access_denied_response",
        "_TAG_OPERATIONS",
        "_UNSIGNED_OPERATIONS",
    ),
    "core.iam_evaluator": (
        "caller_arn",
        "enforce",
        "is_root_access_key",
        "evaluate_trust_policy",
        "evaluate",
        "EvalContext",
        "_gather_role_policies",
    ),
    "services.cloudformation.provisioners": (
        "_RESOURCE_HANDLERS",
        "_REPLACING_PROPERTIES",
        "_CUSTOM_NAME_REPLACEMENT",
        "_STACK_TAG_PROPERTY",
        "_S3_BUCKET_CONFIGURATIONS",
    ),
    "services.cloudformation.stacks": ("_runs_on_worker_thread",),
    "services.cloudwatch": ("record_metric",),
    "services.cloudwatch_logs": (
        "_log_groups",
        "_create_log_group",
        "_create_log_stream",
        "_put_log_events",
    ),
    "services.cognito": (
        "_user_pools",
        "_attr_list_to_dict",
        "_authenticate_hosted_ui_user",
        "_password_policy_errors",
        "_now_epoch",
        "_resolve_user",
        "handle_oauth2_authorize",
    ),
    "services.eventbridge": ("_put_events",),
    "services.iam": ("_roles",),
    "services.lambda_svc": ("_emit_lambda_logs",),
    "services.s3": (
        "_buckets",
        "_delete_bucket",
        "_resolve_sse_write_headers",
        "_put_bucket_encryption",
        "_delete_bucket_encryption",
        "_put_bucket_lifecycle",
        "_delete_bucket_lifecycle",
        "_put_bucket_logging",
        "_bucket_logging_config",
        "_put_bucket_ownership_controls",
        "_delete_bucket_ownership_controls",
        "_put_bucket_tagging",
        "_delete_bucket_tagging",
    ),
    "services.ses": ("_sent_emails",),
    "services.sns": ("_topics",),
    "services.sts": (
        "is_root_access_key",
        "register_session",
        "_gen_session_access_key",
        "_gen_secret",
        "_gen_session_token",
        "_role_id",
    ),
}


class HookMovedError(PlatformError):
    """A private part of ministack isn't where it was."""


def private(module: str, name: str) -> Any:
    """`ministack.<module>.<name>`."""
    try:
        return getattr(import_module(f"ministack.{module}"), name)
    except (ImportError, AttributeError) as moved:
        raise HookMovedError(
            f"ministack.{module}.{name} is gone (ministack {version('ministack')}, written for "
            f"{MINISTACK}); mend platform/hooks.py before moving the pin"
        ) from moved


def _replace(module: str, name: str, value: object) -> Any:
    """Put our own in the place of a private part; the original comes back."""
    original = private(module, name)
    setattr(import_module(f"ministack.{module}"), name, value)
    return original


def check() -> None:
    """Refuse another ministack than the pinned one, and one whose parts have moved."""
    if version("ministack") != MINISTACK:
        raise HookMovedError(
            f"ministack {version('ministack')} is installed, {MINISTACK} is what hooks.py fits; "
            "install local/requirements.txt with its constraints"
        )
    for module, names in USED.items():
        for name in names:
            private(module, name)


def application() -> Any:
    """The gateway's ASGI application."""
    return private("app", "app")


# --- a service of our own --------------------------------------------------------------------------


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

    `resource_arn(operation, body, region, account)` names what a call touches; `condition_keys(body)`
    are the service's own.
    """
    private("core.iam_actions", "SERVICE_TO_IAM_NAMESPACE")[name] = name
    # Both are computed from botocore's model on first use, which would load a second copy of it.
    private("core.iam_actions", "_TAG_OPERATIONS")[name] = tag_operations
    private("core.iam_actions", "_UNSIGNED_OPERATIONS")[name] = frozenset()
    arn_of = private("core.iam_actions", "extract_resource_arn")
    context_of = private("core.iam_actions", "request_tag_context")
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

    _replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)
    _replace("core.iam_actions", "request_tag_context", request_tag_context)
    # A third copy of the model, only to learn the Content-Type that our handler sets itself.
    _replace(
        "core.responses", "_service_model", lambda asked: None if asked == name else model_of(asked)
    )


def caller_arn() -> str:
    """Who signed the request being served."""
    arn: str = private("core.iam_evaluator", "caller_arn")()
    return arn


def refusal_to_pass_role(
    headers: dict[str, str], query: dict[str, list[str]], *, role_arn: str, principal: str
) -> Response | None:
    """iam:PassRole of the caller, which ministack never asks for; an answer when it is refused."""
    key = private("core.router", "extract_access_key_id")(headers, query)
    denied = private("core.iam_evaluator", "enforce")(
        key,
        "iam:PassRole",
        "iam",
        "",  # IAM is global
        resource_arn=role_arn,
        service_context={"iam:PassedToService": principal},
    )
    if denied is None:
        return None
    answer: Response = private("core.iam_actions", "access_denied_response")(
        "sagemaker",
        "iam:PassRole",
        getattr(denied, "principal_arn", ""),
        "",
        headers=headers,
        resource_arn=role_arn,
        explicit_deny=getattr(denied, "decision", "") == "Deny",
    )
    return answer


async def off_the_loop(work: Callable[..., Any], *args: Any) -> Any:
    """Run work that calls the gateway again in a thread of its own, with the request's scope."""
    return await private("core.concurrency", "run_reentrant")(work, *args)


@contextmanager
def scope(account: str, region: str) -> Iterator[None]:
    """Every store is kept per account and region of the request; ours come from outside one."""
    with private("core.responses", "request_scope")(account, region):
        yield


# --- identity --------------------------------------------------------------------------------------


def trust_only_root_key(access_key_id: str) -> None:
    """Let nobody be root by signing as `test` or as an account number, as ministack allows.

    An empty key stays: ministack's services call each other without one.
    """

    def is_root_access_key(key: str) -> bool:
        return not key or key == access_key_id

    _replace("core.iam_evaluator", "is_root_access_key", is_root_access_key)
    _replace("services.sts", "is_root_access_key", is_root_access_key)  # imported by name there


def role(name: str) -> Mapping[str, Any] | None:
    """The stored role, with `Arn` and `AssumeRolePolicyDocument`."""
    found: Mapping[str, Any] | None = private("services.iam", "_roles").get(name)
    return found


def trusts(document: Mapping[str, object], *, caller: str, context: Any) -> bool:
    trusted: bool = private("core.iam_evaluator", "evaluate_trust_policy")(
        document, caller, context
    )
    return trusted


def evaluation_context(
    *,
    principal: str,
    principal_type: str,
    action: str,
    resource: str,
    region: str,
    keys: dict[str, str],
) -> Any:
    return private("core.iam_evaluator", "EvalContext")(
        principal_arn=principal,
        principal_type=principal_type,
        principal_account="",
        action=action,
        resource_arn=resource,
        region=region,
        service_context={name.lower(): value for name, value in keys.items()},
        source_ip="127.0.0.1",
        secure_transport=True,
    )


def role_allows(name: str, account: str, action: str, resource: str, region: str) -> bool:
    """Whether the role's own policies allow an action."""
    context = evaluation_context(
        principal=name,
        principal_type="AssumedRole",
        action=action,
        resource=resource,
        region=region,
        keys={},
    )
    policies = private("core.iam_evaluator", "_gather_role_policies")(name, account)
    decision: str = private("core.iam_evaluator", "evaluate")(context, policies).decision
    return decision == "Allow"


def start_session(
    *, role_arn: str, session_arn: str, account: str, name: str, expires: float
) -> dict[str, str]:
    """Temporary keys of a role without an AssumeRole call, which is how AWS's own services get theirs."""
    keys = {
        "access_key_id": private("services.sts", "_gen_session_access_key")(),
        "secret_access_key": private("services.sts", "_gen_secret")(),
        "session_token": private("services.sts", "_gen_session_token")(),
    }
    session = {
        "Arn": session_arn,
        "UserId": f"{private('services.sts', '_role_id')(role_arn)}:{name}",
        "SecretAccessKey": keys["secret_access_key"],
        "SessionToken": keys["session_token"],
        "Expiration": expires,
        "AccountId": account,
        "PrincipalType": "AssumedRole",
    }
    private("services.sts", "register_session")(keys["access_key_id"], session)
    return keys


# --- CloudFormation --------------------------------------------------------------------------------


def add_resource_type(
    name: str,
    *,
    create: Callable[..., Any],
    update: Callable[..., Any],
    delete: Callable[..., Any],
    create_only: Sequence[str],
    physical_name: str,
) -> None:
    """A resource type whose handlers may block and call the gateway."""
    private("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")[name] = {
        "create": create,
        "update": update,
        "delete": delete,
        "update_with_logical_id": True,
    }
    private("services.cloudformation.provisioners", "_REPLACING_PROPERTIES")[name] = tuple(
        create_only
    )
    # a custom name kept across a replacement is refused, as CloudFormation does
    private("services.cloudformation.provisioners", "_CUSTOM_NAME_REPLACEMENT")[name] = {
        "name": physical_name
    }
    private("services.cloudformation.provisioners", "_STACK_TAG_PROPERTY")[name] = ("Tags", "list")
    blocks = private("services.cloudformation.stacks", "_runs_on_worker_thread")
    _replace(
        "services.cloudformation.stacks",
        "_runs_on_worker_thread",
        lambda resource_type: resource_type == name or blocks(resource_type),
    )


def resource_handlers(name: str) -> dict[str, Any]:
    """The handlers of one of ministack's own resource types, to wrap them."""
    handlers: dict[str, Any] = private(
        "services.cloudformation.provisioners", "_RESOURCE_HANDLERS"
    )[name]
    return handlers


def carry_stack_tags(name: str) -> None:
    """Give a resource type the stack's tags; ministack lists only types it keeps tags for."""
    private("services.cloudformation.provisioners", "_STACK_TAG_PROPERTY")[name] = ("Tags", "list")


def add_bucket_configurations(entries: Sequence[tuple[str, Any, Any, Any]]) -> None:
    """(property, to_xml, put, delete) beyond the three a bucket takes from its template."""
    have = private("services.cloudformation.provisioners", "_S3_BUCKET_CONFIGURATIONS")
    _replace("services.cloudformation.provisioners", "_S3_BUCKET_CONFIGURATIONS", (*have, *entries))


# --- stores ----------------------------------------------------------------------------------------


def s3(name: str) -> Any:
    return private("services.s3", name)


def let_uploads_name_no_kms_key(default_key: Callable[[], str]) -> None:
    """`aws:kms` without a key means the service's key on S3; ministack refuses it."""
    resolve = private("services.s3", "_resolve_sse_write_headers")
    key_header = "x-amz-server-side-encryption-aws-kms-key-id"

    def resolve_sse_write_headers(headers: dict[str, str], bucket: str) -> Any:
        if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(key_header):
            headers = {**headers, key_header: default_key()}
        return resolve(headers, bucket)

    _replace("services.s3", "_resolve_sse_write_headers", resolve_sse_write_headers)


def topic_attributes(arn: str) -> dict[str, str]:
    attributes: dict[str, str] = private("services.sns", "_topics")[arn]["attributes"]
    return attributes


def keep_log_groups_deleted(region: str, account: str) -> None:
    """Make a function's log group only where its role may, so that a destroyed one stays away."""
    emit = private("services.lambda_svc", "_emit_lambda_logs")

    def emit_lambda_logs(function: Mapping[str, Any], *args: Any, **options: Any) -> None:
        config = function.get("config") or function
        named = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = named or f"/aws/lambda/{config.get('FunctionName', '')}"
        if group not in private("services.cloudwatch_logs", "_log_groups"):
            arn = f"arn:aws:logs:{region}:{account}:log-group:{group}"
            role_name = str(config.get("Role", "")).rpartition("/")[2]
            if not role_allows(role_name, account, "logs:CreateLogGroup", arn, region):
                return
        emit(function, *args, **options)

    _replace("services.lambda_svc", "_emit_lambda_logs", emit_lambda_logs)


def write_log(group: str, stream: str, message: str) -> None:
    """In-process, because the service logs for every task and a signed call costs milliseconds."""
    logs = "services.cloudwatch_logs"
    if group not in private(logs, "_log_groups"):
        private(logs, "_create_log_group")({"logGroupName": group})
    if stream not in private(logs, "_log_groups")[group]["streams"]:
        private(logs, "_create_log_stream")({"logGroupName": group, "logStreamName": stream})
    event = {"timestamp": int(time.time() * 1000), "message": message}
    private(logs, "_put_log_events")(
        {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}
    )


def put_aws_event(entry: Mapping[str, object]) -> None:
    """`aws.*` sources are refused to customers; services pass this flag."""
    status, _, body = private("services.eventbridge", "_put_events")(
        {"Entries": [entry]}, allow_aws_source=True
    )
    if status != 200 or b'"FailedEntryCount": 0' not in body:
        raise PlatformError(f"the event {entry.get('DetailType')!r} was refused: {body!r}")


def record_metric(
    namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]
) -> None:
    """`AWS/…` namespaces are closed to PutMetricData."""
    private("services.cloudwatch", "record_metric")(namespace, name, value, unit, dict(dimensions))


def sent_mails() -> list[dict[str, Any]]:
    """Everything SES and Cognito sent, oldest first; only an unsigned HTML-less path exists otherwise."""
    return copy.copy(private("services.ses", "_sent_emails").get("entries") or [])


# --- Cognito ---------------------------------------------------------------------------------------


def user_pool(pool_id: str) -> dict[str, Any] | None:
    pool: dict[str, Any] | None = private("services.cognito", "_user_pools").get(pool_id)
    return pool


def authorize(query: Mapping[str, str]) -> Response:
    """GET /oauth2/authorize: checks the client, its flows and its redirect address."""
    answer: Response = private("services.cognito", "handle_oauth2_authorize")(
        "GET", "/oauth2/authorize", {}, {name: [value] for name, value in query.items()}
    )
    return answer


def authenticate(
    pool: dict[str, Any], username: str, password: str
) -> tuple[dict[str, Any] | None, str]:
    """The hosted UI's own check of a password; its form can only be had as HTML."""
    found: tuple[dict[str, Any] | None, str] = private(
        "services.cognito", "_authenticate_hosted_ui_user"
    )(pool, username, password)
    return found


def password_problems(pool: dict[str, Any], password: str) -> list[str]:
    problems: list[str] = private("services.cognito", "_password_policy_errors")(pool, password)
    return problems


def confirm_password(user: dict[str, Any], password: str) -> None:
    """What the hosted UI's new-password form stores."""
    user["_password"] = password
    user["UserStatus"] = "CONFIRMED"
    user["UserLastModifiedDate"] = private("services.cognito", "_now_epoch")()


def attributes_of(user: Mapping[str, Any]) -> dict[str, str]:
    attributes: dict[str, str] = private("services.cognito", "_attr_list_to_dict")(
        user.get("Attributes", [])
    )
    return attributes


# --- functions' processes --------------------------------------------------------------------------


def stop_idle_functions(seconds: float) -> int:
    """End the processes of functions not used for so many seconds; returns how many.

    ministack keeps the first process of each function for ever, each with an SDK in its memory.
    """
    now = time.time()
    stopped = []
    workers = private("core.lambda_runtime", "_workers")
    with private("core.lambda_runtime", "_lock"):
        for key, pool in list(workers.items()):
            idle = [w for w in pool if not w.in_use and now - w.last_used > seconds]
            stopped.extend(idle)
            workers[key] = [worker for worker in pool if worker not in idle]
            if not workers[key]:
                del workers[key]
    private("core.lambda_runtime", "kill_workers")(stopped)
    return len(stopped)


def kill_functions() -> None:
    """The last resort, without waiting and without locks that a stuck thread may hold."""
    for pool in list(private("core.lambda_runtime", "_workers").values()):
        for worker in list(pool):
            if worker._proc is not None:
                worker._proc.kill()
