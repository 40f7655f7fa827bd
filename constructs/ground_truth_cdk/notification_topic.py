"""The topic that tells people about labeling jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from ground_truth_cdk.arns import arn
from ground_truth_cdk.checks import acknowledge

if TYPE_CHECKING:
    from constructs import Construct

SAGEMAKER = "sagemaker.amazonaws.com"
CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTBRIDGE = "events.amazonaws.com"
PUBLISHERS = (SAGEMAKER, CLOUDWATCH, EVENTBRIDGE)


class NotificationTopic(sns.Topic):
    """A topic for Ground Truth's work team notices, job events and alarms; TLS only.

    With `key_arn` messages are encrypted at rest by that key, which lets the publishers use it:
    the key AWS manages for SNS can't be used by the services that publish here.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key_arn: str | None,
        emails: Sequence[str] = (),
    ) -> None:
        key = kms.Key.from_key_arn(scope, f"{construct_id}Key", key_arn) if key_arn else None
        super().__init__(scope, construct_id, master_key=key, enforce_ssl=True)
        for publisher in _publishers():
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["sns:Publish"],
                    principals=[publisher],
                    resources=[self.topic_arn],
                )
            )
        if key is None:
            acknowledge(
                self,
                "SNSEncryptedKMS",
                reason="the environment has no keys of its own; messages name jobs and counters,"
                " never answers or people",
            )
        for email in emails:
            self.add_subscription(subscriptions.EmailSubscription(email))


def _publishers() -> list[iam.PrincipalBase]:
    return [
        iam.ServicePrincipal(service).with_conditions(
            {
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": source},
            }
        )
        if source
        else iam.ServicePrincipal(service)
        for service, source in (
            # developer guide "Create and manage Amazon SNS topics for your work teams"
            (SAGEMAKER, arn("sagemaker", "workteam/*")),
            (CLOUDWATCH, arn("cloudwatch", "alarm:*")),
            # EventBridge documents no condition keys for topics; with one, events could get lost
            (EVENTBRIDGE, None),
        )
    ]
