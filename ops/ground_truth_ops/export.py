"""`gt export`: every label of an environment on disk, checked, and only then marked as exported."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_ops.bucket import BucketObject, list_settled, mark_exported
from ground_truth_ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20
DOWNLOADS_AT_ONCE = 8
CHECKSUM_FILE = "SHA256SUMS"
INDEX_FILE = "export.json"
SHOWN_FAILURES = 10


class ExportError(OpsError):
    """Something could not be downloaded or verified; the bucket is not marked as exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """`moment`: everything written up to then is in `folder`."""

    bucket: str
    folder: Path
    moment: datetime
    files: tuple[ExportedFile, ...]

    @property
    def labels(self) -> int:
        """Output manifests and worker responses among the files."""
        return sum(is_label(file.key) for file in self.files)


def is_label(key: str) -> bool:
    return key.endswith("/output.manifest") or "/annotations/worker-response/" in key


def export_folder(environment: str, bucket: str) -> Path:
    """Where an export goes when nobody says: a folder per bucket, so that none overwrites another.

    An environment that is deployed again has new buckets, and the same keys in them.
    """
    return Path("export", environment, bucket)


def export_bucket(
    s3: S3Client,
    bucket: str,
    folder: Path,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    before_mark: Callable[[Export], None] = lambda _export: None,
) -> Export:
    """Download the whole output bucket below `folder`, verify it, write checksums, mark the bucket.

    `before_mark` may still fail: the mark lets the bucket go.

    What an earlier export has brought unchanged isn't downloaded again.
    Raises ExportError when anything is missing or differs, or the folder holds another bucket's
    export; the mark is then left as it was.
    """
    _refuse_other_export(folder, bucket)
    try:
        listing, moment = list_settled(s3, bucket)
        files = _download_all(s3, bucket, folder, listing, progress)
        export = Export(bucket=bucket, folder=folder, moment=moment, files=files)
        _write_index(export)
        _verify_again(export)
        before_mark(export)
        mark_exported(s3, bucket, moment)
    except (ClientError, BotoCoreError, OSError) as error:
        raise ExportError(
            f"bucket {bucket} could not be exported to {folder}: {error}; nothing was marked "
            "as exported, "
            "mend the cause and run `gt export` again"
        ) from error
    return export


def _refuse_other_export(folder: Path, bucket: str) -> None:
    index = folder / INDEX_FILE
    if not index.is_file():
        return
    other = json.loads(index.read_text(encoding="utf-8")).get("bucket")
    if other != bucket:
        raise ExportError(
            f"{folder} holds the export of bucket {other}, not of {bucket}; nothing was written, "
            "choose another folder"
        )


def _download_all(
    s3: S3Client,
    bucket: str,
    folder: Path,
    listing: Iterable[BucketObject],
    progress: Callable[[int, int], None],
) -> tuple[ExportedFile, ...]:
    wanted = [(item, local_path(folder, item.key)) for item in listing]
    done: list[ExportedFile] = []
    failures: list[str] = []
    with ThreadPoolExecutor(max_workers=DOWNLOADS_AT_ONCE) as pool:
        futures = [pool.submit(_download, s3, bucket, item, path) for item, path in wanted]
        for (item, _), future in zip(wanted, futures, strict=True):
            try:
                done.append(future.result())
            except (ClientError, BotoCoreError, OSError, ExportError) as error:
                failures.append(f"{item.key}: {error}")
            progress(len(done), len(wanted))
    if failures:
        raise ExportError(
            f"{len(failures)} of {len(wanted)} objects of {bucket} could not be downloaded; "
            "nothing was marked "
            "as exported, mend the cause and run `gt export` again",
            details=tuple(failures[:SHOWN_FAILURES]),
        )
    return tuple(done)


def local_path(folder: Path, key: str) -> Path:
    """Where a key goes on disk.

    Keys that would leave the folder or hide in another file are refused.
    """
    parts = PurePosixPath(key).parts
    broken = key.startswith("/") or key.endswith("/") or "//" in key or "\0" in key
    if broken or any(part in {".", ".."} for part in key.split("/")) or not parts:
        raise ExportError(
            f"key {key!r} can't become a file below {folder}; rename or remove the object by hand"
        )
    return folder.joinpath(*parts)


def _download(s3: S3Client, bucket: str, item: BucketObject, path: Path) -> ExportedFile:
    partial = path.with_name(path.name + ".partial")
    if _is_there(item, path):
        return ExportedFile(key=item.key, size=item.size, sha256=_digest(path, "sha256"))
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    # the listed version, not whatever came after it
    body = s3.get_object(Bucket=bucket, Key=item.key, IfMatch=item.etag)["Body"]
    with partial.open("wb") as file:
        for chunk in body.iter_chunks(CHUNK_BYTES):
            file.write(chunk)
            sha256.update(chunk)
            md5.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size != item.size:
        raise ExportError(f"{size} bytes arrived, {item.size} are listed")
    if item.md5 is not None and md5.hexdigest() != item.md5:
        raise ExportError("the content doesn't fit the ETag")
    partial.replace(path)
    return ExportedFile(key=item.key, size=size, sha256=sha256.hexdigest())


def _is_there(item: BucketObject, path: Path) -> bool:
    """An earlier export has brought this very content; without an MD5 it is fetched again."""
    if item.md5 is None or not path.is_file() or path.stat().st_size != item.size:
        return False
    return _digest(path, "md5") == item.md5


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as stream:
        found = hashlib.new(algorithm, usedforsecurity=False)
        while chunk := stream.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()


def _write_index(export: Export) -> None:
    export.folder.mkdir(parents=True, exist_ok=True)
    sums = "".join(f"{file.sha256}  {file.key}\n" for file in export.files)
    (export.folder / CHECKSUM_FILE).write_text(sums, encoding="utf-8")
    index = {
        "bucket": export.bucket,
        "exported": export.moment.isoformat(),
        "objects": len(export.files),
        "bytes": sum(file.size for file in export.files),
        "labels": export.labels,
    }
    (export.folder / INDEX_FILE).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _verify_again(export: Export) -> None:
    """What counts is what the disk gives back, not what was meant to be written."""
    for file in export.files:
        if _digest(local_path(export.folder, file.key), "sha256") != file.sha256:
            raise ExportError(f"{file.key} reads back differently from {export.folder}")
