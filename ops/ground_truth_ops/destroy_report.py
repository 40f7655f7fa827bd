"""What `gt destroy` tells a person, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ground_truth_ops.destroy import Plan


def print_plan(plan: Plan, console: Console) -> None:
    """What is about to happen, before anybody is asked."""
    environment = plan.deployment.environment
    console.print(f"about to destroy {environment}, in this order:")
    for stack in plan.deployment.stacks:
        console.print(f"  {stack.name}")
    for job in plan.running:
        console.print(
            f"running job {job.name} is stopped at {job.labeled} of {job.total} labeled",
            soft_wrap=True,
        )
    if plan.exports:
        console.print(f"exported before it is removed: {plan.output_bucket}", soft_wrap=True)
    _print_kept(plan, console)


def _print_kept(plan: Plan, console: Console) -> None:
    if plan.kept:
        console.print("kept, with all they hold:")
    for kept in plan.kept:
        console.print(f"  {kept.kind:6} {kept.physical_id}", soft_wrap=True)


def print_end(plan: Plan, console: Console) -> None:
    """What a person must know once the stacks are gone: what costs on, and how labels go on."""
    environment = plan.deployment.environment
    console.print(f"environment {environment} is gone")
    _print_kept(plan, console)
    if plan.output_bucket is not None and not plan.exports:
        console.print(
            "A new deployment makes new buckets beside these and asks for every label again,\n"
            "unless it takes them over first:"
        )
        console.print(f"  make adopt ENV={environment} BUCKET={plan.output_bucket}", soft_wrap=True)
