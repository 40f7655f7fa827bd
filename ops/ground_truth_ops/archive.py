"""An export copied to a bucket of another's keeping, for machines that are gone after the run."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth_ops.errors import OpsError
from ground_truth_ops.export import CHECKSUM_FILE, INDEX_FILE, Export, local_path

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# one PutObject takes 5 GiB; output manifests and answers are far from it
LONGEST_BYTES = 5 * 1024**3


class ArchiveError(OpsError):
    """The export is on disk, but not where it was to be kept."""


def parse_archive(text: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://bucket/prefix`; the prefix ends in a slash or is empty."""
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", text)
    if match is None:
        raise ArchiveError(f"{text!r} is no place for an archive; expected s3://bucket/prefix")
    prefix = (match[2] or "").strip("/")
    return match[1], f"{prefix}/" if prefix else ""


def archive(s3: S3Client, export: Export, to: str) -> str:
    """Copy every file of an export below `to`, in a folder of its moment; returns that.

    S3 compares each object with the SHA-256 of the file. Raises ArchiveError for a place in the
    bucket that was exported, which is about to go.
    """
    bucket, prefix = parse_archive(to)
    if bucket == export.bucket:
        raise ArchiveError(f"{bucket} is the bucket that was exported; name another one")
    folder = f"{prefix}{export.bucket}/{export.moment:%Y%m%dT%H%M%SZ}/"
    paths = [(file.key, local_path(export.folder, file.key)) for file in export.files]
    paths += [(name, export.folder / name) for name in (CHECKSUM_FILE, INDEX_FILE)]
    for key, path in paths:
        _put(s3, bucket, folder + key, path)
    return f"s3://{bucket}/{folder}"


def _put(s3: S3Client, bucket: str, key: str, path: Path) -> None:
    size = path.stat().st_size
    if size > LONGEST_BYTES:
        raise ArchiveError(f"{path} has {size} bytes, one upload takes {LONGEST_BYTES}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        file.seek(0)
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=file,
            ChecksumSHA256=base64.b64encode(digest).decode("ascii"),
        )
