from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from ground_truth_ops.deployment import (
    DeployedStack,
    StackKind,
    count_resources,
    find_deployment,
)
from tests.unit.ops.fakes import FakeCloudFormation

TAG = "ground-truth:environment"
RESOURCES = {
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Other": {"Type": "AWS::SNS::Topic"},
    "Gone": {"Type": "AWS::SNS::Topic", "Status": "DELETE_COMPLETE"},
}


def account(*stacks: str, environment: str = "dev") -> Any:
    cloudformation = FakeCloudFormation()
    for name in stacks:
        cloudformation.add(
            name,
            outputs={"PortalUrl": f"https://{name}/"},
            exports={"PortalUrl": name},
            resources=RESOURCES,
            tags={TAG: environment},
        )
    return cast("Any", cloudformation)


def names(stacks: tuple[DeployedStack, ...]) -> list[str]:
    return [stack.name for stack in stacks]


def test_finds_an_environments_stacks_in_the_order_they_may_go() -> None:
    parts = ("Account", "Storage", "Labeling-b-c", "Team", "Labeling-a")
    found = find_deployment(account(*(f"GroundTruth-dev-{part}" for part in parts)), "dev")
    assert names(found.stacks) == [
        "GroundTruth-dev-Labeling-a",
        "GroundTruth-dev-Labeling-b-c",
        "GroundTruth-dev-Team",
        "GroundTruth-dev-Storage",
        "GroundTruth-dev-Account",
    ]
    assert [stack.campaign for stack in found.stacks] == ["a", "b-c", None, None, None]
    assert found.labeling("b-c") == found.stacks[1]
    assert found.labeling("c") is None
    assert found.stacks[3].exports == ("GroundTruth-dev-Storage",)


@pytest.mark.parametrize(
    "other",
    [
        "GroundTruth-dev-eu-Storage",
        "GroundTruth-prod-Storage",
        "GroundTruth-dev-Storage-copy",
        "GroundTruth-dev-Labeling",
        "MyGroundTruth-dev-Storage",
        "CDKToolkit",
    ],
)
def test_leaves_stacks_of_other_names_alone(other: str) -> None:
    found = find_deployment(account(other), "dev")
    assert (found.stacks, found.others) == ((), (other,))


def test_leaves_a_stack_alone_that_is_tagged_for_another_environment() -> None:
    found = find_deployment(account("GroundTruth-dev-Storage", environment="two"), "dev")
    assert (found.stacks, found.others) == ((), ("GroundTruth-dev-Storage",))


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ((), None),
        (("Storage",), None),
        (("Account",), "https://GroundTruth-dev-Account/"),
        (("Account", "Team"), "https://GroundTruth-dev-Team/"),
    ],
)
def test_portal_url_is_the_teams_before_the_accounts(
    parts: tuple[str, ...], url: str | None
) -> None:
    found = find_deployment(account(*(f"GroundTruth-dev-{part}" for part in parts)), "dev")
    assert found.portal_url == url
    assert found.output(StackKind.STORAGE, "RawBucketName") is None


def test_counts_resources_that_exist_of_all_stacks_by_type() -> None:
    cloudformation = account("GroundTruth-dev-Account", "GroundTruth-dev-Storage")
    found = find_deployment(cloudformation, "dev")
    assert count_resources(cloudformation, found) == Counter(
        {"AWS::S3::Bucket": 2, "AWS::SNS::Topic": 4}
    )
