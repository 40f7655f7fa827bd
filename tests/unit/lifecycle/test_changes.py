"""Updating a campaign while people work, and taking it back. Numbers are of the fault list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ground_truth.definition import Stopping
from ground_truth.lifecycle.lineage import StoppedFor
from tests.unit.lifecycle.campaigns import Campaign
from tests.unit.lifecycle.cloudformation import GATE, JOB, Stack

if TYPE_CHECKING:
    from tests.unit.lifecycle.conftest import Account


BEFORE = Campaign()
AFTER = BEFORE.changed(template="<crowd-form>better {{ task.input.taskObject }}</crowd-form>")
RELABELED = BEFORE.changed(labels=("two", "one"))


@pytest.fixture
def stack(account: Account) -> Stack:
    """A campaign of ten objects, four of them labeled."""
    stack = account.stack()
    account.deploy(stack, BEFORE)
    account.ground_truth.label(stack.job, 4)
    return stack


def bought_once(account: Account, objects: int = 10) -> bool:
    bought = account.ground_truth.bought
    return len(bought) == objects and set(bought.values()) == {1}


def test_fault_19_cosmetic_change_keeps_the_job(account: Account, stack: Stack) -> None:
    job = stack.job
    tagged = BEFORE.changed(tags={"team": "vision", "cost": "17"})
    account.deploy(stack, tagged)

    updated = account.deploy(stack, tagged.changed(title="Another", tags={"team": "audio"}))

    assert updated.status == "UPDATE_COMPLETE"
    assert (stack.job, account.ground_truth.running()) == (job, [job])
    tags = account.ground_truth.state(job).tags
    assert (tags.get("team"), "cost" in tags) == ("audio", False)
    assert tags["ground-truth:owner"] == stack.arn


def test_fault_19_tag_that_cannot_be_set_does_not_fail_the_update(
    account: Account, stack: Stack
) -> None:
    account.refuse("AddTags", "AccessDeniedException", "no")

    updated = account.deploy(stack, BEFORE.changed(tags={"team": "vision"}))

    assert updated.status == "UPDATE_COMPLETE"


def test_fault_20_change_under_a_running_job_is_refused_before_anything_changes(
    account: Account, stack: Stack
) -> None:
    job = stack.job

    updated = account.deploy(stack, AFTER)

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert account.ground_truth.running() == [job]
    # The job part never saw the update
    assert [
        (event["RequestType"], event["LogicalResourceId"])
        for event in account.cloudformation.events[2:]
    ] == [("Update", GATE), ("Update", GATE)]
    assert updated.reason.startswith(
        "RefusedError: the definition of campaign digits changed (template_sha256) while job "
        f"{job} is InProgress with 4 of 10 objects labeled. Nothing was touched. In campaign.toml "
        f'set approve = "{AFTER.hash}:continue" (stop the job, keep every label, ask only for the '
        f'rest) or approve = "{AFTER.hash}:restart" (stop the job, ask for all 10 again, all paid '
        "anew), or undo the change."
    )


def test_fault_20_approved_continue_keeps_every_label_and_asks_for_the_rest(
    account: Account, stack: Stack
) -> None:
    old = stack.job

    updated = account.deploy(stack, AFTER.approved("continue"))
    running = account.ground_truth.running()
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_COMPLETE"
    assert running == [stack.job]
    assert account.ground_truth.state(old).status == "Stopped"
    assert updated.outputs["Generation"] == "2"
    assert bought_once(account)


def test_fault_20_approved_restart_asks_for_everything_again(
    account: Account, stack: Stack
) -> None:
    updated = account.deploy(stack, RELABELED.approved("restart"))
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_COMPLETE"
    assert sorted(account.ground_truth.bought.values()) == [1] * 6 + [2] * 4


def test_fault_20_old_job_that_does_not_stop_prevents_the_new_one(
    account: Account, stack: Stack
) -> None:
    job = stack.job
    account.ground_truth.stopping_seconds = None

    updated = account.deploy(stack, AFTER.approved("continue"))

    assert updated.status == "UPDATE_ROLLBACK_FAILED"
    assert f"{job} is Stopping after 240 seconds" in updated.reason
    assert list(account.ground_truth.jobs) == [job]

    account.ground_truth.state(job).stops_at = account.clock.now()
    finished = stack.continue_update_rollback()
    account.ground_truth.complete(stack.job)

    assert finished.status == "UPDATE_ROLLBACK_COMPLETE"
    assert account.lineage().entries[-1].definition_hash == BEFORE.hash
    assert bought_once(account)


def test_fault_21_refused_new_job_leaves_the_old_definition_running(
    account: Account, stack: Stack
) -> None:
    account.refuse("CreateLabelingJob", "ValidationException", "no such work team", times=1)

    updated = account.deploy(stack, AFTER.approved("continue"))
    running = account.ground_truth.running()
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "no such work team" in updated.reason
    assert running == [stack.job]
    assert account.lineage().entries[-1].definition_hash == BEFORE.hash
    assert len(account.ground_truth.jobs) == 2
    assert bought_once(account)


def test_fault_21_job_that_could_not_be_fed_leaves_the_old_one_untouched(
    account: Account, stack: Stack
) -> None:
    """What can be checked beforehand is checked before the old job is stopped."""
    job = stack.job
    empty = BEFORE.changed(revision=2, prefix="nothing/")

    updated = account.deploy(stack, empty.approved("continue"))

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "has no objects" in updated.reason
    assert account.ground_truth.running() == [job]
    assert list(account.ground_truth.jobs) == [job]


@pytest.mark.parametrize("labeled_by_new", [0, 3, 6])
def test_fault_22_sibling_that_fails_brings_the_old_definition_back(
    account: Account, stack: Stack, labeled_by_new: int
) -> None:
    old = stack.job
    account.ground_truth.initializing_seconds = 0.0
    worked = [False]

    def work() -> None:
        if not worked[0] and labeled_by_new:
            (new,) = account.ground_truth.running()
            if new != old:
                account.ground_truth.label(new, labeled_by_new)
                worked[0] = True

    stack.before_rollback = work
    updated = account.deploy(stack, AFTER.approved("continue"), fails="after")
    running = account.ground_truth.running()

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert len(account.ground_truth.jobs) == (2 if labeled_by_new == 6 else 3)
    if labeled_by_new < 6:
        assert running == [stack.job]
        account.ground_truth.complete(stack.job)
    assert account.lineage().entries[1].undone
    assert bought_once(account)


def test_fault_22_rollback_of_a_restart_uses_what_both_jobs_bought(
    account: Account, stack: Stack
) -> None:
    stack.before_rollback = lambda: account.ground_truth.label(account.ground_truth.running()[0], 7)

    account.deploy(stack, AFTER.approved("restart"), fails="after")
    account.ground_truth.complete(stack.job)

    # Four were bought twice, as approved; the other three of the new job were not asked again
    assert sorted(account.ground_truth.bought.values()) == [1] * 6 + [2] * 4


def test_fault_22_rollback_over_reordered_labels_does_not_mix_them(
    account: Account, stack: Stack
) -> None:
    stack.before_rollback = lambda: account.ground_truth.label(
        account.ground_truth.running()[0], 7, value=0
    )

    account.deploy(stack, RELABELED.approved("restart"), fails="after")
    account.ground_truth.complete(stack.job)

    lines = account.ground_truth.state(stack.job).lines
    assert {line["digit"] for line in lines} == {1}


def test_fault_22_approval_of_a_rolled_back_update_can_be_used_again(
    account: Account, stack: Stack
) -> None:
    approved = AFTER.approved("continue")
    account.deploy(stack, approved, fails="after")

    updated = account.deploy(stack, approved)
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_COMPLETE"
    assert account.lineage().entries[-1].definition_hash == AFTER.hash
    assert bought_once(account)


def test_fault_22_rollback_of_a_cosmetic_update_keeps_the_job(
    account: Account, stack: Stack
) -> None:
    job = stack.job

    updated = account.deploy(stack, BEFORE.changed(title="Another"), fails="after")

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert account.ground_truth.running() == [job]


def test_fault_13_update_delivered_twice_starts_one_job(account: Account, stack: Stack) -> None:
    account.cloudformation.deliver_twice = True

    updated = account.deploy(stack, AFTER.approved("continue"))

    assert updated.status == "UPDATE_COMPLETE"
    assert len(account.ground_truth.jobs) == 2
    assert account.ground_truth.running() == [stack.job]


def test_fault_13_late_repetition_of_an_undone_update_starts_nothing(
    account: Account, stack: Stack
) -> None:
    account.deploy(stack, AFTER.approved("continue"), fails="after")
    forward = next(
        event
        for event in account.cloudformation.events
        if event["RequestType"] == "Update" and event["LogicalResourceId"] == JOB
    )
    running = account.ground_truth.running()

    answer = account.cloudformation.send(forward)

    assert answer.status == "FAILED"
    assert "was undone by a later one" in answer.reason
    assert account.ground_truth.running() == running == [stack.job]


@pytest.mark.parametrize("operation", ["StopLabelingJob", "CreateLabelingJob", "ListTags"])
def test_fault_05_update_that_dies_half_way_goes_on_where_it_was(
    account: Account, stack: Stack, operation: str
) -> None:
    account.die_after(operation)

    updated = account.deploy(stack, AFTER.approved("continue"))
    running = account.ground_truth.running()
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_COMPLETE"
    assert running == [stack.job]
    assert len(account.ground_truth.jobs) == 2
    assert bought_once(account)


# a job's tags are looked at just before it is stopped
@pytest.mark.parametrize("operation", ["StopLabelingJob", "ListTags"])
def test_fault_05_rollback_that_dies_before_the_updates_job_has_ended_sees_it_end(
    account: Account, stack: Stack, operation: str
) -> None:
    """It is undone in the record by then; beside it the earlier one would ask for the same."""
    account.ground_truth.stopping_seconds = 5.0
    stack.before_rollback = lambda: account.die_after(operation)

    updated = account.deploy(stack, AFTER.approved("continue"), fails="after")
    running = account.ground_truth.running()
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert running == [stack.job]
    assert [entry.undone for entry in account.lineage().entries] == [False, True, False]
    assert account.lineage().entries[1].stopped is StoppedFor.ROLLBACK
    assert bought_once(account)


@pytest.mark.parametrize("operation", ["StopLabelingJob", "CreateLabelingJob"])
def test_fault_06_update_that_always_dies_is_rolled_back_without_loss(
    account: Account, stack: Stack, operation: str
) -> None:
    account.die_after(operation)
    account.just_before(operation, lambda: account.die_after("GetObject", times=2))
    stack.before_rollback = account.calm

    updated = account.deploy(stack, AFTER.approved("continue"))
    running = account.ground_truth.running()
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert running == [stack.job]
    assert account.lineage().entries[-1].definition_hash == BEFORE.hash
    assert bought_once(account)


@pytest.mark.parametrize(
    ("campaign", "problem"),
    [
        (BEFORE.changed(labels=("one",)), "labels were removed, renamed or reordered"),
        (RELABELED, "labels were removed, renamed or reordered"),
        (BEFORE.changed(attribute="number"), "the label attribute changed"),
    ],
)
def test_continue_is_refused_when_labels_would_change_their_meaning(
    account: Account, stack: Stack, campaign: Campaign, problem: str
) -> None:
    job = stack.job

    updated = account.deploy(stack, campaign.approved("continue"))

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Labels cannot be kept: {problem}" in updated.reason
    assert f'approve = "{campaign.hash}:restart"' in updated.reason
    assert ":continue" not in updated.reason
    assert account.ground_truth.running() == [job]


def test_continue_may_add_labels_at_the_end(account: Account, stack: Stack) -> None:
    more = BEFORE.changed(labels=("one", "two", "three"))

    updated = account.deploy(stack, more.approved("continue"))
    account.ground_truth.complete(stack.job)

    assert updated.status == "UPDATE_COMPLETE"
    assert bought_once(account)


def test_approval_of_another_definition_does_not_count(account: Account, stack: Stack) -> None:
    approval = f"{RELABELED.hash}:restart"

    updated = account.deploy(stack, AFTER.changed(approve=approval))

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert f"The approval {approval} is for another definition than {AFTER.hash}" in updated.reason


def test_approval_that_cannot_be_read_is_told(account: Account, stack: Stack) -> None:
    updated = account.deploy(stack, AFTER.changed(approve="yes please"))

    assert "approve cannot be read: got 'yes please'" in updated.reason


def test_approval_works_once(account: Account, stack: Stack) -> None:
    account.deploy(stack, AFTER.approved("restart"))
    account.deploy(stack, BEFORE.approved("restart"))
    job = stack.job

    again = account.deploy(stack, AFTER.approved("restart"))
    renewed = account.deploy(stack, AFTER.approved("restart").changed(generation=2))

    assert again.status == "UPDATE_ROLLBACK_COMPLETE"
    assert f"The approval {AFTER.hash}:restart was used before and works once" in again.reason
    assert "generation = 2" in again.reason
    assert renewed.status == "UPDATE_COMPLETE"
    assert account.ground_truth.state(job).status == "Stopped"


def test_approval_left_in_the_file_does_nothing_afterwards(account: Account, stack: Stack) -> None:
    approved = AFTER.approved("restart")
    account.deploy(stack, approved)
    job = stack.job

    updated = account.deploy(stack, approved.changed(title="Another"))

    assert updated.status == "UPDATE_COMPLETE"
    assert account.ground_truth.running() == [job]


def test_approved_restart_of_the_same_definition_asks_for_everything_again_once(
    account: Account, stack: Stack
) -> None:
    approved = BEFORE.approved("restart")

    restarted = account.deploy(stack, approved)
    job = stack.job
    account.deploy(stack, approved.changed(title="Another"))

    assert restarted.outputs["Generation"] == "2"
    assert account.ground_truth.running() == [job]


def test_approval_present_from_the_first_deployment_never_stops_a_job(account: Account) -> None:
    stack = account.stack()
    approved = BEFORE.approved("restart")
    account.deploy(stack, approved)
    job = stack.job

    account.deploy(stack, approved.changed(title="Another"))

    assert account.ground_truth.running() == [job]


def test_failed_job_is_followed_by_one_that_asks_for_the_rest(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.fail(stack.job, "ClientError: consolidation raised")

    updated = account.deploy(stack, BEFORE.changed(title="Another"))
    account.ground_truth.complete(stack.job)

    assert updated.outputs["Generation"] == "2"
    assert bought_once(account)


def test_expired_job_is_followed_by_one_that_asks_for_the_rest(
    account: Account, stack: Stack
) -> None:
    account.clock.sleep(30 * 24 * 3600)
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)

    updated = account.deploy(stack, BEFORE.changed(title="Another"))
    account.ground_truth.complete(stack.job)

    assert updated.outputs["Generation"] == "2"
    assert bought_once(account)


def test_job_stopped_by_hand_stays_stopped_until_generation_is_raised(
    account: Account, stack: Stack
) -> None:
    job = stack.job
    account.ground_truth.stop_by_hand(job)
    account.clock.sleep(60)

    cosmetic = account.deploy(stack, BEFORE.changed(title="Another"))
    changed = account.deploy(stack, AFTER.approved("continue"))
    still = account.ground_truth.running()
    raised = account.deploy(stack, BEFORE.changed(generation=2))
    account.ground_truth.complete(stack.job)

    assert (cosmetic.status, changed.status) == ("UPDATE_COMPLETE", "UPDATE_COMPLETE")
    assert still == []
    assert raised.outputs["Generation"] == "2"
    assert stack.job != job
    assert bought_once(account)


def test_generation_raised_while_the_job_runs_is_remembered(account: Account, stack: Stack) -> None:
    job = stack.job
    account.deploy(stack, BEFORE.changed(generation=2))
    account.ground_truth.stop_by_hand(job)
    account.clock.sleep(60)

    account.deploy(stack, BEFORE.changed(generation=2, title="Another"))

    assert account.ground_truth.running() == []
    assert stack.job == job


def test_completed_job_is_adopted(account: Account, stack: Stack) -> None:
    job = stack.job
    account.ground_truth.complete(job)

    updated = account.deploy(stack, BEFORE.changed(title="Another"))

    assert updated.outputs["JobName"] == job
    assert len(account.ground_truth.jobs) == 1


def test_completed_job_with_nothing_left_accepts_a_changed_definition(
    account: Account, stack: Stack
) -> None:
    job = stack.job
    account.ground_truth.complete(job)

    updated = account.deploy(stack, AFTER)

    assert updated.status == "UPDATE_COMPLETE"
    assert (stack.job, len(account.ground_truth.jobs)) == (job, 1)


def test_completed_job_is_asked_again_only_with_an_approved_restart(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.complete(stack.job)
    refused = account.deploy(stack, RELABELED)

    updated = account.deploy(stack, RELABELED.approved("restart"))

    assert refused.status == "UPDATE_ROLLBACK_COMPLETE"
    assert updated.status == "UPDATE_COMPLETE"
    assert len(account.input_of(stack.job)) == 10
    assert not any("metadata" in line for line in account.input_of(stack.job))


def test_raised_revision_of_a_completed_campaign_asks_only_for_new_objects(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.complete(stack.job)
    account.upload(5, start=10)
    unchanged = account.deploy(stack, BEFORE.changed(title="Another"))
    first = stack.job

    updated = account.deploy(stack, BEFORE.changed(revision=2))
    account.ground_truth.complete(stack.job)

    assert unchanged.outputs["JobName"] == first
    assert updated.status == "UPDATE_COMPLETE"
    assert len(account.input_of(stack.job)) == 15
    assert bought_once(account, 15)


def test_raised_revision_keeps_labels_of_objects_that_are_gone(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.complete(stack.job)
    for number in range(3):
        del account.storage.objects["raw-bucket", f"digits/{number:04}.png"]
    account.upload(1, start=10)

    account.deploy(stack, BEFORE.changed(revision=2))
    account.ground_truth.complete(stack.job)

    assert len(account.ground_truth.state(stack.job).lines) == 11
    assert bought_once(account, 11)


def test_new_objects_without_a_raised_revision_wait(account: Account, stack: Stack) -> None:
    account.upload(5, start=10)
    account.ground_truth.fail(stack.job, "InternalServerError")

    account.deploy(stack, BEFORE.changed(title="Another"))

    assert len(account.input_of(stack.job)) == 10


def test_another_dataset_under_the_same_revision_is_refused(account: Account, stack: Stack) -> None:
    account.upload(3, prefix="letters/")
    job = stack.job

    updated = account.deploy(stack, BEFORE.changed(prefix="letters/"))

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "set revision = 2 under [dataset]" in updated.reason
    assert account.ground_truth.running() == [job]


def test_failed_objects_are_asked_again_when_generation_is_raised(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.fail_objects(stack.job, 2)
    account.ground_truth.label(stack.job, 10)
    kept = account.deploy(stack, BEFORE.changed(title="Another"))

    updated = account.deploy(stack, BEFORE.changed(generation=2))
    lines = account.input_of(stack.job)
    account.ground_truth.complete(stack.job)

    assert kept.outputs["Generation"] == "1"
    assert updated.outputs["Generation"] == "2"
    assert not any("failure-reason" in line for line in lines)
    assert bought_once(account)


def test_remaining_objects_of_a_changed_definition_need_an_approval(
    account: Account, stack: Stack
) -> None:
    """Labels of two definitions are not mixed because somebody edited a template."""
    account.ground_truth.fail_objects(stack.job, 2)
    account.ground_truth.label(stack.job, 10)

    refused = account.deploy(stack, AFTER)
    approved = account.deploy(stack, AFTER.approved("continue"))
    account.ground_truth.complete(stack.job)

    assert refused.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "is Completed with 8 of 10 objects labeled, 2 failed" in refused.reason
    assert "(keep every label, ask only for the rest)" in refused.reason
    assert approved.status == "UPDATE_COMPLETE"
    assert bought_once(account)


@pytest.mark.parametrize("writes", [True, False])
def test_labels_of_a_stopped_job_are_found_wherever_they_are(
    account: Account, stack: Stack, writes: bool
) -> None:
    account.ground_truth.writes_output_when_stopped = writes
    account.ground_truth.label(stack.job, 2)

    account.deploy(stack, AFTER.approved("continue"))
    account.ground_truth.complete(stack.job)

    assert bought_once(account)


def test_labels_are_found_in_consolidation_responses_alone(account: Account, stack: Stack) -> None:
    account.ground_truth.writes_output_when_stopped = False
    for place in [p for p in account.storage.objects if "/annotations/intermediate/" in p[1]]:
        del account.storage.objects[place]

    account.deploy(stack, AFTER.approved("continue"))
    account.ground_truth.complete(stack.job)

    assert bought_once(account)


def test_labels_that_were_counted_but_are_not_there_are_not_bought_again(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.writes_output_when_stopped = False
    for place in [p for p in account.storage.objects if "/annotations/" in p[1]]:
        del account.storage.objects[place]
    kept = dict(account.storage.objects)

    updated = account.deploy(stack, AFTER.approved("continue"))

    again = account.deploy(stack, BEFORE.changed(title="Another"))
    restarted = account.deploy(stack, BEFORE.approved("restart"))

    assert updated.status == again.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "counts 4 labeled objects but only 0 labels" in updated.reason
    assert f'approve = "{BEFORE.hash}:restart"' in again.reason
    assert kept.keys() <= account.storage.objects.keys()
    assert restarted.status == "UPDATE_COMPLETE"
    assert len(account.ground_truth.jobs) == 2


def test_spent_budget_starts_no_further_job(account: Account) -> None:
    stack = account.stack()
    limited = BEFORE.changed(stopping=Stopping(max_labeled_objects=4))
    account.deploy(stack, limited)
    job = stack.job
    account.ground_truth.label(job, 4)
    account.ground_truth.fail(job, "InternalServerError")

    spent = account.deploy(stack, limited.changed(title="Another"))
    raised = account.deploy(stack, BEFORE.changed(stopping=Stopping(max_labeled_objects=7)))

    assert spent.outputs["JobName"] == job
    assert spent.outputs["OutputManifestUri"].endswith(f"/inputs/{job}-complete.manifest")
    assert raised.outputs["Generation"] == "2"
    assert account.ground_truth.state(stack.job).request["StoppingConditions"] == {
        "MaxHumanLabeledObjectCount": 3
    }


def test_job_that_failed_with_every_label_is_not_asked_again(
    account: Account, stack: Stack
) -> None:
    job = stack.job
    account.ground_truth.label(job, 5)
    lines = account.ground_truth.state(job).lines
    account.ground_truth.bought["s3://raw-bucket/digits/0009.png"] += 1
    lines[9]["digit"] = 1
    account.ground_truth._put(
        account.ground_truth.state(job), "annotations/intermediate/1/annotations.manifest", lines
    )
    account.ground_truth.fail(job, "late consolidation")

    updated = account.deploy(stack, BEFORE.changed(title="Another"))

    assert updated.outputs["JobName"] == job
    key = updated.outputs["OutputManifestUri"].removeprefix("s3://output-bucket/")
    assert account.storage.text("output-bucket", key).count('"digit":1') == 10


def test_record_that_was_lost_under_a_running_job_stops_the_update(
    account: Account, stack: Stack
) -> None:
    job = stack.job
    del account.storage.objects["output-bucket", "digits/lineage.json"]

    updated = account.deploy(stack, AFTER)

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "digits/lineage.json in the output bucket does not know it" in updated.reason
    assert account.ground_truth.running() == [job]


def test_gate_says_what_it_decided(account: Account) -> None:
    stack = account.stack()
    event = stack.event("Create", GATE, BEFORE.gate())
    stack.status = "CREATE_IN_PROGRESS"

    answer = account.cloudformation.send(event)

    assert answer.data == {
        "Decision": "start first job: no job so far",
        "DefinitionHash": BEFORE.hash,
    }
    assert "CreateLabelingJob" not in account.ground_truth.calls


def test_gate_only_reads(account: Account, stack: Stack) -> None:
    before = dict(account.storage.objects)
    account.ground_truth.calls.clear()
    event = stack.event(
        "Update", GATE, AFTER.approved("restart").gate(), old=BEFORE.gate(), physical_id="x"
    )
    stack.status = "UPDATE_IN_PROGRESS"

    answer = account.cloudformation.send(event)
    removed = account.cloudformation.send(
        stack.event("Delete", GATE, BEFORE.gate(), physical_id="x")
    )

    assert (answer.status, removed.status) == ("SUCCESS", "SUCCESS")
    assert account.storage.objects == before
    assert set(account.ground_truth.calls) <= {"DescribeLabelingJob", "ListLabelingJobs"}


def test_fault_22_update_rolled_back_twice_still_uses_every_label(
    account: Account, stack: Stack
) -> None:
    """The first failed update labeled everything; the second found nothing to ask."""

    def finish() -> None:
        for name in account.ground_truth.running():
            account.ground_truth.complete(name)

    stack.before_rollback = finish
    approved = AFTER.approved("continue")
    account.deploy(stack, approved, fails="after")

    again = account.deploy(stack, approved, fails="after")

    assert again.status == "UPDATE_ROLLBACK_COMPLETE"
    assert account.ground_truth.running() == []
    assert bought_once(account)


def test_fault_22_labels_of_a_rolled_back_job_count_when_the_first_one_had_none(
    account: Account,
) -> None:
    stack = account.stack()
    account.deploy(stack, BEFORE)
    account.ground_truth.fail(stack.job, "InternalServerError")
    stack.before_rollback = lambda: account.ground_truth.label(account.ground_truth.running()[0], 4)
    account.deploy(stack, AFTER, fails="after")
    stack.before_rollback = lambda: None

    account.deploy(stack, AFTER)
    account.ground_truth.complete(stack.job)

    assert bought_once(account)


def test_fault_22_rollback_over_a_lost_record_keeps_the_running_job(
    account: Account, stack: Stack
) -> None:
    job = stack.job

    def lose() -> None:
        del account.storage.objects["output-bucket", "digits/lineage.json"]

    stack.before_rollback = lose
    updated = account.deploy(stack, BEFORE.changed(title="Another"), fails="after")

    assert updated.status == "UPDATE_ROLLBACK_COMPLETE"
    assert updated.outputs["JobName"] == job
    assert account.ground_truth.running() == [job]
