"""Events, metrics and logs of a service; the wire protocol in front of one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ground_truth_local.platform import environment, sagemaker_api
from ground_truth_local.platform.clients import Clients
from ground_truth_local.platform.embedded import EmbeddedPlatform
from ground_truth_local.platform.hooks import services
from ground_truth_local.platform.hooks.private import private
from ground_truth_local.platform.port import ServiceError

pytestmark = pytest.mark.usefixtures("ministack")

ACCOUNT, REGION = environment.ACCOUNT_ID, "us-east-1"
PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job"
CHANGE = "SageMaker Ground Truth Labeling Job State Change"


@pytest.fixture
def platform() -> EmbeddedPlatform:
    root = environment.make_root_key()
    return EmbeddedPlatform(
        region=REGION,
        account_id=ACCOUNT,
        endpoint_url="http://127.0.0.1:1",
        media_url="http://127.0.0.1:2",
        clients=Clients(region=REGION, endpoint="http://127.0.0.1:1", root=root, authority=None),
    )


@pytest.fixture
def queue() -> Iterator[list[dict[str, Any]]]:
    """What a rule for jobs named `mine-…` puts into an SQS queue."""
    events, sqs = "services.eventbridge", "services.sqs"
    with services.scope(ACCOUNT, REGION):
        url = private(sqs, "_act_create_queue")({"QueueName": "changes"}, "")["QueueUrl"]
        pattern = {
            "source": ["aws.sagemaker"],
            "detail-type": [CHANGE],
            "resources": [{"prefix": f"{PREFIX}/mine-"}],
        }
        private(events, "_ensure_default_bus")()
        private(events, "_put_rule")({"Name": "mine", "EventPattern": json.dumps(pattern)})
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"
        private(events, "_put_targets")({"Rule": "mine", "Targets": [{"Id": "1", "Arn": arn}]})
        yield private(sqs, "_queues")[url]["messages"]


def test_service_event_reaches_rules_for_its_resources_alone(
    platform: EmbeddedPlatform, queue: list[dict[str, Any]]
) -> None:
    for job in ("mine-1", "other-1"):
        platform.put_service_event(
            source="aws.sagemaker",
            detail_type=CHANGE,
            resources=[f"{PREFIX}/{job}"],
            detail={"LabelingJobStatus": "Completed"},
        )
    (message,) = queue
    event = json.loads(message["body"])
    assert event["resources"] == [f"{PREFIX}/mine-1"]
    assert event["detail"] == {"LabelingJobStatus": "Completed"}
    assert (event["source"], event["account"], event["region"]) == (
        "aws.sagemaker",
        ACCOUNT,
        REGION,
    )


def test_metric_goes_into_an_aws_namespace(platform: EmbeddedPlatform) -> None:
    platform.put_service_metric(
        namespace="AWS/SageMaker", name="JobsSucceeded", dimensions={"Job": "j"}, value=2
    )
    with services.scope(ACCOUNT, REGION):
        stored = private("services.cloudwatch", "_metrics")
        points = [
            p
            for key, ps in stored.items()
            if key[:2] == ("AWS/SageMaker", "JobsSucceeded")
            for p in ps
        ]
    assert [(p["Value"], p["Unit"], p["Dimensions"]) for p in points] == [
        (2.0, "Count", {"Job": "j"})
    ]


def role(name: str, *actions: str) -> str:
    """ARN of a role that may do so everywhere."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    arn = ":".join(("arn", "aws", "iam", "", ACCOUNT, f"role/{name}"))
    with services.scope(ACCOUNT, REGION):
        private("services.iam", "_roles")[name] = {
            "Arn": arn,
            "InlinePolicies": {"all": json.dumps({"Statement": [statement]})},
        }
    return arn


def test_log_lines_keep_their_order(platform: EmbeddedPlatform) -> None:
    writer = role("writer", "logs:*")
    for line in ("one", "two"):
        platform.log("/aws/sagemaker/LabelingJobs", "job", line, role_arn=writer)
    with services.scope(ACCOUNT, REGION):
        group = private("services.cloudwatch_logs", "_log_groups")["/aws/sagemaker/LabelingJobs"]
    assert [event["message"] for event in group["streams"]["job"]["events"]] == ["one", "two"]


@pytest.mark.parametrize(
    "missing", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
)
def test_log_line_is_lost_where_the_role_may_not_write(
    platform: EmbeddedPlatform, missing: str
) -> None:
    every = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    writer = role(f"no-{missing[5:]}", *(action for action in every if action != missing))
    platform.log(f"/lost/{missing[5:]}", "job", "line", role_arn=writer)
    with services.scope(ACCOUNT, REGION):
        assert f"/lost/{missing[5:]}" not in private("services.cloudwatch_logs", "_log_groups")


@pytest.mark.parametrize(("action", "points"), [("cloudwatch:PutMetricData", 1), ("logs:*", 0)])
def test_metric_is_put_as_far_as_the_role_may(
    platform: EmbeddedPlatform, action: str, points: int
) -> None:
    namespace = f"AWS/{action.partition(':')[0]}"
    platform.put_service_metric(
        namespace=namespace, name="n", dimensions={}, value=1, role_arn=role("measures", action)
    )
    with services.scope(ACCOUNT, REGION):
        stored = private("services.cloudwatch", "_metrics")
        assert sum(namespace in str(key) for key in list(stored.keys())) == points


class Service:
    """Answers `Good…`, refuses `Bad…`, fails at `Broken…`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Mapping[str, object], str]] = []

    def call(self, operation: str, params: Mapping[str, object], caller_arn: str) -> Any:
        self.calls.append((operation, params, caller_arn))
        if operation.startswith("Bad"):
            raise ServiceError("ResourceInUse", "it is in use", 409)
        if operation.startswith("Broken"):
            raise RuntimeError("a secret detail")
        return {"When": datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC), "Name": params["Name"]}

    def start(self) -> None: ...

    def stop(self) -> None: ...


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call an operation through the registered handler: (status, error type, answer)."""
    handlers: dict[str, Any] = {}
    monkeypatch.setattr(services, "add_iam_service", lambda *_, **__: None)
    monkeypatch.setattr(
        services, "add_service", lambda name, *, handler, **_: handlers.update({name: handler})
    )
    service = Service()
    sagemaker_api.install(lambda: service, partition="aws")

    def call(operation: str, body: bytes) -> tuple[int, str | None, Any]:
        headers = {"x-amz-target": f"SageMaker.{operation}"}
        answered = asyncio.run(handlers["sagemaker"]("POST", "/", headers, body, {}))
        status, sent, raw = answered
        assert sent["Content-Type"] == "application/x-amz-json-1.1"
        return status, sent.get("x-amzn-errortype"), json.loads(raw)

    call.service = service  # type: ignore[attr-defined]
    return call


def test_answer_carries_timestamps_as_epoch_seconds(ask: Any) -> None:
    assert ask("GoodCall", b'{"Name": "n"}') == (200, None, {"When": 1767323045.678, "Name": "n"})
    ((operation, params, caller),) = ask.service.calls
    assert (operation, params) == ("GoodCall", {"Name": "n"})
    assert caller == f"arn:aws:iam::{ACCOUNT}:root"


def test_refusal_keeps_its_code_message_and_status(ask: Any) -> None:
    answer = {"__type": "ResourceInUse", "message": "it is in use"}
    assert ask("BadCall", b"{}") == (409, "ResourceInUse", answer)


def test_failure_inside_is_an_internal_failure_without_details(ask: Any) -> None:
    status, code, answer = ask("BrokenCall", b"{}")
    assert (status, code) == (500, "InternalFailure")
    assert "secret" not in answer["message"]


@pytest.mark.parametrize("body", [b"not json", b"[]", b'"x"'])
def test_body_that_is_no_object_is_a_serialization_exception(ask: Any, body: bytes) -> None:
    assert ask("GoodCall", body)[:2] == (400, "SerializationException")
    assert ask.service.calls == []
