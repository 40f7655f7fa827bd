"""What an environment that is deployed has left behind: its own, and none of its stacks'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ground_truth.names import TAG_OWNER
from ground_truth_ops.deployment import Deployment, StackKind, find_deployment, resources_of
from ground_truth_ops.sweep import Swept, sweep_target

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.inventory import Resource
    from ground_truth_ops.project import Target


def sweep_deployed(target: Target) -> Swept:
    """As `sweep_target`, without what belongs to a stack that is there."""
    deployment = find_deployment(target.clients.cloudformation, target.environment)
    known = _ids(target.clients, deployment)
    swept = sweep_target(target)
    left = tuple(each for each in swept.left if not _belongs(each, deployment, known))
    return replace(swept, left=left)


def _ids(clients: Clients, deployment: Deployment) -> frozenset[str]:
    """Stacks and physical ids, whole and in the parts that name a resource elsewhere."""
    found = set()
    for stack in deployment.stacks:
        found |= {stack.name, stack.stack_id}
        for resource in resources_of(clients.cloudformation, stack.name):
            found |= set(_parts(resource.physical_id))
    return frozenset(found)


def _parts(identifier: str) -> Iterator[str]:
    """An id, the last part of a compound one (`pool|group`) or of an address (a queue's), the names
    an ARN ends in.
    """
    yield identifier
    if "://" in identifier:
        yield identifier.rpartition("/")[2]
    if "|" in identifier:
        yield identifier.rpartition("|")[2]
    if identifier.startswith("arn:"):
        resource = identifier.split(":", 5)[-1]
        yield resource
        for mark in (":", "/"):
            if mark in resource:
                yield resource.partition(mark)[2]
        yield resource.rpartition("/")[2]


def _belongs(resource: Resource, deployment: Deployment, known: frozenset[str]) -> bool:
    if resource.kind == "running job":
        return (resource.tags or {}).get(TAG_OWNER) in {s.stack_id for s in deployment.stacks}
    if resource.kind == "user":  # people of the pool that is there
        return bool(deployment.of_kind(StackKind.ACCOUNT))
    name, _, rest = resource.name.partition(" (")
    names = {resource.name, name, rest.rstrip(")"), name.partition(" in ")[0]}
    return bool((names | set(_parts(resource.arn))) & known - {""})
