"""Names that must never change, and what reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.synth import ENVIRONMENTS, Synthesis, synthesize

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

KEYS = {"KeyArn", "OperationsKeyArn"}  # of environments that have some


@pytest.mark.parametrize("stack", sorted(OUTPUTS))
def test_outputs_keep_their_names(every_environment: Synthesis, stack: str) -> None:
    outputs = set(every_environment.templates[stack]["Outputs"]) - KEYS

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
    assert {(stack, key) for stack, key in read if key not in KEYS} == {
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
    assert _order(local) == {
        "Account": set(),
        "Storage": set(),
        "Team": {"Account"},
        "Labeling-handwritten-digits": {"Storage", "Team"},
        "Labeling-product-reviews": {"Storage", "Team"},
    }


def test_keys_are_there_before_what_they_encrypt(prod: Synthesis) -> None:
    order = _order(prod)

    assert [name for name, after in order.items() if "Storage" not in after] == ["Storage"]


def _order(synthesis: Synthesis) -> dict[str, set[str]]:
    """Stack to the stacks deployed before it."""
    artifacts = synthesis.manifest["artifacts"]
    names = {
        key: value["displayName"].split(" ")[0].removeprefix("GroundTruth/")
        for key, value in artifacts.items()
        if value["type"] == "aws:cloudformation:stack"
    }
    return {
        name: {names[key] for key in artifacts[artifact]["dependencies"] if key in names}
        for artifact, name in names.items()
    }


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
