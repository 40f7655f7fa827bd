"""A local AWS that misbehaves: what its clients, functions and stacks see of it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from ssl import create_default_context
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.local.platform.server import (
    Server,
    StackFailedError,
    allow,
    delete,
    deploy,
    make_function,
    reasons,
    role_with,
    running,
    settled,
    wait_for,
)

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
# Notes every event in a bucket, then answers as its properties say
NOTING = """
import json, os, time, urllib.request
import boto3
def handler(event, context):
    s3 = boto3.client("s3")
    asked = event.get("ResourceProperties", {})
    note = {"type": event.get("RequestType"), "request": event.get("RequestId"),
            "physical": event.get("PhysicalResourceId"), "lambda": context.aws_request_id}
    s3.put_object(Bucket="notes", Key=f"{asked.get('Name')}/{time.time_ns()}",
                  Body=json.dumps(note).encode())
    s3.put_object(Bucket="notes", Key=f"work/{asked.get('Name')}")
    if asked.get("Silent") == event["RequestType"]:
        return
    fails = asked.get("Fails") == event["RequestType"]
    answer = {"Status": "FAILED" if fails else "SUCCESS", "Reason": "as asked",
        "PhysicalResourceId": event.get("PhysicalResourceId") or "chosen",
        **{k: event[k] for k in ("StackId", "RequestId", "LogicalResourceId")},
        "Data": {"Long": "x" * int(asked.get("Long", 0))}}
    body = json.dumps(answer).encode()
    for _ in range(5):
        try:
            request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT")
            urllib.request.urlopen(request)
            return
        except urllib.error.HTTPError:
            time.sleep(0.05)
    raise RuntimeError("nobody takes the answer")
"""


@dataclass(frozen=True)
class Faulty:
    """A running local AWS and its control surface."""

    server: Server

    def ask(self, method: str, path: str = "", body: object = None, token: str = "") -> Any:
        faults = self.server.state["faults"]
        request = urllib.request.Request(
            f"{faults['url']}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or faults['token']}"},
        )
        context = create_default_context(cafile=self.server.variables["AWS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=context) as answer:
            return json.loads(answer.read())

    def add(self, **rule: object) -> int:
        number: int = self.ask("POST", body=rule)["id"]
        return number

    def fired(self, number: int) -> int:
        found: int = next(r["fired"] for r in self.ask("GET") if r["id"] == number)
        return found

    def notes(self, name: str) -> list[dict[str, Any]]:
        s3 = self.server.client("s3")
        keys = s3.list_objects_v2(Bucket="notes", Prefix=f"{name}/").get("Contents", [])
        return [
            json.loads(s3.get_object(Bucket="notes", Key=item["Key"])["Body"].read())
            for item in keys
        ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("faulty"), "--faults") as started:
        started.client("s3").create_bucket(Bucket="notes")
        yield started


@pytest.fixture
def faulty(server: Server) -> Iterator[Faulty]:
    found = Faulty(server)
    yield found
    found.ask("DELETE")


def resources(name: str, **asked: object) -> dict[str, Any]:
    """A custom resource, its function, and the role of both."""
    rights = {"PolicyName": "notes", "PolicyDocument": _policy(allow("s3:PutObject"))}
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": [rights]},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": f"noting-{name}",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": NOTING},
                "Timeout": 20,
            },
        },
        "Noted": {
            "Type": "Custom::Noted",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                "ServiceTimeout": 20,
                "Name": name,
                **asked,
            },
        },
    }


def delete_at_last(server: Server, stack: str) -> None:
    """Delete a stack whose service timeout is so short that a busy machine misses it at times."""

    def deleted() -> bool:
        try:
            delete(server, stack)
        except StackFailedError:
            return False
        return True

    wait_for(deleted, f"end of {stack}")


def _policy(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# -- the control surface


def test_without_the_flag_there_is_no_control_surface(tmp_path_factory: Any) -> None:
    with running(tmp_path_factory.mktemp("plain")) as plain:
        assert plain.state["faults"] is None
        asked = Faulty(
            Server(
                process=plain.process,
                state={"faults": {"url": f"{plain.state['endpoint']}/_faults", "token": "x"}},
                variables=plain.variables,
            )
        )
        with pytest.raises(urllib.error.HTTPError):
            asked.add(kind="fail", message="x")


def test_control_surface_wants_the_token_of_the_run(faulty: Faulty) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("DELETE", "/1")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            faulty.ask(method, path, token="guess")


def test_rule_that_says_nonsense_is_refused_with_what_is_allowed(faulty: Faulty) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        faulty.add(kind="burn")
    assert "kind is 'burn', allowed are refuse," in refused.value.read().decode()


def test_rules_are_listed_and_cleared(faulty: Faulty) -> None:
    first = faulty.add(kind="lose", operation="GetObject", containing="digits")
    second = faulty.add(kind="fail", message="ClientError: no")
    faulty.ask("DELETE", f"/{first}")

    (left,) = faulty.ask("GET")

    assert (left["id"], left["kind"], left["message"]) == (second, "fail", "ClientError: no")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        faulty.ask("DELETE", f"/{first}")


# -- calls


@pytest.mark.parametrize(
    ("service", "operation", "params", "call"),
    [
        ("sagemaker", "ListLabelingJobs", {}, "list_labeling_jobs"),
        ("s3", "GetObject", {"Bucket": "notes", "Key": "refused"}, "get_object"),
        ("cloudformation", "DescribeStacks", {"StackName": "Refused"}, "describe_stacks"),
        ("cognito-idp", "ListUserPools", {"MaxResults": 1}, "list_user_pools"),
        ("lambda", "GetFunction", {"FunctionName": "refused"}, "get_function"),
        ("iam", "GetRole", {"RoleName": "refused"}, "get_role"),
        ("sns", "ListTopics", {}, "list_topics"),
        ("cloudwatch", "PutMetricData", {"Namespace": "x", "MetricData": []}, "put_metric_data"),
    ],
)
def test_refusal_comes_in_the_services_own_protocol(
    faulty: Faulty, service: str, operation: str, params: dict[str, Any], call: str
) -> None:
    number = faulty.add(
        kind="refuse", operation=operation, code="SlowDown", message="as <asked>", status=503
    )
    with pytest.raises(ClientError) as refused:
        getattr(faulty.server.client(service), call)(**params)
    error = refused.value.response
    assert (error["Error"]["Code"], error["Error"]["Message"]) == ("SlowDown", "as <asked>")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert faulty.fired(number) == 1


def test_nth_call_alone_is_refused(faulty: Faulty) -> None:
    sagemaker = faulty.server.client("sagemaker")
    faulty.add(kind="refuse", operation="ListWorkteams", skip=1, times=1)

    def works() -> bool:
        try:
            sagemaker.list_workteams()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"
            return False
        return True

    assert [works() for _ in range(4)] == [True, False, True, True]


def test_delayed_call_is_performed_later(faulty: Faulty) -> None:
    faulty.add(kind="delay", operation="ListWorkteams", seconds=0.6)
    began = time.monotonic()
    faulty.server.client("sagemaker").list_workteams()
    assert time.monotonic() - began >= 0.6


@pytest.mark.parametrize("key", ["lost", "with space + plus/ünicode"])
def test_call_whose_answer_is_lost_was_performed(faulty: Faulty, key: str) -> None:
    s3 = faulty.server.client("s3")
    faulty.add(kind="lose", operation="PutObject", containing=key, times=1)
    with pytest.raises(ConnectionClosedError):
        s3.put_object(Bucket="notes", Key=key, Body=b"kept")
    assert s3.get_object(Bucket="notes", Key=key)["Body"].read() == b"kept"


# -- functions


def test_function_that_dies_is_run_again_twice_with_its_event_and_request_id(
    faulty: Faulty,
) -> None:
    role = role_with(faulty.server, "dying", allow("s3:PutObject"))
    make_function(faulty.server, "dying", NOTING, role, Timeout=20)
    number = faulty.add(kind="kill", operation="PutObject", containing="work/always")
    event = {"RequestType": "Event", "ResourceProperties": {"Name": "always", "Silent": "Event"}}

    faulty.server.client("lambda").invoke(
        FunctionName="dying", InvocationType="Event", Payload=json.dumps(event)
    )
    wait_for(lambda: faulty.fired(number) == 3, "third death")
    noted = faulty.notes("always")

    assert [note["type"] for note in noted] == ["Event"] * 3
    assert len({note["lambda"] for note in noted}) == 1


def test_throttled_event_waits_for_its_function(faulty: Faulty) -> None:
    role = role_with(faulty.server, "throttled", allow("s3:PutObject"))
    make_function(faulty.server, "throttled", NOTING, role, Timeout=20)
    functions = faulty.server.client("lambda")
    functions.put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    event = {"RequestType": "Event", "ResourceProperties": {"Name": "queued", "Silent": "Event"}}
    functions.invoke(FunctionName="throttled", InvocationType="Event", Payload=json.dumps(event))

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        functions.invoke(FunctionName="throttled", Payload=json.dumps(event))
    assert faulty.notes("queued") == []
    functions.delete_function_concurrency(FunctionName="throttled")

    wait_for(lambda: faulty.notes("queued"), "run of the queued event")


LOGGING = """
import logging
def handler(event, context):
    log = logging.getLogger("ours")
    log.setLevel(logging.INFO)
    log.info("at work")
    logging.getLogger("theirs").info("too much")
"""


def test_functions_log_lines_are_in_its_log_group_as_with_lambdas_runtime(server: Server) -> None:
    role = role_with(server, "logging", allow("logs:*"))
    make_function(server, "logging", LOGGING, role)
    server.client("lambda").invoke(FunctionName="logging")
    events = server.client("logs").filter_log_events(logGroupName="/aws/lambda/logging")["events"]
    lines = [event["message"] for event in events]
    assert [line for line in lines if "at work" in line and line.startswith("[INFO]")] != []
    assert [line for line in lines if "too much" in line] == []


# -- custom resources


def test_function_that_dies_once_answers_the_second_time(faulty: Faulty) -> None:
    number = faulty.add(kind="kill", operation="PutObject", containing="work/once", times=1)
    deploy(faulty.server, "Once", resources("once"))
    noted = faulty.notes("once")

    assert faulty.fired(number) == 1
    assert [note["type"] for note in noted] == ["Create", "Create"]
    assert len({note["request"] for note in noted}) == 1


@pytest.mark.parametrize(
    ("name", "asked", "physical"),
    [("failing", {"Fails": "Create"}, "chosen"), ("silent", {"Silent": "Create"}, "")],
)
def test_failed_create_is_followed_by_a_delete(
    faulty: Faulty, name: str, asked: dict[str, str], physical: str
) -> None:
    with pytest.raises(StackFailedError):
        deploy(faulty.server, name, resources(name, ServiceTimeout=3, **asked))
    wait_for(lambda: len(faulty.notes(name)) > 1, "second event")
    seen = {note["type"]: note["physical"] for note in faulty.notes(name)}

    assert set(seen) == {"Create", "Delete"}
    assert seen["Delete"] == physical or seen["Delete"].startswith(f"{name}-Noted-")


def test_service_timeout_counts_from_the_event(faulty: Faulty) -> None:
    began = time.monotonic()
    late = faulty.add(kind="delay", operation="PutObject", containing="work/late", seconds=20)
    with pytest.raises(StackFailedError, match="timed out after 2s"):
        deploy(faulty.server, "Late", resources("late", ServiceTimeout=2))
    faulty.ask("DELETE", f"/{late}")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(("long", "works"), [(3000, True), (5000, False)])
def test_answer_over_4096_bytes_is_a_failure(faulty: Faulty, long: int, works: bool) -> None:
    name = f"long-{long}"
    if works:
        deploy(faulty.server, name, resources(name, Long=long))
        return
    with pytest.raises(StackFailedError, match="Response object is too long"):
        deploy(faulty.server, name, resources(name, Long=long))


def test_answer_that_is_not_taken_is_repeated(faulty: Faulty) -> None:
    number = faulty.add(kind="answer", status=503, containing="stack/Untaken/", times=3)
    deploy(faulty.server, "Untaken", resources("untaken"))
    assert faulty.fired(number) == 3
    assert len(faulty.notes("untaken")) == 1


def test_answer_that_is_never_taken_ends_in_the_service_timeout(faulty: Faulty) -> None:
    faulty.add(kind="answer", status=503, containing="stack/Never/")
    # retained by a deletion and not by a rollback: it is what the rollback fails to delete, too
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "RetainExceptOnCreate"}
    needed = {"Topic": {**topic, "Properties": {"DisplayName": {"Ref": "Role"}}}}
    given = resources("never", ServiceTimeout=3, Topic={"Ref": "Topic"}) | needed
    with pytest.raises(StackFailedError, match="timed out"):
        deploy(faulty.server, "Never", given)
    assert "timed out after 3s" in reasons(faulty.server, "Never")
    found = settled(faulty.server, "Never")
    assert found["StackStatus"] == "ROLLBACK_FAILED"
    faulty.ask("DELETE")

    # what could not be deleted, and what that needs, is still there to be tried again
    delete_at_last(faulty.server, "Never")

    assert [note["type"] for note in faulty.notes("never")].count("Delete") > 1


def test_reserved_concurrency_of_a_template_throttles_its_function(faulty: Faulty) -> None:
    none = resources("none", ServiceTimeout=2)
    none["Function"]["Properties"]["ReservedConcurrentExecutions"] = 0
    with pytest.raises(StackFailedError, match="timed out after 2s"):
        deploy(faulty.server, "None", none)
    assert faulty.notes("none") == []
    assert settled(faulty.server, "None")["StackStatus"] == "ROLLBACK_FAILED"
    faulty.server.client("lambda").delete_function_concurrency(FunctionName="noting-none")
    delete_at_last(faulty.server, "None")
    assert "Delete" in [note["type"] for note in faulty.notes("none")]


def test_clock_goes_ahead_by_whole_seconds_only(faulty: Faulty) -> None:
    assert faulty.ask("POST", "/clock", {"seconds": 1}) is None
    for wrong in ({"seconds": 0}, {"seconds": -5}, {"seconds": "60"}, [60]):
        with pytest.raises(urllib.error.HTTPError) as refused:
            faulty.ask("POST", "/clock", wrong)
        assert "time goes ahead" in refused.value.read().decode()
