"""Names that must never change, and what reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks.config import load
from stacks.workforce import Workforce
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.projects import ADOPTED, ProjectFiles

# The names other stacks, operations and people's bookmarks rely on.
OUTPUTS = {
    "Account": [
        "PortalDomain",
        "PortalUrl",
        # what the gate compares with: the workforce and its sign-in never change
        "SignInDomain",
        "UserPoolClientId",
        "UserPoolId",
        "WorkforceName",
    ],
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
    ("Account", "Custom::GroundTruthWorkforceGate"): ["PrivateWorkforceGate1386BB39"],
    ("Account", "Custom::GroundTruthPortal"): ["PrivateWorkforceGatePortal8815A6F1"],
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
    "Custom::GroundTruthPortal": "PrivateWorkforceGateFunction61099763",
    "Custom::GroundTruthSampleData": "SampleDataFunction22CEA110",
    "Custom::GroundTruthWorkers": "WorkTeamWorkersFunctionC6681AC6",
    "Custom::GroundTruthWorkforceGate": "PrivateWorkforceGateFunction61099763",
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


# Properties whose change replaces the resource (the types' createOnlyProperties), for the pool also
# those that no update can change.
REPLACING = {
    "WorkforcePool": {"UsernameAttributes", "UsernameConfiguration", "AliasAttributes", "Schema"},
    "WorkforceDomain": {"Domain", "UserPoolId"},
    "WorkforceClient": {"GenerateSecret", "UserPoolId"},
    "Workforce": {"WorkforceName", "CognitoConfig"},
}
ANOTHER_VALUE: dict[str, Any] = {
    "name": "renamed",
    "domain_prefix": "another-prefix",
    "portal_scheme": "http",
    "mfa": "required",
    "deletion_protection": True,
    "invitation_valid_days": 3,
    "source_ips": ["203.0.113.0/24"],
}
# By another value of a key, what would be replaced, and the gate's property that refuses it first.
REFUSED_BY_THE_GATE = {
    "name": ({"Workforce": {"WorkforceName"}}, "WorkforceName"),
    "domain_prefix": ({"WorkforceDomain": {"Domain"}}, "DomainPrefix"),
}
# Keys that decide whose workforce it is: another mode has no Account stack at all, a provider has
# no pool. The gate refuses them on the deployed stack (tests/unit/functions/test_workforce.py).
OF_ANOTHER_KIND = {"mode", "oidc", "user_pool_id", "client_id", "repair_client"}


def test_every_key_of_the_workforce_is_known_here() -> None:
    assert set(Workforce.model_fields) == set(ANOTHER_VALUE) | OF_ANOTHER_KIND


@pytest.mark.parametrize("key", sorted(ANOTHER_VALUE))
def test_workforce_trap_can_not_be_sprung_by_an_environment(files: ProjectFiles, key: str) -> None:
    """What replaces pool, client or workforce deletes before it makes, while teams hold on to it.

    So an update like that can only fail half-way: no key leads there, or the gate refuses it.
    """
    before = _account(files)
    files.set_environment("workforce", {key: ANOTHER_VALUE[key]})
    after = _account(files)

    replaced = {
        logical_id: changed & REPLACING[logical_id]
        for logical_id in REPLACING
        if (changed := _changed(before[logical_id], after[logical_id])) & REPLACING[logical_id]
    }

    expected, asked = REFUSED_BY_THE_GATE.get(key, ({}, None))
    assert replaced == expected
    if asked is not None:
        assert asked in _changed(before[GATE], after[GATE])


def test_adopting_takes_no_stack_of_the_workforce_along(files: ProjectFiles) -> None:
    """An Account stack without its pool would delete it; without the stack nothing happens."""
    files.set_environment("workforce", ADOPTED)

    assert sorted(_templates(files)) == ["Labeling-letters", "Storage", "Team"]


GATE = "PrivateWorkforceGate1386BB39"


def _account(files: ProjectFiles) -> dict[str, Any]:
    resources: dict[str, Any] = dict(_templates(files)["Account"]["Resources"])
    return resources


def _templates(files: ProjectFiles) -> Any:
    return synthesize_project(load(files.root, env="dev", host=HOST)).templates


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    old, new = before["Properties"], after["Properties"]
    return {key for key in set(old) | set(new) if old.get(key) != new.get(key)}


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
