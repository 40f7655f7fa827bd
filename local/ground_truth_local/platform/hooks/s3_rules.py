"""What S3 asks of IAM where ministack asks for less.

- an object that isn't there is "not found" only to those who may list the bucket (S3 API reference,
  GetObject and HeadObject, "Permissions");
- deleting by DeleteObjects takes s3:DeleteObject, and s3:DeleteObjectVersion for a version (S3 API
  reference, DeleteObjects, "Permissions");
- an object under a customer's key takes kms:GenerateDataKey to write and kms:Decrypt to read (S3
  user guide, "Using server-side encryption with AWS KMS keys", "Permissions"). The key that AWS
  manages for S3 takes neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ground_truth_local.platform.hooks import denials
from ground_truth_local.platform.hooks.private import Parts, private, replace

Check = tuple[str, str]  # action, resource ARN
_ACTIONS = "core.iam_actions"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"

PARTS: Parts = {
    _ACTIONS: (
        "s3_additional_checks",
        "_s3_action",
        "_s3_batch_delete_targets",
        "access_denied_response",
    ),
    "core.iam_evaluator": ("enforce",),
    "core.router": ("extract_access_key_id", "extract_region"),
    "services.s3": ("_resolve_sse_write_headers", "_stored_sse_headers", "_buckets"),
    "app": ("SERVICE_HANDLERS",),
}


def apply(*, bucket_arn: Callable[[str], str], key_arn: Callable[[str], str]) -> None:
    """Apply all three; the two make ARNs of a bucket's name and of a key's id."""
    _check_keys_and_versions(key_arn)
    _hide_absent_objects(bucket_arn)


def _check_keys_and_versions(key_arn: Callable[[str], str]) -> None:
    known = private(_ACTIONS, "s3_additional_checks")

    def s3_additional_checks(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> list[Check]:
        checks: list[Check] = known(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        if not key:
            deletes = method == "POST" and "delete" in query
            return [*checks, *(_deletions(bucket, body) if deletes else [])]
        used = _key_of(method, path, headers, query)
        if used is None or ":alias/aws/" in used or used.startswith("alias/aws/"):
            return checks
        action = "kms:Decrypt" if method == "GET" else "kms:GenerateDataKey"
        return [*checks, (action, used if used.startswith("arn:") else key_arn(used))]

    replace(_ACTIONS, "s3_additional_checks", s3_additional_checks)


def _deletions(bucket: str, body: bytes) -> list[Check]:
    targets = private(_ACTIONS, "_s3_batch_delete_targets")(bucket, body)
    return [
        check
        for arn, version in targets
        if version
        for check in (("s3:DeleteObject", arn), ("s3:DeleteObjectVersion", arn))
    ]


def _key_of(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> str | None:
    """The key that a write will use or a read needs; None without one."""
    bucket, _, key = path.lstrip("/").partition("/")
    action = private(_ACTIONS, "_s3_action")(method, path, query)
    found: str | None = None
    if method == "GET" and action in ("GetObject", "GetObjectVersion"):
        stored = (private("services.s3", "_buckets").get(bucket) or {}).get("objects", {})
        if key in stored:
            found = private("services.s3", "_stored_sse_headers")(stored[key]).get(_KEY)
    elif action == "PutObject" and "uploadId" not in query:
        applied, refused = private("services.s3", "_resolve_sse_write_headers")(headers, bucket)
        found = None if refused else applied.get(_KEY)
    return found


def _hide_absent_objects(bucket_arn: Callable[[str], str]) -> None:
    handlers = private("app", "SERVICE_HANDLERS")
    answer = handlers["s3"]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        answered = await answer(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        absent = answered[0] == 404 and (method == "HEAD" or b"NoSuchKey" in answered[2])
        if not absent or method not in ("GET", "HEAD") or not key:
            return answered
        return _unless_listed(method, bucket_arn(bucket), headers, query) or answered

    handlers["s3"] = handle


def _unless_listed(
    method: str, resource: str, headers: dict[str, str], query: dict[str, Any]
) -> Any | None:
    denied = private("core.iam_evaluator", "enforce")(
        private("core.router", "extract_access_key_id")(headers, query),
        "s3:ListBucket",
        "s3",
        private("core.router", "extract_region")(headers, query),
        resource_arn=resource,
    )
    principal = getattr(denied, "principal_arn", None)
    if not principal:
        return None  # allowed, or nobody whose policies could be looked at
    status, answer_headers, body = private(_ACTIONS, "access_denied_response")(
        "s3",
        "s3:ListBucket",
        principal,
        "",
        headers=headers,
        message=denials.message("s3:ListBucket", principal, resource),
    )
    return status, answer_headers, b"" if method == "HEAD" else body
