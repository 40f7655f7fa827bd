"""Environments and accounts made to measure for the doctor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from ground_truth_ops.deployment import DeployedStack, Deployment, StackKind
from ground_truth_ops.doctor.scene import Scene
from ground_truth_ops.project import Target, load_project
from stacks.chains import Base

if TYPE_CHECKING:
    from ground_truth_ops.status import CampaignStatus

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = "123456789012"
POOL = "us-east-1_pool"
TEAM = {
    "WorkteamName": "dev-labelers",
    "MemberDefinitions": [
        {
            "CognitoMemberDefinition": {
                "UserPool": POOL,
                "UserGroup": "dev-labelers",
                "ClientId": "client",
            }
        }
    ],
}


class Service:
    """A client: what each operation answers, raises, or computes from its parameters."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.meta = SimpleNamespace(endpoint_url="https://api.example.com")

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            answer = self._answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(**parameters) if callable(answer) else answer

        return call

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(
            paginate=lambda **parameters: [getattr(self, operation)(**parameters)]
        )


def refusal(code: str, message: str = "refused", operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def target(**services: Any) -> Target:
    """The shipped environment dev in an account of these services."""
    named = {"ssm": services.pop("ssm", None), "tagging": services.pop("tagging", None)}
    clients = SimpleNamespace(
        region="us-east-1",
        named=lambda name: named["tagging" if name == "resourcegroupstaggingapi" else name],
        **services,
    )
    project = load_project(ROOT, "dev")
    return Target(project=project, clients=cast("Any", clients), variables={})


def scene(
    *stacks: DeployedStack, campaigns: tuple[CampaignStatus, ...] = (), **services: Any
) -> Scene:
    """What a check is given, with these stacks deployed."""
    found = Scene(target(**services), now=NOW)
    found.__dict__["deployment"] = Deployment(environment="dev", stacks=stacks, others=())
    found.__dict__["campaigns"] = campaigns
    return found


def with_settings(found: Scene, **changes: Any) -> Scene:
    """The same scene with other tables in the environment file."""
    environment = found.target.project.environment
    tables = {
        name: getattr(environment.settings, name).model_copy(update=values)
        if isinstance(values, dict)
        else values
        for name, values in changes.items()
    }
    settings = environment.settings.model_copy(update=tables)
    object.__setattr__(environment, "settings", settings)
    return found


def with_base(found: Scene, name: str, base: str) -> Scene:
    """The same scene with one campaign based on another."""
    project = found.target.project
    campaigns = {campaign.name: campaign for campaign in project.campaigns}
    settings = campaigns[base].settings
    link = Base(name=base, settings=settings, prefix=settings.dataset.prefix, references=())
    campaigns[name] = replace(campaigns[name], base=link)
    object.__setattr__(project, "campaigns", tuple(campaigns.values()))
    return found


def stack(kind: StackKind, *, status: str = "CREATE_COMPLETE", **outputs: str) -> DeployedStack:
    return named_stack(f"GroundTruth-dev-{kind}", kind, status=status, outputs=outputs)


def labeling(campaign: str, *, status: str = "CREATE_COMPLETE") -> DeployedStack:
    name = f"GroundTruth-dev-Labeling-{campaign}"
    return named_stack(name, StackKind.LABELING, status=status, campaign=campaign)


def named_stack(
    name: str,
    kind: StackKind,
    *,
    status: str,
    campaign: str | None = None,
    outputs: dict[str, str] | None = None,
) -> DeployedStack:
    return DeployedStack(
        name=name,
        stack_id=f"id-of-{name}",
        kind=kind,
        campaign=campaign,
        status=status,
        outputs=outputs or {},
        exports=(),
        protected=False,
    )
