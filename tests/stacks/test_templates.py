"""The synthesized environments: snapshots, rules, what is kept, protected and tagged."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from ground_truth.limits import GROUND_TRUTH_REGIONS
from ground_truth_cdk.function import NEWEST_RUNTIME
from ground_truth_ops.doctor.account import BOOTSTRAP_VERSION
from tests.infra.cfn_lint import findings
from tests.infra.synth import (
    ENVIRONMENTS,
    Resource,
    Synthesis,
    synthesize,
)

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

    matched = {(entry["at"], entry["id"]) for entry in every_environment.acknowledged}
    given = {entry for entry in every_environment.given if not entry[1].startswith("Annotation::")}

    assert sorted(given - matched) == []


def test_every_acknowledgement_is_on_the_smallest_construct(every_environment: Synthesis) -> None:
    """On the resource, or on the construct that is nothing but the resource."""
    wider = [
        entry
        for entry in every_environment.acknowledged
        if entry["found"].removesuffix("/Resource") != entry["at"].removesuffix("/Resource")
    ]

    assert wider == []


def test_prod_accepts_nothing_but_what_its_decision_lists(prod: Synthesis) -> None:
    """ADR 17 has the reasons: a handful for every function, bucket and queue, and wildcards."""
    found = Counter(tuple(entry["id"].partition("[")[0].split("::")) for entry in prod.acknowledged)
    functions, buckets, queues = (
        len(prod.resources(kind))
        for kind in ("AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SQS::Queue")
    )
    rules = {
        "S3BucketReplicationEnabled": buckets,
        "S3DefaultEncryptionKMS": 1,
        "LambdaConcurrency": functions,
        "LambdaDLQ": functions - queues,
        "LambdaInsideVPC": functions,
    }
    wildcards = found.pop(("AwsSolutions", "AwsSolutions-IAM5"))

    assert found == {
        ("AwsSolutions", "AwsSolutions-COG8"): 1,
        **{("NIST.800.53.R5", f"NIST.800.53.R5-{rule}"): n for rule, n in rules.items()},
        **{("HIPAA.Security", f"HIPAA.Security-{rule}"): n for rule, n in rules.items()},
        **{
            ("PCI.DSS.321", f"PCI.DSS.321-{rule}"): n
            for rule, n in rules.items()
            if rule not in {"LambdaConcurrency", "LambdaDLQ"}
        },
        ("Serverless", "Serverless-LambdaDLQ"): functions - queues,
        ("Serverless", "Serverless-LambdaTracing"): functions,
        ("Serverless", "Serverless-SQSRedrivePolicy"): queues,
    }
    assert wildcards <= 14 * len(prod.resources("Custom::GroundTruthLabelingJob"))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_cfn_lint_finds_nothing_in_any_region_with_ground_truth(env: str) -> None:
    found = {
        stack: findings(template, regions=GROUND_TRUTH_REGIONS)
        for stack, template in synthesize(env).templates.items()
    }

    assert found == {stack: [] for stack in STACKS}


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


def test_bootstrap_version_the_doctor_asks_for_is_the_templates(local: Synthesis) -> None:
    artifacts = [
        artifact.get("properties", {}) for artifact in local.manifest["artifacts"].values()
    ]
    wanted = {each.get("requiresBootstrapStackVersion") for each in artifacts} - {None}

    assert wanted == {BOOTSTRAP_VERSION}


def test_nothing_secret_or_account_specific_is_in_a_template(
    every_environment: Synthesis,
) -> None:
    text = json.dumps(every_environment.templates)

    # but for a key's administrators, which the library writes with the partition of the region
    assert "arn:aws:" not in text.replace('"arn:aws:iam::"', "")
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
