"""Who gains or loses access to an environment's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_ops.review.assemblies import Assembly

WORKERS_TYPE = "Custom::GroundTruthWorkers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """E-mail addresses, sorted."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


def access(before: Assembly, after: Assembly) -> Access:
    """Compare the people of two revisions of an environment."""
    had, have = _workers(before), _workers(after)
    return Access(gained=tuple(sorted(have - had)), lost=tuple(sorted(had - have)))


def _workers(assembly: Assembly) -> set[str]:
    return {
        str(worker["Email"]).lower()
        for stack in assembly.stacks.values()
        for resource in stack.template().get("Resources", {}).values()
        if resource["Type"] == WORKERS_TYPE
        for worker in resource["Properties"].get("Workers", ())
    }
