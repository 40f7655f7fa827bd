"""Custom resource: puts a campaign's sample data from the repository into the raw bucket.

What lies there unchanged is left alone, and nothing is ever deleted: a frozen dataset may point
at it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import tempfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import Outcome, Request, answer, stable_physical_id

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

UPLOADS_AT_ONCE = 8
MEMORY_BYTES = 32 * 1024 * 1024  # larger archives wait on disk


class SampleDataError(ValueError):
    """The archive or the properties can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Where the archive is, and where its files go; `prefix` is empty or ends in a slash."""

    source_bucket: str
    source_key: str
    target_bucket: str
    prefix: str


def handler(event: Mapping[str, object], context: object) -> None:
    """Lambda entry point for Custom::GroundTruthSampleData."""
    answer(event, context, reconcile, physical_id=stable_physical_id)


def reconcile(request: Request) -> Outcome:
    """Upload the files on Create and Update; leave them on Delete."""
    if request.kind == "Delete":
        return Outcome(physical_id=stable_physical_id(request))
    upload = parse_upload(request)
    s3 = client("s3")
    with tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES) as archive:
        s3.download_fileobj(upload.source_bucket, upload.source_key, archive)
        archive.seek(0)
        count = unpack(s3, archive, upload)  # type: ignore[arg-type]  # has all of BinaryIO it needs
    return Outcome(physical_id=stable_physical_id(request), data={"Objects": str(count)})


def parse_upload(request: Request) -> Upload:
    """Parse the resource's properties; raises SampleDataError naming what is wrong."""
    source = request.properties.get("Source")
    bucket, key = (
        (source.get("Bucket"), source.get("Key")) if isinstance(source, Mapping) else (None, None)
    )
    if not isinstance(bucket, str) or not isinstance(key, str) or not bucket or not key:
        raise SampleDataError('Source must be {"Bucket": "…", "Key": "…"} of a zip archive')
    prefix = request.properties.get("Prefix", "")
    if not isinstance(prefix, str):
        raise SampleDataError("Prefix must be a string, such as handwritten-digits/")
    return Upload(
        source_bucket=bucket,
        source_key=key,
        target_bucket=request.text("TargetBucket"),
        prefix=f"{prefix.rstrip('/')}/" if prefix.strip("/") else "",
    )


def unpack(s3: S3Client, archive: BinaryIO, upload: Upload) -> int:
    """Upload the archive's files that differ from what is there; returns how many it holds."""
    try:
        with zipfile.ZipFile(archive) as files:
            names = sorted(info.filename for info in files.infolist() if not info.is_dir())
            _refuse_strange(names)
            present = _etags(s3, upload)

            def put(name: str) -> None:
                _put(s3, upload, name, files.read(name), present.get(upload.prefix + name))

            with ThreadPoolExecutor(max_workers=UPLOADS_AT_ONCE) as pool:
                for _ in pool.map(put, names):
                    pass  # exhausting the results raises what an upload has raised
    except zipfile.BadZipFile as error:
        raise SampleDataError(
            f"s3://{upload.source_bucket}/{upload.source_key} is not a zip archive; deploy again"
        ) from error
    return len(names)


def _put(s3: S3Client, upload: Upload, name: str, content: bytes, etag: str | None) -> None:
    # The ETag of a plain upload is its MD5, except with a customer's key: then it is put again
    if etag == hashlib.md5(content, usedforsecurity=False).hexdigest():
        return
    s3.put_object(
        Bucket=upload.target_bucket,
        Key=upload.prefix + name,
        Body=content,
        ContentType=content_type(name),
    )


def content_type(name: str) -> str:
    """Return the type a browser must be told for the file to be shown and not downloaded."""
    # An instance, because the module's function also reads whatever the machine has configured
    guessed = mimetypes.MimeTypes().guess_type(name, strict=False)[0]
    if PurePosixPath(name).suffix.lower() in {".jsonl", ".manifest"}:
        return "application/x-ndjson"
    if guessed and guessed.startswith("text/"):
        return f"{guessed}; charset=utf-8"
    return guessed or "application/octet-stream"


def _etags(s3: S3Client, upload: Upload) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=upload.target_bucket, Prefix=upload.prefix
    )
    return {
        item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])
    }


def _refuse_strange(names: list[str]) -> None:
    strange = [name for name in names if name.startswith("/") or ".." in name.split("/")]
    if strange:
        raise SampleDataError(
            f"the archive has names that lead out of its folder, such as {strange[0]!r}; "
            "only plain relative names are allowed"
        )
