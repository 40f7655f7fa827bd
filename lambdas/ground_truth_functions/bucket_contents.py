"""Custom resource: empties the buckets of an environment that goes, but never unsaved labels.

Only a stack that is deleted, or rolled back before it ever existed, has its buckets emptied. A
stack that drops this resource in an update is about to keep its buckets, so they stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import Outcome, Request, answer, stable_physical_id

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

BATCH = 1000  # objects that one call lists, and one deletes
SPARE_SECONDS = 30.0  # kept for the answer
_GOING = frozenset({"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})
_NO_TIME_LIMIT = float("inf")

_log = logging.getLogger(__name__)


class BucketContentsError(RuntimeError):
    """The buckets can't be emptied, or must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Names of the buckets to empty, and of the one among them that may hold labels."""

    names: tuple[str, ...]
    guarded: str | None


def handler(event: Mapping[str, object], context: object) -> None:
    """Lambda entry point for Custom::GroundTruthBucketContents."""

    def handle(request: Request) -> Outcome:
        return reconcile(request, seconds_left=lambda: _seconds_left(context))

    answer(event, context, handle, physical_id=stable_physical_id)


def reconcile(
    request: Request, *, seconds_left: Callable[[], float] = lambda: _NO_TIME_LIMIT
) -> Outcome:
    """Check the properties; on Delete, empty the buckets if the stack goes and labels are safe."""
    if request.kind != "Delete":
        parse_buckets(request.properties)
    elif _stack_goes(request.stack_id):
        clear(parse_buckets(request.properties), seconds_left)
    return Outcome(physical_id=stable_physical_id(request))


def clear(buckets: Buckets, seconds_left: Callable[[], float]) -> None:
    """Empty all buckets, or none of them while the guarded one holds unsaved labels."""
    s3 = client("s3")
    if buckets.guarded is not None:
        refuse_unsaved_labels(s3, buckets.guarded)
    for name in buckets.names:
        empty(s3, name, seconds_left)


def parse_buckets(properties: Mapping[str, object]) -> Buckets:
    """Parse the resource's properties; raises BucketContentsError naming what is wrong."""
    names, guarded = properties.get("Buckets"), properties.get("GuardedBucket") or None
    if (
        not isinstance(names, Sequence)
        or isinstance(names, str)
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise BucketContentsError("Buckets must be a list of bucket names")
    if guarded is not None and not isinstance(guarded, str):
        raise BucketContentsError("GuardedBucket must be the name of a bucket")
    return Buckets(names=tuple(dict.fromkeys(names)), guarded=guarded)


def refuse_unsaved_labels(s3: S3Client, bucket: str) -> None:
    """Raise BucketContentsError while the bucket holds labels that no export has saved."""
    try:
        exported = _exported_until(s3, bucket)
        unsaved, first = _unsaved_labels(s3, bucket, exported)
    except ClientError as error:
        if _code(error) == "NoSuchBucket":
            return
        raise
    if unsaved:
        since = (
            "and nothing was exported yet"
            if exported is None
            else (f"written after the last export, which reaches to {exported:%Y-%m-%dT%H:%M:%SZ}")
        )
        raise BucketContentsError(
            f"bucket {bucket} holds {unsaved} files with labels, {since} (the first: {first}); "
            "nothing was deleted. Run `make destroy`, which exports first, or `gt export` and then "
            "delete the stack again"
        )


def empty(s3: S3Client, bucket: str, seconds_left: Callable[[], float]) -> None:
    """Delete every version and delete marker; a bucket that is gone is empty.

    Raises BucketContentsError when an object can't be deleted, or when time runs out: what was
    deleted until then need not be deleted again.
    """
    deleted = 0
    try:
        while batch := _first_versions(s3, bucket):
            if seconds_left() < SPARE_SECONDS:
                raise BucketContentsError(
                    f"bucket {bucket} is not empty yet: {deleted} versions were deleted before "
                    "the function's time was up; delete the stack again to go on"
                )
            response = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            errors = response.get("Errors", [])
            if errors:
                first = errors[0]
                raise BucketContentsError(
                    f"{len(errors)} of {len(batch)} versions in bucket {bucket} can't be deleted, "
                    f"the first is {first.get('Key')}: {first.get('Code')} {first.get('Message')}"
                )
            deleted += len(batch)
    except ClientError as error:
        if _code(error) != "NoSuchBucket":
            raise
    _log.info("%s versions and delete markers deleted", deleted)


def _first_versions(s3: S3Client, bucket: str) -> list[ObjectIdentifierTypeDef]:
    """Return the next versions and markers to delete, at most as many as one call takes.

    Always from the beginning: a marker to go on from may be what was just deleted, and what is
    written meanwhile (access logs come late) must go too.
    """
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=BATCH)
    return [
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    ]


def _stack_goes(stack_id: str) -> bool:
    stacks = client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    status = stacks[0]["StackStatus"]
    if status in _GOING:
        return True
    _log.warning("the stack is %s and stays, so the contents of its buckets stay too", status)
    return False


def _exported_until(s3: S3Client, bucket: str) -> datetime | None:
    from ground_truth.names import TAG_EXPORTED  # noqa: PLC0415 - a broken import must be answered

    try:
        tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError as error:
        if _code(error) == "NoSuchTagSet":
            return None
        raise
    value = next((tag["Value"] for tag in tags if tag["Key"] == TAG_EXPORTED), None)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise BucketContentsError(
            f"tag {TAG_EXPORTED} of bucket {bucket} is {value!r}, allowed is a time such as "
            "2026-11-21T12:00:00Z; nothing was deleted. Run `gt export`, which sets it"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unsaved_labels(s3: S3Client, bucket: str, exported: datetime | None) -> tuple[int, str]:
    """Count objects with labels newer than the export, and name the first of them."""
    count, first = 0, ""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            key = item["Key"]
            if _is_unsaved(key, item["LastModified"], exported):
                count, first = count + 1, first or key
    return count, first


def _is_unsaved(key: str, modified: datetime, exported: datetime | None) -> bool:
    """Tell whether a key holds answers, consolidated labels or an output manifest of no export.

    Ground Truth writes to `<campaign>/labels/<job>/…`; after an export anything new there counts.
    """
    if not key.partition("/")[2].startswith("labels/"):
        return False
    if exported is not None:
        return modified > exported
    return "/annotations/" in key or "/manifests/output/" in key


def _seconds_left(context: object) -> float:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return cast("int", remaining()) / 1000 if callable(remaining) else _NO_TIME_LIMIT


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
