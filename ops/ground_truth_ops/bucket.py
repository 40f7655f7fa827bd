"""The output bucket.

A listing that can't miss a label, and the mark that says how far labels were exported.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ground_truth.names import TAG_EXPORTED
from ground_truth_ops.aws import tag_map
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SETTLE_ATTEMPTS = 10
SECOND = timedelta(seconds=1)
PLAIN_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class BucketError(OpsError):
    """The bucket is still being written to, or didn't take the mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketObject:
    """`md5` is None when the ETag isn't one (multipart upload or a customer's key)."""

    key: str
    size: int
    etag: str
    modified: datetime
    md5: str | None


def list_settled(
    s3: S3Client, bucket: str, *, sleep: Callable[[float], None] = time.sleep
) -> tuple[tuple[BucketObject, ...], datetime]:
    """All objects, and a moment on S3's own clock before which nothing can be missing from them.

    S3's times have whole seconds. So the moment is a second before the listing began, and a
    listing with anything newer than that is done again.
    """
    encrypted = uses_kms(s3, bucket)
    newest = datetime.min.replace(tzinfo=UTC)
    for _ in range(SETTLE_ATTEMPTS):
        moment = server_time(s3.head_bucket(Bucket=bucket)) - SECOND
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        found = tuple(
            _object(dict(item), encrypted=encrypted)
            for page in pages
            for item in page.get("Contents", [])
        )
        newest = max((item.modified for item in found), default=newest)
        if newest <= moment:
            return found, moment
        sleep(1.0)
    raise BucketError(
        f"bucket {bucket} is still being written to: {SETTLE_ATTEMPTS} listings in a row had "
        "objects of the last "
        f"second, the newest of {newest.isoformat()}; stop the jobs of this environment or try "
        "again later"
    )


def _object(item: Mapping[str, Any], *, encrypted: bool) -> BucketObject:
    plain = None if encrypted else PLAIN_MD5.fullmatch(item["ETag"])
    return BucketObject(
        key=item["Key"],
        size=item["Size"],
        etag=item["ETag"],
        modified=item["LastModified"],
        md5=plain[1] if plain else None,
    )


def uses_kms(s3: S3Client, bucket: str) -> bool:
    """With a KMS key an ETag is no checksum."""
    try:
        found = s3.get_bucket_encryption(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return False
        raise
    rules = found["ServerSideEncryptionConfiguration"]["Rules"]
    names = (r.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "") for r in rules)
    return any(name.startswith("aws:kms") for name in names)


def server_time(response: Any) -> datetime:
    """The moment S3 answered, by its clock: the client's may be wrong by minutes."""
    header = response["ResponseMetadata"]["HTTPHeaders"].get("date")
    if header is None:
        return datetime.now(UTC)
    return parsedate_to_datetime(header).astimezone(UTC)


def read_tags(s3: S3Client, bucket: str) -> dict[str, str]:
    try:
        return tag_map(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchTagSet":
            return {}
        raise


def mark_exported(s3: S3Client, bucket: str, moment: datetime) -> None:
    """Set the mark.

    All other tags stay, CloudFormation's own included (S3 refuses to lose those).
    """
    value = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tags = {**read_tags(s3, bucket), TAG_EXPORTED: value}
    pairs = [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": pairs})  # type: ignore[typeddict-item]
    if read_tags(s3, bucket) != tags:
        raise BucketError(
            f"bucket {bucket} didn't keep {TAG_EXPORTED}={value} beside its other tags; "
            "somebody else is tagging it, "
            "run `gt export` again"
        )
