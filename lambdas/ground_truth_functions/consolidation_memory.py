"""What batches of a job teach each other lies in S3; that must never cost a label."""

import json
import logging
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError

from ground_truth.consolidation.memory import JobMemory, Memory, NoMemory
from ground_truth.consolidation.tally import NOTHING, Tally, TallyError
from ground_truth.json_lines import JsonError, read_json
from ground_truth.names import parse_s3_uri
from ground_truth_functions import aws

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 20_000_000
# The last one: somebody else is writing the object at this moment.
_THERE_ALREADY = {"PreconditionFailed", "412", "ConditionalRequestConflict"}


def memory_of(prefix_uri: str, *, job_name: str, payload: bytes, payload_uri: str) -> Memory:
    """Return the memory of a batch; ``prefix_uri`` is where the campaign's lie, "" for none.

    A batch is known by its objects: whether a repeated one comes as the same file or as another is
    not documented, and its answers must not count twice. Of a payload without objects the URI has
    to do.
    """
    if not prefix_uri:
        return NoMemory()
    bucket, prefix = parse_s3_uri(prefix_uri)
    store = _S3Store(bucket, f"{prefix}{job_name}/")
    return _Forgiving(JobMemory(store, _objects(payload) or payload_uri), job_name)


def _objects(payload: bytes) -> str:
    """Return the ids of a batch's objects as one text; "" when they can't be read."""
    try:
        entries: Any = read_json(payload)
        ids = {str(entry["datasetObjectId"]) for entry in entries}
    except (JsonError, KeyError, TypeError):
        return ""
    return json.dumps(sorted(ids)) if ids else ""


class _S3Store:
    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._s3 = aws.client("s3")

    def names(self) -> Sequence[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        found = [entry for page in pages for entry in page.get("Contents", [])]
        found.sort(key=lambda entry: (entry["LastModified"], entry["Key"]), reverse=True)
        keys = (entry["Key"].removeprefix(self._prefix) for entry in found)
        return [key.removesuffix(".json") for key in keys]

    def read(self, name: str) -> bytes | None:
        try:
            response = self._s3.get_object(Bucket=self._bucket, Key=self._key(name))
        except self._s3.exceptions.NoSuchKey:
            return None
        return response["Body"].read(_MOST_BYTES)

    def create(self, name: str, body: bytes) -> bool:
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=body,
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _THERE_ALREADY:
                return False
            raise
        return True

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}.json"


class _Forgiving:
    """A memory that fails knows nothing: labels are then what the batch's answers alone say."""

    def __init__(self, memory: Memory, job_name: str) -> None:
        self._memory = memory
        self._job_name = job_name
        self._works = True

    def recall(self) -> Tally:
        try:
            return self._memory.recall()
        except (BotoCoreError, aws.client("s3").exceptions.ClientError, TallyError) as error:
            return self._failed("read", error)

    def keep(self, learned: Tally) -> Tally:
        if not self._works:
            return NOTHING
        try:
            return self._memory.keep(learned)
        except (BotoCoreError, aws.client("s3").exceptions.ClientError, TallyError) as error:
            return self._failed("kept", error)

    def _failed(self, what: str, error: Exception) -> Tally:
        self._works = False
        values = {
            "message": f"what other batches taught cannot be {what}: consolidated without",
            "job": self._job_name,
            "reason": str(error),
        }
        _LOG.warning("%s", json.dumps(values))
        return NOTHING
