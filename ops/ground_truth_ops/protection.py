"""What keeps an environment from being destroyed by mistake, and how that is lifted on purpose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ground_truth_ops.deployment import DeployedStack, Deployment, StackKind, template_of
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from ground_truth_ops.aws import Clients

PROTECTED_BY = {
    StackKind.STORAGE: "storage.termination_protection = false",
    StackKind.ACCOUNT: "workforce.deletion_protection = false",
}


class ProtectionError(OpsError):
    """The environment is protected, or its protection could not be lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Protected stacks, and the user pool where that is protected, too."""

    environment: str
    stacks: tuple[DeployedStack, ...] = ()
    pool: str | None = None

    def __bool__(self) -> bool:
        return bool(self.stacks or self.pool)

    @property
    def lines(self) -> tuple[str, ...]:
        """Each protected thing, and by what."""
        found = [f"stack {stack.name} (termination protection)" for stack in self.stacks]
        return (*found, *([f"user pool {self.pool} (deletion protection)"] if self.pool else []))


def protection_of(clients: Clients, deployment: Deployment) -> Protection:
    """Look at every stack and at the pool the environment made."""
    pool = deployment.output(StackKind.ACCOUNT, "UserPoolId")
    return Protection(
        environment=deployment.environment,
        stacks=tuple(stack for stack in deployment.stacks if stack.protected),
        pool=pool if pool is not None and is_protected(clients, pool) else None,
    )


def refuse_protected(found: Protection) -> None:
    """Raise ProtectionError with both ways to lift it."""
    if not found:
        return
    kinds = {stack.kind for stack in found.stacks} | ({StackKind.ACCOUNT} if found.pool else set())
    keys = [key for kind, key in PROTECTED_BY.items() if kind in kinds]
    parts = " ".join(f"'GroundTruth/{kind}'" for kind in PROTECTED_BY if kind in kinds)
    environment = found.environment
    raise ProtectionError(
        f"environment {environment} is protected, and nothing was touched: it holds labels that "
        "cost money. To take it down on purpose, lift the protection in "
        f"environments/{environment}.toml ({', '.join(keys)}) and deploy that, then run this "
        "again; or say --protected, which lifts it stack by stack, after the export. Buckets and "
        "key that are retained stay all the same.",
        details=(*found.lines, f"cdk deploy {parts} -c env={environment}"),
    )


def is_protected(clients: Clients, pool: str) -> bool:
    """Whether Cognito would refuse to delete the pool; one that is gone protects nothing."""
    try:
        found = clients.cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return found.get("DeletionProtection") == "ACTIVE"


def lift_termination(cloudformation: CloudFormationClient, stack: DeployedStack) -> None:
    """Let CloudFormation delete the stack; nothing in it changes."""
    cloudformation.update_termination_protection(
        StackName=stack.stack_id, EnableTerminationProtection=False
    )


def lift_pool(clients: Clients, deployment: Deployment, pool: str) -> None:
    """Update the pool's stack with its deployed template and that one value changed.

    Not by UpdateUserPool, which sets whatever is left out to its default and refuses some of what
    DescribeUserPool answers: CloudFormation knows how.
    """
    (stack,) = deployment.of_kind(StackKind.ACCOUNT)
    cloudformation = clients.cloudformation
    template = template_of(cloudformation, stack.name)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Cognito::UserPool":
            resource["Properties"]["DeletionProtection"] = "INACTIVE"
    cloudformation.update_stack(
        StackName=stack.stack_id,
        TemplateBody=json.dumps(template, separators=(",", ":")),
        Parameters=[
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in template.get("Parameters", {})
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack.stack_id, WaiterConfig={"Delay": 2, "MaxAttempts": 300}
    )
    if is_protected(clients, pool):
        raise ProtectionError(
            f"user pool {pool} is still protected after stack {stack.name} was updated; switch "
            "its deletion protection off in the Cognito console and run this again"
        )
