"""Every function: own log group, own role, own policy, bounded rights."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.labels import LARGEST_LABELS_BYTES, TooManyLabelsError, labels_variable
from tests.infra.synth import ROOT, Synthesis, synthesize

# Where a resource is a bare `*`: the action knows no resources.
WILDCARDS = {
    "sagemaker:ListLabelingJobs": ["Gate/Function"],
    "cloudwatch:PutMetricData": ["Job/ExecutionRole", "Monitor/Counters"],
}


def test_every_function_logs_to_a_group_of_its_own_that_goes_with_it(
    every_environment: Synthesis,
) -> None:
    functions = every_environment.resources("AWS::Lambda::Function")
    groups = {
        (group.stack, group.logical_id): group
        for group in every_environment.resources("AWS::Logs::LogGroup")
    }
    used = [
        (function.stack, function.properties["LoggingConfig"]["LogGroup"]["Ref"])
        for function in functions
    ]

    assert sorted(used) == sorted(groups)
    for group in groups.values():
        assert group.properties["RetentionInDays"] >= 1
        assert group.body["DeletionPolicy"] == "Delete"


def test_log_retention_follows_the_environment_file(local: Synthesis, prod: Synthesis) -> None:
    def retention(synthesis: Synthesis) -> set[int]:
        return {
            group.properties["RetentionInDays"]
            for group in synthesis.resources("AWS::Logs::LogGroup")
        }

    assert (retention(local), retention(prod)) == ({1}, {365})


def test_every_function_has_a_role_of_its_own_and_no_policy_of_anyone_else(
    every_environment: Synthesis,
) -> None:
    roles = [
        (function.stack, function.properties["Role"]["Fn::GetAtt"][0])
        for function in every_environment.resources("AWS::Lambda::Function")
    ]

    assert len(roles) == len(set(roles))
    for role in every_environment.resources("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role.properties
        assert "Policies" not in role.properties
        (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"]["Service"] in {
            "lambda.amazonaws.com",
            "sagemaker.amazonaws.com",
        }
    assert every_environment.resources("AWS::IAM::Policy") == []


def test_every_function_has_its_rights_before_it_can_be_called(
    every_environment: Synthesis,
) -> None:
    policies = every_environment.resources("AWS::IAM::ManagedPolicy")
    for function in every_environment.resources("AWS::Lambda::Function"):
        role = function.properties["Role"]["Fn::GetAtt"][0]
        own = function.path.removesuffix("Function/Resource")
        (policy,) = [
            policy
            for policy in policies
            if policy.path.startswith(own) and policy.stack == function.stack
        ]
        assert policy.properties["Roles"] == [{"Ref": role}]
        assert policy.logical_id in function.depends_on


def test_functions_can_not_make_log_groups(every_environment: Synthesis) -> None:
    """One made by a late write would come back after a destroy, and stay."""
    makers = {
        path
        for path, statement in _statements(every_environment)
        if "logs:CreateLogGroup" in _list(statement["Action"])
    }

    assert {path.rpartition("/Job/")[2] for path in makers} == {
        "ExecutionRole/Permissions/Resource"
    }


def test_runtime_and_architecture_follow_the_environment_file(
    local: Synthesis, prod: Synthesis
) -> None:
    def how(synthesis: Synthesis) -> set[tuple[str, str]]:
        return {
            (f.properties["Runtime"], f.properties["Architectures"][0])
            for f in synthesis.resources("AWS::Lambda::Function")
        }

    assert how(local) == {("python3.13", "x86_64")}
    assert how(prod) == {("python3.14", "arm64")}


def test_no_action_is_a_wildcard(every_environment: Synthesis) -> None:
    assert [
        (path, action)
        for path, statement in _statements(every_environment)
        for action in _list(statement["Action"])
        if "*" in action and statement["Effect"] == "Allow"
    ] == []


def test_bare_wildcard_resources_are_those_listed(every_environment: Synthesis) -> None:
    found = {
        (action, path)
        for path, statement in _statements(every_environment)
        if "*" in _list(statement["Resource"])
        for action in _list(statement["Action"])
    }

    assert found == {
        (action, f"GroundTruth/{stack}/{place}/Permissions/Resource")
        for action, places in WILDCARDS.items()
        for place in places
        for stack in every_environment.templates
        if stack.startswith("Labeling-")
    } | {
        (action, "GroundTruth/Account/PrivateWorkforce/Gate/Function/Permissions/Resource")
        for action in ("sagemaker:ListWorkforces", "sagemaker:ListWorkteams")
    }


def test_metrics_go_to_the_projects_namespace_only(local: Synthesis) -> None:
    conditions = [
        statement.get("Condition")
        for path, statement in _statements(local)
        if "Monitor/Counters" in path and _list(statement["Action"]) == ["cloudwatch:PutMetricData"]
    ]

    assert conditions == [{"StringEquals": {"cloudwatch:namespace": "GroundTruth/Campaigns"}}] * 2


def test_no_two_campaigns_touch_each_others_output(local: Synthesis) -> None:
    for path, statement in _statements(local):
        for resource in _list(statement["Resource"]):
            text = json.dumps(resource)
            if "OutputBucketName" in text and "/*" in text:
                campaign = path.split("/")[1].removeprefix("Labeling-")
                assert f"/{campaign}/" in text, path


def test_no_functions_settings_hold_secrets_or_people(every_environment: Synthesis) -> None:
    for function in every_environment.resources("AWS::Lambda::Function"):
        variables = function.properties.get("Environment", {}).get("Variables", {})
        for name, value in variables.items():
            assert not re.search(r"SECRET|PASSWORD|TOKEN|CREDENTIAL|EMAIL|WORKER", name), name
            assert "@" not in json.dumps(value), (function.path, name)


def test_the_workforces_client_secret_is_read_by_nobody(every_environment: Synthesis) -> None:
    """Ground Truth asks Cognito for it; CloudFormation would show it to whoever reads a stack."""
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]

    assert settings["@aws-cdk/core:checkSecretUsage"] is True
    assert "ClientSecret" not in json.dumps(every_environment.templates)


def test_labels_that_do_not_fit_a_functions_environment_are_refused() -> None:
    fitting = ["x" * 200] * 18
    assert len(labels_variable(fitting)) <= LARGEST_LABELS_BYTES

    with pytest.raises(TooManyLabelsError, match=r"labels take \d+ bytes .* allowed 3800"):
        labels_variable([*fitting, "x" * 200])


def test_acknowledgement_without_a_reason_is_refused() -> None:
    synthesis = synthesize("local")
    assert synthesis.acknowledged

    with pytest.raises(ValueError, match="needs a real reason: 'because'"):
        acknowledge(None, "L1", reason="because")  # type: ignore[arg-type]


def _statements(synthesis: Synthesis) -> Iterator[tuple[str, dict[str, Any]]]:
    for policy in synthesis.resources("AWS::IAM::ManagedPolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            yield policy.path, statement


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
