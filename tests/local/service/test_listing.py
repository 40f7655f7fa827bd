"""Looking at jobs, stopping them, rendering templates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ground_truth_local.service import ServiceError
from tests.local.service.fakes import ACCOUNT, START, arn
from tests.local.service.world import (
    ACS,
    ADA,
    JOB_ARN,
    NONE_YET,
    ONE,
    PRE,
    ROLE,
    TEAM,
    World,
    request,
)


def test_describes_what_was_asked_for_and_what_became_of_it(world: World) -> None:
    world.create()
    described = dict(world.describe("DIGITS-1"))
    assert len(described.pop("JobReferenceCode")) == 32
    wanted = request()
    assert described == {
        **{name: value for name, value in wanted.items() if name != "Tags"},
        "Tags": wanted["Tags"],
        "LabelingJobArn": JOB_ARN,
        "LabelingJobStatus": "InProgress",
        "LabelCounters": NONE_YET,
        "CreationTime": START,
        "LastModifiedTime": START,
        "LabelingJobOutput": {
            "OutputDatasetS3Uri": "s3://out/labels/digits-1/manifests/output/output.manifest"
        },
    }


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("s3://out/labels", "s3://out/labels/digits-1/manifests/output/output.manifest"),
        ("s3://out/a/b/", "s3://out/a/b/digits-1/manifests/output/output.manifest"),
        ("s3://out", "s3://out/digits-1/manifests/output/output.manifest"),
    ],
)
def test_writes_below_the_output_path_however_it_ends(world: World, path: str, uri: str) -> None:
    world.create(OutputConfig__S3OutputPath=path, **ONE)
    world.label_everything(ADA)
    output = world.describe()["LabelingJobOutput"]
    assert output == {"OutputDatasetS3Uri": uri}
    assert uri.removeprefix("s3://out/") in world.platform.keys("out")


@pytest.mark.parametrize("operation", ["DescribeLabelingJob", "StopLabelingJob"])
def test_answers_no_job_as_resource_not_found(world: World, operation: str) -> None:
    with pytest.raises(ServiceError) as refused:
        world.call(operation, LabelingJobName="nobody")
    assert (refused.value.code, refused.value.status) == ("ResourceNotFound", 400)
    assert arn("sagemaker", "labeling-job/nobody") in refused.value.message


def test_refuses_to_stop_a_job_that_is_over(world: World) -> None:
    world.create(**ONE)
    world.label_everything(ADA)
    with pytest.raises(ServiceError, match="job is in status Completed") as refused:
        world.call("StopLabelingJob", LabelingJobName="digits-1")
    assert refused.value.code == "ValidationException"


def test_lists_jobs_with_what_the_list_shows(world: World) -> None:
    world.create()
    (shown,) = world.call("ListLabelingJobs")["LabelingJobSummaryList"]
    assert shown == {
        "LabelingJobName": "digits-1",
        "LabelingJobArn": JOB_ARN,
        "LabelingJobStatus": "InProgress",
        "LabelCounters": NONE_YET,
        "CreationTime": START,
        "LastModifiedTime": START,
        "WorkteamArn": TEAM,
        "PreHumanTaskLambdaArn": PRE,
        "AnnotationConsolidationLambdaArn": ACS,
        "InputConfig": request()["InputConfig"],
        "LabelingJobOutput": world.describe()["LabelingJobOutput"],
    }


@pytest.fixture
def many(world: World) -> World:
    """`a`, `c`, `b`, an hour apart; `c` is stopped."""
    world.team()
    for name in ("a", "c", "b"):
        world.call("CreateLabelingJob", **request(LabelingJobName=f"job-{name}"))
        world.settle()
        world.clock.advance(hours=1)
    world.call("StopLabelingJob", LabelingJobName="job-c")
    world.settle()
    return world


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "acb"),
        ({"SortBy": "CreationTime", "SortOrder": "Descending"}, "bca"),
        ({"SortBy": "Name"}, "abc"),
        ({"SortBy": "Status", "SortOrder": "Ascending"}, "abc"),
        ({"StatusEquals": "Stopped"}, "c"),
        ({"StatusEquals": "Failed"}, ""),
        ({"NameContains": "JOB-A"}, "a"),
        ({"CreationTimeAfter": START + timedelta(minutes=30)}, "cb"),
        ({"CreationTimeAfter": (START + timedelta(minutes=30)).timestamp()}, "cb"),
        ({"CreationTimeBefore": START + timedelta(minutes=90)}, "ac"),
        ({"LastModifiedTimeAfter": START + timedelta(hours=2, minutes=30)}, "c"),
        ({"LastModifiedTimeBefore": START + timedelta(minutes=30)}, "a"),
    ],
)
def test_filters_and_sorts(many: World, query: dict[str, Any], names: str) -> None:
    assert _names(many.call("ListLabelingJobs", **query)) == [f"job-{name}" for name in names]


def test_lists_ten_at_a_time_unless_asked(world: World) -> None:
    world.team()
    for number in range(12):
        world.call("CreateLabelingJob", **request(LabelingJobName=f"job-{number:02}"))
    first = world.call("ListLabelingJobs")
    assert len(_names(first)) == 10
    second = world.call("ListLabelingJobs", NextToken=first["NextToken"])
    assert (_names(second), "NextToken" in second) == (["job-10", "job-11"], False)
    assert len(_names(world.call("ListLabelingJobs", MaxResults=100))) == 12


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"NextToken": "nonsense"}, "Invalid NextToken: it was not given by this operation"),
        ({"StatusEquals": "Stopped"}, "Invalid NextToken: it was given for another query"),
    ],
)
def test_refuses_a_token_that_does_not_fit(
    many: World, query: dict[str, Any], message: str
) -> None:
    token = many.call("ListLabelingJobs", MaxResults=1)["NextToken"]
    with pytest.raises(ServiceError, match=message):
        many.call("ListLabelingJobs", **{"NextToken": token, "MaxResults": 1, **query})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"MaxResults": 101}, "value less than or equal to 100"),
        ({"NameContains": "a_b"}, "regular expression pattern"),
        ({"StatusEquals": "Done"}, "enum value set"),
        ({"SortBy": "Arn"}, "enum value set"),
    ],
)
def test_refuses_a_query_outside_the_model(
    world: World, query: dict[str, Any], message: str
) -> None:
    with pytest.raises(ServiceError, match=message):
        world.call("ListLabelingJobs", **query)


def test_lists_the_jobs_of_a_team(many: World) -> None:
    answer = many.call("ListLabelingJobsForWorkteam", WorkteamArn=TEAM, SortOrder="Descending")
    assert _names(answer) == ["job-b", "job-c", "job-a"]
    shown = dict(answer["LabelingJobSummaryList"][0])
    assert len(shown.pop("JobReferenceCode")) == 32
    assert shown == {
        "LabelingJobName": "job-b",
        "WorkRequesterAccountId": ACCOUNT,
        "CreationTime": START + timedelta(hours=2),
        "LabelCounters": {"HumanLabeled": 0, "PendingHuman": 2, "Total": 2},
        "NumberOfHumanWorkersPerDataObject": 3,
    }


def test_knows_no_jobs_of_a_team_that_is_not_there(world: World) -> None:
    with pytest.raises(ServiceError) as refused:
        world.call("ListLabelingJobsForWorkteam", WorkteamArn=TEAM)
    assert refused.value.code == "ResourceNotFound"


def test_tags_jobs_for_as_long_as_they_exist(world: World) -> None:
    world.create()
    world.call("AddTags", ResourceArn=JOB_ARN, Tags=[{"Key": "campaign", "Value": "other"}])
    assert world.describe()["Tags"] == [{"Key": "campaign", "Value": "other"}]


# -- RenderUiTemplate


def rendering(content: str, task_input: object, **changes: Any) -> dict[str, Any]:
    text = task_input if isinstance(task_input, str) else json.dumps(task_input)
    return {
        "UiTemplate": {"Content": content},
        "Task": {"Input": text},
        "RoleArn": ROLE,
        **changes,
    }


def test_renders_a_template_with_links_signed_by_the_role(world: World) -> None:
    content = "<img src='{{ task.input.image | grant_read_access }}'>{{ task.input.text }}"
    params = rendering(content, {"image": "s3://in/a.png", "text": "<b>"})
    assert world.call("RenderUiTemplate", **params) == {
        "RenderedContent": "<img src='http://127.0.0.1:2/in/a.png?role=execution&amp;expires=900'>"
        "&lt;b&gt;",
        "Errors": [],
    }


def test_returns_a_templates_faults_as_errors(world: World) -> None:
    answer = world.call("RenderUiTemplate", **rendering("{{ task.input.missing }}", {"text": "a"}))
    assert answer["RenderedContent"] == ""
    (error,) = answer["Errors"]
    assert error["Code"] == "TemplateError"
    assert "task.input.missing" in error["Message"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (rendering("a", "not json"), "Task.Input is not valid JSON"),
        (rendering("a", ["list"]), "Task.Input must be a JSON object"),
        (rendering("a", {}, RoleArn=f"{ROLE}2"), "Could not assume role"),
        (rendering("a", {}, UiTemplate=None), "Either UiTemplate or HumanTaskUiArn"),
        (
            rendering("a", {}, HumanTaskUiArn=arn("sagemaker", "human-task-ui/mine")),
            "HumanTaskUiArn is not offered locally",
        ),
        (rendering("", {}), "'uiTemplate.content' failed to satisfy constraint"),
    ],
)
def test_refuses_to_render(world: World, params: dict[str, Any], message: str) -> None:
    with pytest.raises(ServiceError, match=message) as refused:
        world.call("RenderUiTemplate", **params)
    assert refused.value.code == "ValidationException"


def _names(answer: Any) -> list[str]:
    return [job["LabelingJobName"] for job in answer["LabelingJobSummaryList"]]
