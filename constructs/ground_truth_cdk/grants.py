"""Permissions, each wildcard with its reason beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from ground_truth_cdk.checks import acknowledge


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


def grant(policy: iam.Policy, grants: Iterable[Grant]) -> None:
    """Put grants into a policy and acknowledge their wildcards there."""
    for each in grants:
        policy.add_statements(each.statement())
        for resource in each.resources:
            name = _as_reported(Stack.of(policy).resolve(resource))
            if "*" in name:
                acknowledge(policy, f"IAM5[Resource::{name}]", reason=each.wildcard)


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
