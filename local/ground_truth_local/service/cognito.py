"""What the service demands of Cognito, and what it writes there (ground-truth.md 4.1 to 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth_local.service.errors import validation

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context


def require_pool(context: Context, user_pool: str, client_id: str) -> None:
    """4.2: the pool exists and has a domain; the client exists and has a secret."""
    cognito = context.platform.client("cognito-idp")
    try:
        pool = cognito.describe_user_pool(UserPoolId=user_pool)["UserPool"]
    except ClientError as error:
        raise validation(f"The user pool {user_pool} does not exist: {_text(error)}") from error
    if not (pool.get("Domain") or pool.get("CustomDomain")):
        raise validation(
            f"The user pool {user_pool} has no domain. User pools require a domain and an "
            "existing user group"
        )
    if not _client(cognito, user_pool, client_id).get("ClientSecret"):
        raise validation(
            f"The app client {client_id} of user pool {user_pool} has no client secret. "
            "Create an app client with a generated secret"
        )


def require_group(context: Context, user_pool: str, group: str) -> None:
    """4.2: the group of a team exists when the team is created."""
    cognito = context.platform.client("cognito-idp")
    try:
        cognito.get_group(UserPoolId=user_pool, GroupName=group)
    except ClientError as error:
        raise validation(
            f"The user group {group} does not exist in user pool {user_pool}: {_text(error)}"
        ) from error


def register_portal(context: Context, user_pool: str, client_id: str) -> None:
    """4.3: write the portal's callback and logout URL into the app client.

    Whether AWS keeps other URLs is not known (12); the stricter reading replaces them. Every other
    attribute is sent back as it was read, since an attribute left out falls to its default (4.4).
    """
    cognito = context.platform.client("cognito-idp")
    known = _client(cognito, user_pool, client_id)
    accepted = cognito.meta.service_model.operation_model("UpdateUserPoolClient").input_shape
    wanted = {name: value for name, value in known.items() if name in accepted.members}
    wanted["CallbackURLs"] = [f"{context.portal_url}/oauth2/idpresponse"]
    wanted["LogoutURLs"] = [f"{context.portal_url}/logout"]
    wanted["AllowedOAuthFlowsUserPoolClient"] = True
    for name, default in _OAUTH.items():
        wanted[name] = wanted.get(name) or default
    try:
        cognito.update_user_pool_client(**wanted)
    except ClientError as error:
        raise validation(
            f"Could not update app client {client_id} of user pool {user_pool}: {_text(error)}"
        ) from error


# 4.2: clients made without any OAuth setting work, so the service fills these in
_OAUTH = {
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["email", "openid", "profile"],
    "SupportedIdentityProviders": ["COGNITO"],
}


def _client(cognito: Any, user_pool: str, client_id: str) -> dict[str, Any]:
    try:
        answer = cognito.describe_user_pool_client(UserPoolId=user_pool, ClientId=client_id)
    except ClientError as error:
        raise validation(
            f"The app client {client_id} does not exist in user pool {user_pool}: {_text(error)}"
        ) from error
    return dict(answer["UserPoolClient"])


def _text(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", error))
