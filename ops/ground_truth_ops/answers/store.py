"""The output bucket, or a folder it was exported to: the same keys, read piece by piece."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from ground_truth.names import s3_uri
from ground_truth_ops.errors import OpsError
from ground_truth_ops.export import local_path

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READS_AT_ONCE = 16
MISSING = ("NoSuchKey", "404")
THERE_ALREADY = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class StoreError(OpsError):
    """What was named as an export is none."""


class Store(Protocol):
    """Objects by key. What is not there is None, or an empty sequence of documents."""

    def where(self, key: str) -> str:
        """Where people find the object."""
        ...

    def read(self, key: str) -> bytes | None: ...

    def lines(self, key: str) -> Iterator[bytes] | None:
        """The lines of an object that is not empty, without ends of lines; never all at once."""
        ...

    def documents(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Small objects with their keys, in the order of the keys."""
        ...

    def write_new(self, key: str, content: Path) -> bool:
        """Store a file unless the key is taken; whether it was stored."""
        ...


class BucketStore:
    """A bucket; errors are ClientError."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def where(self, key: str) -> str:
        return s3_uri(self._bucket, key)

    def read(self, key: str) -> bytes | None:
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise

    def lines(self, key: str) -> Iterator[bytes] | None:
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        return _rows(body.iter_lines(chunk_size=1 << 16))

    def documents(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with ThreadPoolExecutor(max_workers=READS_AT_ONCE) as pool:
            for page in pages:
                keys = [item["Key"] for item in page.get("Contents", [])]
                for key, body in zip(keys, pool.map(self.read, keys), strict=True):
                    if body is not None:
                        yield key, body

    def write_new(self, key: str, content: Path) -> bool:
        try:
            with content.open("rb") as file:
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=file, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] in THERE_ALREADY:
                return False
            raise
        return True


class FolderStore:
    """What `gt export` has left on disk; errors are OSError."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise StoreError(
                f"no export in {folder}: it is not a folder; name the one `gt export` has written, "
                "such as export/dev/<bucket>"
            )
        self._folder = folder

    def where(self, key: str) -> str:
        return str(self._folder / key)

    def read(self, key: str) -> bytes | None:
        path = local_path(self._folder, key)
        return path.read_bytes() if path.is_file() else None

    def lines(self, key: str) -> Iterator[bytes] | None:
        path = local_path(self._folder, key)
        return _rows(_file_lines(path)) if path.is_file() else None

    def documents(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        top = self._folder / prefix
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_file():
                yield path.relative_to(self._folder).as_posix(), path.read_bytes()

    def write_new(self, key: str, content: Path) -> bool:
        path = local_path(self._folder, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with content.open("rb") as source, path.open("xb") as target:
                shutil.copyfileobj(source, target)
        except FileExistsError:
            return False
        return True


def _file_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    rows = (line.rstrip(b"\r\n") for line in lines)
    return itertools.filterfalse(lambda row: not row.strip(), rows)
