"""Who outside an environment uses what it is about to take away.

References between stacks are weak: CloudFormation lets a producer go under its consumers, so we
look ourselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth_ops.deployment import Deployment, StackKind

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth_ops.aws import Clients

BOOTSTRAP_STACK = "CDKToolkit"


def find_consumers(clients: Clients, deployment: Deployment) -> tuple[str, ...]:
    """One sentence per stack, import or work team that would lose something."""
    return (
        *_references(clients.cloudformation, deployment),
        *_imports(clients.cloudformation, deployment),
        *_teams(clients, deployment),
    )


def _references(cloudformation: CloudFormationClient, deployment: Deployment) -> Iterator[str]:
    names = [stack.name for stack in deployment.stacks]
    for other in deployment.others:
        if other == BOOTSTRAP_STACK:
            continue
        body: object = cloudformation.get_template(StackName=other)["TemplateBody"]
        text = body if isinstance(body, str) else json.dumps(body)
        for name in names if "GetStackOutput" in text else ():
            if f'"{name}"' in text or f"{name}\n" in text or f"'{name}'" in text:
                yield f"stack {other} reads outputs of {name}"


def _imports(cloudformation: CloudFormationClient, deployment: Deployment) -> Iterator[str]:
    names = {stack.name for stack in deployment.stacks}
    for stack in deployment.stacks:
        for export in stack.exports:
            try:
                found = cloudformation.list_imports(ExportName=export)["Imports"]
            except ClientError as error:
                if "not imported" in str(error):
                    continue
                raise
            yield from (
                f"stack {i} imports {export} of {stack.name}" for i in found if i not in names
            )


def _teams(clients: Clients, deployment: Deployment) -> Iterator[str]:
    """Teams of others on the workforce that goes with the Account stack.

    Theirs couldn't sign in any more.
    """
    workforce = deployment.output(StackKind.ACCOUNT, "WorkforceName")
    own = deployment.output(StackKind.TEAM, "WorkteamName")
    if workforce is None:
        return
    for page in clients.sagemaker.get_paginator("list_workteams").paginate():
        for team in page["Workteams"]:
            arn = team.get("WorkforceArn", "")
            if arn.rsplit("/", 1)[-1] == workforce and team["WorkteamName"] != own:
                yield f"work team {team['WorkteamName']} belongs to workforce {workforce}"
