"""`gt relabel`: the next deployment asks for exactly what the command has shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ground_truth.definition import Stopping
from ground_truth_ops.relabel.asking import RelabelError
from ground_truth_ops.relabel.reasons import Reason, reasons
from tests.unit.lifecycle.campaigns import OUTPUT, Campaign
from tests.unit.lifecycle.relabeling import asked_by, asking, edited, objects_of, world

if TYPE_CHECKING:
    from ground_truth_ops.relabel.asking import Asking
    from tests.unit.lifecycle.cloudformation import Stack
    from tests.unit.lifecycle.conftest import Account

CAMPAIGN = Campaign()
ALL = [f"s3://raw-bucket/digits/{number:04}.png" for number in range(10)]


@pytest.fixture
def stack(account: Account) -> Stack:
    """A campaign of ten objects, four of them labeled."""
    stack = account.stack()
    account.deploy(stack, CAMPAIGN)
    account.ground_truth.label(stack.job, 4)
    return stack


def complete_with_failed(account: Account, stack: Stack, failed: int = 2) -> None:
    account.ground_truth.fail_objects(stack.job, failed)
    account.ground_truth.complete(stack.job)


def deploy_edited(account: Account, stack: Stack, campaign: Campaign, found: Asking) -> list[str]:
    """Deploy what the command has written; returns what people were asked."""
    account.deploy(stack, edited(campaign, found))
    asked = asked_by(account, stack.job)
    account.ground_truth.complete(stack.job)
    assert set(account.ground_truth.bought.values()) == {1}
    assert sorted(account.ground_truth.bought) == ALL
    return asked


def why(found: Asking) -> tuple[Reason, ...]:
    return reasons(
        world(), found.job, found.objects, campaign="digits", bucket=OUTPUT, attribute="digit"
    )


def test_failed_objects_of_a_completed_job_are_asked_again(account: Account, stack: Stack) -> None:
    complete_with_failed(account, stack)

    found = asking(account, stack, CAMPAIGN)

    assert (found.generation, found.clears_approval) == (2, False)
    assert objects_of(found) == ALL[4:6]
    assert why(found) == (Reason(text="failed: no worker answered", objects=tuple(ALL[4:6])),)
    assert deploy_edited(account, stack, CAMPAIGN, found) == ALL[4:6]


def test_looking_calls_nothing_that_changes_anything(account: Account, stack: Stack) -> None:
    complete_with_failed(account, stack)
    account.ground_truth.calls.clear()
    before = dict(account.storage.objects)

    asking(account, stack, CAMPAIGN)

    assert set(account.ground_truth.calls) <= {"DescribeLabelingJob", "ListLabelingJobs"}
    assert account.storage.objects == before


def test_nothing_is_asked_again_when_every_object_has_its_label(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.complete(stack.job)

    found = asking(account, stack, CAMPAIGN)

    assert (found.objects, found.generation) == ((), 1)


def test_what_a_failed_job_left_needs_a_raised_generation_under_its_stack(
    account: Account, stack: Stack
) -> None:
    """CloudFormation sends no update when no property has changed."""
    account.ground_truth.fail(stack.job, "InternalServerError")
    unedited = account.deploy(stack, CAMPAIGN)

    found = asking(account, stack, CAMPAIGN)

    assert unedited.outputs["Generation"] == "1"
    assert (found.generation, objects_of(found)) == (2, ALL[4:])
    assert why(found) == (
        Reason(text="the job failed: InternalServerError", objects=tuple(ALL[4:])),
    )
    assert deploy_edited(account, stack, CAMPAIGN, found) == ALL[4:]


def test_expired_objects_are_asked_again(account: Account, stack: Stack) -> None:
    account.clock.time += timedelta(days=30)
    account.ground_truth.fail(stack.job, "ClientError: the labeling job expired")

    found = asking(account, stack, CAMPAIGN)

    assert why(found) == (
        Reason(text="not answered by enough people when the job expired", objects=tuple(ALL[4:])),
    )
    assert deploy_edited(account, stack, CAMPAIGN, found) == ALL[4:]


def test_job_stopped_by_hand_goes_on(account: Account, stack: Stack) -> None:
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)

    found = asking(account, stack, CAMPAIGN)

    assert found.generation == 2
    assert why(found) == (
        Reason(
            text="not answered by enough people when the job was stopped", objects=tuple(ALL[4:])
        ),
    )
    assert deploy_edited(account, stack, CAMPAIGN, found) == ALL[4:]


def test_new_stack_goes_on_by_itself_with_what_its_predecessors_destroy_left(
    account: Account, stack: Stack
) -> None:
    stack.destroy()
    account.clock.sleep(60)

    found = asking(account, None, CAMPAIGN)

    assert found.generation == 1
    assert deploy_edited(account, account.stack("another"), CAMPAIGN, found) == ALL[4:]


def test_new_stack_asks_for_failed_objects_once_the_generation_is_raised(
    account: Account, stack: Stack
) -> None:
    complete_with_failed(account, stack)
    stack.destroy()

    found = asking(account, None, CAMPAIGN)

    assert found.generation == 2
    assert deploy_edited(account, account.stack("another"), CAMPAIGN, found) == ALL[4:6]


def test_file_that_was_raised_already_stays(account: Account, stack: Stack) -> None:
    complete_with_failed(account, stack)
    raised = edited(CAMPAIGN, asking(account, stack, CAMPAIGN))

    found = asking(account, stack, raised)

    assert (found.generation, objects_of(found)) == (2, ALL[4:6])


def test_generation_that_was_deployed_in_vain_is_raised_again(
    account: Account, stack: Stack
) -> None:
    """A deployment that had nothing to do has used the number up all the same."""
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    stack.resources["Job"] = (stack.resources["Job"][0], CAMPAIGN.changed(generation=7).job())

    assert asking(account, stack, CAMPAIGN.changed(generation=7)).generation == 8


def test_used_restart_is_taken_out_because_raising_the_generation_would_renew_it(
    account: Account, stack: Stack
) -> None:
    restarted = CAMPAIGN.approved("restart")
    account.deploy(stack, restarted)
    account.ground_truth.fail_objects(stack.job, 2)
    account.ground_truth.complete(stack.job)

    found = asking(account, stack, restarted)
    account.deploy(stack, edited(restarted, found))

    assert (found.generation, found.clears_approval) == (2, True)
    assert asked_by(account, stack.job) == objects_of(found) == ALL[:2]


def test_restart_that_is_not_used_yet_is_refused(account: Account, stack: Stack) -> None:
    complete_with_failed(account, stack)

    with pytest.raises(RelabelError, match="asks for everything again"):
        asking(account, stack, CAMPAIGN.approved("restart"))


def test_running_job_is_waited_for(account: Account, stack: Stack) -> None:
    with pytest.raises(RelabelError, match="is InProgress with 4 of 10 objects labeled"):
        asking(account, stack, CAMPAIGN)


def test_stopping_job_is_waited_for(account: Account, stack: Stack) -> None:
    account.ground_truth.stop_by_hand(stack.job)

    with pytest.raises(RelabelError, match="is Stopping with 4 of 10 objects labeled"):
        asking(account, stack, CAMPAIGN)


def test_campaign_nobody_was_asked_about_is_refused(account: Account) -> None:
    with pytest.raises(RelabelError, match="has no job in dev yet"):
        asking(account, None, CAMPAIGN)


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        (CAMPAIGN.changed(template="<crowd-form>better</crowd-form>"), "template_sha256"),
        (CAMPAIGN.changed(revision=2), "dataset_revision"),
    ],
)
def test_other_changes_are_deployed_first(
    account: Account, stack: Stack, changed: Campaign, shown: str
) -> None:
    complete_with_failed(account, stack)

    with pytest.raises(RelabelError, match=rf"differ from what job .* asked \({shown}\)"):
        asking(account, stack, changed)


def test_other_dataset_is_refused_as_the_gate_would(account: Account, stack: Stack) -> None:
    complete_with_failed(account, stack)

    with pytest.raises(RelabelError, match="would be refused: the dataset of campaign digits"):
        asking(account, stack, CAMPAIGN.changed(prefix="other/"))


def test_spent_budget_is_told(account: Account) -> None:
    stack = account.stack()
    limited = CAMPAIGN.changed(stopping=Stopping(max_labeled_objects=4))
    account.deploy(stack, limited)
    account.ground_truth.label(stack.job, 4)
    account.ground_truth.fail(stack.job, "InternalServerError")

    with pytest.raises(RelabelError, match="has 4 labels and may buy 4"):
        asking(account, stack, limited)


def test_label_that_is_counted_but_missing_is_not_bought_again(
    account: Account, stack: Stack
) -> None:
    complete_with_failed(account, stack)
    key = f"digits/labels/{stack.job}/manifests/output/output.manifest"
    account.storage.put(OUTPUT, key, b"")

    with pytest.raises(RelabelError, match="counts 8 labeled objects but only 0 labels"):
        asking(account, stack, CAMPAIGN)


def test_record_that_was_lost_under_a_running_job_is_told(account: Account, stack: Stack) -> None:
    del account.storage.objects[OUTPUT, "digits/lineage.json"]

    with pytest.raises(RelabelError, match=r"is running but digits/lineage.json"):
        asking(account, stack, CAMPAIGN)
