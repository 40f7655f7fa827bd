"""The deployer's policy, against the registry's schemas and local AWS's own reading."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ground_truth_local.platform.deployer.needs import Change
from ground_truth_local.platform.deployer.types import NOTHING_NEEDED, handlers_of
from ground_truth_ops.deployer.handlers import TYPES
from ground_truth_ops.deployer.policy import (
    MANAGED_POLICY_CHARACTERS,
    DeployerPolicyError,
    Document,
    Place,
    characters,
    deployer_policies,
)
from tests.infra.synth import synthesize
from tests.permissions.registry import ADDED, LEFT_OUT, left_out, schema_permissions

ENVIRONMENTS = ("local", "dev", "prod")
ACCOUNT = "111122223333"


def place(env: str, **changes: Any) -> Place:
    return Place(
        **{
            "environment": env,
            "partition": "aws",
            "region": "us-east-1",
            "account": ACCOUNT,
            "workforce": "ground-truth",
            "workteam": f"{env}-labelers",
            **changes,
        }
    )


def policies(env: str, **changes: Any) -> list[Document]:
    return deployer_policies(synthesize(env).templates.values(), place(env, **changes))


def statements(env: str, **changes: Any) -> list[Document]:
    return [each for document in policies(env, **changes) for each in document["Statement"]]


# -- against the registry


@pytest.mark.parametrize("type_", sorted(TYPES))
def test_types_permissions_are_the_schemas_without_what_is_left_out_for_a_reason(
    type_: str,
) -> None:
    granted = {action for each in TYPES[type_] for action in each.actions}
    named = {action for action in schema_permissions(type_) if left_out(type_, action) is None}
    assert granted == named | set(ADDED.get(type_, {}))


@pytest.mark.parametrize("type_", sorted(LEFT_OUT))
def test_nothing_is_left_out_that_the_schema_does_not_name(type_: str) -> None:
    stale = [
        pattern
        for pattern in LEFT_OUT[type_]
        if not any(fnmatchcase(action, pattern) for action in schema_permissions(type_))
    ]
    assert stale == []


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_type_of_our_templates_is_known_to_both_readings(env: str) -> None:
    types = {resource.type for resource in synthesize(env).resources()}
    assert {type_ for type_ in types if not handlers_of(type_)} <= NOTHING_NEEDED
    assert {type_ for type_ in types if not type_.startswith("Custom::")} <= set(TYPES)


def test_every_known_type_is_used() -> None:
    """What no template holds any more is nobody's to deploy."""
    used = {resource.type for env in ENVIRONMENTS for resource in synthesize(env).resources()}
    assert set(TYPES) - used <= {"AWS::SNS::Subscription"}  # with notifications.emails alone


# -- against local AWS's reading of the same types


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_service_of_the_policy_is_asked_by_a_handler(env: str) -> None:
    """Each statement holds at least one action that local AWS asks for, or is a read of its own."""
    asked = {
        need.action
        for type_ in {resource.type for resource in synthesize(env).resources()}
        if (handlers := handlers_of(type_)) is not None
        for need in (*handlers.create, *handlers.update, *handlers.delete, *handlers.reading)
    } | {"cloudformation:DescribeStacks", "ssm:GetParameters"}
    idle = [each["Action"] for each in statements(env) if not asked.intersection(each["Action"])]
    # asked for by the schema of LogGroup and of the account as a whole
    assert idle in ([], [["logs:DescribeResourcePolicies"]])


# -- what it is like


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_policies_fit_into_iam(env: str) -> None:
    documents = policies(env)
    assert len(documents) <= 3
    assert all(characters(document) <= MANAGED_POLICY_CHARACTERS for document in documents)
    sids = [each["Sid"] for document in documents for each in document["Statement"]]
    assert len(sids) == len(set(sids))
    assert all(sid.isalnum() for sid in sids)


def test_many_statements_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ground_truth_ops.deployer.policy.MANAGED_POLICY_CHARACTERS", 3000)
    documents = policies("dev")
    assert len(documents) > 2
    assert all(characters(document) <= 3000 for document in documents)
    together = [each for document in documents for each in document["Statement"]]
    monkeypatch.undo()
    assert together == statements("dev")


def test_more_than_a_role_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ground_truth_ops.deployer.policy.MANAGED_POLICY_CHARACTERS", 300)
    with pytest.raises(DeployerPolicyError, match="a role holds 10"):
        policies("dev")


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_no_action_is_a_wildcard_and_few_resources_are(env: str) -> None:
    everywhere: set[str] = set()
    for each in statements(env):
        assert not any("*" in action for action in each["Action"])
        if each["Resource"] == ["*"]:
            everywhere.update(each["Action"])
    assert everywhere <= {
        "cognito-idp:CreateUserPool",
        "cognito-idp:DescribeUserPoolDomain",
        "kms:CreateKey",
        "logs:DescribeResourcePolicies",
        "sagemaker:ListWorkforces",
    }


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_roles_are_passed_to_lambda_alone_and_get_our_policies_alone(env: str) -> None:
    ours = f"arn:aws:iam::{ACCOUNT}:policy/GroundTruth-{env}-*"
    (passing,) = (each for each in statements(env) if "iam:PassRole" in each["Action"])
    assert passing["Action"] == ["iam:PassRole"]
    assert passing["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/GroundTruth-{env}-*"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    (attaching,) = (each for each in statements(env) if "iam:AttachRolePolicy" in each["Action"])
    assert attaching["Condition"] == {"ArnLike": {"iam:PolicyARN": ours}}


def test_another_environments_resources_are_out_of_reach() -> None:
    """All that has names has the environment's; pools and keys have none."""
    nameless = ("userpool/*", "key/*", "log-group:*", "/version", "workforce/ground-truth")
    for each in statements("dev"):
        for resource in each["Resource"]:
            known = resource == "*" or resource.endswith(nameless) or "-assets-" in resource
            assert known or re.search("dev[-_]", resource), resource


def test_keys_of_others_are_out_of_reach() -> None:
    using = [each for each in statements("prod") if each["Action"][0].startswith("kms:")]
    tags = [list(each["Condition"]["StringEquals"].values()) for each in using]
    assert tags == [["prod"]] * 2


def test_roles_must_have_the_boundary() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    (making,) = (
        each for each in statements("dev", boundary=boundary) if "iam:CreateRole" in each["Action"]
    )
    assert making["Action"] == ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
    assert making["Condition"] == {"StringLike": {"iam:PermissionsBoundary": boundary}}
    assert not any("Boundary" in action for each in statements("dev") for action in each["Action"])


def test_boundary_that_comes_later_is_asked_for_by_local_aws_too() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    change = Change(
        type="AWS::IAM::Role",
        operation="update",
        stack="GroundTruth-dev-Team",
        logical_id="Role",
        physical_id="GroundTruth-dev-Team-Role-1A2B3C4D5E6F",
        old={"Description": "x"},
        new={"Description": "x", "PermissionsBoundary": boundary},
        partition="aws",
        region="us-east-1",
        account=ACCOUNT,
    )
    handlers = handlers_of("AWS::IAM::Role")
    assert handlers is not None
    fields = handlers.fields(change)
    asked = [
        (need.action, resource, keys)
        for need in handlers.needs("update")
        for resource, keys in need.of(change, fields)
        if "Boundary" in need.action
    ]
    role = f"arn:aws:iam::{ACCOUNT}:role/GroundTruth-dev-Team-Role-1A2B3C4D5E6F"
    assert asked == [
        ("iam:PutRolePermissionsBoundary", role, {"iam:PermissionsBoundary": boundary})
    ]


def test_long_environment_names_keep_what_cloudformation_keeps() -> None:
    long = place("a-name-of-20-letters")
    assert long.fields()["stacks"] == "GroundTruth-a-name-of-20"


def test_unknown_type_is_refused_with_its_name() -> None:
    template = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}
    with pytest.raises(DeployerPolicyError, match=r"resource Table is a AWS::DynamoDB::Table"):
        deployer_policies([template], place("dev"))


def test_secret_a_template_refers_to_may_be_read() -> None:
    value = "{{resolve:secretsmanager:provider:SecretString:client::}}"
    workforce = {"Type": "AWS::SageMaker::Workforce", "Properties": {"ClientSecret": value}}
    (document,) = deployer_policies([{"Resources": {"Workforce": workforce}}], place("dev"))
    secrets = [
        each["Resource"]
        for each in document["Statement"]
        if each["Action"] == ["secretsmanager:GetSecretValue"]
    ]
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:provider-??????"
    assert secrets == [[secret]]


def test_environment_without_keys_needs_none() -> None:
    assert "kms:" not in json.dumps(statements("dev"))
    assert "kms:CreateKey" in json.dumps(statements("prod"))


def test_local_reading_holds_actions_to_changed_properties() -> None:
    """A change of tags takes no new permission to pass a role."""
    change = Change(
        type="AWS::Lambda::Function",
        operation="update",
        stack="GroundTruth-dev-Team",
        logical_id="F",
        physical_id="GroundTruth-dev-Team-F-1",
        old={"Role": "arn", "Tags": []},
        new={"Role": "arn", "Tags": [{"Key": "a", "Value": "b"}]},
        partition="aws",
        region="us-east-1",
        account=ACCOUNT,
    )
    handlers = handlers_of(change.type)
    assert handlers is not None
    fields = handlers.fields(change)
    needed = {need.action for need in handlers.needs("update") for _ in need.of(change, fields)}
    assert needed == {"lambda:GetFunction", "lambda:TagResource", "lambda:UntagResource"}
