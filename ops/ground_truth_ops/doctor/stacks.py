"""Stacks that a failed deployment or removal has left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ground_truth_ops.deployment import failures
from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown

if TYPE_CHECKING:
    from ground_truth_ops.deployment import DeployedStack
    from ground_truth_ops.doctor.scene import Scene

SETTLED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
# the stack works as before; what failed was the last change to it
ROLLED_BACK = frozenset({"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"})


def check_stacks(scene: Scene) -> Iterator[Finding]:
    stacks = scene.deployment.stacks
    if not stacks:
        yield ok("stacks", f"nothing of {scene.environment} is deployed")
        return
    settled = [stack for stack in stacks if stack.status in SETTLED]
    if settled:
        yield ok("stacks", f"{len(settled)} of {len(stacks)} complete")
    for stack in stacks:
        if stack not in settled:
            yield _finding(scene, stack)


def _finding(scene: Scene, stack: DeployedStack) -> Finding:
    text = f"{stack.name} is {stack.status}"
    if stack.status in ROLLED_BACK:
        return ok("stacks", f"{text}: it works as before its last change, which was refused")
    if stack.status == "REVIEW_IN_PROGRESS":
        run = f"aws cloudformation delete-stack --stack-name {stack.name}"
        return problem("stacks", f"{text}: a change set that was never executed", run=run)
    if stack.status.endswith("_IN_PROGRESS"):
        return unknown("stacks", f"{text}: a deployment is under way", "wait, and run this again")
    # newest first, and what comes after the first failure is mostly "cancelled"
    failed = failures(scene.clients.cloudformation, stack.stack_id)
    causes = [reason for reason in failed if "cancelled" not in reason]
    text = f"{text} ({causes[-1]})" if causes else text
    return problem("stacks", text, "mend the cause, then", run=_command(scene, stack))


def _command(scene: Scene, stack: DeployedStack) -> str:
    name = f"--stack-name {stack.name}"
    match stack.status:
        case "UPDATE_ROLLBACK_FAILED":
            return f"aws cloudformation continue-update-rollback {name}"
        case "ROLLBACK_COMPLETE" if _declared(scene, stack):  # the CDK replaces such a stack
            return f"make deploy ENV={scene.environment}"
        case _:
            return f"aws cloudformation delete-stack {name}"


def _declared(scene: Scene, stack: DeployedStack) -> bool:
    names = {campaign.name for campaign in scene.target.project.campaigns}
    return stack.campaign is None or stack.campaign in names
