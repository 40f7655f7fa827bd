"""CloudFormation acts as the role it is given: every change is asked of IAM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import (
    Server,
    StackFailedError,
    allow,
    make_function,
    reasons,
    role_with,
    settled,
)

ACCOUNT = "000000000000"
QUEUE = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "ours"}}}
HANDLE = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
MAKING = ["sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:TagQueue"]
QUEUES = [*MAKING, "sqs:DeleteQueue", "sqs:SetQueueAttributes"]


def arn(service: str, resource: str, region: str = "us-east-1") -> str:
    return ":".join(("arn", "aws", service, region, ACCOUNT, resource))


def deployer(server: Server, name: str, *statements: dict[str, object]) -> str:
    """A role for CloudFormation with these rights."""
    role = role_with(server, name, *statements)
    trust(server, name, Service="cloudformation.amazonaws.com")
    return role


def trust(server: Server, name: str, **principal: str) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    server.client("iam").update_assume_role_policy(
        RoleName=name, PolicyDocument=json.dumps(document)
    )


def deploy_as(
    server: Server, role: str, stack: str, resources: object, client: Any = None, **more: Any
) -> str:
    """Create a stack with a role, or change it; the stack's id."""
    cloudformation = client or server.client("cloudformation")
    known = {s["StackName"] for s in server.client("cloudformation").describe_stacks()["Stacks"]}
    operation = cloudformation.update_stack if stack in known else cloudformation.create_stack
    given = {"RoleARN": role} if role else {}
    found: str = operation(
        StackName=stack, TemplateBody=json.dumps({"Resources": resources, **more}), **given
    )["StackId"]
    state = settled(server, found)["StackStatus"]
    if state not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackFailedError(f"{state}: {reasons(server, found)}")
    return found


@pytest.fixture
def queue_deployer(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    yield deployer(server, f"queues-{id(request)}", allow(QUEUES, arn("sqs", "ours")))


def test_role_with_the_rights_creates_changes_and_deletes(
    server: Server, queue_deployer: str
) -> None:
    stack = deploy_as(server, queue_deployer, "Sufficient", QUEUE)
    slower = {"Queue": {**QUEUE["Queue"], "Properties": {"QueueName": "ours", "DelaySeconds": 5}}}
    deploy_as(server, "", "Sufficient", slower)  # the role of before
    server.client("cloudformation").delete_stack(StackName="Sufficient")
    assert settled(server, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_refusal_names_role_and_action_and_nothing_is_made(server: Server) -> None:
    role = deployer(server, "reads-queues", allow("sqs:GetQueueAttributes"))
    queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "refused"}}}
    with pytest.raises(StackFailedError) as refused:
        deploy_as(server, role, "Refused", queue)
    assert (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/reads-queues/AWSCloudFormation is not "
        f"authorized to perform: sqs:CreateQueue on resource: {arn('sqs', 'refused')}"
    ) in str(refused.value)
    assert not server.client("sqs").list_queues(QueueNamePrefix="refused").get("QueueUrls")


def test_grant_elsewhere_is_not_enough(server: Server) -> None:
    role = deployer(server, "other-queues", allow(QUEUES, arn("sqs", "theirs")))
    with pytest.raises(StackFailedError, match="not authorized to perform: sqs:CreateQueue"):
        deploy_as(server, role, "Elsewhere", QUEUE)


def test_made_up_names_start_with_the_stacks(server: Server) -> None:
    nameless = {"Queue": {"Type": "AWS::SQS::Queue"}}
    role = deployer(server, "stack-queues", allow(QUEUES, arn("sqs", "Prefixed-*")))
    deploy_as(server, role, "Prefixed-One", nameless)
    with pytest.raises(StackFailedError, match="sqs:CreateQueue"):
        deploy_as(server, role, "Another-One", nameless)


def test_log_groups_are_named_like_everything_else(server: Server) -> None:
    group = {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 1}}}
    role = deployer(
        server,
        "logs-of-one",
        allow("logs:*", arn("logs", "log-group:Logged-*")),
        allow("logs:DescribeLogGroups", arn("logs", "log-group:*")),
    )
    stack = deploy_as(server, role, "Logged", group)
    logs = server.client("logs")
    (made,) = logs.describe_log_groups(logGroupNamePrefix="Logged-Group-")["logGroups"]
    longer = {"Group": {**group["Group"], "Properties": {"RetentionInDays": 7}}}
    deploy_as(server, role, "Logged", longer)
    (kept,) = logs.describe_log_groups(logGroupNamePrefix="Logged-")["logGroups"]
    assert (kept["logGroupName"], kept["retentionInDays"]) == (made["logGroupName"], 7)
    server.client("cloudformation").delete_stack(StackName="Logged")
    assert settled(server, stack)["StackStatus"] == "DELETE_COMPLETE"
    assert not logs.describe_log_groups(logGroupNamePrefix="Logged-")["logGroups"]


def test_delete_without_the_right_fails_and_goes_on_with_it(server: Server) -> None:
    role = deployer(server, "makes-queues", allow(MAKING))
    stack = deploy_as(server, role, "Kept", QUEUE)
    server.client("cloudformation").delete_stack(StackName="Kept")
    assert settled(server, stack)["StackStatus"] == "DELETE_FAILED"
    assert "sqs:DeleteQueue" in reasons(server, stack)
    full = deployer(server, "deletes-queues", allow(QUEUES))
    server.client("cloudformation").delete_stack(StackName="Kept", RoleARN=full)
    assert settled(server, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_unknown_type_is_refused_with_a_role_and_not_without(server: Server) -> None:
    table = {
        "Table": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/one", "Type": "String", "Value": "1"},
        }
    }
    role = deployer(server, "everything", allow("*"))
    with pytest.raises(StackFailedError, match="does not know what CloudFormation needs for AWS"):
        deploy_as(server, role, "Unknown", table)
    deploy_as(server, "", "Known", table)


def test_role_must_trust_cloudformation(server: Server) -> None:
    role = role_with(server, "trusts-others", allow("*"))
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        deploy_as(server, role, "Untrusted", QUEUE)


@pytest.mark.parametrize("passes", [True, False])
def test_role_must_be_passed_by_the_caller(
    server: Server, queue_deployer: str, *, passes: bool
) -> None:
    name = f"caller-{passes}".lower()
    passing = allow(
        "iam:PassRole",
        queue_deployer,
        StringEquals={"iam:PassedToService": "cloudformation.amazonaws.com"},
    )
    role_with(server, name, allow("cloudformation:*"), *([passing] if passes else []))
    trust(server, name, AWS=ACCOUNT)
    keys = server.client("sts").assume_role(
        RoleArn=arn("iam", f"role/{name}", ""), RoleSessionName="test"
    )["Credentials"]
    client = server.client(
        "cloudformation",
        key=(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]),
    )
    if passes:
        stack = deploy_as(server, queue_deployer, "Passed", QUEUE, client)
        client.delete_stack(StackName="Passed")
        assert settled(server, stack)["StackStatus"] == "DELETE_COMPLETE"
        return
    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole"):
        deploy_as(server, queue_deployer, "NotPassed", QUEUE, client)


def test_passing_a_role_to_a_function_takes_the_right(server: Server) -> None:
    execution = role_with(server, "of-a-function")
    function = {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "passed",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": execution,
                "Code": {"ZipFile": "def handler(event, context):\n    pass\n"},
            },
        }
    }
    rest = [allow("lambda:*"), allow("s3:GetObject")]
    elsewhere = allow(
        "iam:PassRole", execution, StringEquals={"iam:PassedToService": "sns.amazonaws.com"}
    )
    role = deployer(server, "passes-wrongly", *rest, elsewhere)
    with pytest.raises(StackFailedError, match="not authorized to perform: iam:PassRole"):
        deploy_as(server, role, "PassesWrongly", function)
    right = allow(
        "iam:PassRole", execution, StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}
    )
    deploy_as(server, deployer(server, "passes", *rest, right), "Passes", function)


def test_custom_resource_is_an_invocation_of_its_function(server: Server) -> None:
    make_function(
        server, "served", "def handler(event, context): pass", role_with(server, "served")
    )
    token = arn("lambda", "function:served")
    thing = {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token}}}
    role = deployer(server, "no-invocations", allow("lambda:GetFunction"))
    with pytest.raises(StackFailedError, match="not authorized to perform: lambda:InvokeFunction"):
        deploy_as(server, role, "Custom", thing)


def test_reading_another_stack_takes_the_right(server: Server) -> None:
    output = {"Outputs": {"Name": {"Value": "ours"}}}
    deploy_as(
        server,
        "",
        "Producer",
        {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
        **output,
    )
    read = {"Fn::GetStackOutput": {"StackName": "Producer", "OutputName": "Name"}}
    queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": read}}}
    role = deployer(server, "reads-no-stacks", allow(QUEUES))
    with pytest.raises(StackFailedError, match="cloudformation:DescribeStacks on resource"):
        deploy_as(server, role, "Consumer", queue)
    stacks = allow("cloudformation:DescribeStacks", arn("cloudformation", "stack/Producer/*"))
    role = deployer(server, "reads-stacks", allow(QUEUES), stacks)
    deploy_as(server, role, "Consumer2", queue)


def test_parameter_of_the_bootstrap_takes_the_right(server: Server) -> None:
    server.client("ssm").put_parameter(Name="/cdk/version", Value="30", Type="String")
    asking = {
        "Parameters": {
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}
        }
    }
    role = deployer(server, "asks-nothing", allow(QUEUES))
    with pytest.raises((ClientError, StackFailedError), match="ssm:GetParameters"):
        deploy_as(server, role, "Asking", HANDLE, **asking)
    parameter = allow("ssm:GetParameters", arn("ssm", "parameter/cdk/version"))
    deploy_as(server, deployer(server, "asks", parameter), "Asking2", HANDLE, **asking)


def test_secret_of_a_template_takes_the_right(server: Server) -> None:
    server.client("secretsmanager").create_secret(Name="provider", SecretString="hush")
    name = "{{resolve:secretsmanager:provider:SecretString}}"
    queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}
    role = deployer(server, "knows-no-secrets", allow(QUEUES))
    with pytest.raises(StackFailedError, match="secretsmanager:GetSecretValue on resource") as told:
        deploy_as(server, role, "Secretive", queue)
    assert "hush" not in str(told.value)
    secret = allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:provider-??????"))
    deploy_as(server, deployer(server, "knows", allow(QUEUES), secret), "Secretive2", queue)
