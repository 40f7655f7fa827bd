"""The key of what operators read: the functions' logs and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from ground_truth_cdk.arns import arn
from ground_truth_cdk.notification_topic import PUBLISHERS

if TYPE_CHECKING:
    from constructs import Construct


class OperationsKey(kms.Key):
    """A key beside that of the labels: whoever reads logs needs no right to read labels.

    It goes with its stack. Notifications are passed on at once and logs expire, so nothing is lost
    that was meant to stay. `log_groups` is what the names of the log groups start with.
    """

    def __init__(self, scope: Construct, construct_id: str, *, log_groups: str) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Ground Truth: logs and notifications",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # without conditions: which context the services send along to KMS isn't documented, and
        # the topic's own policy says who may publish
        self._allow(
            [iam.ServicePrincipal(service) for service in PUBLISHERS],
            "kms:Decrypt",
            "kms:GenerateDataKey",
        )
        # CloudWatch Logs user guide "Encrypt log data in CloudWatch Logs using AWS KMS"
        self._allow(
            [
                iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com").with_conditions(
                    {
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": arn(
                                "logs", f"log-group:{log_groups}*"
                            )
                        }
                    }
                )
            ],
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        )

    def _allow(self, principals: list[iam.IPrincipal], *actions: str) -> None:
        self.add_to_resource_policy(
            iam.PolicyStatement(actions=list(actions), principals=principals, resources=["*"])
        )
