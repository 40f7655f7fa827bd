"""Where objects are sent to a streaming campaign, and the function that writes down each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from ground_truth import names
from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.function import FunctionSettings, SecureFunction
from ground_truth_cdk.grants import Grant
from ground_truth_cdk.undelivered import undelivered_queue

if TYPE_CHECKING:
    from ground_truth_cdk.storage_reference import StorageReference


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTopicProps:
    """`topic_arn` is of a topic that exists; without one the campaign gets its own."""

    functions: FunctionSettings
    storage: StorageReference
    campaign: str
    topic_arn: str | None = None


class ObjectTopic(Construct):
    """The input topic of a streaming campaign.

    Ground Truth keeps what is sent in a queue of each job's own. The intake keeps it as well, below
    the campaign's prefix: the next job is asked whatever the last one had no label for. What it
    could not write down waits in a queue for fourteen days.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: ObjectTopicProps) -> None:
        super().__init__(scope, construct_id)
        topic = self._topic(props)
        self.topic_arn = topic.topic_arn
        arrived = names.arrived_prefix(props.campaign)
        undelivered = undelivered_queue(
            self, reason="it is itself where messages end that could not be written down"
        )
        self.intake = SecureFunction(
            self,
            "Intake",
            module="ground_truth_functions.intake",
            description="Writes down the objects sent to a streaming campaign",
            settings=props.functions,
            dead_letters=undelivered,
            environment={"OUTPUT_BUCKET": props.storage.output_bucket, "ARRIVED": arrived},
            grants=[
                Grant(
                    actions=["s3:PutObject"],
                    resources=[props.storage.output_objects(arrived)],
                    wildcard="objects are named after the messages that brought them",
                ),
                *props.storage.encrypt_and_decrypt(),
            ],
        )
        topic.add_subscription(
            subscriptions.LambdaSubscription(self.intake.function, dead_letter_queue=undelivered)
        )

    def _topic(self, props: ObjectTopicProps) -> sns.ITopic:
        if props.topic_arn is not None:
            return sns.Topic.from_topic_arn(self, "Topic", props.topic_arn)
        key = None
        if props.storage.key_arn:
            key = kms.Key.from_key_arn(self, "TopicKey", props.storage.key_arn)
        topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        if key is None:
            acknowledge(
                topic,
                "SNSEncryptedKMS",
                reason="the environment has no keys of its own; a message names an object of the"
                " raw bucket or holds a text, and is passed on at once",
            )
        return topic
