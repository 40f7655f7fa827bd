"""What campaigns must know of an environment's buckets, and narrow grants on them."""

from __future__ import annotations

from dataclasses import dataclass

from ground_truth_cdk.arns import bucket_arn
from ground_truth_cdk.grants import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageReference:
    """Bucket names, and the key's ARN when there is one; values may be tokens."""

    raw_bucket: str
    output_bucket: str
    key_arn: str | None

    def raw_objects(self, prefix: str) -> str:
        """ARN of the raw bucket's objects below a prefix ("" for all)."""
        return f"{bucket_arn(self.raw_bucket)}/{prefix}*"

    def output_objects(self, prefix: str) -> str:
        """ARN of the output bucket's objects below a prefix."""
        return f"{bucket_arn(self.output_bucket)}/{prefix}*"

    def output_object(self, key: str) -> str:
        """ARN of one object of the output bucket."""
        return f"{bucket_arn(self.output_bucket)}/{key}"

    def list_raw(self, prefix: str) -> Grant:
        """Listing the raw bucket below a prefix."""
        return _list(self.raw_bucket, prefix)

    def list_output(self, prefix: str) -> Grant:
        """Listing the output bucket below a prefix."""
        return _list(self.output_bucket, prefix)

    def decrypt(self) -> list[Grant]:
        """Reading what the key encrypts; nothing without a key."""
        return self._key("kms:Decrypt")

    def encrypt_and_decrypt(self) -> list[Grant]:
        """Reading and writing what the key encrypts; nothing without a key."""
        return self._key("kms:Decrypt", "kms:GenerateDataKey")

    def every_use(self) -> list[Grant]:
        """What Ground Truth's documents ask for a job whose output the key encrypts."""
        return self._key(
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        )

    def _key(self, *actions: str) -> list[Grant]:
        return [Grant(actions=actions, resources=[self.key_arn])] if self.key_arn else []


def _list(bucket: str, prefix: str) -> Grant:
    # IfExists: S3 says "not found" of an absent object only to those who may list, and that check
    # carries no prefix
    return Grant(
        actions=["s3:ListBucket"],
        resources=[bucket_arn(bucket)],
        conditions={"StringLikeIfExists": {"s3:prefix": [f"{prefix}*"]}} if prefix else {},
    )
