"""Buckets as they are, and taking them away: what prod keeps is nobody's when a test is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

SETTINGS = {
    "versioning": "get_bucket_versioning",
    "encryption": "get_bucket_encryption",
    "lifecycle": "get_bucket_lifecycle_configuration",
    "public access": "get_public_access_block",
    "ownership": "get_bucket_ownership_controls",
    "policy": "get_bucket_policy",
    "logging": "get_bucket_logging",
    "tags": "get_bucket_tagging",
}


def settings_of(aws: Clients, bucket: str, *, cors: bool) -> dict[str, Any]:
    """Everything a template says of a bucket, as S3 answers it."""
    calls = {**SETTINGS, **({"cors": "get_bucket_cors"} if cors else {})}
    found = {name: dict(getattr(aws.s3, call)(Bucket=bucket)) for name, call in calls.items()}
    for answer in found.values():
        del answer["ResponseMetadata"]
    # CloudFormation's own say which stack and resource it was
    found["tags"] = {
        tag["Key"]: tag["Value"]
        for tag in found["tags"]["TagSet"]
        if not tag["Key"].startswith("aws:")
    }
    found["policy"] = json.loads(found["policy"]["Policy"])
    return found


def remove_kept(aws: Clients, prefix: str) -> None:
    """The buckets whose names begin so, and every key of ours that nothing uses any more."""
    for bucket in aws.s3.list_buckets(Prefix=prefix)["Buckets"]:
        _remove_bucket(aws, bucket["Name"])
    for item in aws.kms.list_keys()["Keys"]:
        key = aws.kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"]
        if key["KeyState"] == "Enabled" and key["Description"].startswith("Ground Truth:"):
            aws.kms.schedule_key_deletion(KeyId=item["KeyId"], PendingWindowInDays=7)


def _remove_bucket(aws: Clients, bucket: str) -> None:
    for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            aws.s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    aws.s3.delete_bucket(Bucket=bucket)
