from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ground_truth_ops import inventory
from ground_truth_ops import sweep as sweep_module
from ground_truth_ops.inventory import LISTERS, Resource
from ground_truth_ops.retained import Storage
from ground_truth_ops.sweep import SweepError, sweep, sweep_target
from tests.unit.ops.fakes import FakeCloudFormation, client_error

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
RIGHTS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


class FakeClients:
    """An account with stacks; the listers and the tagging API are given by the test."""

    def __init__(self, tagged: list[str] | None = None) -> None:
        self.cloudformation = FakeCloudFormation()
        self.tagged = tagged or []
        self.filters: list[Any] = []

    def named(self, service: str) -> Any:
        assert service == "resourcegroupstaggingapi"
        return SimpleNamespace(get_paginator=lambda _name: self)

    def paginate(self, *, TagFilters: list[Any]) -> list[dict[str, Any]]:
        self.filters = TagFilters
        return [{"ResourceTagMappingList": [{"ResourceARN": arn} for arn in self.tagged]}]


def listing(monkeypatch: pytest.MonkeyPatch, *resources: Resource) -> None:
    def lister(_clients: object) -> Iterator[Resource]:
        yield from resources

    monkeypatch.setattr(sweep_module, "LISTERS", (("things", lister),))


def run(clients: FakeClients, *, everything: bool = False) -> tuple[Resource, ...]:
    return sweep(cast("Any", clients), "dev", everything=everything).left


def thing(name: str, kind: str = "function", **more: Any) -> Resource:
    return Resource(kind=kind, name=name, **more)


@pytest.mark.parametrize(
    "resource",
    [
        thing("GroundTruth-dev-Labeling-digits-Job12-AbC"),
        thing("groundtruth-dev-storage-raw123-xyz", "bucket"),
        thing("GroundTruth-dev-Labe-Job12-AbC"),
        thing("/aws/lambda/GroundTruth-dev-Team-Workers", "log group"),
        thing("ada@example.com in GroundTruth-dev-Account-Pool", "user"),
        thing("gt-dev-digits-0000-1", "running job"),
        thing("ground-truth_dev_digits", "dashboard"),
        thing("ground-truth_dev_europe-job-failed", "alarm"),
        thing("anything", tags={"ground-truth:environment": "dev"}),
    ],
)
def test_finds_what_carries_the_environments_name_or_tag(
    resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, resource)
    assert run(FakeClients()) == (resource,)


@pytest.mark.parametrize(
    "resource",
    [
        thing("GroundTruth-dev-eu-Storage-Fn"),
        thing("GroundTruth-devil-Storage-Fn"),
        thing("gt-devil-digits-1", "running job"),
        thing("ground-truth_dev-eu_digits", "dashboard"),
        thing("ground-truth_devil_digits", "dashboard"),
        thing("other"),
        thing("GroundTruth-dev-Storage-Fn", tags={"ground-truth:environment": "prod"}),
    ],
)
def test_leaves_what_belongs_to_others_alone(
    resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, resource)
    assert run(FakeClients()) == ()


def test_everything_counts_but_the_bootstrap_stacks_and_the_services_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clients = FakeClients()
    clients.cloudformation.add(
        "CDKToolkit", resources={"StagingBucket": {"Type": "AWS::S3::Bucket"}}
    )
    stray = thing("stray")
    listing(
        monkeypatch,
        stray,
        thing("CDKToolkit", "stack"),
        thing("stagingbucket-physical", "bucket"),
        thing("/aws/sagemaker/LabelingJobs", "log group"),
        thing("GroundTruthDeployer-dev-1", "policy"),
    )
    assert run(clients, everything=True) == (stray,)


def test_tagged_resources_of_kinds_nobody_lists_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    listing(monkeypatch, thing("fn", arn="arn:x:lambda:r:a:fn", tags={TAG: "dev"}))
    table = "arn:x:dynamodb:r:a:table/t"
    clients = FakeClients([table, "arn:x:lambda:r:a:fn", "arn:x:s3:::just-deleted"])
    assert [resource.kind for resource in run(clients)] == ["function", "tagged dynamodb"]
    assert clients.filters == [{"Key": TAG, "Values": ["dev"]}]


TAG = "ground-truth:environment"


def test_names_the_file_gives_count_where_tags_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    team, group = thing("dev-labelers", "work team"), thing("dev-labelers in people", "group")
    theirs = thing("ground-truth", "workforce", tags={TAG: "prod"})
    listing(monkeypatch, team, group, theirs, thing("prod-labelers", "work team"))
    names = ("dev-labelers", "ground-truth")
    assert sweep(cast("Any", FakeClients()), "dev", names=names).left == (team, group)


def test_what_is_kept_or_going_is_told_apart_from_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket, key = thing("kept", "bucket", tags={TAG: "dev"}), thing("f00d", "key", arn="arn:key")
    going = thing("beef", "key", going="until 2026-12-25")
    stray = thing("stray")
    listing(monkeypatch, bucket, key, going, stray)
    kept = ("kept", "arn:key")
    swept = sweep(cast("Any", FakeClients()), "dev", everything=True, kept=kept)
    assert (swept.left, swept.kept, swept.going) == ((stray,), (bucket, key), (going,))


def test_an_environment_that_retains_keeps_complete_sets_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tags = {TAG: "dev"}
    buckets = [thing(name, "bucket", tags=tags) for name in ("r", "o", "a", "half")]
    listing(monkeypatch, *buckets)
    storage = Storage(raw="r", output="o", access_logs="a", key_arn=None)
    monkeypatch.setattr(sweep_module, "find_retained", lambda *_: (storage,))
    assert [r.name for r in sweep_target(target(removes=False)).left] == ["half"]
    assert len(sweep_target(target(removes=True)).left) == 4


def target(*, removes: bool) -> Any:
    workforce = SimpleNamespace(mode="create", name="ground-truth")
    environment = SimpleNamespace(
        workteam_name="dev-labelers", settings=SimpleNamespace(workforce=workforce)
    )
    return SimpleNamespace(
        environment="dev",
        clients=FakeClients(),
        removes_buckets=removes,
        project=SimpleNamespace(environment=environment),
    )


def test_a_kind_that_cannot_be_listed_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_clients: object) -> Iterator[Resource]:
        yield thing("the first page")
        raise client_error("not authorized to perform: lambda:ListFunctions", "AccessDenied")

    monkeypatch.setattr(sweep_module, "LISTERS", (("functions", denied),))
    with pytest.raises(SweepError, match=r"functions could not be listed.*ListFunctions"):
        run(FakeClients())


def listed(clients: Clients, lister: Callable[[Clients], Iterator[Resource]]) -> list[str]:
    return [resource.name for resource in lister(clients)]


def test_lists_roles_policies_and_no_service_linked_ones(clients: Clients) -> None:
    clients.iam.create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST)
    clients.iam.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com")
    clients.iam.create_policy(PolicyName="rights", PolicyDocument=RIGHTS)
    assert listed(clients, inventory.roles) == ["mine"]
    assert listed(clients, inventory.policies) == ["rights"]


def test_lists_buckets_with_their_tags(clients: Clients) -> None:
    clients.s3.create_bucket(Bucket="plain")
    clients.s3.create_bucket(Bucket="tagged")
    clients.s3.put_bucket_tagging(
        Bucket="tagged", Tagging={"TagSet": [{"Key": TAG, "Value": "dev"}]}
    )
    assert {item.name: item.tags for item in inventory.buckets(clients)} == {
        "plain": {},
        "tagged": {TAG: "dev"},
    }


def test_lists_pools_and_everybody_in_them(clients: Clients) -> None:
    pool = clients.cognito.create_user_pool(PoolName="people", UserPoolTags={TAG: "dev"})
    identifier = pool["UserPool"]["Id"]
    clients.cognito.admin_create_user(UserPoolId=identifier, Username="ada")
    clients.cognito.create_group(UserPoolId=identifier, GroupName="dev-labelers")
    assert listed(clients, inventory.user_pools) == [
        f"people ({identifier})",
        "ada in people",
        "dev-labelers in people",
    ]


def test_lists_topics_rules_alarms_dashboards_and_log_groups(clients: Clients) -> None:
    clients.sns.create_topic(Name="news")
    clients.events.put_rule(Name="state", ScheduleExpression="rate(5 minutes)")
    clients.cloudwatch.put_metric_alarm(
        AlarmName="failed",
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        MetricName="Failed",
        Namespace="GroundTruth/Campaigns",
        Period=60,
        Threshold=5,
        Statistic="Maximum",
    )
    clients.cloudwatch.put_dashboard(DashboardName="board", DashboardBody='{"widgets":[]}')
    clients.logs.create_log_group(logGroupName="/aws/lambda/fn")
    kinds = ("topics", "rules", "alarms", "dashboards", "log groups")
    assert [listed(clients, dict(LISTERS)[kind]) for kind in kinds] == [
        ["news"],
        ["state"],
        ["failed"],
        ["board"],
        ["/aws/lambda/fn"],
    ]


def test_lists_queues_with_their_tags(clients: Clients) -> None:
    clients.named("sqs").create_queue(QueueName="undelivered", tags={TAG: "dev"})
    assert [(item.name, item.tags) for item in inventory.queues(clients)] == [
        ("undelivered", {TAG: "dev"})
    ]


def test_lists_keys_that_wait_for_their_deletion(clients: Clients) -> None:
    tags = [{"TagKey": TAG, "TagValue": "dev"}]
    key = clients.kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"]
    clients.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    (found,) = inventory.keys(clients)
    assert (found.name, found.tags) == (f"{key} (PendingDeletion)", {TAG: "dev"})
    assert found.going.startswith("until 20")


class FakeSageMakerLists:
    """Lists of everything Ground Truth has, and tags that only jobs show."""

    def get_paginator(self, operation: str) -> Any:
        pages: dict[str, Callable[..., Any]] = {
            "list_workforces": lambda: [
                {"Workforces": [{"WorkforceName": "gt", "WorkforceArn": "arn:force"}]}
            ],
            "list_workteams": lambda: [
                {"Workteams": [{"WorkteamName": "team", "WorkteamArn": "arn:team"}]}
            ],
            "list_labeling_jobs": self._jobs,
        }
        return SimpleNamespace(paginate=pages[operation])

    def _jobs(self, *, StatusEquals: str) -> list[dict[str, Any]]:
        job = {"LabelingJobName": f"job-{StatusEquals}", "LabelingJobArn": "arn:job"}
        return [{"LabelingJobSummaryList": [job]}]

    def list_tags(self, *, ResourceArn: str) -> dict[str, Any]:
        if ResourceArn == "arn:job":
            return {"Tags": [{"Key": TAG, "Value": "dev"}]}
        raise client_error("Invalid resource type: workforce", "ValidationException")


class FakePools:
    """One pool, of dev."""

    class exceptions:
        class ResourceNotFoundException(Exception): ...

    def describe_user_pool(self, *, UserPoolId: str) -> dict[str, Any]:
        if UserPoolId != "there":
            raise self.exceptions.ResourceNotFoundException
        return {"UserPool": {"UserPoolTags": {TAG: "dev"}}}


@pytest.mark.parametrize(("pool", "tags"), [("there", {TAG: "dev"}), ("gone", {})])
def test_a_workforce_whose_tags_are_not_shown_belongs_to_its_pools_environment(
    pool: str, tags: dict[str, str]
) -> None:
    force = {
        "WorkforceName": "gt",
        "WorkforceArn": "arn:force",
        "CognitoConfig": {"UserPool": pool},
    }
    pages = SimpleNamespace(paginate=lambda: [{"Workforces": [force]}])
    refusing = FakeSageMakerLists()
    sagemaker = SimpleNamespace(get_paginator=lambda _: pages, list_tags=refusing.list_tags)
    clients = cast("Any", SimpleNamespace(sagemaker=sagemaker, cognito=FakePools()))
    (found,) = inventory.workforces(clients)
    assert found.tags == tags


def test_lists_workforces_teams_and_jobs_at_work() -> None:
    clients = cast("Any", SimpleNamespace(sagemaker=FakeSageMakerLists()))
    assert list(inventory.workforces(clients)) == [
        Resource(kind="workforce", name="gt", arn="arn:force", tags={})
    ]
    assert list(inventory.workteams(clients)) == [
        Resource(kind="work team", name="team", arn="arn:team", tags={})
    ]
    assert [(item.name, item.tags) for item in inventory.running_jobs(clients)] == [
        ("job-InProgress", {TAG: "dev"}),
        ("job-Initializing", {TAG: "dev"}),
        ("job-Stopping", {TAG: "dev"}),
    ]
