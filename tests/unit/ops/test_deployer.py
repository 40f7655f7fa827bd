from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ground_truth_ops.deployer import run
from ground_truth_ops.deployer.policy import Place
from stacks.config import load

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[3]
PLACE = Place(
    environment="dev",
    partition="aws",
    region="eu-west-1",
    account="111122223333",
    workforce="ground-truth",
    workteam="dev-labelers",
)
ARN = "arn:aws:iam::111122223333:policy/GroundTruthDeployer-dev-1"
DOCUMENT = {"Version": "2012-10-17", "Statement": []}


class FakeIam:
    """Managed policies and their versions."""

    class exceptions:
        class EntityAlreadyExistsException(Exception):
            pass

    def __init__(self) -> None:
        self.versions: dict[str, list[str]] = {}
        self.default: dict[str, tuple[str, Any]] = {}

    def create_policy(self, *, PolicyName: str, PolicyDocument: str) -> Any:
        arn = f"arn:aws:iam::111122223333:policy/{PolicyName}"
        if arn in self.versions:
            raise self.exceptions.EntityAlreadyExistsException
        self.versions[arn] = []
        self._add(arn, PolicyDocument)
        return {"Policy": {"Arn": arn}}

    def list_policy_versions(self, *, PolicyArn: str) -> Any:
        default = self.default[PolicyArn][0]
        listed = [
            {"VersionId": version, "IsDefaultVersion": version == default}
            for version in self.versions[PolicyArn]
        ]
        return {"Versions": listed}

    def create_policy_version(
        self, *, PolicyArn: str, PolicyDocument: str, SetAsDefault: bool
    ) -> None:
        assert SetAsDefault
        assert len(self.versions[PolicyArn]) < 5, "LimitExceeded"
        self._add(PolicyArn, PolicyDocument)

    def delete_policy_version(self, *, PolicyArn: str, VersionId: str) -> None:
        self.versions[PolicyArn].remove(VersionId)

    def _add(self, arn: str, document: str) -> None:
        last = self.versions[arn][-1] if self.versions[arn] else "v0"
        version = f"v{int(last[1:]) + 1}"
        self.versions[arn].append(version)
        self.default[arn] = (version, json.loads(document))


def test_publishing_creates_each_policy_once_and_then_adds_versions() -> None:
    iam: Any = FakeIam()
    assert run.publish(iam, [DOCUMENT, DOCUMENT], PLACE) == [ARN, f"{ARN[:-1]}2"]
    changed = {**DOCUMENT, "Statement": [{"Sid": "New"}]}
    assert run.publish(iam, [changed], PLACE) == [ARN]
    assert iam.default[ARN] == ("v2", changed)


def test_publishing_lets_the_oldest_version_go_when_iam_keeps_no_more() -> None:
    iam: Any = FakeIam()
    for _ in range(11):
        run.publish(iam, [DOCUMENT], PLACE)
    assert iam.versions[ARN] == ["v7", "v8", "v9", "v10", "v11"]


def test_place_is_the_environments(tmp_path: Path) -> None:
    place = run.place_of(load(ROOT, env="dev"), boundary="arn:boundary")
    assert (place.environment, place.partition, place.account) == ("dev", "aws", "*")
    assert (place.workforce, place.workteam) == ("ground-truth", "dev-labelers")
    assert place.boundary == "arn:boundary"
    assert run.place_of(load(ROOT, env="dev"), account="111122223333").account == "111122223333"


def test_command_writes_the_policies_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "A.template.json").write_text(json.dumps(template))
    monkeypatch.setattr(run, "project_root", lambda: ROOT)
    options = argparse.Namespace(
        env="dev", account=None, boundary=None, app=tmp_path, to=tmp_path / "to"
    )
    assert run.command(options, Console(width=80)) == 0
    (written,) = (tmp_path / "to").iterdir()
    document = json.loads(written.read_text())
    actions = [action for each in document["Statement"] for action in each["Action"]]
    assert {"sns:CreateTopic", "ssm:GetParameters"} <= set(actions)
    said = capsys.readouterr().out
    assert "--policy-name GroundTruthDeployer-dev-1 \\\n" in said
    assert "cdk bootstrap -c env=dev --cloudformation-execution-policies \\\n" in said
    assert "  arn:aws:iam::ACCOUNT:policy/GroundTruthDeployer-dev-1\n" in said
