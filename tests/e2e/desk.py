"""Everything a labeling job needs, made by hand with plain API calls: none of our stacks."""

from __future__ import annotations

import copy
import io
import json
import platform
import textwrap
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.e2e.people import ended, until

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

PASSWORD = "Temporary-1-password"
LABELS = ["good", "bad"]
TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier name="crowd-classifier" categories="['good', 'bad']" header="How is it?">
    <classification-target>{{ task.input.text }}</classification-target>
    <full-instructions header="How">Read it.</full-instructions>
    <short-instructions>Read it.</short-instructions>
  </crowd-classifier>
</crowd-form>
"""
PRE_ANNOTATION = """
def handler(event, context):
    line = event["dataObject"]
    return {"taskInput": {"text": line.get("source") or line["source-ref"]},
            "isHumanAnnotationRequired": True}
"""
CONSOLIDATION = """
import collections, json
def handler(event, context):
    import boto3
    bucket, _, key = event["payload"]["s3Uri"].removeprefix("s3://").partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    found = []
    for entry in json.loads(body):
        votes = collections.Counter(
            json.loads(a["annotationData"]["content"])["crowd-classifier"]["label"]
            for a in entry["annotations"]
        )
        label = {event["labelAttributeName"]: dict(votes)}
        found.append({"datasetObjectId": entry["datasetObjectId"],
                      "consolidatedAnnotation": {"content": label}})
    return found
"""
RAISES = "def handler(event, context):\n    raise KeyError('a bug')\n"
ANSWERS_A_STRING = "def handler(event, context):\n    return 'done'\n"
ANSWERS_NO_JSON = "def handler(event, context):\n    return {1, 2}\n"
# of all desks: the name of a job is never free again
_NUMBERS = count(1)
TRUSTED = ("lambda.amazonaws.com", "sagemaker.amazonaws.com")


@dataclass
class Desk:
    """A hand-made account: team, people, bucket, role, functions, and a valid request."""

    aws: Clients
    emails: tuple[str, ...]
    workteam_arn: str = ""
    bucket: str = "hand-made-labels"
    role_arn: str = ""
    functions: dict[str, str] = field(default_factory=dict)

    def request(self, *lines: dict[str, str] | str, **changes: Any) -> dict[str, Any]:
        """A valid CreateLabelingJob of two objects, or of the lines given."""
        name = f"hand-made-{next(_NUMBERS)}"
        texts = lines or ({"source": "a fine day"}, {"source": "a poor day"})
        manifest = "".join(
            (line if isinstance(line, str) else json.dumps(line)) + "\n" for line in texts
        )
        self.put(f"{name}.manifest", manifest)
        request: dict[str, Any] = {
            "LabelingJobName": name,
            "LabelAttributeName": "mood",
            "InputConfig": {
                "DataSource": {
                    "S3DataSource": {"ManifestS3Uri": f"s3://{self.bucket}/{name}.manifest"}
                }
            },
            "OutputConfig": {"S3OutputPath": f"s3://{self.bucket}/out/"},
            "RoleArn": self.role_arn,
            "LabelCategoryConfigS3Uri": f"s3://{self.bucket}/categories.json",
            "HumanTaskConfig": {
                "WorkteamArn": self.workteam_arn,
                "UiConfig": {"UiTemplateS3Uri": f"s3://{self.bucket}/template.liquid.html"},
                "PreHumanTaskLambdaArn": self.functions["pre"],
                "TaskTitle": "Moods",
                "TaskDescription": "Say whether a text is good or bad",
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 300,
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": self.functions["post"]
                },
            },
        }
        for path, value in changes.items():
            node = request if path in request else request["HumanTaskConfig"]
            node[path] = value
        return copy.deepcopy(request)

    def create(self, request: dict[str, Any]) -> str:
        self.aws.sagemaker.create_labeling_job(**request)
        name: str = request["LabelingJobName"]
        return name

    def put(self, key: str, text: str) -> None:
        self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def text(self, uri: str) -> str:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def function(self, name: str, code: str, *, prefix: str = "hand-made-") -> str:
        """A function on the host's interpreter, its code zipped on the spot."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", textwrap.dedent(code))
        version = ".".join(platform.python_version_tuple()[:2])
        made = self.aws.functions.create_function(
            FunctionName=f"{prefix}{name}",
            Runtime=f"python{version}",  # type: ignore[arg-type]
            Role=self.role_arn,
            Handler="index.handler",
            Code={"ZipFile": buffer.getvalue()},
            Timeout=20,
        )
        self.functions[name] = made["FunctionArn"]
        return made["FunctionArn"]


@contextmanager
def hand_made(aws: Clients, *, people: int = 3) -> Iterator[Desk]:
    """The desk for the time of a block; afterwards team, workforce and pool are gone again."""
    desk = Desk(aws=aws, emails=tuple(f"worker{n}@example.com" for n in range(1, people + 1)))
    pool = _people(desk)
    desk.role_arn = role(aws, "hand-made-role", *TRUSTED)
    _files(desk)
    for name, code in (("pre", PRE_ANNOTATION), ("post", CONSOLIDATION)):
        desk.function(name, code)
    try:
        yield desk
    finally:
        _remove(desk, pool)


def _people(desk: Desk) -> str:
    cognito, sagemaker = desk.aws.cognito, desk.aws.sagemaker
    pool = cognito.create_user_pool(PoolName="hand-made")["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="hand-made-labelers")
    client = app_client(desk.aws, pool)
    cognito.create_group(UserPoolId=pool, GroupName="labelers")
    for email in desk.emails:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            TemporaryPassword=PASSWORD,
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="labelers")
    sagemaker.create_workforce(
        WorkforceName="hand-made", CognitoConfig={"UserPool": pool, "ClientId": client}
    )
    team = sagemaker.create_workteam(
        WorkteamName="hand-made",
        WorkforceName="hand-made",
        Description="made by hand",
        MemberDefinitions=[
            {
                "CognitoMemberDefinition": {
                    "UserPool": pool,
                    "UserGroup": "labelers",
                    "ClientId": client,
                }
            }
        ],
    )
    desk.workteam_arn = team["WorkteamArn"]
    return pool


def app_client(aws: Clients, pool: str) -> str:
    """A client as the documents want it before a workforce is made of it."""
    made = aws.cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="portal",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["email", "openid", "profile"],
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=["https://127.0.0.1"],
    )
    return made["UserPoolClient"]["ClientId"]


def role(aws: Clients, name: str, *services: str) -> str:
    """A role the services may assume, with what a labeling job and its functions need."""
    trust = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        for service in services
    ]
    actions = ["s3:*", "lambda:InvokeFunction", "logs:*", "cloudwatch:PutMetricData"]
    rights = [{"Effect": "Allow", "Action": actions, "Resource": "*"}]
    made = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    aws.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=_policy(rights))
    return made["Role"]["Arn"]


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _files(desk: Desk) -> None:
    desk.aws.s3.create_bucket(Bucket=desk.bucket)
    allow_browsers(desk.aws, desk.bucket)
    desk.put("template.liquid.html", TEMPLATE)
    labels = [{"label": label} for label in LABELS]
    desk.put("categories.json", json.dumps({"document-version": "2018-11-28", "labels": labels}))


def allow_browsers(aws: Clients, bucket: str) -> None:
    """The CORS rule that Ground Truth asks for."""
    rule: Any = {
        "AllowedHeaders": [],
        "AllowedMethods": ["GET"],
        "AllowedOrigins": ["*"],
        "ExposeHeaders": ["Access-Control-Allow-Origin"],
    }
    aws.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def _remove(desk: Desk, pool: str) -> None:
    """Others need the account's one workforce; jobs still at work are stopped first."""
    sagemaker = desk.aws.sagemaker
    for status in ("Initializing", "InProgress"):
        found = sagemaker.list_labeling_jobs(
            StatusEquals=status,
            NameContains="hand-made",
        )
        for job in found["LabelingJobSummaryList"]:
            sagemaker.stop_labeling_job(LabelingJobName=job["LabelingJobName"])
            until(sagemaker, job["LabelingJobName"], ended)
    assert sagemaker.delete_workteam(WorkteamName="hand-made")["Success"]
    sagemaker.delete_workforce(WorkforceName="hand-made")
    desk.aws.cognito.delete_user_pool_domain(UserPoolId=pool, Domain="hand-made-labelers")
    desk.aws.cognito.delete_user_pool(UserPoolId=pool)
    for arn in desk.functions.values():
        desk.aws.functions.delete_function(FunctionName=arn)
    groups = desk.aws.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/hand-made-")
    for group in groups["logGroups"]:
        desk.aws.logs.delete_log_group(logGroupName=group["logGroupName"])
    for bucket in desk.aws.s3.list_buckets(Prefix="hand-made")["Buckets"]:
        _remove_bucket(desk.aws, bucket["Name"])
    for name in ("hand-made-role", "hand-made-stranger"):
        _remove_role(desk.aws, name)


def _remove_bucket(aws: Clients, bucket: str) -> None:
    for item in aws.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        aws.s3.delete_object(Bucket=bucket, Key=item["Key"])
    aws.s3.delete_bucket(Bucket=bucket)


def _remove_role(aws: Clients, name: str) -> None:
    try:
        aws.iam.delete_role_policy(RoleName=name, PolicyName="rights")
        aws.iam.delete_role(RoleName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
