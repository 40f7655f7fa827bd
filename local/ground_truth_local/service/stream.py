"""The input topic of a streaming job: a queue of the job's own, and what comes through it (3.5).

Sources: developer guide "Ground Truth streaming labeling jobs" and its pages on sending data, the
queue, and duplicate messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_local.service.failures import client_error, said

if TYPE_CHECKING:
    from ground_truth_local.service.failures import JobFailedError
    from ground_truth_local.service.role import RoleSession

MAX_IDLE = timedelta(days=10)
RETENTION_SECONDS = 14 * 24 * 3600
_AT_ONCE = 10  # what one ReceiveMessage gives
_NAMES_THE_KEY = "dataset-objectid-attribute-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An object that was sent: its manifest line, and by what it is told from others."""

    text: str
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Messages as they came; they are gone from the queue once `done` was called with them."""

    arrivals: tuple[Arrival, ...]
    receipts: tuple[str, ...]
    unreadable: tuple[str, ...]


class Stream:
    """Works with the execution role's rights alone; what they don't allow fails the job."""

    def __init__(self, role: RoleSession, *, job_name: str, topic_arn: str) -> None:
        self._role = role
        self._name = f"GroundTruth-{job_name.lower()}"
        self._topic_arn = topic_arn
        self._url = ""
        self._subscription = ""

    def open(self) -> None:
        """Make the queue, let the topic send to it, subscribe it."""
        sqs = self._role.client("sqs")
        try:
            self._url = sqs.create_queue(
                QueueName=self._name,
                Attributes={"MessageRetentionPeriod": str(RETENTION_SECONDS)},
            )["QueueUrl"]
            found = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
            arn = found["Attributes"]["QueueArn"]
            sqs.set_queue_attributes(
                QueueUrl=self._url, Attributes={"Policy": json.dumps(self._policy(arn))}
            )
        except (ClientError, BotoCoreError) as error:
            raise self._refused(f"make the queue {self._name}", error) from error
        try:
            self._subscription = self._role.client("sns").subscribe(
                TopicArn=self._topic_arn,
                Protocol="sqs",
                Endpoint=arn,
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
        except (ClientError, BotoCoreError) as error:
            raise self._refused(f"subscribe to the topic {self._topic_arn}", error) from error

    def receive(self) -> Received:
        """What waits now, at most ten messages."""
        try:
            answer = self._role.client("sqs").receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE
            )
        except (ClientError, BotoCoreError) as error:
            raise self._refused(f"read the queue {self._name}", error) from error
        arrivals: list[Arrival] = []
        receipts: list[str] = []
        unreadable: list[str] = []
        for message in answer.get("Messages", []):
            receipts.append(message["ReceiptHandle"])
            try:
                arrivals += list(_arrivals(message["Body"]))
            except (KeyError, TypeError, ValueError) as error:
                unreadable.append(f"{type(error).__name__}: {error}")
        return Received(
            arrivals=tuple(arrivals), receipts=tuple(receipts), unreadable=tuple(unreadable)
        )

    def done(self, received: Received) -> None:
        """The job has them: they need not come again."""
        for receipt in received.receipts:
            try:
                self._role.client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=receipt)
            except (ClientError, BotoCoreError) as error:
                raise self._refused(f"take messages from {self._name}", error) from error

    def close(self) -> None:
        """End the subscription; the queue stays, as it does on AWS."""
        if not self._subscription:
            return
        try:
            self._role.client("sns").unsubscribe(SubscriptionArn=self._subscription)
        except (ClientError, BotoCoreError) as error:
            raise self._refused(f"unsubscribe from the topic {self._topic_arn}", error) from error

    def _policy(self, queue_arn: str) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": queue_arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": self._topic_arn}},
                }
            ],
        }

    def _refused(self, what: str, error: ClientError | BotoCoreError) -> JobFailedError:
        return client_error(f"Unable to {what} with role {self._role.role_arn}: {said(error)}")


def _arrivals(body: str) -> Iterator[Arrival]:
    """Raises ValueError for what is neither a line nor a notification of S3."""
    envelope = json.loads(body)
    if not isinstance(envelope, dict) or "Message" not in envelope:
        raise ValueError("a message did not come through the topic")
    text = str(envelope["Message"])
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError(f"a message is not a JSON object: {text[:80]}")
    if isinstance(content.get("Records"), list):
        yield from (_notified(record["s3"]) for record in content["Records"])
        return
    yield Arrival(text=text, identity=_identity(envelope, content))


def _notified(s3: Mapping[str, Any]) -> Arrival:
    uri = f"s3://{s3['bucket']['name']}/{unquote_plus(s3['object']['key'])}"
    return Arrival(
        text=json.dumps({"source-ref": uri}, ensure_ascii=False),
        identity=f"{uri} {s3['object'].get('sequencer', '')}",
    )


def _identity(envelope: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """The sender's key and id, both in the line, else the message's own id."""
    key = content.get(_NAMES_THE_KEY)
    if isinstance(key, str) and key in content:
        return f"{key} {content[key]}"
    return str(envelope["MessageId"])
