"""A campaign whose jobs go on taking objects: nothing sent is lost, bought twice or left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.lifecycle.campaigns import OUTPUT, RAW, Campaign
from tests.unit.lifecycle.relabeling import asking, edited, objects_of

if TYPE_CHECKING:
    from ground_truth.definition import CampaignDefinition
    from tests.unit.lifecycle.cloudformation import Stack
    from tests.unit.lifecycle.conftest import Account

TOPIC = "arn:aws:sns:us-east-1:123456789012:objects"


@dataclass(frozen=True, kw_only=True)
class Streaming(Campaign):
    """Takes objects from `topic`."""

    topic: str = TOPIC

    @property
    def definition(self) -> CampaignDefinition:
        return replace(super().definition, streaming="own")

    def job(self) -> dict[str, Any]:
        return {**super().job(), "InputTopicArn": self.topic}


CAMPAIGN = Streaming()


def image(number: int) -> dict[str, Any]:
    return {"source-ref": f"s3://{RAW}/digits/{number:04}.png"}


def asked(account: Account, stack: Stack) -> list[str]:
    """The objects the current job was given that have no label."""
    lines = [json.loads(line) for line in account.input_of(stack.job)]
    return [line["source-ref"][-8:-4] for line in lines if "digit" not in line]


@pytest.fixture
def stack(account: Account) -> Stack:
    """The campaign, running, over two of its bucket's images."""
    for key in list(account.storage.objects):
        if key[0] == RAW:
            del account.storage.objects[key]
    account.upload(2)
    stack = account.stack()
    assert account.deploy(stack, CAMPAIGN).status == "CREATE_COMPLETE"
    return stack


def test_job_listens_to_the_topic_beside_its_dataset(account: Account, stack: Stack) -> None:
    source = account.ground_truth.state(stack.job).request["InputConfig"]["DataSource"]
    assert source["SnsDataSource"] == {"SnsTopicArn": TOPIC}
    assert source["S3DataSource"]["ManifestS3Uri"].endswith(f"{stack.job}.manifest")


def test_campaign_may_begin_with_nothing(account: Account) -> None:
    stack = account.stack()
    result = account.deploy(stack, CAMPAIGN.changed(prefix="empty/"))
    assert result.status == "CREATE_COMPLETE", result.reason
    source = account.ground_truth.state(stack.job).request["InputConfig"]["DataSource"]
    assert source == {"SnsDataSource": {"SnsTopicArn": TOPIC}}


def test_next_job_is_asked_what_was_sent_and_has_no_label(account: Account, stack: Stack) -> None:
    first = stack.job
    for number in (2, 3):
        account.send(image(number), topic=TOPIC)
    account.ground_truth.label(first, 3)  # both of the dataset, and the first that was sent
    changed = CAMPAIGN.changed(template="<p>{{ task.input.taskObject }}</p>")
    account.deploy(stack, changed.approved("continue"))
    assert stack.job != first
    assert asked(account, stack) == ["0003"]
    assert len(account.input_of(stack.job)) == 4
    assert max(account.ground_truth.bought.values()) == 1


def test_what_is_sent_while_no_job_listens_is_asked_by_the_next(
    account: Account, stack: Stack
) -> None:
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    account.send(image(7), topic=TOPIC)
    account.deploy(stack, CAMPAIGN.changed(generation=2))
    assert asked(account, stack) == ["0000", "0001", "0007"]


def test_object_that_is_sent_twice_is_asked_once(account: Account, stack: Stack) -> None:
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    for number in (7, 7, 0):
        account.send(image(number), topic=TOPIC)
    account.deploy(stack, CAMPAIGN.changed(generation=2))
    assert asked(account, stack) == ["0000", "0001", "0007"]


def test_what_cannot_be_labeled_keeps_nothing_else_back(account: Account, stack: Stack) -> None:
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    for line in ({"source-ref": "s3://raw-bucket/digits/x.pdf"}, {"no": "object"}, image(8)):
        account.send(line, topic=TOPIC)
    result = account.deploy(stack, CAMPAIGN.changed(generation=2))
    assert result.status == "UPDATE_COMPLETE", result.reason
    assert asked(account, stack) == ["0000", "0001", "0008"]


def test_restart_asks_for_everything_that_was_sent(account: Account, stack: Stack) -> None:
    account.send(image(2), topic=TOPIC)
    account.ground_truth.label(stack.job, 3)
    account.deploy(stack, CAMPAIGN.approved("restart"))
    assert asked(account, stack) == ["0000", "0001", "0002"]


def test_job_without_anything_left_to_ask_goes_on_listening(account: Account, stack: Stack) -> None:
    account.ground_truth.label(stack.job, 2)
    account.deploy(stack, CAMPAIGN.changed(title="Another title"))
    assert account.ground_truth.state(stack.job).status == "InProgress"
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    account.deploy(stack, CAMPAIGN.changed(generation=2))
    assert account.ground_truth.state(stack.job).status == "InProgress"
    assert asked(account, stack) == []


@pytest.mark.fault(37)
def test_queue_of_a_replaced_job_goes_and_that_of_the_running_one_stays(
    account: Account, stack: Stack
) -> None:
    account.deploy(stack, CAMPAIGN.changed(workers=1).approved("continue"))
    assert list(account.ground_truth.queues) == [f"GroundTruth-{stack.job}"]


@pytest.mark.fault(37)
def test_destroy_leaves_no_queue(account: Account, stack: Stack) -> None:
    account.deploy(stack, CAMPAIGN.changed(workers=1).approved("continue"))
    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.queues == {}
    assert account.ground_truth.running() == []


@pytest.mark.fault(37)
def test_destroy_without_the_record_leaves_no_queue(account: Account, stack: Stack) -> None:
    del account.storage.objects[OUTPUT, "digits/lineage.json"]
    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.queues == {}


@pytest.mark.fault(37)
def test_queue_that_may_not_be_deleted_fails_the_destroy_and_not_an_update(
    account: Account, stack: Stack
) -> None:
    account.refuse("DeleteQueue", "AccessDenied")
    result = account.deploy(stack, CAMPAIGN.changed(workers=1).approved("continue"))
    assert result.status == "UPDATE_COMPLETE", result.reason
    assert stack.destroy().status == "DELETE_FAILED"
    account.calm()
    assert stack.destroy().status == "DELETE_COMPLETE"
    assert account.ground_truth.queues == {}


@pytest.mark.fault(37)
def test_queue_of_a_job_that_does_not_stop_is_left_alone(account: Account, stack: Stack) -> None:
    account.ground_truth.stopping_seconds = None
    assert stack.destroy().status == "DELETE_COMPLETE"
    assert list(account.ground_truth.queues) == [f"GroundTruth-{stack.job}"]


def test_topic_may_come_and_go_without_an_approval(account: Account, stack: Stack) -> None:
    account.ground_truth.label(stack.job, 1)
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    result = account.deploy(stack, Campaign(generation=2))
    assert result.status == "UPDATE_COMPLETE", result.reason
    assert asked(account, stack) == ["0001"]
    assert account.ground_truth.queues == {}


def test_relabel_counts_what_was_sent(account: Account, stack: Stack) -> None:
    account.send(image(2), topic=TOPIC)
    account.ground_truth.label(stack.job, 2)
    account.ground_truth.stop_by_hand(stack.job)
    account.clock.sleep(60)
    found = asking(account, stack, CAMPAIGN)
    assert [name[-8:-4] for name in objects_of(found)] == ["0002"]
    account.deploy(stack, edited(CAMPAIGN, found))
    assert asked(account, stack) == ["0002"]


def test_more_objects_than_a_job_may_have_are_refused_before_the_running_one_is_stopped(
    account: Account, stack: Stack
) -> None:
    most = 100_000
    lines = "".join(json.dumps(image(number)) + "\n" for number in range(2, most + 2))
    account.storage.put(OUTPUT, "digits/arrived/many.jsonl", lines.encode())
    job = stack.job
    result = account.deploy(stack, CAMPAIGN.changed(workers=1).approved("continue"))
    assert "has 100002 objects with those that were sent" in result.reason
    assert account.ground_truth.running() == [job]
