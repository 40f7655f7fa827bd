"""`gt sweep` in an account with one orphan of every kind that an environment can leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops.inventory import LISTERS
from tests.e2e.desk import Desk, hand_made, role
from tests.e2e.people import ended, until
from tests.e2e.project import LittleProject, little_project

if TYPE_CHECKING:
    import subprocess

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

TAG = {"ground-truth:environment": "local"}
TAGS: Any = [{"Key": key, "Value": value} for key, value in TAG.items()]
FUNCTIONS = "GroundTruth-local-Storage-"
STACK = "GroundTruth-local-Labeling-gone"
TEMPLATE = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
# what each orphan is called in the answer; by tag where the name says nothing
ORPHANS = {
    f"stack: {STACK}",
    "function: GroundTruth-local-Storage-Stray",
    "bucket: groundtruth-local-storage-stray",
    "role: GroundTruth-local-Team-Stray",
    "policy: GroundTruth-local-Team-Stray",
    "log group: /aws/lambda/GroundTruth-local-Storage-BucketNotificationsHandler",
    "user pool: hand-made",
    "user: worker1@example.com in hand-made",
    "group: local-labelers in hand-made",
    "workforce: hand-made",
    "work team: hand-made",
    "running job: hand-made-",
    "rule: GroundTruth-local-Labeling-gone-Stray",
    "alarm: ground-truth_local_gone-job-failed",
    "dashboard: ground-truth_local_gone",
    "topic: news",
    "key: ",
    "queue: stray-events",
    "tagged dynamodb: ",
}


class Seeds:
    """Makes orphans, and remembers how each goes again."""

    def __init__(self, desk: Desk, later: ExitStack) -> None:
        self.desk = desk
        self.aws = desk.aws
        self.later = later

    def _gone_by(self, remove: Callable[..., Any], **arguments: Any) -> None:
        self.later.callback(remove, **arguments)

    def plant(self) -> None:
        self.stack_and_function()
        self.storage()
        self.rights()
        self.people_and_job()
        self.monitoring()
        self.topic_key_queue_and_table()

    def stack_and_function(self) -> None:
        cloudformation, logs = self.aws.cloudformation, self.aws.logs
        cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1}
        )
        self._gone_by(cloudformation.delete_stack, StackName=STACK)
        # the desk removes its functions itself
        self.desk.function("Stray", "def handler(event, context): ...", prefix=FUNCTIONS)
        group = "/aws/lambda/GroundTruth-local-Storage-BucketNotificationsHandler"
        logs.create_log_group(logGroupName=group)
        self._gone_by(logs.delete_log_group, logGroupName=group)

    def storage(self) -> None:
        bucket = "groundtruth-local-storage-stray"
        self.aws.s3.create_bucket(Bucket=bucket)
        self._gone_by(self.aws.s3.delete_bucket, Bucket=bucket)

    def rights(self) -> None:
        iam, name = self.aws.iam, "GroundTruth-local-Team-Stray"
        role(self.aws, name, "lambda.amazonaws.com")
        self._gone_by(iam.delete_role, RoleName=name)
        self._gone_by(iam.delete_role_policy, RoleName=name, PolicyName="rights")
        made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(POLICY))
        self._gone_by(iam.delete_policy, PolicyArn=made["Policy"]["Arn"])

    def people_and_job(self) -> None:
        """The desk's own pool, workforce and team, as if they were ours; they go with the desk."""
        cognito, sagemaker = self.aws.cognito, self.aws.sagemaker
        pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
        (pool,) = (found["Id"] for found in pools if found["Name"] == "hand-made")
        arn = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["Arn"]
        cognito.tag_resource(ResourceArn=arn, Tags=TAG)
        cognito.create_group(UserPoolId=pool, GroupName="local-labelers")
        sagemaker.add_tags(ResourceArn=self.desk.workteam_arn, Tags=TAGS)
        request = {**self.desk.request(), "Tags": TAGS}
        job = self.desk.create(request)
        until(sagemaker, job, lambda found: found["LabelingJobStatus"] == "InProgress")
        self.later.callback(until, sagemaker, job, ended)
        self._gone_by(sagemaker.stop_labeling_job, LabelingJobName=job)

    def monitoring(self) -> None:
        events, cloudwatch = self.aws.events, self.aws.cloudwatch
        rule = f"{STACK}-Stray"
        events.put_rule(Name=rule, ScheduleExpression="rate(5 minutes)", State="DISABLED")
        self._gone_by(events.delete_rule, Name=rule)
        alarm = "ground-truth_local_gone-job-failed"
        cloudwatch.put_metric_alarm(
            AlarmName=alarm,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
            MetricName="Failed",
            Namespace="GroundTruth/Campaigns",
            Period=60,
            Threshold=5,
            Statistic="Maximum",
        )
        self._gone_by(cloudwatch.delete_alarms, AlarmNames=[alarm])
        board = "ground-truth_local_gone"
        cloudwatch.put_dashboard(DashboardName=board, DashboardBody='{"widgets": []}')
        self._gone_by(cloudwatch.delete_dashboards, DashboardNames=[board])

    def topic_key_queue_and_table(self) -> None:
        topic = self.aws.sns.create_topic(Name="news", Tags=TAGS)["TopicArn"]
        self._gone_by(self.aws.sns.delete_topic, TopicArn=topic)
        tags = [{"TagKey": key, "TagValue": value} for key, value in TAG.items()]
        key = self.aws.kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"]
        self._gone_by(self.aws.kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7)
        sqs = self.aws.named("sqs")
        queue = sqs.create_queue(QueueName="stray-events", tags=TAG)["QueueUrl"]
        self._gone_by(sqs.delete_queue, QueueUrl=queue)
        dynamodb, table = self.aws.named("dynamodb"), "kind-without-a-lister"
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=TAGS,
        )
        self._gone_by(dynamodb.delete_table, TableName=table)


@pytest.fixture(scope="module")
def project(server: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> LittleProject:
    return little_project(tmp_path_factory.mktemp("orphans"), server)


@pytest.fixture(scope="module")
def sweeps(project: LittleProject, aws: Clients) -> Iterator[Sweeps]:
    """The answer while everything lies about, and the one when it was taken away."""
    with hand_made(aws, people=1) as desk, ExitStack() as later:
        Seeds(desk, later).plant()
        found = project.gt("sweep", "--env", "local")
    yield found, project.gt("sweep", "--env", "local")


Sweeps = tuple["subprocess.CompletedProcess[str]", "subprocess.CompletedProcess[str]"]


def test_every_kind_of_orphan_is_named(sweeps: Sweeps) -> None:
    found, _ = sweeps
    assert (found.returncode, found.stderr) == (1, "")
    first, *lines = (line.strip() for line in found.stdout.splitlines())
    assert first == f"{len(ORPHANS)} left of local:"
    assert {orphan for orphan in ORPHANS if any(line.startswith(orphan) for line in lines)} == (
        ORPHANS
    )


def test_no_kind_is_listed_without_an_orphan_to_prove_it() -> None:
    kinds = {orphan.partition(":")[0] for orphan in ORPHANS} - {"user", "group", "tagged dynamodb"}
    assert len(kinds) == len(LISTERS)


def test_an_account_whose_orphans_were_taken_away_is_clean(sweeps: Sweeps) -> None:
    _, clean = sweeps
    assert (clean.returncode, clean.stderr) == (0, ""), clean.stdout
    assert clean.stdout.startswith("nothing of local is left; looked at stacks, functions,")
    assert "  deleted, there until 20" in clean.stdout
