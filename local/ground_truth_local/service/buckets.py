"""Buckets: their Region, and whether a browser on the portal may read them (5.6, 6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError


def bucket_region(s3: Any, bucket: str) -> str:
    """Raises ClientError when there is no such bucket or its location mayn't be asked for."""
    # S3 says nothing for us-east-1, its first Region
    return s3.get_bucket_location(Bucket=bucket).get("LocationConstraint") or "us-east-1"


def cors_rules(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """The bucket's CORS rules; none without a configuration."""
    try:
        return list(s3.get_bucket_cors(Bucket=bucket)["CORSRules"])
    except ClientError:
        return []


def browser_may_read(rules: Iterable[Mapping[str, Any]], origin: str) -> bool:
    """As S3 decides for a plain GET: some rule names the method and matches the origin."""
    return any(
        "GET" in rule.get("AllowedMethods", ())
        and any(_matches(pattern, origin) for pattern in rule.get("AllowedOrigins", ()))
        for rule in rules
    )


def _matches(pattern: str, origin: str) -> bool:
    return (
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), origin) is not None
    )
