"""The synthesized environments: snapshots, rules, and what must never change."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint import api as cfnlint
from cfnlint.config import ManualArgs
from syrupy.extensions.json import JSONSnapshotExtension

from ground_truth.limits import GROUND_TRUTH_REGIONS
from ground_truth_cdk.function import NEWEST_RUNTIME
from tests.infra.synth import ENVIRONMENTS, Resource, Synthesis, synthesize

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

STACKS = [
    "Account",
    "Labeling-handwritten-digits",
    "Labeling-product-reviews",
    "Storage",
    "Team",
]
# Everything that follows from the bytes of function code, templates or sample data.
HASHES = [
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}"), r"\1<version>"),
]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_templates_match_the_snapshot(env: str, snapshot: SnapshotAssertion) -> None:
    stored = snapshot.use_extension(JSONSnapshotExtension)

    templates = {stack: _masked(body) for stack, body in synthesize(env).templates.items()}

    assert templates == stored(name=env)


def test_environment_has_the_stacks_operations_expect(every_environment: Synthesis) -> None:
    assert sorted(every_environment.templates) == STACKS


def test_no_rule_is_violated(every_environment: Synthesis) -> None:
    assert every_environment.violations == []


def test_every_acknowledgement_has_a_reason_and_the_prefixed_id(
    every_environment: Synthesis,
) -> None:
    lacking = [
        entry
        for entry in every_environment.acknowledged
        if len(entry["reason"]) < 20 or "::" not in entry["id"]
    ]

    assert every_environment.acknowledged
    assert lacking == []


def test_every_acknowledgement_matches_a_finding(every_environment: Synthesis) -> None:
    """An acknowledgement without a finding hides the next one; the report lists only matches."""

    def ours(entries: set[tuple[str, str]]) -> list[tuple[str, str]]:
        return sorted(entry for entry in entries if entry[1].startswith("AwsSolutions::"))

    matched = {(entry["at"], entry["id"]) for entry in every_environment.acknowledged}

    assert ours(every_environment.given) == ours(matched)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_cfn_lint_finds_nothing_in_any_region_with_ground_truth(env: str) -> None:
    config = ManualArgs(regions=list(GROUND_TRUTH_REGIONS), ignore_checks=["W3005"])

    findings = {
        stack: [
            f"{match.rule.id} {match.message}"
            for match in cfnlint.lint(json.dumps(template), config=config)
        ]
        for stack, template in synthesize(env).templates.items()
    }

    assert findings == {stack: [] for stack in STACKS}


# The names other stacks, operations and people's bookmarks rely on.
OUTPUTS = {
    "Account": ["PortalDomain", "PortalUrl", "UserPoolClientId", "UserPoolId", "WorkforceName"],
    "Storage": ["AccessLogBucketName", "OutputBucketName", "RawBucketName"],
    "Team": ["NotificationTopicArn", "PortalUrl", "WorkteamArn", "WorkteamName"],
    "Labeling-handwritten-digits": [
        "JobNamePrefix",
        "LabelingJobArn",
        "LabelingJobName",
        "OutputManifestUri",
    ],
}


@pytest.mark.parametrize("stack", sorted(OUTPUTS))
def test_outputs_keep_their_names(every_environment: Synthesis, stack: str) -> None:
    outputs = set(every_environment.templates[stack]["Outputs"]) - {"KeyArn"}

    assert sorted(outputs) == OUTPUTS[stack]


# A new logical id is a new resource. For the workforce that can't succeed (it is deleted before
# it is created, while teams still use it); for buckets it loses sight of the labels; for a custom
# resource's function it changes the ServiceToken, which CloudFormation refuses; for the job it
# stops the running one.
FROZEN = {
    ("Account", "AWS::Cognito::UserPool"): ["WorkforcePool"],
    ("Account", "AWS::Cognito::UserPoolClient"): ["WorkforceClient"],
    ("Account", "AWS::Cognito::UserPoolDomain"): ["WorkforceDomain"],
    ("Account", "AWS::SageMaker::Workforce"): ["Workforce"],
    ("Team", "AWS::SageMaker::Workteam"): ["WorkTeamDE9E2EF0"],
    ("Team", "AWS::Cognito::UserPoolGroup"): ["WorkTeamGroup7242E320"],
    ("Storage", "AWS::S3::Bucket"): [
        "BucketsAccessLogsA5F88218",
        "BucketsOutput3C209D31",
        "BucketsRaw686CB728",
    ],
    ("Labeling-handwritten-digits", "Custom::GroundTruthGate"): ["GateC13A0135"],
    ("Labeling-handwritten-digits", "Custom::GroundTruthLabelingJob"): ["Job1DDAA689"],
}


@pytest.mark.parametrize(("stack", "type_"), sorted(FROZEN))
def test_logical_ids_are_frozen(every_environment: Synthesis, stack: str, type_: str) -> None:
    found = sorted(r.logical_id for r in every_environment.resources(type_, stack))

    assert found == FROZEN[stack, type_]


SERVICE_TOKENS = {
    "Custom::GroundTruthBucketContents": "BucketsContentsFunction510FA934",
    "Custom::GroundTruthGate": "GateFunctionE793E133",
    "Custom::GroundTruthLabelingJob": "GateFunctionE793E133",
    "Custom::GroundTruthSampleData": "SampleDataFunction22CEA110",
    "Custom::GroundTruthWorkers": "WorkTeamWorkersFunctionC6681AC6",
}


def test_service_tokens_are_frozen(every_environment: Synthesis) -> None:
    for resource in _custom_resources(every_environment):
        assert resource.properties["ServiceToken"] == {
            "Fn::GetAtt": [SERVICE_TOKENS[resource.type], "Arn"]
        }


def test_custom_resources_are_given_up_in_minutes(
    every_environment: Synthesis,
) -> None:
    found = list(_custom_resources(every_environment))

    assert len(found) >= 5
    assert {resource.properties["ServiceTimeout"] for resource in found} == {"960"}


def test_workforce_trap_can_not_be_sprung_by_an_environment() -> None:
    """Client and pool differ between environments only in what CloudFormation updates in place.

    Anything else about them (above all GenerateSecret) would replace the workforce, which deletes
    before it creates, while work teams hold it: an update that can only fail.
    """
    in_place = {
        "WorkforcePool": {
            "DeletionProtection",
            "EnabledMfas",
            "MfaConfiguration",
            "Policies",
            "UserPoolTags",
        },
        "WorkforceClient": set(),
        "Workforce": {"Tags"},
    }
    for logical_id, allowed in in_place.items():
        each = [
            synthesize(env).templates["Account"]["Resources"][logical_id]["Properties"]
            for env in ENVIRONMENTS
        ]
        differing = {
            key
            for properties in each
            for key in set(properties) | set(each[0])
            if properties.get(key) != each[0].get(key)
        }
        assert differing <= allowed


def test_stacks_read_each_other_without_locking(every_environment: Synthesis) -> None:
    text = json.dumps(every_environment.templates)
    read = {
        (reference["StackName"].rpartition("-")[2], reference["OutputName"])
        for reference in _weak_references(every_environment.templates)
    }

    assert "Fn::ImportValue" not in text
    assert {(stack, key) for stack, key in read if stack != "Storage" or key != "KeyArn"} == {
        ("Account", "PortalUrl"),
        ("Account", "UserPoolClientId"),
        ("Account", "UserPoolId"),
        ("Account", "WorkforceName"),
        ("Storage", "OutputBucketName"),
        ("Storage", "RawBucketName"),
        ("Team", "NotificationTopicArn"),
        ("Team", "WorkteamArn"),
    }


def test_readers_are_deployed_after_what_they_read(local: Synthesis) -> None:
    artifacts = local.manifest["artifacts"]
    names = {
        key: value["displayName"].split(" ")[0].removeprefix("GroundTruth/")
        for key, value in artifacts.items()
        if value["type"] == "aws:cloudformation:stack"
    }
    after = {
        name: {names[key] for key in artifacts[artifact]["dependencies"] if key in names}
        for artifact, name in names.items()
    }

    assert after == {
        "Account": set(),
        "Storage": set(),
        "Team": {"Account"},
        "Labeling-handwritten-digits": {"Storage", "Team"},
        "Labeling-product-reviews": {"Storage", "Team"},
    }


def test_prod_is_protected_from_termination_and_local_is_not() -> None:
    def protected(env: str) -> set[str]:
        return {
            artifact["displayName"].split(" ")[0]
            for artifact in synthesize(env).manifest["artifacts"].values()
            if artifact.get("properties", {}).get("terminationProtection")
        }

    assert protected("prod") == {"GroundTruth/Account", "GroundTruth/Storage"}
    assert protected("local") == set()


@pytest.mark.parametrize("env", ["local", "dev"])
def test_nothing_is_retained_where_everything_must_go(env: str) -> None:
    """Old pre-annotation versions are kept for running jobs; they go with their function."""
    kept = {
        resource.type
        for resource in synthesize(env).resources()
        if resource.body.get("DeletionPolicy", "Delete") != "Delete"
        or resource.body.get("UpdateReplacePolicy", "Delete") != "Delete"
    }

    assert kept == {"AWS::Lambda::Version"}


def test_everything_is_tagged_with_its_environment_and_campaign(local: Synthesis) -> None:
    for resource in local.resources():
        tags = _tags(resource)
        if tags is None:
            continue
        assert tags["ground-truth:environment"] == "local", resource.path
        if resource.stack.startswith("Labeling-"):
            assert tags["ground-truth:campaign"] == resource.stack.removeprefix("Labeling-")


def test_newest_runtime_is_what_the_library_says() -> None:
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 - after the fixtures set the PATH

    python = [name for name in vars(lambda_.Runtime) if name.startswith("PYTHON_3_")]
    newest = max(int(name.rpartition("_")[2]) for name in python)

    assert f"python3.{newest}" == NEWEST_RUNTIME


def test_nothing_secret_or_account_specific_is_in_a_template(
    every_environment: Synthesis,
) -> None:
    text = json.dumps(every_environment.templates)

    assert re.findall(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", text) == []
    assert re.findall(r"AKIA[0-9A-Z]{16}", text) == []


def _masked(value: Any) -> Any:
    text = json.dumps(value)
    for pattern, replacement in HASHES:
        text = pattern.sub(replacement, text)
    masked: Any = json.loads(text)
    for resource in masked["Resources"].values():
        properties = resource.get("Properties", {})
        # of the definition, so of the templates' bytes
        for key in ("DefinitionHash", "SampleDataDigest", "Digest"):
            if key in properties:
                properties[key] = "<hash>"
        resource.get("Metadata", {}).pop("aws:asset:path", None)
    return masked


def _custom_resources(synthesis: Synthesis) -> Any:
    return (r for r in synthesis.resources() if r.type.startswith("Custom::"))


def _weak_references(value: Any) -> Any:
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            yield value["Fn::GetStackOutput"]
        for each in value.values():
            yield from _weak_references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _weak_references(each)


def _tags(resource: Resource) -> dict[str, str] | None:
    if resource.type.startswith("Custom::"):
        return None  # what a labeling job is tagged with
    properties = resource.properties
    for key in ("Tags", "UserPoolTags"):
        tags = properties.get(key)
        if isinstance(tags, dict):
            return dict(tags)
        if isinstance(tags, list):
            return {tag["Key"]: tag["Value"] for tag in tags}
    return None
