"""Who is who: the root key, roles and their sessions, the people of a user pool."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform.hooks import denials
from ground_truth_local.platform.hooks.private import Parts, private, replace

if TYPE_CHECKING:
    from ground_truth_local.platform.hooks.services import Response

PARTS: Parts = {
    "core.iam_evaluator": (
        "is_root_access_key",
        "evaluate_trust_policy",
        "evaluate",
        "EvalContext",
        "_gather_role_policies",
        "_permissions_boundary",
    ),
    "services.iam": ("_roles",),
    "services.sts": (
        "is_root_access_key",
        "register_session",
        "_gen_session_access_key",
        "_gen_secret",
        "_gen_session_token",
        "_role_id",
    ),
    "services.cognito": (
        "_user_pools",
        "_attr_list_to_dict",
        "_authenticate_hosted_ui_user",
        "_password_policy_errors",
        "_now_epoch",
        "_generate_temp_password",
        "_create_user_pool_client",
        "_describe_user_pool_client",
        "_update_user_pool_client",
        "_admin_create_user",
        "_admin_update_user_attributes",
        "_ensure_schema_attributes",
        "error_response_json",
        "handle_oauth2_authorize",
    ),
    "services.cloudformation.provisioners": ("_COGNITO_USER_POOL_CLIENT_UPDATABLE",),
}


def trust_only_root_key(access_key_id: str) -> None:
    """Let nobody be root by signing as `test` or as an account number, as ministack allows.

    An empty key stays root: ministack's services call each other without one.
    """

    def is_root_access_key(key: str) -> bool:
        return not key or key == access_key_id

    replace("core.iam_evaluator", "is_root_access_key", is_root_access_key)
    replace("services.sts", "is_root_access_key", is_root_access_key)  # imported by name there


def role(name: str) -> Mapping[str, Any] | None:
    """The stored role, with `Arn` and `AssumeRolePolicyDocument`."""
    found: Mapping[str, Any] | None = private("services.iam", "_roles").get(name)
    return found


def trusts(document: Mapping[str, object], *, caller: str, context: Any) -> bool:
    """Whether a trust policy lets `caller` in; the public AssumeRole serves no service."""
    verdict = private("core.iam_evaluator", "evaluate_trust_policy")(document, caller, context)
    return bool(verdict)


def evaluation_context(
    *,
    principal: str,
    principal_type: str,
    action: str,
    resource: str,
    region: str,
    keys: Mapping[str, str],
) -> Any:
    """What a policy is evaluated against, as if the request had come by TLS from this machine."""
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


def role_allows(
    session_arn: str, *, action: str, resource: str, region: str, keys: Mapping[str, str]
) -> bool:
    """Whether the policies and the boundary of a session's role allow what is done in its name.

    For what ministack does by itself, without a call that would be evaluated; a refusal is
    recorded like those of calls.
    """
    account, name = session_arn.split(":")[4], session_arn.split("/")[1]
    context = evaluation_context(
        principal=session_arn,
        principal_type="AssumedRole",
        action=action,
        resource=resource,
        region=region,
        keys=keys,
    )
    policies = private("core.iam_evaluator", "_gather_role_policies")(name, account)
    roles = private("services.iam", "_roles")
    limits = private("core.iam_evaluator", "_permissions_boundary")(roles, name, account)
    decision: str = private("core.iam_evaluator", "evaluate")(context, policies, *limits).decision
    if decision != "Allow":
        denials.add(action, session_arn, resource, region)
    return decision == "Allow"


def start_session(
    *, role_arn: str, session_arn: str, account: str, name: str, expires: float
) -> dict[str, str]:
    """Temporary keys of a role without an AssumeRole call, as AWS's own services get theirs."""
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


def user_pool(pool_id: str) -> dict[str, Any] | None:
    """The stored pool; its people's passwords and status can be read nowhere else."""
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
    """The hosted UI's own check of a password: the user, or why not; its form is HTML only."""
    found: tuple[dict[str, Any] | None, str] = private(
        "services.cognito", "_authenticate_hosted_ui_user"
    )(pool, username, password)
    return found


def password_problems(pool: dict[str, Any], password: str) -> list[str]:
    """What the pool's policy has against a password."""
    problems: list[str] = private("services.cognito", "_password_policy_errors")(pool, password)
    return problems


def confirm_password(user: dict[str, Any], password: str) -> None:
    """What the hosted UI's new-password form stores."""
    user["_password"] = password
    user["UserStatus"] = "CONFIRMED"
    user["UserLastModifiedDate"] = private("services.cognito", "_now_epoch")()


def draw_temporary_passwords(draw: Callable[[], str]) -> None:
    """Temporary passwords of invited people; ministack's hold characters that HTML changes."""
    replace("services.cognito", "_generate_temp_password", draw)


def leave_out_unset_client_fields(names: Collection[str]) -> None:
    """Answer without fields that were never set; ministack gives them as "", which no call takes.

    A client that is read and written back, as SageMaker does with it, would be refused.
    """
    for operation in ("create", "describe", "update"):
        name = f"_{operation}_user_pool_client"
        replace("services.cognito", name, _without_unset(private("services.cognito", name), names))


def _without_unset(call: Callable[[Any], Response], names: Collection[str]) -> Any:
    def answer(data: Any) -> Response:
        status, headers, body = call(data)
        answered = json.loads(body)
        client = answered.get("UserPoolClient", {})
        for name in names:
            if client.get(name) == "":
                del client[name]
        return status, headers, json.dumps(answered).encode()

    return answer


def reset_unsent_client_fields() -> None:
    """Let UpdateUserPoolClient set what isn't sent to its default; ministack keeps it.

    So it is documented (UpdateUserPoolClient), and so a template's client loses the addresses that
    SageMaker wrote into it. The name, which a client can't be without, stays.
    """
    update = private("services.cognito", "_update_user_pool_client")
    table = "_COGNITO_USER_POOL_CLIENT_UPDATABLE"
    defaults = dict(private("services.cloudformation.provisioners", table))
    del defaults["ClientName"]

    def update_all(data: Mapping[str, Any]) -> Response:
        answer: Response = update({**copy.deepcopy(defaults), **data})
        return answer

    replace("services.cognito", "_update_user_pool_client", update_all)


def refuse_unknown_attributes() -> None:
    """Refuse attributes of a person that the pool's schema doesn't have, as Cognito does."""
    for name in ("_admin_create_user", "_admin_update_user_attributes"):
        replace("services.cognito", name, _with_known_attributes(private("services.cognito", name)))


def _with_known_attributes(call: Callable[[Any], Response]) -> Any:
    def answer(data: Any) -> Response:
        pool = user_pool(str(data.get("UserPoolId")))
        if pool is not None:
            schema = private("services.cognito", "_ensure_schema_attributes")(pool)
            known = {attribute["Name"] for attribute in schema["SchemaAttributes"]}
            given = {attribute["Name"] for attribute in data.get("UserAttributes", [])}
            if unknown := sorted(given - known):
                refused: Response = private("services.cognito", "error_response_json")(
                    "InvalidParameterException",
                    f"Attributes did not conform to the schema: {unknown[0]}: Attribute does not "
                    "exist in the schema.\n",
                    400,
                )
                return refused
        return call(data)

    return answer


def attributes_of(user: Mapping[str, Any]) -> dict[str, str]:
    """A user's attributes by name."""
    attributes: dict[str, str] = private("services.cognito", "_attr_list_to_dict")(
        user.get("Attributes", [])
    )
    return attributes
