"""Everything an environment could leave in a region, kind by kind.

Each lister yields what is there; whose it is, is decided in `sweep`. A lister that AWS refuses
to answer is an error, never "nothing found".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from ground_truth_ops.aws import Clients, tag_map
from ground_truth_ops.jobs import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that exists.

    `tags` is None where only the tagging API knows them cheaply; `going` says until when what is
    deleted already will still be there.
    """

    kind: str
    name: str
    arn: str = ""
    tags: Mapping[str, str] | None = field(default=None)
    going: str = ""


Lister = Callable[[Clients], Iterator[Resource]]


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def stacks(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.cloudformation, "describe_stacks", "Stacks"):
        tags = tag_map(item.get("Tags"))
        yield Resource(kind="stack", name=item["StackName"], arn=item["StackId"], tags=tags)


def functions(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.functions, "list_functions", "Functions"):
        yield Resource(kind="function", name=item["FunctionName"], arn=item["FunctionArn"])


def buckets(clients: Clients) -> Iterator[Resource]:
    for item in clients.s3.list_buckets().get("Buckets", []):
        yield Resource(kind="bucket", name=item["Name"], tags=_bucket_tags(clients, item["Name"]))


def _bucket_tags(clients: Clients, bucket: str) -> Mapping[str, str]:
    """Buckets of other regions and of other people's making may refuse; those aren't ours."""
    try:
        return tag_map(clients.s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError:
        return {}


def roles(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.iam, "list_roles", "Roles"):
        # service-linked roles belong to AWS
        if not item["Path"].startswith("/aws-service-role/"):
            yield Resource(kind="role", name=item["RoleName"], arn=item["Arn"])


def policies(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.iam, "list_policies", "Policies", Scope="Local"):
        yield Resource(kind="policy", name=item["PolicyName"], arn=item["Arn"])


def log_groups(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.logs, "describe_log_groups", "logGroups"):
        arn = item.get("arn", "").removesuffix(":*")
        yield Resource(kind="log group", name=item["logGroupName"], arn=arn)


def user_pools(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.cognito, "list_user_pools", "UserPools", MaxResults=60):
        pool = clients.cognito.describe_user_pool(UserPoolId=item["Id"])["UserPool"]
        tags = pool.get("UserPoolTags", {})
        arn = pool.get("Arn", "")
        yield Resource(kind="user pool", name=f"{item['Name']} ({item['Id']})", arn=arn, tags=tags)
        for user in _pages(clients.cognito, "list_users", "Users", UserPoolId=item["Id"]):
            yield Resource(kind="user", name=f"{user['Username']} in {item['Name']}", tags=tags)
        # the pool may be another's, so the group's own name decides
        for group in _pages(clients.cognito, "list_groups", "Groups", UserPoolId=item["Id"]):
            yield Resource(kind="group", name=f"{group['GroupName']} in {item['Name']}")


def workforces(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.sagemaker, "list_workforces", "Workforces"):
        found = _tagged(clients, "workforce", item["WorkforceName"], item["WorkforceArn"])
        pool = item.get("CognitoConfig", {}).get("UserPool")
        yield found if found.tags or not pool else replace(found, tags=_pool_tags(clients, pool))


def _pool_tags(clients: Clients, pool: str) -> Mapping[str, str]:
    """Whose pool it signs people in with; none when that is gone, which an orphan's would be."""
    try:
        found = clients.cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    except clients.cognito.exceptions.ResourceNotFoundException:
        return {}
    return found.get("UserPoolTags", {})


def workteams(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.sagemaker, "list_workteams", "Workteams"):
        yield _tagged(clients, "work team", item["WorkteamName"], item["WorkteamArn"])


def running_jobs(clients: Clients) -> Iterator[Resource]:
    for status in sorted(LIVE):
        jobs = _pages(
            clients.sagemaker, "list_labeling_jobs", "LabelingJobSummaryList", StatusEquals=status
        )
        for item in jobs:
            yield _tagged(clients, "running job", item["LabelingJobName"], item["LabelingJobArn"])


def _tagged(clients: Clients, kind: str, name: str, arn: str) -> Resource:
    """SageMaker was seen to refuse the tags of a workforce; its name then decides alone."""
    try:
        tags = tag_map(clients.sagemaker.list_tags(ResourceArn=arn).get("Tags"))
    except ClientError:
        tags = {}
    return Resource(kind=kind, name=name, arn=arn, tags=tags)


def rules(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.events, "list_rules", "Rules"):
        # rules an AWS service made for itself go with what it made them for
        if "ManagedBy" not in item:
            yield Resource(kind="rule", name=item["Name"], arn=item["Arn"])


def alarms(clients: Clients) -> Iterator[Resource]:
    for page in clients.cloudwatch.get_paginator("describe_alarms").paginate():
        for item in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]:
            yield Resource(kind="alarm", name=item["AlarmName"], arn=item["AlarmArn"])


def dashboards(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.cloudwatch, "list_dashboards", "DashboardEntries"):
        yield Resource(kind="dashboard", name=item["DashboardName"], arn=item["DashboardArn"])


def topics(clients: Clients) -> Iterator[Resource]:
    for item in _pages(clients.sns, "list_topics", "Topics"):
        arn = item["TopicArn"]
        tags = tag_map(clients.sns.list_tags_for_resource(ResourceArn=arn).get("Tags"))
        yield Resource(kind="topic", name=arn.rsplit(":", 1)[-1], arn=arn, tags=tags)


def queues(clients: Clients) -> Iterator[Resource]:
    sqs = clients.named("sqs")
    for url in _pages(sqs, "list_queues", "QueueUrls"):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        tags = dict(sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))
        yield Resource(kind="queue", name=arn.rsplit(":", 1)[-1], arn=arn, tags=tags)


def keys(clients: Clients) -> Iterator[Resource]:
    """Customer keys, those included that wait 7 to 30 days for their deletion."""
    for item in _pages(clients.kms, "list_keys", "Keys"):
        key = clients.kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"]
        if key.get("KeyManager") == "AWS":
            continue
        found = clients.kms.list_resource_tags(KeyId=item["KeyId"]).get("Tags", [])
        tags = {tag["TagKey"]: tag["TagValue"] for tag in found}
        state = key.get("KeyState", "Enabled")
        name = item["KeyId"] if state == "Enabled" else f"{item['KeyId']} ({state})"
        going = f"until {key['DeletionDate']:%Y-%m-%d}" if state == "PendingDeletion" else ""
        yield Resource(kind="key", name=name, arn=key["Arn"], tags=tags, going=going)


LISTERS: tuple[tuple[str, Lister], ...] = (
    ("stacks", stacks),
    ("functions", functions),
    ("buckets", buckets),
    ("roles", roles),
    ("policies", policies),
    ("log groups", log_groups),
    ("user pools, users and groups", user_pools),
    ("workforces", workforces),
    ("work teams", workteams),
    ("running jobs", running_jobs),
    ("rules", rules),
    ("alarms", alarms),
    ("dashboards", dashboards),
    ("topics", topics),
    ("queues", queues),
    ("keys", keys),
)
