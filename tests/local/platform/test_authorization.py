"""IAM looks at the resource of every call our roles make, and lists what it refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import (
    Server,
    allow,
    call,
    deploy,
    make_function,
    role_with,
    wait_for,
)

ACCOUNT = "000000000000"
POOL = "us-east-1_absent"


class Case(NamedTuple):
    """A call, the grant it takes, and where that grant must not be enough."""

    action: str
    operation: str
    parameters: Mapping[str, Any]
    resource: str
    elsewhere: str


def arn(service: str, resource: str, *, home: str = f"us-east-1:{ACCOUNT}") -> str:
    return ":".join(("arn", "aws", service, *home.split(":"), resource))


def bucket(name: str) -> str:
    return arn("s3", name, home=":")


def on_job(action: str, **parameters: object) -> Case:
    return Case(
        f"sagemaker:{action}",
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in action)[1:],
        parameters or {"LabelingJobName": "ours-1"},
        arn("sagemaker", "labeling-job/ours-*"),
        arn("sagemaker", "labeling-job/theirs-*"),
    )


def on_pool(action: str, **parameters: object) -> Case:
    return Case(
        f"cognito-idp:{action}",
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in action)[1:],
        {"UserPoolId": POOL, **parameters},
        arn("cognito-idp", f"userpool/{POOL}"),
        arn("cognito-idp", "userpool/us-east-1_other"),
    )


JOB_ARN = arn("sagemaker", "labeling-job/ours-1")
IN_GROUP = {"Username": "ada", "GroupName": "labelers"}
ADA = {"Username": "ada"}
OBJECT = {"Bucket": "data", "Key": "ours/a"}
CASES = [
    Case("s3:GetObject", "get_object", OBJECT, bucket("data/ours/*"), bucket("data/theirs/*")),
    Case("s3:GetObject", "head_object", OBJECT, bucket("data/ours/*"), bucket("data2/ours/*")),
    Case(
        "s3:PutObject",
        "put_object",
        {**OBJECT, "Body": b"1"},
        bucket("data/ours/*"),
        bucket("data/theirs/*"),
    ),
    Case(
        "s3:ListBucket",
        "list_objects_v2",
        {"Bucket": "data"},
        bucket("data"),
        bucket("data/*"),
    ),
    Case(
        "s3:ListBucketVersions",
        "list_object_versions",
        {"Bucket": "data"},
        bucket("data"),
        bucket("data2"),
    ),
    Case(
        "s3:GetBucketLocation",
        "get_bucket_location",
        {"Bucket": "data"},
        bucket("data"),
        bucket("data2"),
    ),
    Case(
        "s3:GetBucketTagging",
        "get_bucket_tagging",
        {"Bucket": "data"},
        bucket("data"),
        bucket("data2"),
    ),
    Case(
        "cloudformation:DescribeStacks",
        "describe_stacks",
        {"StackName": arn("cloudformation", "stack/ours/1")},
        arn("cloudformation", "stack/ours/1"),
        arn("cloudformation", "stack/theirs/1"),
    ),
    Case(
        "lambda:InvokeFunction",
        "invoke",
        {"FunctionName": arn("lambda", "function:ours:7")},
        arn("lambda", "function:ours:*"),
        arn("lambda", "function:theirs:*"),
    ),
    Case(
        "sagemaker:DescribeWorkforce",
        "describe_workforce",
        {"WorkforceName": "ours"},
        arn("sagemaker", "workforce/ours"),
        arn("sagemaker", "workforce/theirs"),
    ),
    on_job("DescribeLabelingJob"),
    on_job("StopLabelingJob"),
    on_job("ListTags", ResourceArn=JOB_ARN),
    on_job("AddTags", ResourceArn=JOB_ARN, Tags=[{"Key": "a", "Value": "b"}]),
    on_job("DeleteTags", ResourceArn=JOB_ARN, TagKeys=["a"]),
    on_pool("ListUsers"),
    on_pool("AdminGetUser", **ADA),
    on_pool("AdminCreateUser", **ADA),
    on_pool("AdminEnableUser", **ADA),
    on_pool("AdminDisableUser", **ADA),
    on_pool("AdminListGroupsForUser", **ADA),
    on_pool("AdminUpdateUserAttributes", **ADA, UserAttributes=[]),
    on_pool("AdminAddUserToGroup", **IN_GROUP),
    on_pool("AdminRemoveUserFromGroup", **IN_GROUP),
]


def client_of(server: Server, name: str, service: str, *statements: dict[str, object]) -> Any:
    """A client with the rights of a role made for it."""
    role_with(server, name, *statements)
    iam, sts = server.client("iam"), server.client("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(
        RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    keys = sts.assume_role(
        RoleArn=arn("iam", f"role/{name}", home=f":{ACCOUNT}"), RoleSessionName="test"
    )
    found = keys["Credentials"]
    return server.client(
        service, key=(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    )


def code_of(client: Any, operation: str, parameters: Mapping[str, Any]) -> str:
    try:
        getattr(client, operation)(**parameters)
    except ClientError as refusal:
        return str(refusal.response["Error"]["Code"])
    return "OK"


DENIED = {"AccessDenied", "AccessDeniedException", "403", "AuthorizationError"}


@pytest.fixture(scope="session")
def data(server: Server) -> str:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="ours/a", Body=b"1")
    return "data"


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("case", CASES, ids=[f"{c.action}-{c.operation}" for c in CASES])
def test_grant_counts_on_its_own_resource_alone(server: Server, case: Case) -> None:
    service = case.action.partition(":")[0]
    name = f"{case.operation}-{service}".replace("_", "-")
    granted = client_of(server, name, service, allow(case.action, case.resource))
    assert code_of(granted, case.operation, case.parameters) not in DENIED
    elsewhere = client_of(server, f"{name}-2", service, allow(case.action, case.elsewhere))
    assert code_of(elsewhere, case.operation, case.parameters) in DENIED


@pytest.mark.usefixtures("data")
def test_listing_may_be_held_to_a_prefix(server: Server) -> None:
    held = allow("s3:ListBucket", bucket("data"), StringLikeIfExists={"s3:prefix": ["ours/*"]})
    s3 = client_of(server, "one-prefix", "s3", held)
    assert code_of(s3, "list_objects_v2", {"Bucket": "data", "Prefix": "ours/a"}) == "OK"
    assert code_of(s3, "list_objects_v2", {"Bucket": "data", "Prefix": "theirs/"}) in DENIED


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(("listing", "expected"), [(True, "NoSuchKey"), (False, "AccessDenied")])
def test_absent_object_is_not_found_only_to_those_who_may_list(
    server: Server, *, listing: bool, expected: str
) -> None:
    also = [allow("s3:ListBucket", bucket("data"))] if listing else []
    s3 = client_of(server, f"lists-{listing}".lower(), "s3", allow("s3:GetObject"), *also)
    assert code_of(s3, "get_object", {"Bucket": "data", "Key": "ours/absent"}) == expected
    head = code_of(s3, "head_object", {"Bucket": "data", "Key": "ours/absent"})
    assert head == ("404" if listing else "403")


@pytest.mark.parametrize("missing", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_deleting_versions_takes_both_rights(server: Server, missing: str) -> None:
    root, name = server.client("s3"), f"versions-{missing[3:].lower()}"
    root.create_bucket(Bucket=name)
    root.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    version = root.put_object(Bucket=name, Key="a", Body=b"1")["VersionId"]
    both = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    ask = {"Bucket": name, "Delete": {"Objects": [{"Key": "a", "VersionId": version}]}}
    one = client_of(server, f"{name}-one", "s3", allow([a for a in both if a != missing]))
    assert code_of(one, "delete_objects", ask) == "AccessDenied"
    assert (
        code_of(client_of(server, f"{name}-two", "s3", allow(both)), "delete_objects", ask) == "OK"
    )


def test_objects_under_a_customers_key_take_the_key(server: Server) -> None:
    root = server.client("s3")
    key = server.client("kms").create_key()["KeyMetadata"]["Arn"]
    root.create_bucket(Bucket="locked")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    root.put_bucket_encryption(
        Bucket="locked",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    there = {"Bucket": "locked", "Key": "a"}
    objects = allow(["s3:GetObject", "s3:PutObject"], bucket("locked/*"))
    without = client_of(server, "no-key", "s3", objects)
    assert code_of(without, "put_object", {**there, "Body": b"1"}) == "AccessDenied"
    writer = client_of(server, "key-writes", "s3", objects, allow("kms:GenerateDataKey", key))
    assert code_of(writer, "put_object", {**there, "Body": b"1"}) == "OK"
    assert code_of(writer, "get_object", there) == "AccessDenied"
    reader = client_of(server, "key-reads", "s3", objects, allow("kms:Decrypt", key))
    assert code_of(reader, "get_object", there) == "OK"


def test_tagged_job_takes_the_right_to_tag(server: Server) -> None:
    execution = arn("iam", "role/execution", home=f":{ACCOUNT}")
    rights = [allow("sagemaker:CreateLabelingJob"), allow("iam:PassRole", execution)]
    request = {
        "LabelingJobName": "tagged",
        "LabelAttributeName": "label",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://b/m"}}},
        "OutputConfig": {"S3OutputPath": "s3://b/o"},
        "RoleArn": execution,
        "HumanTaskConfig": {
            "WorkteamArn": arn("sagemaker", "workteam/private-crowd/ours"),
            "UiConfig": {"UiTemplateS3Uri": "s3://b/t"},
            "TaskTitle": "t",
            "TaskDescription": "d",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    without = client_of(server, "tags-not", "sagemaker", *rights)
    assert code_of(without, "create_labeling_job", request) == "AccessDeniedException"
    tagging = allow("sagemaker:AddTags", arn("sagemaker", "labeling-job/tagged"))
    tagger = client_of(server, "tags", "sagemaker", *rights, tagging)
    assert code_of(tagger, "create_labeling_job", request) == "ValidationException"


def test_function_writes_its_log_as_its_role(server: Server) -> None:
    logs = server.client("logs")
    group = arn("logs", "log-group:/ours/log:*")
    logs.create_log_group(logGroupName="/ours/log")
    for actions in (["CreateLogStream"], ["PutLogEvents"], ["CreateLogStream", "PutLogEvents"]):
        name = f"logs-{'-'.join(actions)}"
        role = role_with(server, name, allow([f"logs:{action}" for action in actions], group))
        code = f"def handler(event, context):\n    print('{name}')\n"
        make_function(server, name, code, role, LoggingConfig={"LogGroup": "/ours/log"})
        call(server, name)
    events = logs.filter_log_events(logGroupName="/ours/log")["events"]
    said = {event["message"].strip() for event in events if "logs-" in event["message"]}
    assert said == {"logs-CreateLogStream-PutLogEvents"}


def test_event_that_failed_is_kept_only_where_the_role_may_send_it(server: Server) -> None:
    sqs, functions = server.client("sqs"), server.client("lambda")
    url = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    queue = arn("sqs", "undelivered")
    code = "def handler(event, context):\n    raise ValueError\n"
    for name, grants in (("keeps", [allow("sqs:SendMessage", queue)]), ("loses", [])):
        role = role_with(server, name, *grants)
        make_function(server, name, code, role, DeadLetterConfig={"TargetArn": queue})
        functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(name))
    wait_for(lambda: refused_to(server, "SendMessage"), "refusal")
    wait_for(
        lambda: any("keeps" in m["Body"] for m in sqs.receive_message(QueueUrl=url)["Messages"]),
        "dead letter",
    )
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def refused_to(server: Server, operation: str) -> list[Any]:
    """The refusals of an operation, as CloudTrail's events."""
    listed = server.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}]
    )["Events"]
    return [json.loads(item["CloudTrailEvent"]) for item in listed]


def test_refusals_are_listed_as_cloudtrail_lists_them(server: Server) -> None:
    code_of(client_of(server, "nothing-at-all", "sns"), "list_topics", {})
    (event,) = refused_to(server, "ListTopics")
    issuer = event["userIdentity"]["sessionContext"]["sessionIssuer"]
    assert event["errorCode"] == "AccessDenied"
    assert event["eventSource"] == "sns.amazonaws.com"
    assert issuer["userName"] == "nothing-at-all"
    assert "is not authorized to perform: sns:ListTopics" in event["errorMessage"]


def test_dead_letter_queue_of_a_template_is_kept(server: Server) -> None:
    role = role_with(server, "templated", allow("sqs:SendMessage"))
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "templated",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": role,
            "Code": {"ZipFile": "def handler(event, context):\n    pass\n"},
            "DeadLetterConfig": {"TargetArn": arn("sqs", "undelivered")},
        },
    }
    deploy(server, "DeadLetters", {"Function": function})
    configuration = server.client("lambda").get_function_configuration(FunctionName="templated")
    assert configuration["DeadLetterConfig"] == {"TargetArn": arn("sqs", "undelivered")}
    del function["Properties"]["DeadLetterConfig"]  # type: ignore[attr-defined]
    deploy(server, "DeadLetters", {"Function": function})
    configuration = server.client("lambda").get_function_configuration(FunctionName="templated")
    assert "DeadLetterConfig" not in configuration
