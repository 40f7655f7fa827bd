from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from ground_truth_ops import drift as module
from ground_truth_ops.drift import Clock, Difference, Drift, DriftError, find_drift, lines_of
from tests.unit.ops.fakes import FakeCloudFormation

ACCOUNT, TEAM = "GroundTruth-dev-Account", "GroundTruth-dev-Team"
CLIENT = "AWS::Cognito::UserPoolClient"


class Drifting(FakeCloudFormation):
    """Detects drift; each status call takes the next of `statuses`, the last one stays."""

    def __init__(self) -> None:
        super().__init__()
        self.drifts: dict[str, list[dict[str, Any]]] = {}
        self.statuses = ["DETECTION_IN_PROGRESS", "DETECTION_COMPLETE"]

    def detect_stack_drift(self, *, StackName: str) -> dict[str, str]:
        return {"StackDriftDetectionId": StackName}

    def describe_stack_drift_detection_status(
        self, *, StackDriftDetectionId: str
    ) -> dict[str, str]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"DetectionStatus": status, "DetectionStatusReason": "no right to read"}

    def describe_stack_resource_drifts(
        self, *, StackName: str, StackResourceDriftStatusFilters: list[str], NextToken: str = "0"
    ) -> dict[str, Any]:
        """One resource a page."""
        assert StackResourceDriftStatusFilters == ["MODIFIED", "DELETED"]
        rows, page = self.drifts.get(StackName, []), int(NextToken)
        more = {"NextToken": str(page + 1)} if page + 1 < len(rows) else {}
        return {"StackResourceDrifts": rows[page : page + 1], **more}


def modified(resource: str, kind: str, *paths: str) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource,
        "ResourceType": kind,
        "StackResourceDriftStatus": "MODIFIED",
        "PropertyDifferences": [
            {"PropertyPath": path, "ExpectedValue": "a", "ActualValue": "b"} for path in paths
        ],
    }


@pytest.fixture
def account() -> Drifting:
    found = Drifting()
    found.add(ACCOUNT)
    found.add(TEAM)
    return found


def drift_of(account: Drifting, *, clock: Clock | None = None) -> Drift:
    clients = SimpleNamespace(cloudformation=account)
    target = SimpleNamespace(environment="dev", clients=clients)
    waits = clock or Clock(now=lambda: 0, sleep=lambda _seconds: None)
    return find_drift(cast("Any", target), clock=waits)


def test_addresses_that_ground_truth_writes_are_expected_with_the_reason(account: Drifting) -> None:
    account.drifts[ACCOUNT] = [modified("Client", CLIENT, "/CallbackURLs/1", "/LogoutURLs/0")]

    found = drift_of(account)

    assert found.unexpected == ()
    assert [each.path for each in found.differences] == ["/CallbackURLs/1", "/LogoutURLs/0"]
    lines = lines_of(found)
    assert lines[0] == "0 unexpected differences in 2 stacks"
    assert all("Ground Truth writes the portal's addresses" in line for line in lines[1:])


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (CLIENT, "/AllowedOAuthFlows/0"),
        (CLIENT, "/CallbackURLsOfOthers"),
        ("AWS::Cognito::UserPool", "/CallbackURLs/0"),
    ],
)
def test_anything_else_of_the_client_and_of_others_is_unexpected(
    account: Drifting, kind: str, path: str
) -> None:
    account.drifts[ACCOUNT] = [modified("Thing", kind, path)]

    assert [each.path for each in drift_of(account).unexpected] == [path]


def test_resource_that_is_gone_and_every_page_are_seen(account: Drifting) -> None:
    gone = {
        "LogicalResourceId": "Topic",
        "ResourceType": "AWS::SNS::Topic",
        "StackResourceDriftStatus": "DELETED",
    }
    account.drifts[TEAM] = [gone, modified("Group", "AWS::Cognito::UserPoolGroup", "/Description")]

    found = drift_of(account)

    assert found.unexpected == (
        Difference(stack=TEAM, resource="Topic", type="AWS::SNS::Topic"),
        Difference(
            stack=TEAM,
            resource="Group",
            type="AWS::Cognito::UserPoolGroup",
            path="/Description",
            expected="a",
            actual="b",
        ),
    )
    assert lines_of(found)[1:] == [
        f"- **gone** {TEAM}: AWS::SNS::Topic Topic",
        f"- {TEAM}: AWS::Cognito::UserPoolGroup Group /Description: a became b",
    ]


def test_stack_that_is_changing_is_said_not_to_be_looked_at(account: Drifting) -> None:
    account.stacks[TEAM]["StackStatus"] = "UPDATE_IN_PROGRESS"

    found = drift_of(account)

    assert (found.stacks, found.skipped) == ((ACCOUNT,), (f"{TEAM} is UPDATE_IN_PROGRESS",))
    assert lines_of(found)[-1] == f"- not looked at: {TEAM} is UPDATE_IN_PROGRESS"


def test_detection_that_fails_proves_nothing(account: Drifting) -> None:
    account.statuses = ["DETECTION_FAILED"]
    with pytest.raises(DriftError, match="could not be detected: no right to read"):
        drift_of(account)


def test_detection_that_never_ends_is_given_up(account: Drifting) -> None:
    account.statuses = ["DETECTION_IN_PROGRESS"]
    moments = iter(range(0, 10_000, 100))
    clock = Clock(now=lambda: next(moments), sleep=lambda _seconds: None)
    with pytest.raises(DriftError, match="still being detected after 600 s"):
        drift_of(account, clock=clock)


@pytest.mark.parametrize(("path", "code"), [("/CallbackURLs/0", 0), ("/Name", 1)])
def test_command_fails_only_for_what_nobody_expects(
    account: Drifting,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    path: str,
    code: int,
) -> None:
    account.drifts[ACCOUNT] = [modified("Client", CLIENT, path)]
    found = drift_of(account)
    monkeypatch.setattr(module, "project_root", lambda: None)
    monkeypatch.setattr(module, "target_of", lambda _root, _environment: None)
    monkeypatch.setattr(module, "find_drift", lambda _target: found)
    options: Any = SimpleNamespace(env="dev", json=True)

    assert module.drift(options, Console()) == code
    told = json.loads(capsys.readouterr().out)
    assert told["stacks"] == [TEAM, ACCOUNT]
    assert [each["path"] for each in told["differences"]] == [path]
