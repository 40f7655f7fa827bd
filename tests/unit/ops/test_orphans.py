from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from ground_truth.names import TAG_OWNER
from ground_truth_ops import orphans
from ground_truth_ops.inventory import Resource
from ground_truth_ops.sweep import Swept
from tests.unit.ops.fakes import FakeCloudFormation

if TYPE_CHECKING:
    import pytest

TEAM, ACCOUNT = "GroundTruth-dev-Team", "GroundTruth-dev-Account"
WORKTEAM = "arn:x:sagemaker:eu-west-1:1:workteam/private-crowd/dev-labelers"
# physical ids as CloudFormation gives them to each type
QUEUE = "https://sqs.eu-west-1.example.com/1/Lost-X"
IDS = (
    *("Fn-AbC", "/aws/lambda/Fn-AbC", WORKTEAM, "pool_1|labelers", "pool_1", "bus|Rule-X"),
    QUEUE,
)


class Account(FakeCloudFormation):
    """Resources with the physical ids a test names."""

    def _resources(self, StackName: str) -> dict[str, Any]:
        ids = IDS if StackName == TEAM else ()
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": f"R{number}",
                    "PhysicalResourceId": identifier,
                    "ResourceType": "AWS::Any::Thing",
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for number, identifier in enumerate(ids)
            ]
        }


def left_of(monkeypatch: pytest.MonkeyPatch, *resources: Resource, stacks: bool = True) -> Any:
    account = Account()
    for name in (TEAM, ACCOUNT) if stacks else ():
        account.add(name)
    swept = Swept(checked=(("things", 1),), left=resources)
    monkeypatch.setattr(orphans, "sweep_target", lambda _target: swept)
    clients = SimpleNamespace(cloudformation=account)
    target = SimpleNamespace(environment="dev", clients=clients)
    return orphans.sweep_deployed(cast("Any", target)).left


OWNED = (
    Resource(kind="stack", name=TEAM, arn=f"id-of-{TEAM}"),
    Resource(kind="function", name="Fn-AbC", arn="arn:x:lambda:eu-west-1:1:function:Fn-AbC"),
    Resource(kind="log group", name="/aws/lambda/Fn-AbC"),
    Resource(kind="work team", name="dev-labelers", arn=WORKTEAM),
    Resource(kind="group", name="labelers in Pool"),
    Resource(kind="user pool", name="Pool (pool_1)", arn="arn:x:cognito-idp:r:1:userpool/pool_1"),
    Resource(kind="user", name="ada@example.com in Pool"),
    Resource(kind="rule", name="Rule-X", arn="arn:x:events:r:1:rule/Rule-X"),
    Resource(kind="queue", name="Lost-X", arn="arn:x:sqs:eu-west-1:1:Lost-X"),
    Resource(kind="running job", name="gt-dev-digits-1", tags={TAG_OWNER: f"id-of-{TEAM}"}),
    Resource(kind="tagged logs", name="l", arn="arn:x:logs:r:1:log-group:/aws/lambda/Fn-AbC"),
)
ORPHANS = (
    Resource(kind="stack", name="GroundTruth-dev-Labeling-old", arn="id-of-old"),
    Resource(kind="function", name="Fn-Old", arn="arn:x:lambda:eu-west-1:1:function:Fn-Old"),
    Resource(kind="log group", name="/aws/lambda/Fn-Old"),
    Resource(kind="running job", name="gt-dev-digits-0", tags={TAG_OWNER: "id-of-a-stack-gone"}),
    Resource(kind="running job", name="gt-dev-digits-2", tags={}),
    Resource(kind="group", name="others in Pool"),
    Resource(kind="queue", name="Lost-Y", arn="arn:x:sqs:eu-west-1:1:Lost-Y"),
)


def test_what_a_stack_has_is_no_orphan(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_of(monkeypatch, *OWNED) == ()


def test_what_no_stack_has_is_one_also_a_job_whose_stack_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert left_of(monkeypatch, *OWNED, *ORPHANS) == ORPHANS


def test_without_stacks_all_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_of(monkeypatch, *OWNED, stacks=False) == OWNED
