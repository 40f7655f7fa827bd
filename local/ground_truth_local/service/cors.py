"""Whether a browser on the portal may read a bucket's objects (ground-truth.md 5.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError


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
