from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ground_truth_ops.deployer import run
from ground_truth_ops.deployer.bootstrap import Bootstrap, bootstrap_commands
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
    assert "cdk bootstrap aws://$ACCOUNT/us-east-1 \\\n" in said
    assert '\narn:aws:iam::$ACCOUNT:policy/GroundTruthDeployer-dev-1"\n' in said


def ran(lines: list[str]) -> list[list[str]]:
    """What a shell calls when these lines are pasted into it."""
    spy = """
    said() { printf '%s\\0' "$@" >&3; printf '\\n' >&3; }
    aws() { if [ "$1" = sts ]; then echo 444455556666; else said aws "$@"; fi; }
    cdk() { said cdk "$@"; }
    exec 3>&1
    """
    done = subprocess.run(
        ["bash", "-euc", "\n".join([spy, *lines])], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [line.split("\0")[:-1] for line in done.stdout.splitlines()]


def test_pasted_commands_bootstrap_with_all_that_the_files_say() -> None:
    files = [Path(f"deployer-policy/GroundTruthDeployer-dev-{n}.json") for n in (1, 2)]
    own = Bootstrap(qualifier="labeling", boundary="teams/Boundary")
    lines = list(bootstrap_commands(files, replace(PLACE, account="*"), own))
    arn = "arn:aws:iam::444455556666:policy/GroundTruthDeployer-dev-"

    assert max(map(len, lines)) <= 80
    first, second, bootstrap = ran(lines)
    assert first == [
        *("aws", "iam", "create-policy", "--policy-name", "GroundTruthDeployer-dev-1"),
        *("--policy-document", "file://deployer-policy/GroundTruthDeployer-dev-1.json"),
    ]
    assert second[4] == "GroundTruthDeployer-dev-2"
    assert bootstrap == [
        *("cdk", "bootstrap", "aws://444455556666/eu-west-1", "-c", "env=dev"),
        *("--qualifier", "labeling", "--toolkit-stack-name", "CDKToolkit-labeling"),
        *("--custom-permissions-boundary", "teams/Boundary"),
        *("--cloudformation-execution-policies", f"{arn}1,{arn}2"),
    ]


def test_commands_with_nothing_configured_name_no_option_of_their_own() -> None:
    lines = list(bootstrap_commands([Path("p/GroundTruthDeployer-dev-1.json")], PLACE, Bootstrap()))
    assert ran(lines)[-1] == [
        *("cdk", "bootstrap", "aws://111122223333/eu-west-1", "-c", "env=dev"),
        *("--cloudformation-execution-policies", ARN),
    ]


def test_longest_names_stay_within_eighty_characters() -> None:
    place = replace(PLACE, environment="x" * 20)
    files = [Path(f"deployer-policy/GroundTruthDeployer-{'x' * 20}-{n}.json") for n in range(1, 4)]
    lines = list(bootstrap_commands(files, place, Bootstrap(qualifier="q" * 10)))
    assert max(map(len, lines)) <= 80


def test_bootstrap_command_says_nothing_but_commands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "A.template.json").write_text(json.dumps(template))
    monkeypatch.setattr(run, "project_root", lambda: ROOT)
    options = argparse.Namespace(
        env="pr", account=None, boundary=None, app=tmp_path, to=tmp_path / "to"
    )
    assert run.bootstrap_command(options, Console()) == 0
    (written,) = (tmp_path / "to").iterdir()
    assert written.name == "GroundTruthDeployer-pr-1.json"
    # of every environment of the pattern
    assert "sns:us-east-1:*:GroundTruth-pr-*" in written.read_text()
    assert ran(capsys.readouterr().out.splitlines())[-1][4] == "env=pr-1"


def test_boundary_of_the_file_is_the_accounts_own() -> None:
    project = load(ROOT, env="dev")
    settings = project.environment.settings.model_copy(update={"permissions_boundary": "Limit"})
    bounded = replace(project, environment=replace(project.environment, settings=settings))
    assert run.place_of(bounded).boundary == "arn:aws:iam::*:policy/Limit"
    known = run.place_of(bounded, account="111122223333")
    assert known.boundary == "arn:aws:iam::111122223333:policy/Limit"
