"""Actions on ARNs, as a deployer's policy holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Conditions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Actions on ARNs, under conditions; all with places to fill.

    `{stacks}` and `{lower}` stand for what names begin with that CloudFormation makes up, `{names}`
    for names of our own. A condition whose value turns out empty doesn't count.
    """

    actions: Sequence[str]
    resources: Sequence[str] = ("*",)
    conditions: Conditions = field(default_factory=dict)


def arn(service: str, resource: str) -> str:
    """An ARN in the deployment's own region and account."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def of(service: str, *operations: str) -> tuple[str, ...]:
    """Actions of a service."""
    return tuple(f"{service}:{operation}" for operation in operations)
