"""IAM is enforced, on functions too, and TLS is what it says."""

from __future__ import annotations

import io
import json
import ssl
import urllib.error
import urllib.request
import wave
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import Server, allow, call, make_function, role_with
from tests.local.portal.chromium import browser

SAGEMAKER = (
    "import boto3\n"
    "def handler(event, context):\n"
    "    client = boto3.client('sagemaker')\n"
    "    try:\n"
    "        getattr(client, event['call'])(**event['with'])\n"
    "    except client.exceptions.ClientError as error:\n"
    "        return [error.response['Error']['Code'], error.response['Error']['Message']]\n"
    "    return ['OK', '']\n"
)
ACCOUNT = "000000000000"


@pytest.mark.parametrize("key", ["test", ACCOUNT, "AKIAUNKNOWN"])
def test_only_this_runs_root_key_is_root(server: Server, key: str) -> None:
    with pytest.raises(ClientError) as refusal:
        server.client("s3", key=(key, "test", None)).list_buckets()
    assert refusal.value.response["Error"]["Code"] == "InvalidAccessKeyId"


def test_unsigned_calls_are_refused(server: Server) -> None:
    request = urllib.request.Request(
        server.state["endpoint"] + "/",
        data=b"{}",
        headers={"X-Amz-Target": "SageMaker.ListWorkteams"},
    )
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, context=trusting(server))
    with refusal.value as answer:
        assert answer.code in (400, 403)
        assert "MissingAuthenticationToken" in json.loads(answer.read())["__type"]


def test_function_is_refused_what_its_role_lacks(server: Server) -> None:
    role = role_with(server, "no-lists", allow("sagemaker:DescribeWorkforce"))
    make_function(server, "no-lists", SAGEMAKER, role)
    code, message = call(server, "no-lists", {"call": "list_workteams", "with": {}})
    assert code == "AccessDeniedException"
    assert "sagemaker:ListWorkteams" in message
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/no-lists/no-lists" in message


def test_function_may_do_what_its_role_grants(server: Server) -> None:
    role = role_with(server, "lists", allow("sagemaker:ListWorkteams"))
    make_function(server, "lists", SAGEMAKER, role)
    assert call(server, "lists", {"call": "list_workteams", "with": {}}) == ["OK", ""]


@pytest.mark.parametrize(
    ("job", "expected"), [("mine-1", "ResourceNotFound"), ("other-1", "AccessDeniedException")]
)
def test_grant_on_a_job_prefix_covers_those_jobs_alone(
    server: Server, job: str, expected: str
) -> None:
    name = f"prefix-{job}"
    jobs = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:labeling-job/mine-*"
    role = role_with(server, name, allow("sagemaker:DescribeLabelingJob", jobs))
    make_function(server, name, SAGEMAKER, role)
    params = {"call": "describe_labeling_job", "with": {"LabelingJobName": job}}
    assert call(server, name, params)[0] == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [("sagemaker.amazonaws.com", "passed"), ("lambda.amazonaws.com", "AccessDeniedException")],
)
def test_creating_a_job_needs_the_right_to_pass_its_role(
    server: Server, principal: str, expected: str
) -> None:
    name = f"pass-{principal.partition('.')[0]}"
    execution = f"arn:aws:iam::{ACCOUNT}:role/execution"
    role = role_with(
        server,
        name,
        allow("sagemaker:CreateLabelingJob"),
        allow("iam:PassRole", execution, StringEquals={"iam:PassedToService": principal}),
    )
    make_function(server, name, SAGEMAKER, role)
    code, message = call(server, name, {"call": "create_labeling_job", "with": job(execution)})
    if expected == "passed":
        assert code != "AccessDeniedException", message
    else:
        assert code == expected
        assert "iam:PassRole" in message
        assert execution in message


@pytest.mark.parametrize(("namespace", "stored"), [("Ours", True), ("Theirs", False)])
def test_metric_namespace_condition_is_evaluated(
    server: Server, namespace: str, stored: bool
) -> None:
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    datum = {'MetricName': 'm', 'Value': 1}\n"
        "    client = boto3.client('cloudwatch')\n"
        "    client.put_metric_data(Namespace=event, MetricData=[datum])\n"
    )
    name = f"metric-{namespace}"
    condition = {"cloudwatch:namespace": "Ours"}
    role = role_with(server, name, allow("cloudwatch:PutMetricData", StringEquals=condition))
    make_function(server, name, code, role)
    answer = call(server, name, namespace)
    assert (answer is None) == stored, answer
    if not stored:
        assert "cloudwatch:PutMetricData" in answer["errorMessage"]


def test_team_condition_of_create_labeling_job_is_evaluated(server: Server) -> None:
    team = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/ours"
    execution = f"arn:aws:iam::{ACCOUNT}:role/execution"
    role = role_with(
        server,
        "one-team",
        allow("sagemaker:CreateLabelingJob", ArnEquals={"sagemaker:WorkteamArn": team}),
        allow("iam:PassRole"),
    )
    make_function(server, "one-team", SAGEMAKER, role)
    params = {"call": "create_labeling_job", "with": job(execution)}
    assert call(server, "one-team", params)[0] == "AccessDeniedException"
    params["with"] = job(execution, team=team)
    assert call(server, "one-team", params)[0] != "AccessDeniedException"


def test_media_door_shows_a_browser_what_a_tls_only_bucket_holds(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_object(Bucket="tls-only", Key="a b.html", Body=b"<p>", ContentType="text/html")
    s3.put_bucket_cors(
        Bucket="tls-only",
        CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    )
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps(policy))
    browser = server.client("s3", endpoint=server.state["media_url"])
    url = browser.generate_presigned_url(
        "get_object", Params={"Bucket": "tls-only", "Key": "a b.html"}
    )
    request = urllib.request.Request(url, headers={"Origin": "http://localhost:1"})
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == b"<p>"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Security-Policy"] == "sandbox"
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(url.replace("a%20b", "other"))
    with refusal.value as answer:
        assert answer.code == 403
        assert b"SignatureDoesNotMatch" in answer.read()


def test_media_door_gives_parts_of_an_object_so_that_players_can_seek(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="sounds")
    s3.put_object(Bucket="sounds", Key="a.wav", Body=bytes(range(100)), ContentType="audio/wav")
    media = server.client("s3", endpoint=server.state["media_url"])
    url = media.generate_presigned_url("get_object", Params={"Bucket": "sounds", "Key": "a.wav"})

    def part(asked: str) -> tuple[int, str, bytes]:
        request = urllib.request.Request(url, headers={"Range": asked})
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers["Content-Range"], answer.read()

    assert part("bytes=10-19") == (206, "bytes 10-19/100", bytes(range(10, 20)))
    assert part("bytes=95-") == (206, "bytes 95-99/100", bytes(range(95, 100)))
    assert part("bytes=-3") == (206, "bytes 97-99/100", bytes(range(97, 100)))
    with urllib.request.urlopen(url) as answer:
        assert (answer.status, answer.headers["Accept-Ranges"]) == (200, "bytes")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        part("bytes=100-")
    with refusal.value as answer:
        assert answer.code == 416


@pytest.mark.browser
def test_a_worker_jumps_to_the_middle_of_a_recording(server: Server) -> None:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(2 * 8000 * 600))  # ten minutes of silence, 9.6 MB
    s3 = server.client("s3")
    s3.create_bucket(Bucket="recordings")
    s3.put_object(
        Bucket="recordings", Key="long.wav", Body=sound.getvalue(), ContentType="audio/wav"
    )
    media = server.client("s3", endpoint=server.state["media_url"])
    url = media.generate_presigned_url(
        "get_object", Params={"Bucket": "recordings", "Key": "long.wav"}
    )
    with browser() as running:
        page = running.page()
        page.open(server.state["media_url"])  # a refusal, but a page on this machine
        page.value(
            "new Promise((done, failed) => { window.sound = document.createElement('audio');"
            " sound.onloadedmetadata = done; sound.onerror = () => failed(sound.error.message);"
            " sound.preload = 'metadata';"
            f" document.body.append(sound); sound.src = {json.dumps(url)}; }}).then(() => 0)"
        )
        assert page.value("[sound.duration, sound.seekable.end(0)]") == [600, 600]
        page.value(
            "new Promise(done => { sound.onseeked = done; sound.currentTime = 550; }).then(() => 0)"
        )
        assert page.value("[sound.currentTime, sound.readyState >= 2]") == [550, True]


def test_media_door_is_shut_to_everything_else(server: Server) -> None:
    media = server.client("s3", endpoint=server.state["media_url"])
    with pytest.raises(ClientError, match="403"):
        media.list_buckets()


def test_log_group_comes_back_only_where_the_role_may_make_it(server: Server) -> None:
    code = "def handler(event, context):\n    print('hello')\n"
    make_function(server, "silent", code, role_with(server, "silent"))
    make_function(server, "logging", code, role_with(server, "logging", allow("logs:*")))
    call(server, "silent")
    call(server, "logging")
    logs = server.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    names = {group["logGroupName"] for group in groups}
    assert "/aws/lambda/logging" in names
    assert "/aws/lambda/silent" not in names


def trusting(server: Server) -> Any:

    return ssl.create_default_context(cafile=server.variables["AWS_CA_BUNDLE"])


def job(role: str, team: str = "") -> dict[str, object]:
    """A request complete enough for boto3."""
    other = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/theirs"
    return {
        "LabelingJobName": "any",
        "LabelAttributeName": "label",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://b/m"}}},
        "OutputConfig": {"S3OutputPath": "s3://b/o"},
        "RoleArn": role,
        "HumanTaskConfig": {
            "WorkteamArn": team or other,
            "UiConfig": {"UiTemplateS3Uri": "s3://b/t"},
            "TaskTitle": "t",
            "TaskDescription": "d",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
    }
