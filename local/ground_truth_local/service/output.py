"""The output tree under `S3OutputPath/<job name>/` (ground-truth.md 6.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_local.service.failures import client_error, said
from ground_truth_local.service.locations import S3Location, parse_s3_uri

if TYPE_CHECKING:
    from ground_truth_local.service.role import RoleSession

_ITERATION = "iteration-1"  # more than one needs automated labeling, which isn't offered


def output_root(s3_output_path: str, job_name: str) -> S3Location:
    """The job's folder; the path is accepted with or without a slash at the end."""
    base = parse_s3_uri(s3_output_path)
    if base is None:  # pragma: no cover - CreateLabelingJob checked it
        raise ValueError(s3_output_path)
    prefix = base.key.rstrip("/")
    return S3Location(bucket=base.bucket, key=f"{prefix}/{job_name}" if prefix else job_name)


def manifest_uri(root: S3Location) -> str:
    """Describe's OutputDatasetS3Uri."""
    return f"{root}/manifests/output/output.manifest"


class OutputTree:
    """Writes with the role's rights and the job's key; a refused write fails the job."""

    def __init__(self, role: RoleSession, root: S3Location, kms_key_id: str | None) -> None:
        self._role = role
        self._root = root
        self._kms = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}
        )
        self._last = datetime.min.replace(tzinfo=UTC)

    @property
    def annotations_uri(self) -> str:
        """The consolidation function's `outputConfig`."""
        return f"{self._root}/annotations"

    def worker_response(self, object_id: str, response: dict[str, Any], now: datetime) -> str:
        """One file per object with all its answers; returns its URI."""
        path = f"annotations/worker-response/{_ITERATION}/{object_id}/{_stamp(now)}.json"
        return self._put(path, _json(response))

    def consolidation_stamp(self, now: datetime) -> str:
        """The batch's file name. Names have whole seconds: a later batch gets a later one."""
        self._last = max(now.replace(microsecond=0), self._last + timedelta(seconds=1))
        return _stamp(self._last)

    def consolidation(self, kind: str, stamp: str, content: object) -> str:
        """`kind` is `consolidation-request` or `consolidation-response`; returns the URI."""
        path = f"annotations/consolidated-annotation/{kind}/{_ITERATION}/{stamp}.json"
        return self._put(path, _json(content))

    def large_annotation(self, stamp: str, name: str, content: str) -> str:
        """An annotation that doesn't lie in the request itself; returns its URI."""
        path = f"annotations/consolidated-annotation/consolidation-request/{_ITERATION}"
        return self._put(f"{path}/{stamp}/{name}.json", content.encode("utf-8", "surrogatepass"))

    def intermediate(self, lines: Iterable[str]) -> None:
        """The progressive manifest: a line per input line, unlabeled ones as they came."""
        self._put("annotations/intermediate/1/annotations.manifest", _lines(lines))

    def manifest(self, lines: Iterable[str]) -> None:
        """The output manifest."""
        self._put("manifests/output/output.manifest", _lines(lines))

    def _put(self, path: str, body: bytes) -> str:
        key = f"{self._root.key}/{path}"
        uri = f"s3://{self._root.bucket}/{key}"
        try:
            self._role.client("s3").put_object(
                Bucket=self._root.bucket,
                Key=key,
                Body=body,
                ContentType="application/json",
                **self._kms,
            )
        except (ClientError, BotoCoreError) as error:
            raise client_error(
                f"Unable to write to {uri} with role {self._role.role_arn}: {said(error)}"
            ) from error
        return uri


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%d_%H:%M:%S")


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
