"""From the event to the answer: every custom resource of this room always says something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ground_truth_functions import bucket_contents, custom_resource, sample_data, workers
from ground_truth_functions.aws import client
from tests.unit.functions.conftest import STACK_ID, make_request

Handler = Callable[[Mapping[str, object], object], None]
URL = "https://127.0.0.1/never-reached"


@pytest.fixture
def answers(cloud: None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    def keep(url: str, body: bytes, **_: object) -> None:
        assert url == URL
        sent.append(json.loads(body))

    monkeypatch.setattr(custom_resource, "deliver", keep)
    return sent


def make_event(kind: str, properties: dict[str, Any] | None) -> dict[str, Any]:
    event = {
        "RequestType": kind,
        "ResponseURL": URL,
        "StackId": STACK_ID,
        "RequestId": "request-1",
        "LogicalResourceId": "Thing",
        "ResourceType": "Custom::GroundTruthThing",
    }
    if properties is not None:
        event["ResourceProperties"] = properties  # type: ignore[assignment]
    if kind != "Create":
        event["PhysicalResourceId"] = custom_resource.stable_physical_id(make_request())
    return event


ALL = pytest.mark.parametrize(
    "handler",
    [workers.handler, bucket_contents.handler, sample_data.handler],
    ids=["workers", "bucket_contents", "sample_data"],
)


@ALL
@pytest.mark.parametrize("properties", [None, {}, {"ServiceToken": "x"}], ids=str)
@pytest.mark.parametrize("kind", ["Create", "Update", "Replace"])
def test_answers_failed_for_missing_properties_and_unknown_requests(
    answers: list[dict[str, Any]],
    handler: Handler,
    kind: str,
    properties: dict[str, Any] | None,
) -> None:
    handler(make_event(kind, properties), None)
    (sent,) = answers
    assert sent["Status"] == "FAILED"
    assert sent["Reason"]
    assert sent["PhysicalResourceId"]


def test_answers_success_for_a_team(answers: list[dict[str, Any]]) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    cognito.create_group(UserPoolId=pool, GroupName="g")
    properties = {"UserPoolId": pool, "GroupName": "g", "Workers": [{"Email": "a@example.com"}]}
    workers.handler(make_event("Create", properties), None)
    workers.handler(make_event("Delete", properties), None)
    assert [(sent["Status"], sent["PhysicalResourceId"]) for sent in answers] == [
        ("SUCCESS", custom_resource.stable_physical_id(make_request()))
    ] * 2


def test_answers_success_for_buckets_of_a_new_stack(answers: list[dict[str, Any]]) -> None:
    properties = {"Buckets": ["raw", "output"], "GuardedBucket": "output"}
    bucket_contents.handler(make_event("Create", properties), None)
    assert [sent["Status"] for sent in answers] == ["SUCCESS"]


def test_answers_failed_when_the_stack_can_not_be_described(
    answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Denying:
        def describe_stacks(self, **_: object) -> None:
            raise ClientError(
                {"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks"
            )

    monkeypatch.setattr(bucket_contents, "client", lambda _name: Denying())
    properties = {"Buckets": ["raw", "output"], "GuardedBucket": "output"}
    bucket_contents.handler(make_event("Delete", properties), None)
    (sent,) = answers
    assert sent["Status"] == "FAILED"
    assert "AccessDenied" in sent["Reason"]
    assert "DescribeStacks" in sent["Reason"]
