"""Streaming campaigns: what is refused, what is made, who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.definition import changed_fields, definition_hash
from stacks.config import Campaign, load
from stacks.problems import ConfigError
from tests.infra.synth import HOST, Synthesis, synthesize_project
from tests.stacks.test_chains import add, problems

if TYPE_CHECKING:
    from tests.stacks.projects import ProjectFiles

TOPIC = "arn:aws:sns:us-east-1:111122223333:objects"
STACK = "Labeling-letters"


def campaign(files: ProjectFiles) -> Campaign:
    (found,) = load(files.root, env="dev").campaigns
    return found


def synthesized(files: ProjectFiles) -> Synthesis:
    return synthesize_project(load(files.root, env="dev", host=HOST))


def statements(synthesis: Synthesis, action: str) -> list[dict[str, Any]]:
    """Every statement of the campaign's roles that allows an action."""
    policies = (
        resource.properties["PolicyDocument"]["Statement"]
        for resource in synthesis.resources()
        if resource.type.startswith("AWS::IAM::") and "PolicyDocument" in resource.properties
    )
    return [
        each
        for statement in policies
        for each in statement
        if action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("streaming.topic", "objects", "the ARN of a standard Amazon SNS topic"),
        ("streaming.topic", f"{TOPIC}.fifo", "the ARN of a standard Amazon SNS topic"),
        ("automated_labeling", {}, "such jobs take no stream"),
        ("stopping.max_labeled_objects", 5, "ignores the conditions of a streaming job"),
    ],
)
def test_what_a_stream_cannot_have_is_refused(
    files: ProjectFiles, key: str, value: object, message: str
) -> None:
    files.set_campaign("streaming", {})
    files.set_campaign(key, value)
    with pytest.raises(ConfigError, match=message):
        load(files.root, env="dev")


def test_chain_cannot_stream(files: ProjectFiles) -> None:
    add(files, "second", streaming={})
    assert any("a chain ends with its campaign" in problem for problem in problems(files))


def test_topic_is_of_the_environments_region(files: ProjectFiles) -> None:
    files.set_campaign("streaming.topic", TOPIC.replace("us-east-1", "eu-west-1"))
    with pytest.raises(ConfigError, match=r"streaming.topic"):
        load(files.root, env="dev")


def test_stream_is_part_of_what_is_asked_and_other_campaigns_keep_their_hash(
    files: ProjectFiles,
) -> None:
    before = campaign(files).definition
    files.set_campaign("streaming", {})
    after = campaign(files).definition
    assert changed_fields(before, after) == ("streaming",)
    assert "streaming" not in before.to_dict()
    assert definition_hash(before) != definition_hash(after)


def test_campaign_gets_a_topic_and_an_intake(files: ProjectFiles) -> None:
    files.set_campaign("streaming", {})
    synthesis = synthesized(files)
    subscription = synthesis.one("AWS::SNS::Subscription", STACK).properties
    assert subscription["Protocol"] == "lambda"
    assert "RedrivePolicy" in subscription
    assert synthesis.one("AWS::SNS::Topic", STACK)
    job = synthesis.one("Custom::GroundTruthLabelingJob", STACK).properties
    assert job["InputTopicArn"] == subscription["TopicArn"]


def test_given_topic_is_not_made(files: ProjectFiles) -> None:
    files.set_campaign("streaming.topic", TOPIC)
    synthesis = synthesized(files)
    assert synthesis.one("AWS::SNS::Subscription", STACK).properties["TopicArn"] == TOPIC
    assert synthesis.resources("AWS::SNS::Topic", STACK) == []


def test_roles_reach_the_campaigns_own_queues_alone(files: ProjectFiles) -> None:
    files.set_campaign("streaming.topic", TOPIC)
    synthesis = synthesized(files)
    for action in ("sqs:CreateQueue", "sqs:DeleteQueue"):
        (statement,) = statements(synthesis, action)
        assert "GroundTruth-gt-dev-letters-" in str(statement["Resource"])
    (subscribing,) = statements(synthesis, "sns:Subscribe")
    assert subscribing["Resource"] == TOPIC
    assert subscribing["Condition"]["StringEquals"] == {"sns:Protocol": "sqs"}


def test_other_campaigns_have_no_such_rights(files: ProjectFiles) -> None:
    synthesis = synthesized(files)
    for action in ("sqs:CreateQueue", "sqs:DeleteQueue", "sns:Subscribe", "sns:Unsubscribe"):
        assert statements(synthesis, action) == []
