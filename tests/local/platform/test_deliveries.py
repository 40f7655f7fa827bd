"""Rules, alarms and user pools reach functions and topics only with their permission."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.platform.server import Server, allow, make_function, role_with, wait_for

ACCOUNT = "000000000000"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule"
MESSAGE = (
    "def handler(event, context):\n"
    "    event['response']['emailMessage'] = '<p>{username}: {####}</p>'\n"
    "    event['response']['emailSubject'] = 'From the function'\n"
    "    return event\n"
)


@pytest.fixture
def queue(server: Server) -> Any:
    """Returns what arrives in a queue that topics deliver to: () -> bodies so far."""
    sqs = server.client("sqs")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:deliveries"
    open_to_topics = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [open_to_topics]})
    url = sqs.create_queue(QueueName="deliveries", Attributes={"Policy": policy})["QueueUrl"]
    seen: list[str] = []

    def look() -> list[str]:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            seen.append(message["Body"])
        return seen

    yield look
    sqs.delete_queue(QueueUrl=url)


def topic_for(server: Server, name: str, *principals: str) -> str:
    """A topic that delivers to the queue and lets these services publish."""
    sns = server.client("sns")
    arn: str = sns.create_topic(Name=name)["TopicArn"]
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
        for principal in principals
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:deliveries",
        Attributes={"RawMessageDelivery": "true"},
    )
    return arn


def test_rule_publishes_only_to_topics_that_let_it(server: Server, queue: Any) -> None:
    events = server.client("events")
    for name, principals in (("shut", ()), ("open", ("events.amazonaws.com",))):
        arn = topic_for(server, name, *principals)
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["tests"]}))
        target = {"Id": "1", "Arn": arn, "Input": json.dumps({"through": name})}
        events.put_targets(Rule=name, Targets=[target])
    events.put_events(Entries=[{"Source": "tests", "DetailType": "t", "Detail": "{}"}])
    assert wait_for(queue, "delivery") == ['{"through": "open"}']


def test_alarm_publishes_only_to_topics_that_let_it(server: Server, queue: Any) -> None:
    cloudwatch = server.client("cloudwatch")
    topics = [
        topic_for(server, "alarm-shut", "events.amazonaws.com"),
        topic_for(server, "alarm-open", "cloudwatch.amazonaws.com"),
    ]
    cloudwatch.put_metric_alarm(
        AlarmName="tests",
        Namespace="Tests",
        MetricName="Failed",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=topics,
    )
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "Failed", "Value": 1}])
    cloudwatch.describe_alarms(AlarmNames=["tests"])
    (body,) = wait_for(queue, "delivery")
    assert json.loads(body)["NewStateValue"] == "ALARM"
    cloudwatch.delete_alarms(AlarmNames=["tests"])


@pytest.mark.parametrize("permitted", [True, False])
def test_rule_calls_only_functions_that_let_it(server: Server, permitted: bool) -> None:
    name = f"target-{permitted}".lower()
    code = "def handler(event, context):\n    print('called')\n"
    make_function(server, name, code, role_with(server, name, allow("logs:*")))
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    other = "another-rule" if not permitted else name
    server.client("lambda").add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"{RULE}/{other}",
    )
    events = server.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function}])
    events.put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": "{}"}])

    def called() -> bool:
        groups = server.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
        return bool(groups["logGroups"])

    if permitted:
        wait_for(called, "call")
    else:
        with pytest.raises(AssertionError, match="no call"):
            wait_for(called, "call", seconds=0.5)


def test_invitation_is_the_functions_once_it_lets_the_pool_in(server: Server) -> None:
    make_function(server, "invite", MESSAGE, role_with(server, "invite"))
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:invite"
    cognito = server.client("cognito-idp")
    pool = cognito.create_user_pool(
        PoolName="invited",
        UsernameAttributes=["email"],
        LambdaConfig={"CustomMessage": function},
    )["UserPool"]

    def invite() -> None:
        cognito.admin_create_user(
            UserPoolId=pool["Id"],
            Username="ada@example.com",
            DesiredDeliveryMediums=["EMAIL"],
        )

    with pytest.raises(ClientError, match="AccessDeniedException"):
        invite()
    server.client("lambda").add_permission(
        FunctionName="invite",
        StatementId="pool",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=pool["Arn"],
    )
    invite()
    mail = mails(server)[-1]
    assert (mail["to"], mail["subject"]) == ("ada@example.com", "From the function")
    username, password = mail["html"].removeprefix("<p>").removesuffix("</p>").split(": ")
    assert username == "ada@example.com"
    assert len(password) == 12
    assert not set(password) & set("&<>\"'@")
    cognito.delete_user_pool(UserPoolId=pool["Id"])


def mails(server: Server) -> list[dict[str, str]]:

    request = urllib.request.Request(
        server.state["mailbox_url"], headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        found: list[dict[str, str]] = json.loads(answer.read())["mails"]
    return found
