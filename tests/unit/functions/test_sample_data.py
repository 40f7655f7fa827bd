"""Sample data on its way into the raw bucket, in moto's S3."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import Outcome, RequestError, stable_physical_id
from ground_truth_functions.sample_data import SampleDataError, content_type, reconcile
from tests.unit.functions.conftest import make_request

ASSETS, RAW = "assets-bucket", "raw-bucket"
PROPERTIES = {
    "Source": {"Bucket": ASSETS, "Key": "data.zip"},
    "TargetBucket": RAW,
    "Prefix": "digits/",
    "Digest": "1",
}
IDENTITY = stable_physical_id(make_request())


@pytest.fixture
def s3(cloud: None) -> Any:
    s3 = client("s3")
    for name in (ASSETS, RAW):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=RAW, VersioningConfiguration={"Status": "Enabled"})
    return s3


def ship(s3: Any, files: dict[str, bytes]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    s3.put_object(Bucket=ASSETS, Key="data.zip", Body=archive.getvalue())


def upload(kind: str = "Create", **changes: Any) -> Outcome:
    return reconcile(make_request(kind, properties={**PROPERTIES, **changes}))


def contents(s3: Any) -> dict[str, tuple[bytes, str]]:
    listed = s3.list_objects_v2(Bucket=RAW).get("Contents", [])
    found = {item["Key"]: s3.get_object(Bucket=RAW, Key=item["Key"]) for item in listed}
    return {key: (got["Body"].read(), got["ContentType"]) for key, got in found.items()}


def test_uploads_every_file_below_the_prefix_with_its_type(s3: Any) -> None:
    ship(s3, {"0001.png": b"\x89PNG", "more/2.jpg": b"jpg", "more/": b"", "text.txt": b"hello"})
    assert upload() == Outcome(physical_id=IDENTITY, data={"Objects": "3"})
    assert contents(s3) == {
        "digits/0001.png": (b"\x89PNG", "image/png"),
        "digits/more/2.jpg": (b"jpg", "image/jpeg"),
        "digits/text.txt": (b"hello", "text/plain; charset=utf-8"),
    }


def test_puts_only_what_differs(s3: Any) -> None:
    ship(s3, {"a.png": b"a", "b.png": b"b"})
    upload()
    ship(s3, {"a.png": b"a", "b.png": b"changed", "c.png": b"c"})
    assert upload("Update", Digest="2").data == {"Objects": "3"}
    listed = s3.list_object_versions(Bucket=RAW)["Versions"]
    assert sorted(version["Key"] for version in listed) == [
        "digits/a.png",
        "digits/b.png",
        "digits/b.png",
        "digits/c.png",
    ]
    assert contents(s3)["digits/b.png"][0] == b"changed"


def test_keeps_what_the_archive_no_longer_holds(s3: Any) -> None:
    ship(s3, {"a.png": b"a", "b.png": b"b"})
    upload()
    ship(s3, {"b.png": b"b"})
    upload("Update")
    assert sorted(contents(s3)) == ["digits/a.png", "digits/b.png"]


def test_leaves_the_data_on_delete(s3: Any) -> None:
    ship(s3, {"a.png": b"a"})
    upload()
    s3.delete_object(Bucket=ASSETS, Key="data.zip")
    assert upload("Delete") == Outcome(physical_id=IDENTITY)
    assert sorted(contents(s3)) == ["digits/a.png"]


@pytest.mark.parametrize(
    ("prefix", "key"), [("digits", "digits/a.png"), ("", "a.png"), ("x/y//", "x/y/a.png")]
)
def test_joins_prefix_and_name_by_one_slash(s3: Any, prefix: str, key: str) -> None:
    ship(s3, {"a.png": b"a"})
    upload(Prefix=prefix)
    assert sorted(contents(s3)) == [key]


@pytest.mark.parametrize("name", ["/etc/x.png", "../x.png", "a/../../x.png"])
def test_refuses_names_that_lead_out_of_the_folder(s3: Any, name: str) -> None:
    ship(s3, {"a.png": b"a", name: b"x"})
    with pytest.raises(SampleDataError, match="names that lead out of its folder"):
        upload()
    assert contents(s3) == {}


def test_refuses_what_is_not_a_zip_archive(s3: Any) -> None:
    s3.put_object(Bucket=ASSETS, Key="data.zip", Body=b"no archive at all")
    with pytest.raises(SampleDataError, match=r"data\.zip is not a zip archive"):
        upload()


def test_tells_which_upload_was_refused(s3: Any) -> None:
    ship(s3, {"a.png": b"a"})
    with pytest.raises(s3.exceptions.NoSuchBucket):
        upload(TargetBucket="absent-bucket")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"Source": None}, SampleDataError, "Source must be"),
        ({"Source": {"Bucket": "b", "Key": ""}}, SampleDataError, "Source must be"),
        ({"Prefix": 3}, SampleDataError, "Prefix must be a string"),
        ({"TargetBucket": None}, RequestError, "TargetBucket .* is missing"),
    ],
)
def test_says_which_property_is_wrong(
    cloud: None, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        upload(**changes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.PNG", "image/png"),
        ("a.jpeg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.jsonl", "application/x-ndjson"),
        ("a.manifest", "application/x-ndjson"),
        ("a.html", "text/html; charset=utf-8"),
        ("noextension", "application/octet-stream"),
    ],
)
def test_names_the_content_type(name: str, expected: str) -> None:
    assert content_type(name) == expected
