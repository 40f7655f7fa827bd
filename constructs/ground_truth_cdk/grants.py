"""Permissions, each wildcard with its reason beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from ground_truth_cdk.checks import acknowledge

if TYPE_CHECKING:
    from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions on resources; `wildcard` says why a `*` in a resource can't be narrower."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    wildcard: str = ""

    def statement(self) -> iam.PolicyStatement:
        """Return the policy statement."""
        return iam.PolicyStatement(
            actions=list(self.actions),
            resources=list(self.resources),
            conditions={key: dict(value) for key, value in self.conditions.items()} or None,
        )


def permissions_of(
    scope: Construct, construct_id: str, *, role: iam.IRole, grants: Iterable[Grant]
) -> iam.ManagedPolicy:
    """Make a role's policy of grants and acknowledge their wildcards there.

    A managed policy is a resource of its own, with versions to look back on; an inline one is seen
    only through its role.
    """
    grants = tuple(grants)
    policy = iam.ManagedPolicy(
        scope, construct_id, roles=[role], statements=[each.statement() for each in grants]
    )
    stack = Stack.of(policy)
    # a token never stands for a wildcard, so only what is written with one needs a look
    wildcards = {
        resource: each.wildcard for each in grants for resource in each.resources if "*" in resource
    }
    for resource, reason in wildcards.items():
        finding = f"IAM5[Resource::{_as_reported(stack.resolve(resource))}]"
        acknowledge(policy, finding, reason=reason)
    return policy


def _as_reported(value: Any) -> str:
    """Spell a resource as the wildcard rule reports it."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(_as_reported, items))
        case {"Fn::Sub": str(text)}:
            return _as_reported(text)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case _:
            return json.dumps(value, separators=(",", ":"))
