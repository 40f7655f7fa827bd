"""Where events and messages end that nobody could be told, or that could not be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs

from ground_truth_cdk.checks import acknowledge

if TYPE_CHECKING:
    from constructs import Construct


def undelivered_queue(scope: Construct, *, reason: str) -> sqs.Queue:
    """Make the queue; it keeps what it has for fourteen days and passes it on to no other.

    `reason` is why it needs no dead-letter queue itself.
    """
    queue = sqs.Queue(
        scope,
        "Undelivered",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    acknowledge(queue, "SQSRedrivePolicy", reason=reason)
    return queue
