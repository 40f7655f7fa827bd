"""Creating and removing, driven as CloudFormation drives it. Numbers are of the fault list."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest

from ground_truth import names
from ground_truth.tasks import TaskType
from ground_truth_functions import labeling_job
from ground_truth_functions.custom_resource import AnswerNotDeliveredError
from tests.unit.lifecycle.campaigns import ARN, OUTPUT, Campaign
from tests.unit.lifecycle.cloudformation import GATE, JOB
from tests.unit.lifecycle.conftest import Account, Context

ASSUME = (
    "Could not assume role arn:aws:iam::123456789012:role/execution. Please ensure that the role "
    "exists and allows principal 'sagemaker.amazonaws.com' to assume the role."
)


def test_fault_01_job_runs_after_create_and_is_stopped_by_destroy(account: Account) -> None:
    stack = account.stack()

    created = account.deploy(stack, Campaign())
    running = account.ground_truth.running()
    destroyed = stack.destroy()

    assert created.status == "CREATE_COMPLETE"
    assert running == [created.outputs["JobName"]]
    assert destroyed.status == "DELETE_COMPLETE"
    assert account.ground_truth.state(running[0]).status == "Stopped"


def test_created_job_has_the_declared_request(account: Account) -> None:
    stack = account.stack()

    account.deploy(stack, Campaign(tags={"team": "vision"}))
    job = account.ground_truth.state(stack.job)

    campaign = Campaign()
    definition = campaign.definition
    folder = f"s3://{OUTPUT}/digits"
    assert {key: value for key, value in job.request.items() if key != "Tags"} == {
        "LabelingJobName": stack.job,
        "LabelAttributeName": "digit",
        "InputConfig": {
            "DataSource": {
                "S3DataSource": {"ManifestS3Uri": f"{folder}/inputs/{stack.job}.manifest"}
            }
        },
        "OutputConfig": {"S3OutputPath": f"{folder}/labels/"},
        "RoleArn": "arn:aws:iam::123456789012:role/execution",
        "LabelCategoryConfigS3Uri": (
            f"{folder}/definitions/{definition.categories_sha256}/label-categories.json"
        ),
        "HumanTaskConfig": {
            "WorkteamArn": campaign.job()["WorkteamArn"],
            "UiConfig": {
                "UiTemplateS3Uri": (
                    f"{folder}/definitions/{definition.template_sha256}/template.liquid.html"
                )
            },
            "PreHumanTaskLambdaArn": campaign.job()["PreAnnotationArn"],
            "TaskKeywords": ["digits"],
            "TaskTitle": "Which digit is this?",
            "TaskDescription": "Look at the picture",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "TaskAvailabilityLifetimeInSeconds": 864000,
            "MaxConcurrentTaskCount": 1000,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": campaign.job()["ConsolidationArn"]
            },
        },
    }
    assert job.tags == {
        "team": "vision",
        names.TAG_ENVIRONMENT: "dev",
        names.TAG_CAMPAIGN: "digits",
        names.TAG_OWNER: stack.arn,
        names.TAG_GENERATION: "1",
        names.TAG_REQUEST: account.lineage().entries[0].request,
        names.TAG_DEFINITION: campaign.hash,
    }
    assert len(account.input_of(stack.job)) == 10


class PageOfAmazons(Campaign):
    """Named entities by AWS's own functions: no template is deployed."""

    def job(self) -> dict[str, Any]:
        found = super().job()
        del found["Template"]
        return found | {"HumanTaskUiArn": ARN.format("sagemaker", "human-task-ui/Entities")}


class WithoutFunctions(Campaign):
    def job(self) -> dict[str, Any]:
        found = super().job()
        del found["PreAnnotationArn"], found["ConsolidationArn"]
        return found


def test_page_of_amazons_takes_the_templates_place(account: Account) -> None:
    stack, campaign = account.stack(), PageOfAmazons()

    account.deploy(stack, campaign)

    task = account.ground_truth.state(stack.job).request["HumanTaskConfig"]
    assert task["UiConfig"] == {"HumanTaskUiArn": campaign.job()["HumanTaskUiArn"]}
    assert "PreHumanTaskLambdaArn" in task
    keys = [key for bucket, key in account.storage.objects if bucket == OUTPUT]
    assert [key for key in keys if "template" in key] == []


def test_job_without_functions_names_none(account: Account) -> None:
    stack = account.stack()

    account.deploy(stack, WithoutFunctions())

    task = account.ground_truth.state(stack.job).request["HumanTaskConfig"]
    assert {"PreHumanTaskLambdaArn", "AnnotationConsolidationConfig"} & set(task) == set()


def test_create_answers_with_the_attributes_of_the_job(account: Account) -> None:
    stack = account.stack()

    outputs = account.deploy(stack, Campaign()).outputs

    name = names.job_name(Campaign().job_prefix, stack.arn, 1, account.lineage().entries[0].request)
    assert outputs == {
        "JobName": name,
        "JobArn": f"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/{name}",
        "OutputManifestUri": f"s3://{OUTPUT}/digits/labels/{name}/manifests/output/output.manifest",
        "Generation": "1",
    }


def test_dataset_template_and_categories_lie_under_keys_of_their_own(account: Account) -> None:
    campaign = Campaign()
    account.deploy(account.stack(), campaign)

    definition = campaign.definition
    frozen = account.storage.text(OUTPUT, "digits/datasets/1/manifest.jsonl").splitlines()
    template = account.storage.text(
        OUTPUT, f"digits/definitions/{definition.template_sha256}/template.liquid.html"
    )
    assert [json.loads(line) for line in frozen] == [
        {"source-ref": f"s3://raw-bucket/digits/{number:04}.png"} for number in range(10)
    ]
    assert template == campaign.template


def test_fault_02_role_that_spreads_late_is_waited_for_inside_create(account: Account) -> None:
    account.refuse("CreateLabelingJob", "ValidationException", ASSUME, times=6)

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert 15 < account.clock.elapsed < 150


def test_fault_02_role_that_never_works_fails_with_its_own_words(account: Account) -> None:
    account.refuse("CreateLabelingJob", "ValidationException", ASSUME)

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "Could not assume role" in created.reason
    assert "tried for 150 seconds" in created.reason
    assert account.clock.elapsed < 200


@pytest.mark.parametrize(
    "operation",
    ["CreateLabelingJob", "DescribeLabelingJob", "ListLabelingJobs", "StopLabelingJob", "ListTags"],
)
@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure"])
def test_fault_03_throttled_calls_are_repeated(account: Account, operation: str, code: str) -> None:
    stack = account.stack()
    account.refuse(operation, code, "Rate exceeded", times=3)

    created = account.deploy(stack, Campaign())
    account.refuse(operation, code, "Rate exceeded", times=3)
    destroyed = stack.destroy()

    assert (created.status, destroyed.status) == ("CREATE_COMPLETE", "DELETE_COMPLETE")
    assert account.ground_truth.running() == []
    assert len(account.ground_truth.jobs) == 1


def test_fault_04_permanent_refusal_fails_in_seconds_and_leaves_nothing(account: Account) -> None:
    text = "Invalid manifest: the S3 object digits/inputs/x.manifest has no lines. " + "x" * 5000
    account.refuse("CreateLabelingJob", "ValidationException", text)

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert (
        "Invalid manifest: the S3 object digits/inputs/x.manifest has no lines." in created.reason
    )
    assert account.clock.elapsed < 10
    assert account.ground_truth.jobs == {}


def test_fault_05_function_that_dies_after_creating_finds_its_job_again(account: Account) -> None:
    account.die_after("CreateLabelingJob")

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert account.ground_truth.running() == [created.outputs["JobName"]]
    assert len(account.ground_truth.jobs) == 1


def test_fault_05_job_whose_answer_was_lost_is_found_by_its_tags(account: Account) -> None:
    account.lose_answer("CreateLabelingJob")

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert account.ground_truth.calls.count("CreateLabelingJob") == 2
    assert account.ground_truth.running() == [created.outputs["JobName"]]
    assert len(account.ground_truth.jobs) == 1


def test_fault_05_function_that_always_dies_before_creating_is_not_in_the_way(
    account: Account,
) -> None:
    account.die_after("PutObject", times=5)  # three Creates, and two of the Deletes

    created = account.deploy(account.stack(), Campaign())
    jobs = dict(account.ground_truth.jobs)
    again = account.deploy(account.stack("Again"), Campaign())

    assert (created.status, jobs) == ("ROLLBACK_COMPLETE", {})
    assert again.status == "CREATE_COMPLETE"
    assert account.ground_truth.running() == [again.outputs["JobName"]]


@pytest.mark.parametrize("writes", range(1, 8))
def test_fault_05_death_after_any_write_leads_to_one_job(account: Account, writes: int) -> None:
    left = [writes]

    def count(_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            account.die_after("PutObject")

    account.storage.before_put = count

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert account.ground_truth.running() == [created.outputs["JobName"]]
    assert len(account.ground_truth.jobs) == 1
    assert len(account.lineage().entries) == 1


def test_fault_06_function_that_always_dies_leaves_no_running_job(account: Account) -> None:
    # The first invocation dies after creating, the others while they look for the job
    account.die_after("CreateLabelingJob")
    stack = account.stack()
    stack.before_delete = account.calm
    account.just_before(
        "CreateLabelingJob", lambda: account.die_after("ListTags|GetObject", times=9)
    )

    created = account.deploy(stack, Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert len(account.ground_truth.jobs) == 1
    assert account.ground_truth.running() == []


def test_fault_07_answer_that_does_not_arrive_is_repeated_without_a_second_job(
    account: Account,
) -> None:
    account.deliveries = [True, False, False, True]  # the gate's, then the job's

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert len(account.ground_truth.jobs) == 1


def test_fault_07_answer_that_never_arrives_is_cleaned_up(account: Account) -> None:
    account.deliveries = [True, False, False, False, True, True]

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert account.ground_truth.running() == []


def test_fault_08_long_error_is_cut_with_its_cause_in_front(account: Account) -> None:
    account.refuse("CreateLabelingJob", "ValidationException", "the cause. " + "y" * 9000)

    created = account.deploy(account.stack(), Campaign())

    assert "the cause." in created.reason
    assert len(account.bodies[-1]) < 4096
    assert all(len(body) < 4096 for body in account.bodies)


def test_fault_09_attributes_fit_an_answer_whatever_the_names(account: Account) -> None:
    account.upload(3, prefix="p/")
    campaign = Campaign(environment="e" * 20, name="c" * 40, prefix="p/")

    created = account.deploy(account.stack(), campaign)

    assert created.status == "CREATE_COMPLETE"
    assert len(created.outputs["JobName"]) <= 63
    assert created.outputs["OutputManifestUri"].endswith("/output.manifest")


def test_fault_10_job_that_fails_while_set_up_fails_the_deployment(account: Account) -> None:
    account.ground_truth.fails_initializing = (
        "ClientError: Exception invoking the Lambda function arn:x. LambdaErrorCode: Unhandled."
    )

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "failed while it was set up: ClientError: Exception invoking" in created.reason
    assert account.ground_truth.running() == []
    assert account.lineage().entries[0].stage.value == "abandoned"


def test_fault_10_failed_start_is_not_in_the_way_of_a_corrected_one(account: Account) -> None:
    account.ground_truth.fails_initializing = "ClientError: template"
    account.deploy(account.stack(), Campaign())
    account.ground_truth.fails_initializing = ""

    created = account.deploy(
        account.stack("Again"), Campaign(template="<crowd-form>2</crowd-form>")
    )

    assert created.status == "CREATE_COMPLETE"
    assert created.outputs["Generation"] == "2"
    assert len(account.input_of(created.outputs["JobName"])) == 10


def test_fault_11_job_stuck_while_set_up_is_stopped(account: Account) -> None:
    account.ground_truth.stuck_initializing = True

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "still Initializing after 10 minutes" in created.reason
    assert account.ground_truth.running() == []
    assert account.clock.elapsed < 900


@pytest.mark.parametrize("sibling", ["before", "after"])
def test_fault_12_sibling_that_fails_takes_the_job_with_it(account: Account, sibling: str) -> None:
    created = account.deploy(account.stack(), Campaign(), fails=sibling)

    assert created.status == "ROLLBACK_COMPLETE"
    assert account.ground_truth.running() == []


def test_fault_12_delete_with_an_invented_id_stops_the_job_by_its_tag(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    event = stack.event("Delete", JOB, Campaign().job(), physical_id="Labeling-Job-1A2B3C4D")

    answer = account.cloudformation.send(event)

    assert (answer.status, answer.physical_id) == ("SUCCESS", "Labeling-Job-1A2B3C4D")
    assert account.ground_truth.running() == []


def test_fault_12_create_that_outlives_its_stack_leaves_no_job(account: Account) -> None:
    """CloudFormation gives up on a Create and deletes while the function is still at it."""
    stack = account.stack()
    account.deploy(account.stack("Warm"), Campaign(name="warm"))
    physical = "Labeling-Job-INVENTED"

    def deleted_meanwhile() -> None:
        stack.status = "ROLLBACK_IN_PROGRESS"
        event = stack.event("Delete", JOB, Campaign().job(), physical_id=physical)
        assert account.cloudformation.send(event).status == "SUCCESS"

    account.just_before("CreateLabelingJob", deleted_meanwhile)
    stack.status = "CREATE_IN_PROGRESS"
    for key, content in Campaign().assets().items():
        account.storage.put("assets-bucket", key, content)
    answer = account.cloudformation.send(stack.event("Create", JOB, Campaign().job()))

    assert answer.status == "FAILED"
    assert "undone while it was being created" in answer.reason
    assert [name for name in account.ground_truth.running() if "digits" in name] == []


def test_fault_12_late_create_of_a_stack_that_rolls_back_starts_nothing(account: Account) -> None:
    stack = account.stack()
    stack.status = "ROLLBACK_IN_PROGRESS"

    answer = account.cloudformation.send(stack.event("Create", JOB, Campaign().job()))

    assert answer.status == "FAILED"
    assert "ROLLBACK_IN_PROGRESS" in answer.reason
    assert account.ground_truth.jobs == {}


def test_fault_13_event_delivered_twice_leads_to_one_job(account: Account) -> None:
    account.cloudformation.deliver_twice = True

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert account.ground_truth.running() == [created.outputs["JobName"]]
    assert len(account.ground_truth.jobs) == 1


def test_fault_13_event_delivered_twice_at_once_leads_to_one_job(account: Account) -> None:
    """The second delivery runs while the first is about to create."""
    stack = account.stack()
    for key, content in Campaign().assets().items():
        account.storage.put("assets-bucket", key, content)
    stack.status = "CREATE_IN_PROGRESS"
    event = stack.event("Create", JOB, Campaign().job())
    answers: list[Any] = []
    account.just_before(
        "CreateLabelingJob", lambda: answers.append(account.cloudformation.send(event))
    )

    answers.append(account.cloudformation.send(event))

    assert [answer.status for answer in answers] == ["SUCCESS", "SUCCESS"]
    assert answers[0].data == answers[1].data
    assert len(account.ground_truth.jobs) == 1


@pytest.mark.parametrize("physical_id", ["unknown", "AWSCDK::CustomResourceProviderFramework"])
def test_fault_14_delete_of_an_unknown_id_succeeds_at_once(
    account: Account, physical_id: str
) -> None:
    stack = account.stack()
    event = stack.event("Delete", JOB, Campaign().job(), physical_id=physical_id)

    answer = account.cloudformation.send(event)

    assert (answer.status, answer.physical_id) == ("SUCCESS", physical_id)
    assert account.clock.elapsed == 0


@pytest.mark.parametrize("end", ["Completed", "Failed", "Stopped"])
def test_fault_15_delete_of_an_ended_job_succeeds_without_a_stop(
    account: Account, end: str
) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    if end == "Completed":
        account.ground_truth.complete(stack.job)
    elif end == "Failed":
        account.ground_truth.fail(stack.job, "InternalServerError")
    else:
        account.ground_truth.stop_by_hand(stack.job)
        account.clock.sleep(60)
    account.ground_truth.calls.clear()

    destroyed = stack.destroy()

    assert destroyed.status == "DELETE_COMPLETE"
    assert account.ground_truth.state(stack.job).status == end
    assert "StopLabelingJob" not in account.ground_truth.calls


def test_fault_15_job_that_ends_just_before_the_stop_counts_as_stopped(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.just_before("StopLabelingJob", lambda: account.ground_truth.complete(stack.job))

    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.state(stack.job).status == "Completed"


def test_fault_16_job_that_stays_stopping_does_not_hold_the_stack(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.ground_truth.stopping_seconds = None

    destroyed = stack.destroy()

    assert destroyed.status == "DELETE_COMPLETE"
    assert account.ground_truth.state(stack.job).status == "Stopping"
    assert 300 <= account.clock.elapsed < 400


def test_fault_16_stop_asked_for_at_the_last_moment_counts(account: Account) -> None:
    """The look from before the stop says InProgress; it is not what decides."""
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.ground_truth.stopping_seconds = None
    account.function_seconds = 30.0

    destroyed = stack.destroy()

    assert (destroyed.status, destroyed.reason) == ("DELETE_COMPLETE", "")
    assert account.ground_truth.state(stack.job).status == "Stopping"
    assert account.clock.elapsed < 30


@pytest.mark.parametrize(
    "operation", ["StopLabelingJob", "ListLabelingJobs", "ListTags", "DescribeLabelingJob"]
)
def test_fault_17_missing_permission_fails_the_delete_loudly(
    account: Account, operation: str
) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    text = f"User: arn:aws:sts::1:x is not authorized to perform: sagemaker:{operation}"
    account.refuse(operation, "AccessDeniedException", text)

    destroyed = stack.destroy()

    assert destroyed.status == "DELETE_FAILED"
    assert f"is not authorized to perform: sagemaker:{operation}" in destroyed.reason
    account.calm()
    assert account.ground_truth.running() == [stack.job]
    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.running() == []


def test_fault_17_job_that_cannot_be_stopped_fails_the_delete(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.refuse("StopLabelingJob", "ValidationException", "not now")

    destroyed = stack.destroy()

    assert destroyed.status == "DELETE_FAILED"
    assert "did not stop within 300 seconds" in destroyed.reason


def test_fault_18_delete_twice_succeeds_twice(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    physical = stack.resources[JOB][0]
    event = stack.event("Delete", JOB, Campaign().job(), physical_id=physical)

    answers = [account.cloudformation.send(event) for _ in range(2)]

    assert [(answer.status, answer.physical_id) for answer in answers] == [
        ("SUCCESS", physical),
        ("SUCCESS", physical),
    ]


def test_physical_id_is_constant_for_stack_and_logical_id(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    first = stack.resources[JOB][0]
    account.deploy(stack, Campaign(title="Another title"))

    assert stack.resources[JOB][0] == first
    assert first.startswith("Job-")


@pytest.mark.parametrize("missing", ["OutputBucket", "Definition", "RoleArn", "Part", "Template"])
def test_fault_23_missing_property_is_answered_with_its_name(
    account: Account, missing: str
) -> None:
    stack = account.stack()
    stack.status = "CREATE_IN_PROGRESS"
    properties = {key: value for key, value in Campaign().job().items() if key != missing}

    answer = account.cloudformation.send(stack.event("Create", JOB, properties))

    assert answer.status == "FAILED"
    assert f"property {missing} is wrong" in answer.reason
    assert account.ground_truth.jobs == {}


def test_fault_23_unknown_request_type_is_answered(account: Account) -> None:
    stack = account.stack()
    event = stack.event("Create", JOB, Campaign().job()) | {"RequestType": "Rename"}

    answer = account.cloudformation.send(event)

    assert answer.status == "FAILED"
    assert "unknown RequestType 'Rename'" in answer.reason


def test_fault_24_foreign_job_of_the_same_name_is_left_alone(account: Account) -> None:
    stack = account.stack()
    _someone_elses_job(account, stack)

    created = account.deploy(stack, Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "exists already and does not carry the tags of this request" in created.reason
    (foreign,) = account.ground_truth.jobs.values()
    assert foreign.status == "Initializing"
    assert "StopLabelingJob" not in account.ground_truth.calls


def _someone_elses_job(account: Account, stack: Any) -> None:
    """Take the very name this deployment will choose, at the last moment."""

    def take() -> None:
        entry = account.lineage().entries[-1]
        request = {
            "LabelingJobName": entry.name.upper().replace("GT-", "gt-"),
            "LabelAttributeName": "digit",
            "InputConfig": {
                "DataSource": {
                    "S3DataSource": {
                        "ManifestS3Uri": f"s3://{OUTPUT}/digits/inputs/{entry.name}.manifest"
                    }
                }
            },
            "OutputConfig": {"S3OutputPath": "s3://theirs/x/"},
            "RoleArn": "arn:aws:iam::123456789012:role/theirs",
            "LabelCategoryConfigS3Uri": f"s3://{OUTPUT}/digits/lineage.json",
            "HumanTaskConfig": {
                "WorkteamArn": "arn:aws:sagemaker:us-east-1:1:workteam/private-crowd/x",
                "UiConfig": {"UiTemplateS3Uri": f"s3://{OUTPUT}/digits/lineage.json"},
            },
            "Tags": [{"Key": names.TAG_OWNER, "Value": "someone else"}],
        }
        account.ground_truth.serve("CreateLabelingJob", request)

    account.just_before("CreateLabelingJob", take)


def test_fault_24_foreign_job_with_our_prefix_survives_our_delete(account: Account) -> None:
    ours, theirs = account.stack(), account.stack("Theirs")
    account.deploy(theirs, Campaign())
    foreign = theirs.job
    account.storage.objects.pop((OUTPUT, "digits/lineage.json"))
    account.deploy(ours, Campaign())

    destroyed = ours.destroy()

    assert destroyed.status == "DELETE_COMPLETE"
    assert account.ground_truth.running() == [foreign]


def test_fault_25_quota_is_told_and_nothing_is_left(account: Account) -> None:
    text = "The account-level service limit 'Number of labeling jobs' is 100"
    account.refuse("CreateLabelingJob", "ResourceLimitExceeded", text)

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert f"ResourceLimitExceeded: {text}" in created.reason
    assert account.ground_truth.jobs == {}
    assert account.clock.elapsed < 10


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ValidationException", "Amazon SageMaker Ground Truth is not accepting new customers"),
        ("AccessDeniedException", "This account is not eligible for Ground Truth"),
        ("OptInRequired", "The AWS Access Key Id needs a subscription for the service"),
    ],
)
def test_fault_26_account_without_ground_truth_gets_its_words_and_an_explanation(
    account: Account, code: str, text: str
) -> None:
    account.refuse("CreateLabelingJob", code, text)

    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert f"{code}: {text}" in created.reason
    assert "closed to new customers since 30 July 2026" in created.reason
    assert account.clock.elapsed < 10


def test_fault_29_destroy_and_create_again_goes_on_with_what_is_left(account: Account) -> None:
    first = account.stack()
    account.deploy(first, Campaign())
    account.ground_truth.label(first.job, 4)
    first.destroy()

    second = account.stack()
    created = account.deploy(second, Campaign())
    account.ground_truth.complete(second.job)

    assert created.status == "CREATE_COMPLETE"
    assert created.outputs["Generation"] == "2"
    assert account.ground_truth.bought.most_common(1)[0][1] == 1
    assert len(account.ground_truth.bought) == 10


def test_fault_29_create_waits_for_the_end_of_the_old_stacks_job(account: Account) -> None:
    first = account.stack()
    account.deploy(first, Campaign())
    account.ground_truth.label(first.job, 4)
    account.ground_truth.stopping_seconds = 400.0  # longer than the Delete waits
    first.destroy()
    at_work = account.ground_truth.running()

    second = account.stack()
    created = account.deploy(second, Campaign())
    account.ground_truth.complete(second.job)

    assert at_work == [first.job]
    assert created.status == "CREATE_COMPLETE"
    assert account.ground_truth.state(first.job).status == "Stopped"
    assert set(account.ground_truth.bought.values()) == {1}


def test_fault_29_finished_campaign_is_adopted_by_a_new_stack(account: Account) -> None:
    first = account.stack()
    account.deploy(first, Campaign())
    account.ground_truth.complete(first.job)
    first.destroy()

    second = account.stack()
    account.deploy(second, Campaign())

    assert second.job == first.job
    assert len(account.ground_truth.jobs) == 1


def test_fault_29_create_after_the_buckets_went_starts_from_nothing(account: Account) -> None:
    first = account.stack()
    account.deploy(first, Campaign())
    first.destroy()
    for place in [place for place in account.storage.objects if place[0] == OUTPUT]:
        del account.storage.objects[place]

    second = account.stack()
    created = account.deploy(second, Campaign())

    assert created.status == "CREATE_COMPLETE"
    assert created.outputs["Generation"] == "1"
    assert second.job != first.job


def test_fault_30_neither_of_two_stacks_stops_the_others_job(account: Account) -> None:
    one, two = account.stack("One"), account.stack("Two")
    account.upload(3, prefix="letters/")
    account.deploy(one, Campaign())
    account.deploy(two, Campaign(name="digits-2", prefix="letters/"))

    one.destroy()
    running = account.ground_truth.running()
    two.destroy()

    assert running == [two.job]
    assert account.ground_truth.running() == []


def test_fault_30_second_stack_of_a_running_campaign_is_refused(account: Account) -> None:
    one, two = account.stack("One"), account.stack("Two")
    account.deploy(one, Campaign())

    created = account.deploy(two, Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "belongs to another stack" in created.reason
    assert account.ground_truth.running() == [one.job]


@pytest.fixture
def broken_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def broken(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.endswith("labeling_job_parts"):
            raise ImportError("cannot import name 'x'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", broken)


@pytest.mark.usefixtures("broken_package")
@pytest.mark.parametrize(
    ("kind", "logical"), [("Create", GATE), ("Create", JOB), ("Update", JOB), ("Delete", JOB)]
)
def test_fault_31_import_error_is_answered(account: Account, kind: str, logical: str) -> None:
    event = account.stack().event(kind, logical, Campaign().job(), physical_id="x")

    answer = account.cloudformation.send(event)

    assert answer.status == "FAILED"
    assert "cannot import name 'x'" in answer.reason


@pytest.mark.usefixtures("broken_package")
def test_fault_31_first_deployment_of_a_broken_package_rolls_back_clean(account: Account) -> None:
    created = account.deploy(account.stack(), Campaign())

    assert created.status == "ROLLBACK_COMPLETE"
    assert "cannot import name 'x'" in created.reason


def test_fault_32_delete_understands_properties_of_another_version(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    old = {"Environment": "dev", "Campaign": "digits", "Unknown": {"a": "b"}}

    answer = account.cloudformation.send(stack.event("Delete", JOB, old, physical_id="x"))

    assert answer.status == "SUCCESS"
    assert account.ground_truth.running() == []


def test_fault_32_delete_works_when_the_output_bucket_is_gone(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.storage.buckets.discard(OUTPUT)

    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.running() == []


def test_fault_33_neither_the_answers_address_nor_values_are_logged(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.deploy(account.stack(), Campaign(title="A secret title"))

    assert "signature=abc" not in caplog.text
    assert "A secret title" not in caplog.text


@pytest.mark.parametrize(
    ("campaign", "text"),
    [
        (Campaign(prefix="nothing/"), "has no objects"),
        (Campaign(manifest=""), "has no objects"),
        (Campaign(manifest='{"source-ref": "s3://raw-bucket/a.png"\n'), "line 1: not JSON"),
        (Campaign(manifest='{"source-ref": "s3://raw-bucket/a.gif"}\n'), "unsupported file type"),
        (Campaign(manifest='{"source-ref": "s3://elsewhere/a.png"}\n'), "bucket elsewhere"),
        (
            Campaign(manifest='{"source-ref": "s3://raw-bucket/a.png"}\n' * 2),
            "line 2: duplicate of line 1",
        ),
    ],
)
def test_fault_38_dataset_nobody_can_label_is_refused_before_a_job_is_created(
    account: Account, campaign: Campaign, text: str
) -> None:
    created = account.deploy(account.stack(), campaign)

    assert created.status == "ROLLBACK_COMPLETE"
    assert text in created.reason
    assert "CreateLabelingJob" not in account.ground_truth.calls


def test_fault_38_dataset_over_the_quota_is_refused(account: Account) -> None:
    lines = [
        json.dumps({"source-ref": f"s3://raw-bucket/{number}.png"}) for number in range(100_001)
    ]

    created = account.deploy(account.stack(), Campaign(manifest="\n".join(lines)))

    assert "too many objects: got 100001, allowed 1-100000" in created.reason
    assert "CreateLabelingJob" not in account.ground_truth.calls


def test_fault_40_destroy_while_people_label_keeps_what_they_labeled(account: Account) -> None:
    stack = account.stack()
    account.deploy(stack, Campaign())
    account.ground_truth.label(stack.job, 4)
    job = stack.job

    destroyed = stack.destroy()

    assert destroyed.status == "DELETE_COMPLETE"
    assert account.ground_truth.state(job).status == "Stopped"
    kept = account.storage.text(OUTPUT, f"digits/labels/{job}/manifests/output/output.manifest")
    assert ["digit" in json.loads(line) for line in kept.splitlines()].count(True) == 4
    assert account.lineage().entries[-1].stopped.value == "delete"


def test_undelivered_answer_fails_the_invocation_so_that_lambda_repeats_it(
    account: Account,
) -> None:
    stack = account.stack()
    account.deliveries = [False]

    with pytest.raises(AnswerNotDeliveredError, match="503"):
        labeling_job.handler(
            stack.event("Delete", JOB, Campaign().job(), physical_id="x"), Context(account.clock)
        )


def test_template_that_is_not_the_declared_one_is_refused(account: Account) -> None:
    stack = account.stack()
    key = next(iter(Campaign().assets()))
    stack.status = "CREATE_IN_PROGRESS"
    account.storage.put("assets-bucket", key, b"another template")

    answer = account.cloudformation.send(stack.event("Create", JOB, Campaign().job()))

    assert answer.status == "FAILED"
    assert "worker template does not fit the definition" in answer.reason
    assert account.ground_truth.jobs == {}


def test_texts_below_a_prefix_become_the_manifest(account: Account) -> None:
    for number, text in enumerate(["good", "bad"]):
        account.storage.put("raw-bucket", f"reviews/{number}.txt", text.encode())
    stack = account.stack()

    account.deploy(
        stack,
        Campaign(name="reviews", task=TaskType.TEXT_CLASSIFICATION, prefix="reviews/"),
    )

    assert [json.loads(line) for line in account.input_of(stack.job, "reviews")] == [
        {"source": "good", "object-key": "reviews/0.txt"},
        {"source": "bad", "object-key": "reviews/1.txt"},
    ]
