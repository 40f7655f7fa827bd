"""E-mail addresses of people, for whoever asks: Ground Truth itself names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ground_truth_ops.deployment import StackKind, find_deployment
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from ground_truth_ops.crowd.report import JobReport
    from ground_truth_ops.project import Target


class PeopleError(OpsError):
    """There is no user pool to ask."""


def with_emails(report: JobReport, target: Target | None) -> JobReport:
    """The report with the address of everybody who is still in the user pool."""
    if target is None:
        raise PeopleError("an export holds no e-mail addresses; leave --emails or --from out")
    workforce = target.project.environment.settings.workforce
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    pool = workforce.user_pool_id or deployment.output(StackKind.ACCOUNT, "UserPoolId")
    if pool is None:
        raise PeopleError(
            f"environment {target.environment} has no user pool: it signs in with another "
            "provider, or its Account stack is gone; leave --emails out"
        )
    found = emails(target.clients.cognito, pool)
    workers = [replace(each, email=found.get(each.sub or "")) for each in report.workers]
    return replace(report, workers=workers)


def emails(cognito: CognitoIdentityProviderClient, pool: str) -> Mapping[str, str]:
    """E-mail addresses by `sub`, of everybody in a pool who has both."""
    found = {}
    for page in cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        for user in page["Users"]:
            values = {item["Name"]: item.get("Value", "") for item in user["Attributes"]}
            if values.get("sub") and values.get("email"):
                found[values["sub"]] = values["email"]
    return found
