"""Once per environment, by an administrator: the roles of pipelines, and who may take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import (
    Aws,
    CfnOutput,
    Duration,
    Environment,
    LegacyStackSynthesizer,
    PermissionsBoundary,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_iam as iam

from ground_truth_cdk.grants import Grant, permissions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import Construct

    from stacks.delivery_file import Delivered, GitHub
    from stacks.environment import EnvironmentFile

ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
PATH: Final = "/ground-truth/delivery/"

EVERYTHING = (
    "these calls list, or ask about the account: the service authorization reference names no"
    " resource for them"
)
MADE_UP = (
    "held to what begins like the environment's own names, or to a kind of resource whose names"
    " the service makes up; what it is about exists only after a deployment"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRole:
    """A role that one kind of job takes, in one environment of the repository.

    `suffix` follows the environment's name there; `variable` is how the workflows call the ARN.
    """

    key: str
    suffix: str
    variable: str
    hours: int

    def environment(self, name: str) -> str:
        return f"{name}{self.suffix}"


ROLES: Final = (
    PipelineRole(key="Review", suffix="-review", variable="REVIEW_ROLE_ARN", hours=1),
    # deployments and removals wait for jobs, and a session that ends before leaves them half-way
    PipelineRole(key="Deploy", suffix="", variable="DEPLOY_ROLE_ARN", hours=2),
    PipelineRole(key="Destroy", suffix="-destroy", variable="DESTROY_ROLE_ARN", hours=2),
)


class DeliveryStack(Stack):
    """GitHub's provider and three roles; `policies` are documents by a role's key.

    Needs no bootstrap: the administrator's own rights deploy it, because CloudFormation's can't be
    allowed to make roles for others.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        name: str,
        settings: EnvironmentFile,
        github: GitHub,
        delivered: Delivered,
        policies: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> None:
        super().__init__(
            scope,
            "Delivery",
            stack_name=f"GroundTruthDelivery-{name}",
            env=Environment(account=settings.account, region=settings.region),
            description=f"Ground Truth: what pipelines may do with {name}",
            synthesizer=LegacyStackSynthesizer(),
            permissions_boundary=(
                PermissionsBoundary.from_name(settings.permissions_boundary)
                if settings.permissions_boundary
                else None
            ),
        )
        provider = self._provider(delivered)
        for kind in ROLES:
            subject = github.subject(kind.environment(name))
            role = iam.Role(
                self,
                kind.key,
                role_name=f"GroundTruthDelivery-{name}-{kind.key.lower()}",
                path=PATH,
                description=f"For jobs of {subject}",
                assumed_by=_jobs_of(provider, subject),
                max_session_duration=Duration.hours(kind.hours),
            )
            for number, document in enumerate(policies[kind.key], start=1):
                permissions_of(
                    self,
                    f"{kind.key}Permissions{number}",
                    role=role,
                    grants=_grants(document),
                )
            where = kind.environment(name)
            CfnOutput(
                self,
                f"{kind.key}RoleArn",
                value=role.role_arn,
                description=f"Variable {kind.variable} of the repository's environment {where}",
            )

    def _provider(self, delivered: Delivered) -> str:
        if delivered.provider == "adopt":
            return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}"
        provider = iam.CfnOIDCProvider(
            self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE]
        )
        # others of the account may trust it, too
        provider.apply_removal_policy(RemovalPolicy.RETAIN)
        return provider.attr_arn


def _jobs_of(provider: str, subject: str) -> iam.FederatedPrincipal:
    """Whoever GitHub says is a job of exactly this repository and environment."""
    return iam.FederatedPrincipal(
        provider,
        {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
        "sts:AssumeRoleWithWebIdentity",
    )


def _grants(document: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in document["Statement"]:
        resources = statement["Resource"]
        yield Grant(
            actions=statement["Action"],
            resources=resources,
            conditions=statement.get("Condition", {}),
            wildcard=EVERYTHING if resources == ["*"] else MADE_UP,
        )
