"""The policy of a role that only looks: reads of everything, contents of nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from ground_truth_ops.deployer import reviewer
from ground_truth_ops.deployer.policy import MANAGED_POLICY_CHARACTERS, characters
from ground_truth_ops.deployer.reviewer import CONTENTS, reviewer_policies
from tests.infra.synth import synthesize
from tests.permissions.registry import left_out, read_permissions
from tests.permissions.test_deployer_policy import ENVIRONMENTS, place

if TYPE_CHECKING:
    from pathlib import Path

# besides reading: what starts a comparison, and what makes a lineage of a kept bucket readable
MORE = {
    "cloudformation:BatchDescribeTypeConfigurations",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "kms:Decrypt",
}


def statements(env: str) -> list[Any]:
    documents = reviewer_policies(synthesize(env).templates.values(), place(env))
    return [each for document in documents for each in document["Statement"]]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_nothing_is_changed_with_it(env: str) -> None:
    actions = {action for each in statements(env) for action in each["Action"]}
    verbs = ("Get", "List", "Describe")
    others = {action for action in actions if not action.partition(":")[2].startswith(verbs)}
    assert others == MORE


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_of_contents_only_the_record_of_what_was_asked_is_read(env: str) -> None:
    places = [each["Resource"] for each in statements(env) if CONTENTS.intersection(each["Action"])]
    assert places == [[f"arn:aws:s3:::groundtruth-{env}-*/*/lineage.json"]]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_key_opens_what_is_in_buckets_of_the_environment_alone(env: str) -> None:
    (found,) = [each for each in statements(env) if "kms:Decrypt" in each["Action"]]
    assert found["Condition"] == {
        "StringEquals": {
            "aws:ResourceTag/ground-truth:environment": env,
            "kms:ViaService": "s3.us-east-1.amazonaws.com",
        }
    }


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_drift_of_every_type_can_be_read(env: str) -> None:
    """CloudFormation reads with the caller's rights: what the registry's schemas say it reads."""
    allowed = {action.lower() for each in statements(env) for action in each["Action"]}
    types = {resource.type for resource in synthesize(env).resources()}
    missing = {
        (type_, action)
        for type_ in types
        if not type_.startswith("Custom::") and type_ != "AWS::CDK::Metadata"
        for action in read_permissions(type_)
        if left_out(type_, action) is None and action.lower() not in allowed
    }
    assert missing == set()


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_policies_fit_into_iam(env: str) -> None:
    documents = reviewer_policies(synthesize(env).templates.values(), place(env))
    assert len(documents) <= 2
    assert all(characters(document) <= MANAGED_POLICY_CHARACTERS for document in documents)


def test_command_writes_the_policies_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "A.template.json").write_text(json.dumps(template), encoding="utf-8")
    options: Any = type("Options", (), {})()
    options.env, options.account, options.app, options.to = "dev", None, tmp_path, tmp_path / "out"

    assert reviewer.command(options, Console()) == 0

    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "GroundTruthReviewer-dev-1.json"
    assert f"--policy-document file://{file}" in capsys.readouterr().out.replace("\n", "")
    (document,) = [json.loads(file.read_text(encoding="utf-8"))]
    actions = {action for each in document["Statement"] for action in each["Action"]}
    assert "sns:GetTopicAttributes" in actions
    assert "sns:CreateTopic" not in actions
