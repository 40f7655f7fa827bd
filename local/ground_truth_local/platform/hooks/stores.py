"""What the services keep: buckets, topics, logs, events, metrics, mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace
from ground_truth_local.platform.port import PlatformError

_LOGS = "services.cloudwatch_logs"

PARTS: Parts = {
    "services.cloudwatch": ("record_metric",),
    _LOGS: ("_log_groups", "_create_log_group", "_create_log_stream", "_put_log_events"),
    "services.eventbridge": ("_put_events",),
    "services.s3": (
        "_bucket_policies",
        "_delete_bucket",
        "_resolve_sse_write_headers",
        "_put_bucket_encryption",
        "_delete_bucket_encryption",
        "_put_bucket_lifecycle",
        "_delete_bucket_lifecycle",
        "_put_bucket_logging",
        "_bucket_logging_config",
        "_put_bucket_ownership_controls",
        "_delete_bucket_ownership_controls",
        "_put_bucket_tagging",
        "_delete_bucket_tagging",
    ),
    "services.ses": ("_sent_emails",),
    "services.sns": ("_topics",),
}


def s3(name: str) -> Any:
    """A bucket call of S3's own: (bucket[, body]) -> (status, headers, body).

    Templates are applied on the event loop, where a signed call would wait for itself.
    """
    return private("services.s3", name)


def let_uploads_name_no_kms_key(default_key: Callable[[], str]) -> None:
    """`aws:kms` without a key means the service's key on S3; ministack refuses it."""
    resolve = private("services.s3", "_resolve_sse_write_headers")
    key_header = "x-amz-server-side-encryption-aws-kms-key-id"

    def resolve_sse_write_headers(headers: dict[str, str], bucket: str) -> Any:
        if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(key_header):
            headers = {**headers, key_header: default_key()}
        return resolve(headers, bucket)

    replace("services.s3", "_resolve_sse_write_headers", resolve_sse_write_headers)


def topic_attributes(arn: str) -> dict[str, str]:
    """A topic's stored attributes."""
    attributes: dict[str, str] = private("services.sns", "_topics")[arn]["attributes"]
    return attributes


def has_log_group(name: str) -> bool:
    return name in private(_LOGS, "_log_groups")


def write_log(group: str, stream: str, message: str) -> None:
    """In-process, because the service logs every task and a signed call costs milliseconds."""
    if not has_log_group(group):
        private(_LOGS, "_create_log_group")({"logGroupName": group})
    if stream not in private(_LOGS, "_log_groups")[group]["streams"]:
        private(_LOGS, "_create_log_stream")({"logGroupName": group, "logStreamName": stream})
    event = {"timestamp": int(time.time() * 1000), "message": message}
    private(_LOGS, "_put_log_events")(
        {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}
    )


def put_aws_event(entry: Mapping[str, object]) -> None:
    """`aws.*` sources are refused to customers; ministack's own services pass this flag."""
    status, _, body = private("services.eventbridge", "_put_events")(
        {"Entries": [entry]}, allow_aws_source=True
    )
    if status != 200 or b'"ErrorCode"' in body:
        raise PlatformError(f"the event {entry.get('DetailType')!r} was refused: {body!r}")


def record_metric(
    namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]
) -> None:
    """A datum without PutMetricData, which is closed to `AWS/…` namespaces."""
    private("services.cloudwatch", "record_metric")(namespace, name, value, unit, dict(dimensions))


def sent_mails() -> list[dict[str, Any]]:
    """Everything SES and Cognito sent, oldest first; no API call lists it."""
    return list(private("services.ses", "_sent_emails").get("entries") or [])
