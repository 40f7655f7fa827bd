from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth_ops import bucket as bucket_module
from ground_truth_ops.bucket import BucketError, list_settled, mark_exported, read_tags
from ground_truth_ops.export import (
    ExportedFile,
    ExportError,
    export_bucket,
    export_folder,
    local_path,
)

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

BUCKET = "labels"
RESPONSE = "digits/labels/job/annotations/worker-response/iteration-1/0/2026-11-21_09:00:00.json"
OUTPUT = "digits/labels/job/manifests/output/output.manifest"
LATER = datetime(2099, 1, 1, tzinfo=UTC)
SERVER_TIME = bucket_module.server_time  # the fixture below replaces the module's


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3's clock is past everything that was written, so that no listing has to wait."""
    monkeypatch.setattr(bucket_module, "server_time", lambda _response: LATER)


@pytest.fixture
def filled(clients: Clients) -> Clients:
    clients.s3.create_bucket(Bucket=BUCKET)
    for key, text in ((OUTPUT, "{}\n"), (RESPONSE, "answers"), ("digits/lineage.json", "{}")):
        clients.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    tags = [{"Key": "team", "Value": "vision"}]
    clients.s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": tags})  # type: ignore[typeddict-item]
    return clients


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_downloads_every_object_with_checksums_and_marks_the_bucket(
    filled: Clients, tmp_path: Path
) -> None:
    export = export_bucket(filled.s3, BUCKET, tmp_path)
    assert export.files == (
        ExportedFile(key=RESPONSE, size=7, sha256=sha256("answers")),
        ExportedFile(key=OUTPUT, size=3, sha256=sha256("{}\n")),
        ExportedFile(key="digits/lineage.json", size=2, sha256=sha256("{}")),
    )
    assert export.labels == 2
    assert (tmp_path / RESPONSE).read_text() == "answers"
    assert (tmp_path / "SHA256SUMS").read_text().splitlines() == [
        f"{file.sha256}  {file.key}" for file in export.files
    ]
    assert json.loads((tmp_path / "export.json").read_text()) == {
        "bucket": BUCKET,
        "exported": "2098-12-31T23:59:59+00:00",
        "objects": 3,
        "bytes": 12,
        "labels": 2,
    }
    assert read_tags(filled.s3, BUCKET) == {
        "team": "vision",
        "ground-truth:exported": "2098-12-31T23:59:59Z",
    }


def test_downloads_only_what_an_earlier_export_lacks(filled: Clients, tmp_path: Path) -> None:
    export_bucket(filled.s3, BUCKET, tmp_path)
    filled.s3.put_object(Bucket=BUCKET, Key=OUTPUT, Body=b"{}\n{}")
    untouched = (tmp_path / RESPONSE).stat().st_mtime_ns
    export = export_bucket(filled.s3, BUCKET, tmp_path)
    assert (tmp_path / RESPONSE).stat().st_mtime_ns == untouched
    assert (tmp_path / OUTPUT).read_text() == "{}\n{}"
    assert [file.sha256 for file in export.files] == [
        sha256("answers"),
        sha256("{}\n{}"),
        sha256("{}"),
    ]


def test_downloads_again_what_was_changed_on_disk(filled: Clients, tmp_path: Path) -> None:
    export_bucket(filled.s3, BUCKET, tmp_path)
    (tmp_path / RESPONSE).write_text("forged!")  # as long as the original
    export_bucket(filled.s3, BUCKET, tmp_path)
    assert (tmp_path / RESPONSE).read_text() == "answers"


def test_leaves_the_bucket_unmarked_when_an_object_cannot_be_read(
    filled: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = filled.s3.get_object

    def get_object(**request: Any) -> Any:
        if request["Key"] == OUTPUT:
            filled.s3.put_object(Bucket=BUCKET, Key=OUTPUT, Body=b"newer than the listing")
        return original(**request)

    monkeypatch.setattr(filled.s3, "get_object", get_object)
    with pytest.raises(ExportError, match="1 of 3 objects of labels") as caught:
        export_bucket(filled.s3, BUCKET, tmp_path)
    assert caught.value.details[0].startswith(f"{OUTPUT}: ")
    assert read_tags(filled.s3, BUCKET) == {"team": "vision"}


def test_leaves_the_bucket_unmarked_when_the_disk_gives_back_something_else(
    filled: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ground_truth_ops.export._digest", lambda _path, _name: "another")
    with pytest.raises(ExportError, match="reads back differently"):
        export_bucket(filled.s3, BUCKET, tmp_path)
    assert read_tags(filled.s3, BUCKET) == {"team": "vision"}


def test_says_what_to_do_when_there_is_no_bucket(clients: Clients, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"bucket gone could not be exported.*run `gt export`"):
        export_bucket(clients.s3, "gone", tmp_path)


@pytest.mark.parametrize("key", ["../up", "/root", "a//b", "a/./b", "a/..", "folder/", "a\0b"])
def test_refuses_keys_that_would_leave_their_place(key: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="can't become a file"):
        local_path(tmp_path, key)


def test_lists_again_until_nothing_is_of_the_last_second(
    filled: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = max(
        item["LastModified"] for item in filled.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    )
    clock = iter([newest, newest + timedelta(milliseconds=900), newest + timedelta(seconds=2)])
    monkeypatch.setattr(bucket_module, "server_time", lambda _response: next(clock))
    pauses: list[float] = []
    objects, moment = list_settled(filled.s3, BUCKET, sleep=pauses.append)
    assert (len(objects), pauses, moment) == (3, [1.0, 1.0], newest + timedelta(seconds=1))


def test_gives_up_on_a_bucket_that_never_rests(
    filled: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = datetime(2000, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(bucket_module, "server_time", lambda _response: early)
    with pytest.raises(BucketError, match="still being written to"):
        list_settled(filled.s3, BUCKET, sleep=lambda _seconds: None)


def test_reads_the_time_from_s3_itself() -> None:
    headers = {"date": "Sat, 21 Nov 2026 10:30:00 GMT"}
    response = {"ResponseMetadata": {"HTTPHeaders": headers}}
    assert SERVER_TIME(response) == datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


def test_trusts_no_etag_where_a_key_encrypts(clients: Clients) -> None:
    clients.s3.create_bucket(Bucket=BUCKET)
    clients.s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    clients.s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    objects, _ = list_settled(clients.s3, BUCKET)
    assert [item.md5 for item in objects] == [None]


def test_refuses_a_mark_that_did_not_last(filled: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filled.s3, "put_bucket_tagging", lambda **_request: None)
    with pytest.raises(BucketError, match="somebody else is tagging it"):
        mark_exported(filled.s3, BUCKET, LATER)


def test_refuses_a_folder_with_the_export_of_another_bucket(
    filled: Clients, tmp_path: Path
) -> None:
    export_bucket(filled.s3, BUCKET, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    filled.s3.create_bucket(Bucket="deployed-again")

    with pytest.raises(ExportError, match=f"holds the export of bucket {BUCKET}, not of deployed"):
        export_bucket(filled.s3, "deployed-again", tmp_path)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert "ground-truth:exported" not in read_tags(filled.s3, "deployed-again")


def test_every_bucket_has_its_own_folder() -> None:
    assert export_folder("dev", "labels-1") == Path("export/dev/labels-1")
