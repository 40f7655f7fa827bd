"""`gt drift`: what was changed by hand, without what Ground Truth itself changes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ground_truth_ops.deployment import find_deployment
from ground_truth_ops.errors import OpsError
from ground_truth_ops.project import project_root, target_of

if TYPE_CHECKING:
    import argparse

    from mypy_boto3_cloudformation import CloudFormationClient
    from rich.console import Console

    from ground_truth_ops.project import Target

POLL_SECONDS = 2.0
TIMEOUT_SECONDS = 600.0
# Where CloudFormation detects drift; in other states it refuses.
SETTLED = frozenset(
    {
        *("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"),
        *("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"),
    }
)
# By type and first part of the property's path, with the reason why nobody has to act.
BY_GROUND_TRUTH = {
    ("AWS::Cognito::UserPoolClient", property_): (
        "Ground Truth writes the portal's addresses into the app client; "
        "`make doctor` looks at them"
    )
    for property_ in ("CallbackURLs", "LogoutURLs")
}


class DriftError(OpsError):
    """Drift could not be detected, so nothing is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A property as the template says it and as it is; `reason` where that is expected.

    `path` is empty where the whole resource is gone.
    """

    stack: str
    resource: str
    type: str
    path: str = ""
    expected: str = ""
    actual: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What differs from the templates in the stacks that were looked at."""

    environment: str
    stacks: tuple[str, ...]
    differences: tuple[Difference, ...]
    skipped: tuple[str, ...] = ()

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if not each.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time, and how to let it pass."""

    now: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)


def find_drift(target: Target, *, clock: Clock | None = None) -> Drift:
    """Let CloudFormation compare every stack with what is there; reads only."""
    cloudformation = target.clients.cloudformation
    deployment = find_deployment(cloudformation, target.environment)
    settled = [stack for stack in deployment.stacks if stack.status in SETTLED]
    started = {
        stack.name: cloudformation.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]
        for stack in settled
    }
    found: list[Difference] = []
    for name, detection in started.items():
        _wait(cloudformation, name, detection, clock or Clock())
        found += _differences(cloudformation, name)
    return Drift(
        environment=target.environment,
        stacks=tuple(started),
        differences=tuple(found),
        skipped=tuple(
            f"{stack.name} is {stack.status}" for stack in deployment.stacks if stack not in settled
        ),
    )


def _wait(cloudformation: CloudFormationClient, stack: str, detection: str, clock: Clock) -> None:
    deadline = clock.now() + TIMEOUT_SECONDS
    while True:
        found: Any = cloudformation.describe_stack_drift_detection_status(
            StackDriftDetectionId=detection
        )
        status, why = found["DetectionStatus"], found.get("DetectionStatusReason", "")
        if status == "DETECTION_COMPLETE":
            return
        if status == "DETECTION_FAILED":
            raise DriftError(f"drift of {stack} could not be detected: {why}")
        if clock.now() > deadline:
            raise DriftError(
                f"drift of {stack} was still being detected after {TIMEOUT_SECONDS:g} s"
            )
        clock.sleep(POLL_SECONDS)


def _differences(cloudformation: CloudFormationClient, stack: str) -> list[Difference]:
    found: list[Difference] = []
    more: dict[str, Any] = {}
    while True:
        page: Any = cloudformation.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"], **more
        )
        for item in page["StackResourceDrifts"]:
            found += _of_resource(stack, item)
        if not page.get("NextToken"):
            return found
        more = {"NextToken": page["NextToken"]}


def _of_resource(stack: str, item: dict[str, Any]) -> list[Difference]:
    kind, resource = item["ResourceType"], item["LogicalResourceId"]
    if item["StackResourceDriftStatus"] == "DELETED":
        return [Difference(stack=stack, resource=resource, type=kind)]
    return [
        Difference(
            stack=stack,
            resource=resource,
            type=kind,
            path=each["PropertyPath"],
            expected=each["ExpectedValue"],
            actual=each["ActualValue"],
            reason=BY_GROUND_TRUTH.get((kind, each["PropertyPath"].split("/")[1]), ""),
        )
        for each in item.get("PropertyDifferences", [])
    ]


def lines_of(drift: Drift) -> list[str]:
    """The report as Markdown that is readable as text, too."""
    lines = [f"{len(drift.unexpected)} unexpected differences in {len(drift.stacks)} stacks"]
    for each in sorted(drift.differences, key=lambda each: (bool(each.reason), each.stack)):
        place = f"{each.stack}: {each.type} {each.resource}"
        if not each.path:
            lines.append(f"- **gone** {place}")
        elif each.reason:
            lines.append(f"- expected: {place} {each.path}: {each.reason}")
        else:
            lines.append(f"- {place} {each.path}: {each.expected} became {each.actual}")
    return [*lines, *(f"- not looked at: {text}" for text in drift.skipped)]


def to_json(drift: Drift) -> dict[str, object]:
    """For a program."""
    return {
        "environment": drift.environment,
        "stacks": list(drift.stacks),
        "skipped": list(drift.skipped),
        "differences": [asdict(each) for each in drift.differences],
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for a program")


def drift(options: argparse.Namespace, console: Console) -> int:
    """Exit code 1 when anything differs that Ground Truth doesn't change itself."""
    found = find_drift(target_of(project_root(), options.env))
    if options.json:
        sys.stdout.write(json.dumps(to_json(found), indent=2) + "\n")
    else:
        for line in lines_of(found):
            console.out(line)
    return 1 if found.unexpected else 0
