"""Signing in as the pool's hosted UI does it, for an app client with a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ground_truth_local.platform.hooks import identity
from ground_truth_local.platform.port import (
    Identity,
    PasswordPolicyError,
    RedirectMismatchError,
    SignInError,
    SignInResult,
    WrongPasswordError,
)

_DAY = 86_400.0


def sign_in(
    *,
    user_pool_id: str,
    client_id: str,
    username: str,
    password: str,
    new_password: str | None,
    redirect_uri: str,
    now: float,
    region: str,
) -> SignInResult:
    """See `Platform.sign_in`; runs in the account's scope."""
    pool = identity.user_pool(user_pool_id)
    if pool is None:
        raise SignInError("ResourceNotFoundException", f"There is no user pool {user_pool_id}.")
    _check_redirect(client_id, redirect_uri)
    user, problem = identity.authenticate(pool, username, password)
    if user is None:
        raise WrongPasswordError("NotAuthorizedException", problem)
    if user["UserStatus"] == "FORCE_CHANGE_PASSWORD":
        _check_not_expired(pool, user, now)
        if new_password is None:
            return SignInResult(challenge="NEW_PASSWORD_REQUIRED")
        problems = identity.password_problems(pool, new_password)
        if problems:
            raise PasswordPolicyError("InvalidPasswordException", "; ".join(problems) + ".")
        identity.confirm_password(user, new_password)
    if pool.get("MfaConfiguration") == "ON":
        # Better than letting people in by half of what the pool asks for.
        raise SignInError(
            "MFAMethodNotFoundException",
            "The user pool requires a second factor, which local sign-in does not offer; "
            'set mfa = "off" or "optional" for this environment.',
        )
    return SignInResult(identity=_identity(pool, user, client_id, region))


def _check_redirect(client_id: str, redirect_uri: str) -> None:
    query = {"client_id": client_id, "response_type": "code", "redirect_uri": redirect_uri}
    status, _, body = identity.authorize(query)
    if status == 200:
        return
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    text = str(problem.get("error_description") or problem.get("error") or body)
    if "redirect_uri" in text:
        raise RedirectMismatchError("redirect_mismatch", text)
    raise SignInError(str(problem.get("error", "invalid_request")), text)


def _check_not_expired(pool: Mapping[str, Any], user: Mapping[str, Any], now: float) -> None:
    """Temporary passwords run out, which ministack doesn't know (TemporaryPasswordValidityDays)."""
    policy = pool.get("Policies", {}).get("PasswordPolicy", {})
    days = float(policy.get("TemporaryPasswordValidityDays") or 7)
    if now - float(user["UserLastModifiedDate"]) > days * _DAY:
        raise WrongPasswordError(
            "NotAuthorizedException",
            "Temporary password has expired and must be reset by an administrator.",
        )


def _identity(
    pool: Mapping[str, Any], user: Mapping[str, Any], client_id: str, region: str
) -> Identity:
    attributes = identity.attributes_of(user)
    pool_id = str(pool["Id"])
    return Identity(
        sub=attributes["sub"],
        username=str(user["Username"]),
        email=attributes.get("email", ""),
        issuer=f"https://cognito-idp.{region}.amazonaws.com/{pool_id}",
        user_pool_id=pool_id,
        client_id=client_id,
        groups=tuple(user.get("_groups", ())),
    )
