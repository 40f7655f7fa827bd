"""A queue that hears what an environment's topic says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.people import PATIENCE_SECONDS

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients


@dataclass
class Mailbox:
    """A queue that hears what the environment's topic says."""

    sqs: Any
    url: str

    @classmethod
    def subscribed(cls, aws: Clients) -> Mailbox:
        sqs = aws.named("sqs")
        (topic,) = [t["TopicArn"] for t in aws.sns.list_topics()["Topics"]]
        url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return cls(sqs=sqs, url=url)

    @staticmethod
    def remove(aws: Clients) -> None:
        """Other tests look for what is left."""
        sqs = aws.named("sqs")
        for url in sqs.list_queues(QueueNamePrefix="mailbox").get("QueueUrls", []):
            sqs.delete_queue(QueueUrl=url)

    def read(self, *, count: int) -> list[str]:
        """Wait for so many messages; returns all there are."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        texts: list[str] = []
        while True:
            wait = 1 if len(texts) < count else 0
            received = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=wait
            ).get("Messages", [])
            for message in received:
                texts.append(str(json.loads(message["Body"])["Message"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            if not received and len(texts) >= count:
                return texts
            assert time.monotonic() < deadline, texts
