"""The role Ground Truth works with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from constructs import Construct

from ground_truth import names
from ground_truth_cdk.arns import arn, bucket_arn
from ground_truth_cdk.grants import Grant, permissions_of
from ground_truth_cdk.job_options import JobOptions

if TYPE_CHECKING:
    from ground_truth_cdk.storage_reference import StorageReference


class ExecutionRole(Construct):
    """Least privilege for one campaign: its data, its output, its two functions.

    `calls` lets it call functions of the account; AWS's own need no grant. `raw_prefix` is what of
    the raw bucket workers are shown ("" for all of it, None for nothing: texts travel in the
    manifest), `earlier` are campaigns whose masks they are shown.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        storage: StorageReference,
        campaign: str,
        raw_prefix: str | None,
        calls: Grant | None,
        earlier: Sequence[str] = (),
        options: JobOptions | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # Ground Truth documents no aws:SourceArn or aws:SourceAccount for the roles of labeling
        # jobs: a condition it doesn't send would make the role unassumable, after people started.
        # What protects the role is that only the campaign's own function may pass it.
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            description=f"Ground Truth runs the campaign {campaign} with it",
        )
        self.policy = permissions_of(
            self,
            "Permissions",
            role=self.role,
            grants=[
                *self._data(storage, campaign, raw_prefix),
                *_labels_shown(storage, earlier),
                *([calls] if calls else []),
                *self._telemetry(),
                *storage.every_use(),
                *(options or JobOptions()).grants(self.role.role_arn),
            ],
        )

    def _data(
        self, storage: StorageReference, campaign: str, raw_prefix: str | None
    ) -> list[Grant]:
        buckets = [bucket_arn(storage.raw_bucket), bucket_arn(storage.output_bucket)]
        grants = [
            # unconditioned: which prefixes the service lists is not documented
            Grant(actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=buckets),
            Grant(
                actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                resources=[storage.output_objects(names.campaign_prefix(campaign))],
                wildcard="Ground Truth names what it writes below the campaign's prefix",
            ),
        ]
        if raw_prefix is not None:
            grants.append(
                Grant(
                    actions=["s3:GetObject"],
                    resources=[storage.raw_objects(raw_prefix)],
                    wildcard="the dataset is every object below this prefix",
                )
            )
        return grants

    def _telemetry(self) -> list[Grant]:
        return [
            Grant(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                wildcard="PutMetricData knows no resources, and Ground Truth's namespace for job"
                " counters is not documented",
            ),
            Grant(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                resources=[arn("logs", "log-group:/aws/sagemaker/*")],
                wildcard="Ground Truth makes its log groups itself, below this name",
            ),
        ]


def _labels_shown(storage: StorageReference, campaigns: Sequence[str]) -> list[Grant]:
    return [
        Grant(
            actions=["s3:GetObject"],
            resources=[storage.output_objects(names.labels_prefix(campaign))],
            wildcard="Ground Truth names the labels that are objects of their own",
        )
        for campaign in campaigns
    ]
