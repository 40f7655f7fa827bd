"""Buckets, keys and log groups."""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need, arn, tagging

_BUCKET = "arn:{partition}:s3:::{name}"
_POLICY_BUCKET = "arn:{partition}:s3:::{Bucket}"
_LOG_GROUP = arn("logs", "log-group:{name}:log-stream:")
_KEY = arn("kms", "key/{name}")
# Each bucket property is a call of its own.
_BUCKET_CALLS = (
    ("s3:PutEncryptionConfiguration", "BucketEncryption"),
    ("s3:PutBucketVersioning", "VersioningConfiguration"),
    ("s3:PutBucketPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ("s3:PutBucketOwnershipControls", "OwnershipControls"),
    ("s3:PutLifecycleConfiguration", "LifecycleConfiguration"),
    ("s3:PutBucketLogging", "LoggingConfiguration"),
    ("s3:PutBucketCORS", "CorsConfiguration"),
    ("s3:PutReplicationConfiguration", "ReplicationConfiguration"),
    ("s3:PutBucketNotification", "NotificationConfiguration"),
    ("s3:PutBucketTagging", "Tags"),
)


def _bucket_properties() -> tuple[Need, ...]:
    return tuple(
        Need(action=action, resource=_BUCKET, when=(name,)) for action, name in _BUCKET_CALLS
    )


TYPES: Mapping[str, Handlers] = {
    "AWS::S3::Bucket": Handlers(
        name="BucketName",
        lower_case=True,
        create=(Need(action="s3:CreateBucket", resource=_BUCKET), *_bucket_properties()),
        update=_bucket_properties(),
        delete=(Need(action="s3:DeleteBucket", resource=_BUCKET),),
    ),
    "AWS::S3::BucketPolicy": Handlers(
        create=(Need(action="s3:PutBucketPolicy", resource=_POLICY_BUCKET),),
        update=(Need(action="s3:PutBucketPolicy", resource=_POLICY_BUCKET),),
        delete=(
            Need(action="s3:GetBucketPolicy", resource=_POLICY_BUCKET),
            Need(action="s3:DeleteBucketPolicy", resource=_POLICY_BUCKET),
        ),
        reading=(Need(action="s3:GetBucketPolicy", resource=_POLICY_BUCKET),),
    ),
    "AWS::KMS::Key": Handlers(
        create=(
            Need(action="kms:CreateKey"),
            Need(action="kms:TagResource", resource=_KEY, when=("Tags",)),
            Need(action="kms:PutKeyPolicy", resource=_KEY),
            Need(action="kms:EnableKeyRotation", resource=_KEY, when=("EnableKeyRotation",)),
        ),
        update=(
            Need(action="kms:PutKeyPolicy", resource=_KEY, when=("KeyPolicy",)),
            Need(action="kms:UpdateKeyDescription", resource=_KEY, when=("Description",)),
            Need(action="kms:EnableKeyRotation", resource=_KEY, when=("EnableKeyRotation",)),
            *tagging("kms:TagResource", "kms:UntagResource", _KEY),
        ),
        delete=(Need(action="kms:ScheduleKeyDeletion", resource=_KEY),),
        reading=(Need(action="kms:DescribeKey", resource=_KEY),),
    ),
    "AWS::Logs::LogGroup": Handlers(
        name="LogGroupName",
        create=(
            Need(action="logs:CreateLogGroup", resource=_LOG_GROUP),
            Need(action="logs:PutRetentionPolicy", resource=_LOG_GROUP, when=("RetentionInDays",)),
            Need(action="logs:TagResource", resource=_LOG_GROUP, when=("Tags",)),
        ),
        update=(
            Need(action="logs:PutRetentionPolicy", resource=_LOG_GROUP, when=("RetentionInDays",)),
            Need(action="logs:AssociateKmsKey", resource=_LOG_GROUP, when=("KmsKeyId",)),
            *tagging("logs:TagResource", "logs:UntagResource", _LOG_GROUP),
        ),
        delete=(Need(action="logs:DeleteLogGroup", resource=_LOG_GROUP),),
        reading=(
            Need(action="logs:DescribeLogGroups", resource=arn("logs", "log-group::log-stream:")),
        ),
    ),
}
