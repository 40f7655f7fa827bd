"""Roles as a service assumes them: by trust policy alone, with the service's source conditions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from ground_truth_local.platform.hooks import identity, services
from ground_truth_local.platform.port import Credentials, RoleNotAssumableError

SESSION = timedelta(hours=1)
SESSION_NAME = "SageMaker"


def assume(
    role_arn: str, service_principal: str, *, account: str, region: str, source_arn: str | None
) -> Credentials:
    """Credentials of the role for an hour, or RoleNotAssumableError with the reason."""
    with services.scope(account, region):
        name = role_arn.rpartition("/")[2]
        role = identity.role(name)
        if role is None or role.get("Arn") != role_arn:
            raise RoleNotAssumableError(role_arn, service_principal, "the role does not exist")
        document = _document(role.get("AssumeRolePolicyDocument"))
        context = identity.evaluation_context(
            principal=service_principal,
            principal_type="AWSService",
            action="sts:AssumeRole",
            resource=role_arn,
            region=region,
            keys={
                "aws:SourceAccount": account,
                **({"aws:SourceArn": source_arn} if source_arn else {}),
            },
        )
        seen = _as_seen_by(document, service_principal)
        if not identity.trusts(seen, caller=service_principal, context=context):
            raise RoleNotAssumableError(
                role_arn, service_principal, "its trust policy does not allow the service"
            )
        return _session(role_arn, name, account)


def _session(role_arn: str, name: str, account: str) -> Credentials:
    expiration = datetime.now(UTC) + SESSION
    partition = role_arn.split(":")[1]
    keys = identity.start_session(
        role_arn=role_arn,
        session_arn=f"arn:{partition}:sts::{account}:assumed-role/{name}/{SESSION_NAME}",
        account=account,
        name=SESSION_NAME,
        expires=expiration.timestamp(),
    )
    return Credentials(**keys, expiration=expiration, role_arn=role_arn)


def _document(stored: object) -> Mapping[str, object]:
    """The trust policy, which IAM keeps as JSON, URL-encoded or as it came."""
    if isinstance(stored, Mapping):
        return stored
    parsed = json.loads(unquote(str(stored or "{}")))
    return parsed if isinstance(parsed, Mapping) else {}


def _as_seen_by(document: Mapping[str, object], principal: str) -> dict[str, object]:
    """The statements that concern a service, rewritten so that the evaluator applies them to it.

    ministack's evaluator lets a Service principal match root only. Statements for other principals
    go; a Deny for everyone stays.
    """
    statements = document.get("Statement") or []
    listed = statements if isinstance(statements, list) else [statements]
    return {
        "Version": document.get("Version", "2012-10-17"),
        "Statement": [
            {**statement, "Principal": "*"}
            for statement in listed
            if isinstance(statement, Mapping) and _concerns(statement, principal)
        ],
    }


def _concerns(statement: Mapping[str, object], principal: str) -> bool:
    named = statement.get("Principal")
    if named == "*":
        return statement.get("Effect") == "Deny"
    if not isinstance(named, Mapping):
        return False
    services = named.get("Service") or []
    return principal in ([services] if isinstance(services, str) else services)
