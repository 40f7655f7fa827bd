"""The lifecycle's objects on S3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.ports import StoredObject
from ground_truth_functions.aws import client
from ground_truth_functions.labeling_job_errors import api_errors

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

READERS = 10  # as many connections as a client keeps


class S3Objects:
    """Conditional writes, reads and listings; errors are ``ApiError``."""

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """Return the object, None when the key does not exist."""
        try:
            return _read(_s3(), bucket, key)
        except ApiError as error:
            if error.code in ("NoSuchKey", "404"):
                return None
            if error.fault in (Fault.DENIED, Fault.SPREADING) and not self._listed(bucket, key):
                return None
            raise

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        if_match: str | None = None,
        only_new: bool = False,
    ) -> str:
        """Write and return the version tag; a condition that fails is ``Fault.CONFLICT``."""
        condition: dict[str, Any] = {}
        if if_match is not None:
            condition["IfMatch"] = if_match
        if only_new:
            condition["IfNoneMatch"] = "*"
        with api_errors("PutObject"):
            answer = _s3().put_object(
                Bucket=bucket, Key=key, Body=body, ContentType=content_type, **condition
            )
        return answer["ETag"]

    def sizes(self, bucket: str, prefix: str) -> Mapping[str, int]:
        """Return keys below a prefix, in S3's order, with their sizes in bytes."""
        found: dict[str, int] = {}
        with api_errors("ListObjectsV2"):
            pages = _s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                found.update((item["Key"], item["Size"]) for item in page.get("Contents", []))
        return found

    def read_all(self, bucket: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of many small objects."""
        wanted = list(keys)
        s3 = _s3()
        with ThreadPoolExecutor(max_workers=READERS) as pool:
            return dict(
                zip(wanted, pool.map(lambda key: _read(s3, bucket, key).body, wanted), strict=True)
            )

    def _listed(self, bucket: str, key: str) -> bool:
        """Without an unconditional ListBucket, S3 answers 403 for a key that isn't there."""
        with api_errors("ListObjectsV2"):
            page = _s3().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
        return any(item["Key"] == key for item in page.get("Contents", []))


def _read(s3: S3Client, bucket: str, key: str) -> StoredObject:
    with api_errors("GetObject"):
        answer = s3.get_object(Bucket=bucket, Key=key)
        return StoredObject(body=answer["Body"].read(), etag=answer["ETag"])


def _s3() -> S3Client:
    return client("s3")
