"""What a campaign may ask of its jobs beside the task, and what the execution role needs for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Aws

from ground_truth.built_in_arns import algorithm_arn
from ground_truth_cdk.arns import arn
from ground_truth_cdk.grants import Grant

# The actions SageMaker's documents list for a role whose training runs in a VPC.
_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)
_DESCRIBING = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomatedLabeling:
    """Ground Truth's own models beside the people: `algorithm` is a name of `automation`.

    Key and network are of the instances that train the models, not of the worker portal.
    """

    algorithm: str
    initial_model_arn: str = ""
    volume_key_arn: str = ""
    security_groups: Sequence[str] = ()
    subnets: Sequence[str] = ()

    def properties(self) -> dict[str, Any]:
        """The property of the job resource."""
        return {
            "AlgorithmArn": algorithm_arn(
                self.algorithm, partition=Aws.PARTITION, region=Aws.REGION
            ),
            "InitialModelArn": self.initial_model_arn,
            "VolumeKmsKeyArn": self.volume_key_arn,
            "SecurityGroups": list(self.security_groups),
            "Subnets": list(self.subnets),
        }

    def grants(self, role_arn: str) -> Iterator[Grant]:
        """What the role that runs the job needs: the models run with it, too."""
        yield Grant(
            actions=["iam:PassRole"],
            resources=[role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )
        if self.volume_key_arn:
            yield Grant(
                actions=[
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=[self.volume_key_arn],
            )
        if self.subnets:
            yield from self._network()

    def _network(self) -> Iterator[Grant]:
        yield Grant(
            actions=_INTERFACES,
            resources=[
                arn("ec2", "network-interface/*"),
                *(arn("ec2", f"security-group/{each}") for each in self.security_groups),
                *(arn("ec2", f"subnet/{each}") for each in self.subnets),
            ],
            wildcard="SageMaker names the network interfaces; where it makes them is given",
        )
        yield Grant(
            actions=_DESCRIBING,
            resources=["*"],
            wildcard="EC2's describing actions know no resources",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """`output_topic_arn` hears of every labeled object; its key, where it has one, is named.

    A job with an `input_topic_arn` takes objects from it, through queues of the names that
    `queues_arn` matches.
    """

    content_classifiers: Sequence[str] = ()
    input_topic_arn: str = ""
    queues_arn: str = ""
    output_topic_arn: str = ""
    output_topic_key_arn: str = ""
    automated_labeling: AutomatedLabeling | None = None

    def properties(self) -> dict[str, Any]:
        """Properties of the job resource; what is not asked for is left out."""
        automated = self.automated_labeling
        given = {
            "ContentClassifiers": list(self.content_classifiers),
            "InputTopicArn": self.input_topic_arn,
            "OutputTopicArn": self.output_topic_arn,
            "AutomatedLabeling": automated.properties() if automated else None,
        }
        return {key: value for key, value in given.items() if value}

    def grants(self, role_arn: str) -> Iterator[Grant]:
        """What the role that runs the job needs beside the data."""
        if self.input_topic_arn:
            yield from self._intake()
        if self.output_topic_arn:
            yield Grant(actions=["sns:Publish"], resources=[self.output_topic_arn])
        if self.output_topic_key_arn:
            yield Grant(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self.output_topic_key_arn],
            )
        if self.automated_labeling:
            yield from self.automated_labeling.grants(role_arn)

    def _intake(self) -> Iterator[Grant]:
        """As in "Permissions to execute streaming labeling jobs", narrowed."""
        yield Grant(
            actions=[
                "sqs:CreateQueue",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
                "sqs:SetQueueAttributes",
            ],
            resources=[self.queues_arn],
            wildcard="Ground Truth names a queue after each job",
        )
        yield Grant(
            actions=["sns:Subscribe"],
            resources=[self.input_topic_arn],
            conditions={
                "StringEquals": {"sns:Protocol": "sqs"},
                "StringLike": {"sns:Endpoint": self.queues_arn},
            },
        )
        yield Grant(
            actions=["sns:Unsubscribe"], resources=["*"], wildcard="Unsubscribe knows no resources"
        )
