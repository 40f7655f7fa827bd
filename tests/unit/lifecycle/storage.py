"""In-memory S3, with conditional writes."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from tests.unit.lifecycle.wire import ServiceError


def split_uri(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class Storage:
    """Buckets and their objects; `before_put` lets a test interfere with a write."""

    def __init__(self) -> None:
        self.buckets: set[str] = set()
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.before_put: Any = None
        self._writes = 0

    def put(self, bucket: str, key: str, body: bytes) -> str:
        self._writes += 1
        etag = f'"{hashlib.sha256(body + str(self._writes).encode()).hexdigest()[:16]}"'
        self.objects[bucket, key] = (body, etag)
        return etag

    def text(self, bucket: str, key: str) -> str:
        return self.objects[bucket, key][0].decode()

    def serve(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if params["Bucket"] not in self.buckets:
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
        return dict(getattr(self, f"_{operation}")(params))

    def _GetObject(self, params: dict[str, Any]) -> dict[str, Any]:
        stored = self.objects.get((params["Bucket"], params["Key"]))
        if stored is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": io.BytesIO(stored[0]), "ETag": stored[1]}

    def _PutObject(self, params: dict[str, Any]) -> dict[str, Any]:
        place = params["Bucket"], params["Key"]
        if self.before_put is not None:
            self.before_put(params)
        stored = self.objects.get(place)
        if params.get("IfNoneMatch") == "*" and stored is not None:
            raise ServiceError("PreconditionFailed", "a condition did not hold", 412)
        if "IfMatch" in params:
            if stored is None:
                raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
            if stored[1] != params["IfMatch"]:
                raise ServiceError("PreconditionFailed", "a condition did not hold", 412)
        body = params["Body"]
        if hasattr(body, "read"):  # the client has wrapped it to add a checksum
            body.seek(0)
            body = body.read()
        return {"ETag": self.put(*place, body)}

    def _ListObjectsV2(self, params: dict[str, Any]) -> dict[str, Any]:
        found = sorted(
            key
            for bucket, key in self.objects
            if bucket == params["Bucket"] and key.startswith(params.get("Prefix", ""))
        )
        after = params.get("ContinuationToken", "")
        rest = [key for key in found if key > after]
        size = min(params.get("MaxKeys", 1000), 1000)
        page = rest[:size]
        contents = [
            {"Key": key, "Size": len(self.objects[params["Bucket"], key][0])} for key in page
        ]
        more = {"NextContinuationToken": page[-1]} if len(rest) > size else {}
        return {"Contents": contents, "IsTruncated": bool(more), **more}
