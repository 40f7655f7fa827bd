"""A workforce stays while others use it: their teams and people would go with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth import names
from ground_truth_functions.aws import client
from ground_truth_functions.workforce_facts import deployed_stack

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_sagemaker.client import SageMakerClient

    from ground_truth_functions.custom_resource import Request

_SHOWN = 5
_OWNER = f"custom:{names.OWNER_ATTRIBUTE}"


class WorkforceInUseError(RuntimeError):
    """Deleting the workforce would take away what others have made."""


def refuse_while_used(request: Request) -> None:
    """Raise WorkforceInUseError naming teams and groups, and counting people, of others.

    Our own team and group are gone by now: their stack goes first. Only a stack that is deleted is
    asked; one that drops this resource, or rolls back its creation, is not.
    """
    stack = deployed_stack(client("cloudformation"), request.stack_id)
    if stack.status != "DELETE_IN_PROGRESS":
        return
    name = request.text("WorkforceName")
    pool_id = str(request.properties.get("UserPoolId", ""))
    users = [_listed("work team", list(_teams(client("sagemaker"), name, pool_id)))]
    if pool_id:
        users += _in_pool(client("cognito-idp"), pool_id)
    used_by = "; ".join(filter(None, users))
    if used_by:
        raise WorkforceInUseError(
            f"workforce {name} is still used by others: {used_by}. Nothing was deleted. Destroy "
            "the environments they belong to first, or remove them where they were made, then "
            "delete this stack again"
        )


def _teams(sagemaker: SageMakerClient, workforce: str, pool_id: str) -> Iterator[str]:
    for page in sagemaker.get_paginator("list_workteams").paginate():
        for team in page["Workteams"]:
            pools = {
                member["CognitoMemberDefinition"]["UserPool"]
                for member in team["MemberDefinitions"]
                if "CognitoMemberDefinition" in member
            }
            if team.get("WorkforceArn", "").endswith(f"/{workforce}") or pool_id in pools:
                yield team["WorkteamName"]


def _in_pool(cognito: CognitoIdentityProviderClient, pool_id: str) -> list[str]:
    try:
        groups = [
            group["GroupName"]
            for page in cognito.get_paginator("list_groups").paginate(UserPoolId=pool_id)
            for group in page["Groups"]
        ]
        people = _people_of_others(cognito, pool_id)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":  # the pool is gone
            return []
        raise
    # how many, not who: CloudFormation keeps this text
    counted = f"{people} enabled people whom no environment has made" if people else ""
    return [_listed(f"group of user pool {pool_id}", groups), counted]


def _people_of_others(cognito: CognitoIdentityProviderClient, pool_id: str) -> int:
    pages = cognito.get_paginator("list_users").paginate(UserPoolId=pool_id)
    return sum(
        user["Enabled"]
        and not any(a["Name"] == _OWNER and a.get("Value") for a in user["Attributes"])
        for page in pages
        for user in page["Users"]
    )


def _listed(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{what} {', '.join(names[:_SHOWN])}{more}"
