"""The roles of pipelines: who may take them, and what they may do."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import parliament
import pytest

from delivery import add_delivery
from stacks.config import ConfigError
from stacks.delivery import ROLES
from stacks.delivery_file import load_delivery
from tests.infra.cfn_lint import findings
from tests.infra.synth import ROOT, Synthesis, synthesize_app

ACCOUNT, PROVIDER = "123456789012", "token.actions.githubusercontent.com"
SUBJECT = "repo:octo-org@1357/labels@2468:environment:"
FILE = """\
[github]
owner = "octo-org"
owner_id = 1357
repository = "labels"
repository_id = 2468

[environments.dev]
provider = "create"
archive = "s3://octo-archive/labels"
[environments.prod]
provider = "create"
[environments.pr]
provider = "adopt"
"""
# of each role, all that doesn't only read; and contents, which are read
CHANGING = {
    "Review": {"cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"},
    "Deploy": {
        *("cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"),
        *("iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy", "sts:AssumeRole"),
    },
    "Destroy": {
        *("cloudformation:DeleteStack", "cloudformation:UpdateStack"),
        *("cloudformation:UpdateTerminationProtection", "s3:PutBucketTagging", "sts:AssumeRole"),
    },
}


def project(text: str = FILE) -> Path:
    root = Path(mkdtemp(prefix="delivery-"))
    for name in ("environments", "campaigns"):
        (root / name).symlink_to(ROOT / name)
    (root / "delivery.toml").write_text(text, encoding="utf-8")
    return root


@cache
def synthesize(env: str) -> Synthesis:
    root = project()
    try:
        return synthesize_app(lambda app: add_delivery(app, root, env))
    finally:
        shutil.rmtree(root)


def resolved(value: Any) -> Any:
    """A value of the template in an account."""
    match value:
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(resolved, items))
        case {"Ref": "AWS::AccountId"}:
            return ACCOUNT
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Fn::GetAtt": ["GitHub", "Arn"]}:
            return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{PROVIDER}"
        case dict():
            return {key: resolved(inner) for key, inner in value.items()}
        case list():
            return [resolved(inner) for inner in value]
        case _:
            return value


def documents(env: str, role: str) -> list[dict[str, Any]]:
    return [
        resolved(resource.properties["PolicyDocument"])
        for resource in synthesize(env).resources("AWS::IAM::ManagedPolicy")
        if resource.path.startswith(f"Delivery/{role}Permissions")
    ]


def statements(env: str, role: str) -> list[dict[str, Any]]:
    """With lists where there could be one."""
    return [
        {
            **each,
            **{
                key: each[key] if isinstance(each[key], list) else [each[key]]
                for key in ("Action", "Resource")
            },
        }
        for document in documents(env, role)
        for each in document["Statement"]
    ]


def resources_of(env: str, role: str, action: str) -> list[str]:
    found = (each for each in statements(env, role) if action in each["Action"])
    return sorted(resource for each in found for resource in each["Resource"])


ENVIRONMENTS = ("dev", "pr", "prod")
# Findings of the linter that stay. The actions are those of the CloudFormation registry's schemas.
ACCEPTED = (
    # newer than the linter's data
    *("cognito-idp:ListUserPoolClientSecrets", "lambda:GetFunctionScalingConfig"),
    *("logs:DescribeIndexPolicies", "s3:GetBucketAbac"),
    # asked for on the account's log groups, as the deployer's policy has it
    "logs:DescribeLogGroups",
    # all of them are listed, to find those without a stack
    "cloudwatch:DescribeAlarms",
)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_each_role_is_for_jobs_of_one_environment_of_one_repository(env: str) -> None:
    roles = {role.path.split("/")[1]: role for role in synthesize(env).resources("AWS::IAM::Role")}

    assert set(roles) == {"Review", "Deploy", "Destroy"}
    for key, suffix, seconds in (
        ("Review", "-review", 3600),
        ("Deploy", "", 7200),
        ("Destroy", "-destroy", 7200),
    ):
        properties = resolved(roles[key].properties)
        assert properties["AssumeRolePolicyDocument"] == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{PROVIDER}"},
                    "Condition": {
                        "StringEquals": {
                            f"{PROVIDER}:aud": "sts.amazonaws.com",
                            f"{PROVIDER}:sub": f"{SUBJECT}{env}{suffix}",
                        }
                    },
                }
            ],
        }
        assert properties["MaxSessionDuration"] == seconds
        assert properties["Path"] == "/ground-truth/delivery/"
        assert properties["RoleName"] == f"GroundTruthDelivery-{env}-{key.lower()}"


def test_provider_is_made_once_and_outlives_the_stack() -> None:
    provider = synthesize("dev").one("AWS::IAM::OIDCProvider")

    assert provider.properties == {
        "Url": f"https://{PROVIDER}",
        "ClientIdList": ["sts.amazonaws.com"],
    }
    assert provider.body["DeletionPolicy"] == "Retain"
    assert synthesize("pr").resources("AWS::IAM::OIDCProvider") == []


def test_arns_come_out_under_the_names_of_the_variables() -> None:
    outputs = synthesize("prod").templates["Delivery"]["Outputs"]

    assert {key: value["Description"] for key, value in outputs.items()} == {
        "ReviewRoleArn": "Variable REVIEW_ROLE_ARN of the repository's environment prod-review",
        "DeployRoleArn": "Variable DEPLOY_ROLE_ARN of the repository's environment prod",
        "DestroyRoleArn": "Variable DESTROY_ROLE_ARN of the repository's environment prod-destroy",
    }


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("role", CHANGING)
def test_little_is_changed_by_the_roles_themselves(env: str, role: str) -> None:
    reading = ("Get", "List", "Describe", "BatchDescribe")
    actions = {action for each in statements(env, role) for action in each["Action"]}
    changing = {each for each in actions if not each.partition(":")[2].startswith(reading)}
    more = {"s3:PutObject"} if (env, role) == ("dev", "Destroy") else set()

    assert changing - {"kms:Decrypt"} == CHANGING[role] | more
    assert not any("*" in action for action in actions)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_bootstrap_roles_are_those_of_one_qualifier_account_and_region(env: str) -> None:
    begins = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-"
    ends = f"-role-{ACCOUNT}-us-east-1"

    assert resources_of(env, "Deploy", "sts:AssumeRole") == [
        f"{begins}deploy{ends}",
        f"{begins}file-publishing{ends}",
    ]
    assert resources_of(env, "Destroy", "sts:AssumeRole") == [f"{begins}deploy{ends}"]
    assert resources_of(env, "Review", "sts:AssumeRole") == []


@pytest.mark.parametrize(("env", "named"), [("dev", "dev-*"), ("pr", "pr-*"), ("prod", "prod-*")])
def test_labels_are_read_by_the_role_that_exports_them_alone(env: str, named: str) -> None:
    bucket = f"arn:aws:s3:::groundtruth-{named}"

    (lineage,) = resources_of(env, "Review", "s3:GetObject")
    assert lineage.startswith(bucket)
    assert lineage.endswith("/*/lineage.json")
    assert resources_of(env, "Deploy", "s3:GetObject") == [lineage]
    labels = [r for r in resources_of(env, "Destroy", "s3:GetObject") if r != lineage]
    assert len(labels) == 1
    assert labels[0].startswith(bucket)


def test_archive_is_written_below_its_prefix_alone() -> None:
    assert resources_of("dev", "Destroy", "s3:PutObject") == ["arn:aws:s3:::octo-archive/labels/*"]
    assert resources_of("prod", "Destroy", "s3:PutObject") == []


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_stacks_that_are_changed_are_the_environments(env: str) -> None:
    for action in ("DeleteStack", "UpdateStack", "UpdateTerminationProtection"):
        (stacks,) = resources_of(env, "Destroy", f"cloudformation:{action}")
        ours = rf"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/GroundTruth-{env}-(\*-?)?\*?"
        assert re.fullmatch(ours, stacks)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_rules_and_linters_find_nothing(env: str) -> None:
    synthesis = synthesize(env)
    issues = {
        (role, finding.issue, str(finding.detail))
        for role in CHANGING
        for document in documents(env, role)
        for finding in parliament.analyze_policy_string(json.dumps(document)).findings
        if not any(accepted in str(finding.detail) for accepted in ACCEPTED)
    }

    assert synthesis.violations == []
    assert findings(synthesis.templates["Delivery"]) == []
    assert issues == set()
    # without a bootstrap a template travels in the call: CreateStack, TemplateBody
    assert len(json.dumps(synthesis.templates["Delivery"])) < 51_200


def test_workflows_use_these_roles_and_stay_within_their_sessions() -> None:
    hours = {role.variable: role.hours for role in ROLES}
    asked: dict[str, list[int]] = {}
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        steps = path.read_text(encoding="utf-8").split("- uses:")
        for step in steps:
            for variable in re.findall(r"vars\.(\w+_ROLE_ARN)", step):
                seconds = re.search(r"role-duration-seconds: (\d+)", step)
                asked.setdefault(variable, []).append(int(seconds[1]) if seconds else 3600)

    assert set(asked) == set(hours)
    assert all(max(asked[name]) <= 3600 * most for name, most in hours.items())


def test_settings_of_the_account_reach_the_roles() -> None:
    root = project()
    (root / "environments").unlink()
    shutil.copytree(ROOT / "environments", root / "environments")
    file = root / "environments/dev.toml"
    text = file.read_text(encoding="utf-8")
    settings = 'bootstrap_qualifier = "labeling"\npermissions_boundary = "teams/Limit"\n'
    file.write_text(settings + text, encoding="utf-8")
    synthesis = synthesize_app(lambda app: add_delivery(app, root, "dev"))
    shutil.rmtree(root)
    written = json.dumps(synthesis.templates["Delivery"])

    assert synthesis.violations == []
    boundaries = {
        resolved(role.properties["PermissionsBoundary"])
        for role in synthesis.resources("AWS::IAM::Role")
    }
    assert boundaries == {f"arn:aws:iam::{ACCOUNT}:policy/teams/Limit"}
    assert "role/cdk-labeling-deploy-role-" in written
    assert "parameter/cdk-bootstrap/labeling/version" in written
    assert "hnb659fds" not in written


# -- the file


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"octo-org"', '"octo-*"', "github.owner: got 'octo-*', allowed a GitHub user"),
        ('"labels"', '"*"', "github.repository: got '*', allowed a repository"),
        ('"labels"', '"octo-org/labels"', "github.repository: got 'octo-org/labels', allowed"),
        ("1357", '"1357"', "github.owner_id: got '1357', allowed a valid integer"),
        ("1357", "-1", "github.owner_id: got -1, allowed greater than or equal to 0"),
        ("1357", "0", "github: owner_id is 0, which is nobody's; `gh api users/octo-org --jq"),
        ("2468", "0", "repository_id is 0, which is nobody's; `gh api repos/octo-org/labels"),
        ("[environments.prod]", "[environments.moon]", "environments.moon: there is no such file"),
        ("[environments.dev]", "[environments.local]", "environment 'dev' isn't listed, there are"),
        ('"adopt"', '"share"', "environments.pr.provider: got 'share', allowed 'create' or"),
        ("s3://octo-archive/labels", "s3://octo-archive/*", "archive: got 's3://octo-archive/*'"),
        ("[github]", "[gitlab]", "github: missing; add it"),
        ("[github]", "[github", "isn't TOML in UTF-8"),
    ],
)
def test_wrong_file_is_refused_with_the_remedy(old: str, new: str, message: str) -> None:
    assert old in FILE
    root = project(FILE.replace(old, new))

    with pytest.raises(ConfigError) as caught:
        load_delivery(root, "dev")

    assert message in str(caught.value)
    shutil.rmtree(root)


def test_shipped_file_names_nobody_until_it_is_filled_in() -> None:
    with pytest.raises(ConfigError) as caught:
        load_delivery(ROOT, "dev")

    assert len(caught.value.problems) == 2
    assert all("is 0, which is nobody's" in str(each) for each in caught.value.problems)


def test_whoever_deploys_it_acts_for_themselves() -> None:
    """An administrator makes the roles before, or without, any bootstrap of the account."""
    synthesis = synthesize("dev")
    found = synthesis.manifest["artifacts"]["Delivery"]["properties"]

    assert {"assumeRoleArn", "cloudFormationExecutionRoleArn"}.isdisjoint(found)
    assert "BootstrapVersion" not in synthesis.templates["Delivery"].get("Parameters", {})
