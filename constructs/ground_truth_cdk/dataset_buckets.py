"""The buckets of an environment: data to label, labels, and who touched them."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.function import (
    ANSWERS_CLOUDFORMATION,
    LONGEST_TIMEOUT_SECONDS,
    FunctionSettings,
    SecureFunction,
    custom_resource,
)
from ground_truth_cdk.grants import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetBucketsProps:
    """`retain` keeps all buckets and the key for ever; otherwise all are emptied and removed.

    With `customer_key` the raw and output buckets are encrypted by a key of the environment, and
    they share its removal policy: a kept bucket without its key would be unreadable. `frames` lets
    the workers' tools for video frames and point clouds at the raw and the output bucket.
    """

    functions: FunctionSettings
    retain: bool
    customer_key: bool
    noncurrent_version_days: int
    access_log_days: int
    frames: bool = False


class DatasetBuckets(Construct):
    """Raw, output and access-log bucket.

    All refuse plain HTTP and public access, keep versions, and disable ACLs. The raw bucket
    carries the CORS rule without which Ground Truth's worker pages can't load images, and so does
    the output bucket: earlier masks, which are verified or adjusted, lie there.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: DatasetBucketsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._removal = (
            RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if props.retain else RemovalPolicy.DESTROY
        )
        self.key = self._key() if props.customer_key else None
        self.access_logs = self._access_log_bucket()
        self.raw = self._bucket("Raw")
        self.output = self._bucket("Output")
        self._acknowledge()
        for bucket in (self.access_logs, self.raw, self.output):
            # a kept bucket keeps refusing plain HTTP and taking its logs
            if bucket.policy is not None:
                bucket.policy.apply_removal_policy(self._removal)
        if not props.retain:
            self._contents()

    def _frames(self) -> list[s3.CorsRule]:
        """Developer guide "CORS Permission Requirement" of point clouds and video frames."""
        if not self._props.frames:
            return []
        return [
            s3.CorsRule(
                allowed_headers=["*"],
                allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.HEAD, s3.HttpMethods.PUT],
                allowed_origins=["*"],
                exposed_headers=["Access-Control-Allow-Origin"],
                max_age=3000,
            )
        ]

    def _key(self) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description="Ground Truth: data to label and labels",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )

    def _access_log_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # log delivery can't use a customer key
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=self._removal,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="expire-logs",
                    expiration=Duration.days(self._props.access_log_days),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
        )

    def _bucket(self, construct_id: str) -> s3.Bucket:
        return s3.Bucket(
            self,
            construct_id,
            encryption=s3.BucketEncryption.KMS if self.key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key,
            bucket_key_enabled=True if self.key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=self._removal,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{construct_id.lower()}/",
            cors=[
                # developer guide "CORS permission requirement", letter for letter
                s3.CorsRule(
                    allowed_headers=[],
                    allowed_methods=[s3.HttpMethods.GET],
                    allowed_origins=["*"],
                    exposed_headers=["Access-Control-Allow-Origin"],
                ),
                *self._frames(),
            ],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="tidy-versions",
                    noncurrent_version_expiration=Duration.days(
                        self._props.noncurrent_version_days
                    ),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                    expired_object_delete_marker=True,
                )
            ],
        )

    def _acknowledge(self) -> None:
        for bucket in (self.raw, self.output, self.access_logs):
            acknowledge(
                bucket,
                "S3BucketReplicationEnabled",
                reason="versions are kept, and `gt export` copies labels to where people want them;"
                " a second region costs the storage again and takes the data out of its region",
            )
        acknowledge(
            self.access_logs,
            "S3DefaultEncryptionKMS",
            reason="S3 delivers access logs only to buckets that it encrypts with a key of its own",
        )
        if self.key is None:
            for bucket in (self.raw, self.output):
                acknowledge(
                    bucket,
                    "S3DefaultEncryptionKMS",
                    reason="the environment has no keys of its own: S3 encrypts with its own, and"
                    " only roles of the environment's account may read",
                )

    def _contents(self) -> None:
        """Empty the buckets before they go, unless labels were not exported yet."""
        buckets = [self.raw, self.output, self.access_logs]
        function = SecureFunction(
            self,
            "ContentsFunction",
            module="ground_truth_functions.bucket_contents",
            description="Empties the environment's buckets on destroy, after the labels' export",
            settings=self._props.functions,
            dead_letters=ANSWERS_CLOUDFORMATION,
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            grants=[
                Grant(actions=["cloudformation:DescribeStacks"], resources=[Aws.STACK_ID]),
                # only the output bucket may hold labels, and carries the tag of their export
                Grant(
                    actions=["s3:GetBucketTagging", "s3:ListBucket"],
                    resources=[self.output.bucket_arn],
                ),
                Grant(
                    actions=["s3:ListBucketVersions"],
                    resources=[bucket.bucket_arn for bucket in buckets],
                ),
                Grant(
                    actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    resources=[bucket.arn_for_objects("*") for bucket in buckets],
                    wildcard="emptying a bucket before its removal means every object of it",
                ),
            ],
        )
        contents = custom_resource(
            self,
            "Contents",
            resource_type="Custom::GroundTruthBucketContents",
            function=function,
            properties={
                "Buckets": [bucket.bucket_name for bucket in buckets],
                "GuardedBucket": self.output.bucket_name,
            },
        )
        contents.node.add_dependency(*buckets)
