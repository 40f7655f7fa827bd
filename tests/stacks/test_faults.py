"""Faults that a template keeps from happening, or that synth refuses. Numbers are of the list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_cdk.function import LONGEST_TIMEOUT_SECONDS
from stacks.config import ConfigError, load
from tests.infra.synth import ROOT, Resource, Synthesis

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

JOB = "Custom::GroundTruthLabelingJob"
RIGHTS = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::Lambda::Function"}


def jobs(synthesis: Synthesis) -> list[Resource]:
    found = synthesis.resources(JOB)
    assert found
    return found


def test_fault_27_region_without_ground_truth_is_refused_at_synth(files: ProjectFiles) -> None:
    files.set_environment("region", "us-west-1")

    with pytest.raises(ConfigError) as refused:
        load(files.root, env="dev")

    assert "region without Ground Truth: got 'us-west-1', allowed" in str(refused.value)


def test_fault_28_one_stack_alone_makes_the_accounts_workforce(
    every_environment: Synthesis,
) -> None:
    made = every_environment.resources("AWS::SageMaker::Workforce")

    assert [workforce.stack for workforce in made] == ["Account"]


def test_fault_33_secret_in_the_properties_of_a_custom_resource_is_refused_at_synth() -> None:
    from aws_cdk import App, CustomResource, SecretValue, Stack  # noqa: PLC0415 - slow to import

    app = App(context=json.loads((ROOT / "cdk.json").read_text())["context"])
    CustomResource(
        Stack(app, "Stack"),
        "Resource",
        service_token="arn",
        properties={"Password": SecretValue.unsafe_plain_text("a secret").to_string()},
    )

    with pytest.raises(RuntimeError, match="secret"):
        app.synth()


def test_fault_34_job_goes_before_every_role_policy_and_function(
    every_environment: Synthesis,
) -> None:
    for job in jobs(every_environment):
        rights = {
            resource.logical_id
            for resource in every_environment.resources(stack=job.stack)
            if resource.type in RIGHTS
        }
        assert rights - set(job.depends_on) == set()


def test_fault_34_job_goes_before_key_and_bucket_policies_of_its_storage(
    every_environment: Synthesis,
) -> None:
    stacks = {
        artifact["displayName"].split(" ")[0]: artifact.get("dependencies", [])
        for artifact in every_environment.manifest["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    for job in jobs(every_environment):
        needed = " ".join(stacks[f"GroundTruth/{job.stack}"])
        assert "GroundTruthStorage" in needed
        assert "GroundTruthTeam" in needed


def test_fault_35_no_custom_resource_waits_for_the_default_hour(
    every_environment: Synthesis,
) -> None:
    waiting = {
        resource.path: int(resource.properties["ServiceTimeout"])
        for resource in every_environment.resources()
        if resource.type.startswith("Custom::")
    }

    assert len(waiting) > len(jobs(every_environment))
    assert {
        path: seconds
        for path, seconds in waiting.items()
        if not LONGEST_TIMEOUT_SECONDS < seconds <= 960
    } == {}


def test_fault_36_no_function_is_in_a_vpc(every_environment: Synthesis) -> None:
    functions = every_environment.resources("AWS::Lambda::Function")

    assert functions
    assert [f.path for f in functions if f.properties.get("VpcConfig")] == []


def test_fault_39_kept_buckets_and_key_go_when_their_first_deployment_is_rolled_back(
    prod: Synthesis,
) -> None:
    policies: dict[str, Any] = {
        resource.logical_id: resource.body.get("DeletionPolicy", "Delete")
        for kind in ("AWS::S3::Bucket", "AWS::KMS::Key")
        for resource in prod.resources(kind, "Storage")
    }

    # Plain "Retain" would leave them behind; "RetainExceptOnCreate" keeps them afterwards
    assert len(policies) > 3
    assert set(policies.values()) == {"RetainExceptOnCreate", "Delete"}
