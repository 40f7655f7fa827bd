"""The stacks of an environment as CloudFormation has them, whatever the files say today."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ground_truth.names import TAG_ENVIRONMENT, stack_name
from ground_truth_ops.aws import tag_map

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class StackKind(StrEnum):
    """In the order they may go: consumers before what they consume."""

    LABELING = "Labeling"
    TEAM = "Team"
    STORAGE = "Storage"
    ACCOUNT = "Account"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    name: str
    stack_id: str
    kind: StackKind
    campaign: str | None
    status: str
    outputs: Mapping[str, str]
    exports: tuple[str, ...]
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    logical_id: str
    physical_id: str
    type: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """An environment's stacks in the order they may go, and the names of all other stacks."""

    environment: str
    stacks: tuple[DeployedStack, ...]
    others: tuple[str, ...]

    def of_kind(self, kind: StackKind) -> tuple[DeployedStack, ...]:
        return tuple(stack for stack in self.stacks if stack.kind is kind)

    def output(self, kind: StackKind, key: str) -> str | None:
        return next((s.outputs[key] for s in self.of_kind(kind) if key in s.outputs), None)

    @property
    def portal_url(self) -> str | None:
        return self.output(StackKind.TEAM, "PortalUrl") or self.output(
            StackKind.ACCOUNT, "PortalUrl"
        )

    def labeling(self, campaign: str) -> DeployedStack | None:
        return next((s for s in self.stacks if s.campaign == campaign), None)


def find_deployment(cloudformation: CloudFormationClient, environment: str) -> Deployment:
    """Every stack that has not been deleted, sorted out by name.

    A foreign environment tag disowns it.
    """
    ours: list[DeployedStack] = []
    others: list[str] = []
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for description in page["Stacks"]:
            stack = _stack(dict(description), environment)
            if stack is None:
                others.append(description["StackName"])
            else:
                ours.append(stack)
    order = list(StackKind)
    ours.sort(key=lambda stack: (order.index(stack.kind), stack.name))
    return Deployment(environment=environment, stacks=tuple(ours), others=tuple(sorted(others)))


def _stack(description: Mapping[str, Any], environment: str) -> DeployedStack | None:
    pattern = re.escape(stack_name(environment, "")) + "(Account|Storage|Team|Labeling)(?:-(.+))?"
    match = re.fullmatch(pattern, description["StackName"])
    tags = tag_map(description.get("Tags"))
    if match is None or tags.get(TAG_ENVIRONMENT, environment) != environment:
        return None
    if (match[1] == StackKind.LABELING) != (match[2] is not None):
        return None
    outputs = description.get("Outputs", [])
    return DeployedStack(
        name=description["StackName"],
        stack_id=description["StackId"],
        kind=StackKind(match[1]),
        campaign=match[2],
        status=description["StackStatus"],
        outputs={item["OutputKey"]: item["OutputValue"] for item in outputs},
        exports=tuple(item["ExportName"] for item in outputs if item.get("ExportName")),
        protected=bool(description.get("EnableTerminationProtection")),
    )


def resources_of(cloudformation: CloudFormationClient, stack: str) -> Iterator[StackResource]:
    """The resources of a stack that still exist."""
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for item in page["StackResourceSummaries"]:
            if item["ResourceStatus"] != "DELETE_COMPLETE":
                yield StackResource(
                    logical_id=item["LogicalResourceId"],
                    physical_id=item.get("PhysicalResourceId", ""),
                    type=item["ResourceType"],
                    status=item["ResourceStatus"],
                )


def template_of(cloudformation: CloudFormationClient, stack: str) -> dict[str, Any]:
    """The template a stack was deployed with, whichever way the service answers it."""
    body: Any = cloudformation.get_template(StackName=stack)["TemplateBody"]
    return dict(json.loads(body) if isinstance(body, str) else body)


def failures(cloudformation: CloudFormationClient, stack_id: str) -> tuple[str, ...]:
    """The last five resources that failed, newest first, with the reasons."""
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    failed = [e for e in events if e.get("ResourceStatus", "").endswith("_FAILED")]
    return tuple(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in failed[:5]
    )


def count_resources(cloudformation: CloudFormationClient, deployment: Deployment) -> Counter[str]:
    """How many resources of each CloudFormation type an environment has."""
    return Counter(
        resource.type
        for stack in deployment.stacks
        for resource in resources_of(cloudformation, stack.name)
    )
