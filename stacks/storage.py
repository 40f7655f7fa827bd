"""The environment's buckets: what must outlive every campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth import names
from ground_truth_cdk.dataset_buckets import DatasetBuckets, DatasetBucketsProps
from ground_truth_cdk.operations_key import OperationsKey
from ground_truth_cdk.storage_reference import StorageReference
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config


class StorageStack(EnvironmentStack):
    """Raw data, labels and access logs."""

    def __init__(self, scope: Construct, *, environment: config.Environment) -> None:
        settings = environment.settings.storage
        super().__init__(
            scope,
            "Storage",
            environment=environment,
            description="Ground Truth: data to label, labels, access logs",
            termination_protection=settings.termination_protection,
        )
        key = self._operations_key(environment) if settings.encryption == "kms" else None
        self.encrypt_logs(key.key_arn if key else None)
        buckets = DatasetBuckets(
            self,
            "Buckets",
            props=DatasetBucketsProps(
                functions=self.functions,
                retain=settings.removal == "retain",
                customer_key=settings.encryption == "kms",
                noncurrent_version_days=settings.noncurrent_version_days,
                access_log_days=settings.access_log_days,
                frames=settings.frames,
            ),
        )
        self._has_key = buckets.key is not None
        self.output("RawBucketName", buckets.raw.bucket_name, "Put data to label here")
        self.output("OutputBucketName", buckets.output.bucket_name, "Labels arrive here")
        self.output("AccessLogBucketName", buckets.access_logs.bucket_name, "Who touched them")
        if buckets.key is not None:
            self.output("KeyArn", buckets.key.key_arn, "Encrypts data to label and labels")

    def _operations_key(self, environment: config.Environment) -> OperationsKey:
        key = OperationsKey(
            self, "OperationsKey", log_groups=names.stack_name(environment.name, "")
        )
        self.output("OperationsKeyArn", key.key_arn, "Encrypts logs and notifications")
        return key

    def operations_key_for(self, consumer: EnvironmentStack) -> str | None:
        """Return the ARN of the key of logs and notifications; None without keys of our own."""
        return consumer.read(self, "OperationsKeyArn") if self._has_key else None

    def reference_for(self, consumer: EnvironmentStack) -> StorageReference:
        """Return what a campaign's stack must know."""
        return StorageReference(
            raw_bucket=consumer.read(self, "RawBucketName"),
            output_bucket=consumer.read(self, "OutputBucketName"),
            key_arn=consumer.read(self, "KeyArn") if self._has_key else None,
        )
