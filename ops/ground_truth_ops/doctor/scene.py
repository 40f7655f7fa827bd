"""What several checks look at, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ground_truth_ops.deployer.bootstrap import Bootstrap
from ground_truth_ops.deployment import Deployment, StackKind, find_deployment
from ground_truth_ops.status import CampaignStatus, read_status

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.project import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Where a private work team's people are."""

    pool: str
    group: str
    client: str


class Scene:
    """An environment and its account; what is read is read at first use, and may raise then."""

    def __init__(self, target: Target, *, now: datetime | None = None) -> None:
        self.target = target
        self.now = now or datetime.now(UTC)

    @property
    def clients(self) -> Clients:
        return self.target.clients

    @property
    def environment(self) -> str:
        return self.target.environment

    @property
    def file(self) -> str:
        """The environment file, as a person would open it."""
        return self.target.project.environment.file

    @property
    def bootstrap(self) -> Bootstrap:
        """The CDK's bootstrap that the environment is deployed with."""
        return Bootstrap.of(self.target.project.environment.settings)

    @cached_property
    def deployment(self) -> Deployment:
        return find_deployment(self.clients.cloudformation, self.environment)

    @cached_property
    def campaigns(self) -> tuple[CampaignStatus, ...]:
        return read_status(self.target).campaigns

    @cached_property
    def workforce(self) -> dict[str, Any] | None:
        """The one private workforce of the region, whoever made it; vendors' are left out."""
        for page in self.clients.sagemaker.get_paginator("list_workforces").paginate():
            for item in page["Workforces"]:
                if "CognitoConfig" in item or "OidcConfig" in item:
                    return dict(item)
        return None

    @cached_property
    def workteam(self) -> dict[str, Any] | None:
        """The environment's team as deployed, or as named in the file."""
        named = self.target.project.environment.settings.team.workteam_arn
        name = self.deployment.output(StackKind.TEAM, "WorkteamName")
        if name is None and named is None:
            return None
        name = name or str(named).rpartition("/")[2]
        return dict(self.clients.sagemaker.describe_workteam(WorkteamName=name)["Workteam"])

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The team's groups; none for a vendor's or an OIDC team, which have no pool."""
        found = (self.workteam or {}).get("MemberDefinitions", [])
        return tuple(
            Member(
                pool=each["CognitoMemberDefinition"]["UserPool"],
                group=each["CognitoMemberDefinition"]["UserGroup"],
                client=each["CognitoMemberDefinition"]["ClientId"],
            )
            for each in found
            if "CognitoMemberDefinition" in each
        )
