from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ground_truth_ops.archive import ArchiveError, archive, parse_archive
from ground_truth_ops.export import Export, ExportError, export_bucket

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

MANIFEST = "digits/labels/j/manifests/output/output.manifest"


@pytest.fixture
def labels(clients: Clients) -> str:
    for bucket in ("labels", "keep"):
        clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket="labels", Key=MANIFEST, Body=b'{"digit": 3}\n')
    return "labels"


def marked(clients: Clients) -> bool:
    try:
        tags = clients.s3.get_bucket_tagging(Bucket="labels")["TagSet"]
    except clients.s3.exceptions.ClientError:
        return False
    return any("export" in tag["Key"] for tag in tags)


def test_everything_of_an_export_is_there_in_a_folder_of_its_moment(
    clients: Clients, labels: str, tmp_path: Path
) -> None:
    export = export_bucket(clients.s3, labels, tmp_path)

    place = archive(clients.s3, export, "s3://keep/ground-truth/dev/")

    prefix = f"ground-truth/dev/labels/{export.moment:%Y%m%dT%H%M%SZ}/"
    assert place == f"s3://keep/{prefix}"
    found = clients.s3.list_objects_v2(Bucket="keep")["Contents"]
    assert sorted(item["Key"] for item in found) == [
        f"{prefix}SHA256SUMS",
        f"{prefix}{MANIFEST}",
        f"{prefix}export.json",
    ]
    body = clients.s3.get_object(Bucket="keep", Key=prefix + MANIFEST)["Body"].read()
    assert body == b'{"digit": 3}\n'


def test_bucket_is_not_marked_when_its_archive_fails(
    clients: Clients, labels: str, tmp_path: Path
) -> None:
    def fail(export: Export) -> None:
        archive(clients.s3, export, "s3://not-there")

    with pytest.raises(ExportError, match="nothing was marked"):
        export_bucket(clients.s3, labels, tmp_path, before_mark=fail)
    assert not marked(clients)
    export_bucket(clients.s3, labels, tmp_path)
    assert marked(clients)


def test_bucket_that_is_about_to_go_keeps_no_archive(clients: Clients, tmp_path: Path) -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    export = Export(bucket="labels", folder=tmp_path, moment=moment, files=())
    with pytest.raises(ArchiveError, match="is the bucket that was exported"):
        archive(clients.s3, export, "s3://labels/copy")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("s3://keep", ("keep", "")),
        ("s3://keep/", ("keep", "")),
        ("s3://a.b-c/x/y", ("a.b-c", "x/y/")),
    ],
)
def test_place_is_a_bucket_and_a_prefix(text: str, found: tuple[str, str]) -> None:
    assert parse_archive(text) == found


@pytest.mark.parametrize("text", ["", "keep", "s3://", "s3:///x", "https://keep/x", "s3://Keep"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError, match="expected s3://bucket/prefix"):
        parse_archive(text)
