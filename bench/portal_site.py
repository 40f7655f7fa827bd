"""A team of people and a labeling job on a local AWS that was just started; no functions, no CDK.

For `.venv-local`: it speaks to local AWS by boto3 and imports nothing of ours.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

JOB = "load-1"
BUCKET = "load-of-the-portal"
TEMPORARY = "Temporary-1!"
OWN = "Their-own-2!"
TEMPLATE = (
    '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script><crowd-form>'
    '<crowd-classifier name="label" categories="[\'yes\',\'no\']" header="Is it?">'
    "<classification-target>{{ task.input.source }}</classification-target>"
    "<full-instructions>Say</full-instructions><short-instructions>Say</short-instructions>"
    "</crowd-classifier></crowd-form>"
)
_START_SECONDS = 60.0


class SiteError(Exception):
    """Local AWS did not do what a benchmark needs."""


@dataclass(slots=True)
class Site:
    """A local AWS that keeps its state in `folder`, to be killed and started again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; seconds until it says that it runs."""
        began = time.monotonic()
        command = [sys.executable, "-m", "ground_truth_local", "--keep"]
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            [*command, "--state-dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        while self._state().get("pid") != self.process.pid:
            if self.process.poll() is not None or time.monotonic() - began > _START_SECONDS:
                raise SiteError("local AWS did not start")
            time.sleep(0.02)
        return time.monotonic() - began

    def kill(self) -> None:
        """As when the power fails."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)

    def _state(self) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = json.loads((self.folder / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    @property
    def portal(self) -> str:
        return str(self._state()["portal_url"])

    def client(self, service: str) -> Any:
        """A client that signs as root."""
        words = [shlex.split(line)[1] for line in (self.folder / "env").read_text().splitlines()]
        found = dict(word.split("=", 1) for word in words)
        os.environ.pop("AWS_PROFILE", None)
        make: Any = boto3.client
        return make(
            service,
            region_name=found["AWS_REGION"],
            endpoint_url=found["AWS_ENDPOINT_URL"],
            verify=found["AWS_CA_BUNDLE"],
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        )


def invite(site: Site, people: int) -> list[str]:
    """A workforce, a team and its members, who still have to choose a password."""
    cognito, sagemaker = site.client("cognito-idp"), site.client("sagemaker")
    pool = cognito.create_user_pool(PoolName="load")["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="load-of-the-portal")
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="portal", GenerateSecret=True
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="team")
    names = [f"worker-{number:02}@example.com" for number in range(people)]
    for name in names:
        attributes = [{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}]
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=name,
            TemporaryPassword=TEMPORARY,
            UserAttributes=attributes,
            DesiredDeliveryMediums=["EMAIL"],
        )
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName="team")
    member = {"UserPool": pool, "UserGroup": "team", "ClientId": client}
    sagemaker.create_workforce(
        WorkforceName="load", CognitoConfig={"UserPool": pool, "ClientId": client}
    )
    sagemaker.create_workteam(
        WorkteamName="load",
        WorkforceName="load",
        Description="load",
        MemberDefinitions=[{"CognitoMemberDefinition": member}],
    )
    return names


def create_job(site: Site, objects: int, *, workers: int, seconds: int = 3600) -> None:
    """A job of short texts, without functions."""
    role = _role(site)
    s3, sagemaker = site.client("s3"), site.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    lines = "".join(json.dumps({"source": f"text {number}"}) + "\n" for number in range(objects))
    s3.put_object(Bucket=BUCKET, Key="in.manifest", Body=lines.encode())
    s3.put_object(Bucket=BUCKET, Key="template.html", Body=TEMPLATE.encode())
    team = sagemaker.describe_workteam(WorkteamName="load")["Workteam"]["WorkteamArn"]
    source = {"ManifestS3Uri": f"s3://{BUCKET}/in.manifest"}
    sagemaker.create_labeling_job(
        LabelingJobName=JOB,
        LabelAttributeName="load",
        InputConfig={"DataSource": {"S3DataSource": source}},
        OutputConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
        RoleArn=role,
        HumanTaskConfig={
            "WorkteamArn": team,
            "UiConfig": {"UiTemplateS3Uri": f"s3://{BUCKET}/template.html"},
            "TaskTitle": "Load",
            "TaskDescription": "Load",
            "NumberOfHumanWorkersPerDataObject": workers,
            "TaskTimeLimitInSeconds": seconds,
        },
    )
    wait_for(site, "InProgress")


def _role(site: Site) -> str:
    iam = site.client("iam")
    trusted = {"Service": "sagemaker.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    own = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation"]
    own += ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    own += ["cloudwatch:PutMetricData", "s3:GetBucketCORS"]
    grants = {"Effect": "Allow", "Action": own, "Resource": "*"}
    made = iam.create_role(RoleName="load", AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName="load", PolicyName="load", PolicyDocument=_policy(grants))
    return str(made["Role"]["Arn"])


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def wait_for(site: Site, status: str, seconds: float = 60.0) -> Mapping[str, Any]:
    """The job's description once it has a status."""
    sagemaker, until = site.client("sagemaker"), time.monotonic() + seconds
    while True:
        found: Mapping[str, Any] = sagemaker.describe_labeling_job(LabelingJobName=JOB)
        if found["LabelingJobStatus"] == status:
            return found
        if time.monotonic() > until:
            raise SiteError(f"the job is {found['LabelingJobStatus']}, not {status}: {found}")
        time.sleep(0.05)


def answers_so_far(site: Site) -> int:
    """What the requester's page tells."""
    address = f"{site.portal}/requester/jobs/{JOB}"
    request = urllib.request.Request(address, headers={"accept": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        return int(json.load(answer)["job"]["answers"])


def given_answers(site: Site) -> dict[str, list[Mapping[str, Any]]]:
    """Every answer the job wrote, by the number of its object."""
    s3 = site.client("s3")
    prefix = f"out/{JOB}/annotations/worker-response/iteration-1/"
    found: dict[str, list[Mapping[str, Any]]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for item in page.get("Contents", []):
            body = json.loads(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read())
            # one file per object and attempt at its consolidation; the last one counts
            found[item["Key"].removeprefix(prefix).split("/")[0]] = body["answers"]
    return found
