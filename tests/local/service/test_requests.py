"""Requests that AWS refuses are refused, with its code and, where known, its words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_local.service import ServiceError
from ground_truth_local.service.model import OPERATIONS, check_request, service_model
from tests.local.service.fakes import Bucket, arn
from tests.local.service.task_violations import TASK_VIOLATIONS
from tests.local.service.violations import VIOLATIONS, Violation
from tests.local.service.world import ROLE, World, request


@pytest.mark.parametrize(
    "violation", VIOLATIONS + TASK_VIOLATIONS, ids=lambda violation: violation.name
)
def test_refuses_documented_violation(world: World, violation: Violation) -> None:
    world.team()
    with pytest.raises(ServiceError) as refused:
        world.call("CreateLabelingJob", **violation.broken(request()))
    assert refused.value.code == violation.code
    assert re.search(violation.message, refused.value.message), refused.value.message
    assert world.call("ListLabelingJobs")["LabelingJobSummaryList"] == []


def test_accepts_the_request_the_violations_change(world: World) -> None:
    world.team()
    answer = world.call("CreateLabelingJob", **request())
    assert answer == {"LabelingJobArn": _arn("labeling-job/digits-1")}


def test_tells_all_broken_constraints_at_once(world: World) -> None:
    wanted = request(LabelingJobName="a_b", HumanTaskConfig__TaskTitle="")
    with pytest.raises(ServiceError, match="2 validation errors") as refused:
        world.call("CreateLabelingJob", **wanted)
    assert refused.value.message.startswith("2 validation errors detected: Value 'a_b' at ")
    assert "; Value '' at 'humanTaskConfig.taskTitle' failed" in refused.value.message


def test_refuses_an_operation_that_is_not_ground_truths(world: World) -> None:
    with pytest.raises(ServiceError, match="CreateTrainingJob is not offered locally") as refused:
        world.call("CreateTrainingJob")
    assert refused.value.code == "UnknownOperationException"


@pytest.mark.parametrize("name", ["digits-1", "DIGITS-1", "Digits-1"])
def test_refuses_a_name_for_ever_whatever_its_case(world: World, name: str) -> None:
    world.create()
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    world.settle()
    assert world.describe()["LabelingJobStatus"] == "Stopped"
    with pytest.raises(ServiceError, match="a job with this name already exists") as refused:
        world.call("CreateLabelingJob", **request(LabelingJobName=name))
    assert refused.value.code == "ResourceInUse"


def test_a_refused_request_takes_no_name(world: World) -> None:
    world.team()
    world.platform.roles.clear()
    with pytest.raises(ServiceError, match="Could not assume role"):
        world.call("CreateLabelingJob", **request())
    world.platform.roles.add(ROLE)
    world.call("CreateLabelingJob", **request())
    assert world.describe()["LabelingJobName"] == "digits-1"


def test_refuses_a_role_that_cannot_be_assumed(world: World) -> None:
    world.team()
    world.platform.roles.clear()
    with pytest.raises(ServiceError) as refused:
        world.call("CreateLabelingJob", **request())
    assert (refused.value.code, refused.value.message) == (
        "ValidationException",
        f"Could not assume role {ROLE}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
    )


def test_assumes_the_role_on_behalf_of_the_job(world: World) -> None:
    world.create()
    assert set(world.platform.assumed) == {(ROLE, _arn("labeling-job/digits-1"))}


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("m.manifest", "Unable to read ManifestS3Uri s3://in/m.manifest with role .*: 404"),
        ("template.liquid.html", "Unable to read UiTemplateS3Uri .*: NoSuchKey"),
        ("labels.json", "Unable to read LabelCategoryConfigS3Uri .*: NoSuchKey"),
    ],
)
def test_refuses_inputs_that_are_not_there(world: World, missing: str, message: str) -> None:
    world.team()
    del world.platform.buckets["in"].objects[missing]
    with pytest.raises(ServiceError) as refused:
        world.call("CreateLabelingJob", **request())
    assert refused.value.code == "ValidationException"
    assert re.search(message, refused.value.message)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("s3:GetObject", "Unable to read ManifestS3Uri .*: AccessDenied"),
        ("s3:GetBucketLocation", "Unable to access bucket in with role .*: AccessDenied"),
    ],
)
def test_reads_with_the_roles_own_rights(world: World, action: str, message: str) -> None:
    world.team()
    world.platform.denied.add(action)
    with pytest.raises(ServiceError) as refused:
        world.call("CreateLabelingJob", **request())
    assert re.search(message, refused.value.message)


@pytest.mark.parametrize("bucket", ["in", "out"])
def test_refuses_a_bucket_of_another_region(world: World, bucket: str) -> None:
    world.team()
    world.platform.buckets[bucket].region = "us-east-1"
    with pytest.raises(ServiceError, match=f"{bucket} is in region us-east-1; it must"):
        world.call("CreateLabelingJob", **request())


def test_refuses_a_bucket_that_is_not_there(world: World) -> None:
    world.team()
    wanted = request(OutputConfig__S3OutputPath="s3://elsewhere/labels")
    with pytest.raises(ServiceError, match=r"Unable to access bucket elsewhere .*: NoSuchB"):
        world.call("CreateLabelingJob", **wanted)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ task.input.taskObject", "UiTemplateS3Uri .* is not a valid template"),
        ("{% if task.input.labels %}", "UiTemplateS3Uri .* is not a valid template"),
        (b"\xff\xfe", "UiTemplateS3Uri .* is not a valid template: 'utf-8' codec"),
    ],
)
def test_refuses_a_broken_template(world: World, template: str | bytes, message: str) -> None:
    world.team()
    world.platform.put("in", "template.liquid.html", template)
    with pytest.raises(ServiceError, match=message):
        world.call("CreateLabelingJob", **request())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "it is not valid JSON"),
        ("[]", 'it has no "document-version": "2018-11-28"'),
        ('{"documentVersion":"2018-11-28","labels":[{"label":"a"}]}', 'no "document-version"'),
        ('{"document-version":"2018-11-28","labels":[]}', "it has no labels"),
        ('{"document-version":"2018-11-28","labels":["a"]}', "each label is"),
        ('{"document-version":"2018-11-28","labels":[{"label":""}]}', "each label is"),
        (
            '{"document-version":"2018-11-28","labels":[{"label":"a"},{"label":"a"}]}',
            "must be unique; twice: a",
        ),
    ],
)
def test_refuses_broken_label_categories(world: World, document: str, message: str) -> None:
    world.team()
    world.platform.put("in", "labels.json", document)
    with pytest.raises(ServiceError, match=message):
        world.call("CreateLabelingJob", **request())


def test_refuses_a_region_without_ground_truth(world: World) -> None:
    world.platform.region = "eu-north-1"
    wanted = request()
    with pytest.raises(ServiceError, match="not available in region eu-north-1; it is in"):
        world.call("CreateLabelingJob", **wanted)


def test_answers_with_shapes_of_the_api(world: World) -> None:
    world.platform.buckets["other"] = Bucket()
    world.create()
    calls: dict[str, dict[str, Any]] = {
        "DescribeLabelingJob": {"LabelingJobName": "digits-1"},
        "ListLabelingJobs": {},
        "ListLabelingJobsForWorkteam": {"WorkteamArn": _arn("workteam/private-crowd/team")},
        "DescribeWorkforce": {"WorkforceName": "force"},
        "ListWorkforces": {},
        "DescribeWorkteam": {"WorkteamName": "team"},
        "ListWorkteams": {},
        "ListTags": {"ResourceArn": _arn("labeling-job/digits-1")},
    }
    for operation, params in calls.items():
        shape = service_model().operation_model(operation).output_shape
        assert shape is not None
        report = ParamValidator().validate(dict(world.call(operation, **params)), shape)
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"


def test_knows_every_operation_of_the_model() -> None:
    assert sorted(service_model().operation_names) == sorted(OPERATIONS)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 60_000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(data=st.data(), value=_VALUES)
def test_refuses_whatever_botocore_would_not_send(data: st.DataObject, value: object) -> None:
    """Our walk of the shapes is at least as strict as botocore's own."""
    operation = data.draw(st.sampled_from(OPERATIONS))
    shape = service_model().operation_model(operation).input_shape
    assert shape is not None
    params = request() if operation == "CreateLabelingJob" else {}
    member = data.draw(st.sampled_from(sorted(shape.members)))
    params[member] = value
    report = ParamValidator().validate({k: v for k, v in params.items() if v is not None}, shape)
    if report.has_errors():
        with pytest.raises(ServiceError, match=r"validation error|is not a|Unknown parameter"):
            check_request(operation, params)


def _arn(resource: str) -> str:
    return arn("sagemaker", resource)
