"""Streaming jobs (ground-truth.md 3.5): what is sent is labeled, and the job goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.service.fakes import arn
from tests.local.service.world import ADA, ONE, World, counters, image_lines

TOPIC, OUTPUT_TOPIC = arn("sns", "objects"), arn("sns", "labels")
QUEUE = "GroundTruth-digits-1"
STREAMING: dict[str, Any] = {
    "InputConfig__DataSource__SnsDataSource": {"SnsTopicArn": TOPIC},
    **ONE,
}


def image(number: int) -> dict[str, Any]:
    return {"source-ref": f"s3://in/images/{number}.png"}


def send(world: World, *messages: object, **envelope: Any) -> None:
    for message in messages:
        world.platform.send(json.dumps(message), **envelope)
    world.advance(seconds=1)


@pytest.fixture
def streaming(world: World) -> World:
    """A job over two images of its manifest; eight more lie in the bucket."""
    world.dataset(image_lines(10))
    world.dataset(image_lines(2))
    world.create(**STREAMING)
    return world


def test_queue_is_named_after_the_job_and_takes_from_the_topic_alone(streaming: World) -> None:
    queue = streaming.platform.queues[QUEUE]
    (statement,) = json.loads(queue.attributes["Policy"])["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}
    assert queue.attributes["MessageRetentionPeriod"] == str(14 * 86_400)
    assert list(streaming.platform.listeners.values()) == [QUEUE]


def test_goes_on_when_everything_has_a_label(streaming: World) -> None:
    streaming.label_everything(ADA)
    streaming.advance(seconds=30)
    assert streaming.describe()["LabelingJobStatus"] == "InProgress"
    assert streaming.describe()["LabelCounters"] == counters(TotalLabeled=2, HumanLabeled=2)


def test_what_is_sent_is_labeled(streaming: World) -> None:
    send(streaming, image(5), image(6))
    assert streaming.describe()["LabelCounters"]["Unlabeled"] == 4
    assert streaming.platform.queues[QUEUE].messages == {}
    streaming.label_everything(ADA)
    streaming.call("StopLabelingJob", LabelingJobName="digits-1")
    streaming.settle()
    lines = streaming.output_lines()
    assert [line["source-ref"][-5] for line in lines] == ["0", "1", "5", "6"]
    assert all(line["digit"]["label"] == "1" for line in lines)


def test_many_messages_are_taken_at_once(streaming: World) -> None:
    send(streaming, *[{"source-ref": f"s3://in/images/{n % 10}.png"} for n in range(35)])
    streaming.advance(seconds=1)
    assert streaming.describe()["LabelCounters"]["Unlabeled"] == 37


def test_may_begin_without_a_manifest(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**{**STREAMING, "InputConfig__DataSource__S3DataSource": None})
    assert world.describe()["LabelingJobStatus"] == "InProgress"
    send(world, image(0))
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"]["TotalLabeled"] == 1


@pytest.mark.parametrize(
    ("more", "envelope", "asked"),
    [
        ({}, {}, 2),
        ({}, {"MessageId": "one"}, 1),
        ({"dataset-objectid-attribute-name": "id", "id": "seven"}, {}, 1),
        ({"dataset-objectid-attribute-name": "source-ref"}, {}, 1),
        ({"dataset-objectid-attribute-name": "other"}, {}, 2),
    ],
    ids=["own ids", "one message twice", "an id", "an existing key", "a key the line has not"],
)
def test_same_object_is_asked_once(
    streaming: World, more: dict[str, Any], envelope: dict[str, Any], asked: int
) -> None:
    line = {**image(7), **more}
    send(streaming, line, line, **envelope)
    assert streaming.describe()["LabelCounters"]["Unlabeled"] == 2 + asked


def test_notification_of_s3_names_an_object(streaming: World) -> None:
    record = {"s3": {"bucket": {"name": "in"}, "object": {"key": "images/8.png", "sequencer": "1"}}}
    send(streaming, {"Records": [record]}, {"Records": [record]})
    assert streaming.describe()["LabelCounters"]["Unlabeled"] == 3


@pytest.mark.parametrize("message", ["no json", "[]", '{"text": "no object"}', '{"Records": [{}]}'])
def test_what_cannot_be_read_is_told_in_the_jobs_log(streaming: World, message: str) -> None:
    streaming.platform.send(message)
    streaming.advance(seconds=1)
    streaming.service.stop()
    assert streaming.describe()["LabelingJobStatus"] == "InProgress"
    assert streaming.platform.queues[QUEUE].messages == {}
    told = [text for _, _, text in streaming.platform.logs if "can't be" in text]
    assert len(told) == 1


def test_ends_after_ten_days_without_anything(streaming: World) -> None:
    streaming.label_everything(ADA)
    streaming.advance(days=9)
    send(streaming, image(3))
    streaming.label_everything(ADA)
    streaming.advance(days=9)
    assert streaming.describe()["LabelingJobStatus"] == "InProgress"
    streaming.advance(days=2)
    assert streaming.describe()["LabelingJobStatus"] == "Stopped"


def test_does_not_expire_after_thirty_days_while_it_is_used(streaming: World) -> None:
    for number in range(2, 7):
        streaming.label_everything(ADA)
        streaming.advance(days=8)
        send(streaming, image(number))
    assert streaming.describe()["LabelingJobStatus"] == "InProgress"


def test_queue_stays_and_the_subscription_ends_with_the_job(streaming: World) -> None:
    streaming.call("StopLabelingJob", LabelingJobName="digits-1")
    streaming.settle()
    assert streaming.platform.listeners == {}
    assert list(streaming.platform.queues) == [QUEUE]


def test_stopping_conditions_are_ignored(world: World) -> None:
    world.dataset(image_lines(5))
    world.create(**STREAMING, StoppingConditions={"MaxHumanLabeledObjectCount": 2})
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"]["TotalLabeled"] == 5


@pytest.mark.parametrize(
    "action",
    [
        "sqs:CreateQueue",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
        "sns:Subscribe",
        "sqs:ReceiveMessage",
    ],
)
def test_role_that_may_not_fails_the_job(world: World, action: str) -> None:
    world.platform.denied.add(action)
    world.create(**STREAMING)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert action in described["FailureReason"]


def test_output_topic_hears_of_every_label(world: World) -> None:
    world.create(OutputConfig__SnsTopicArn=OUTPUT_TOPIC, **ONE)
    world.label_everything(ADA)
    world.settle()
    heard = [json.loads(message) for topic, message in world.platform.published]
    assert heard == world.output_lines()
    assert {topic for topic, _ in world.platform.published} == {OUTPUT_TOPIC}
