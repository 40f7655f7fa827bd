"""One bad row never costs another object's label, whatever is in it, and somebody is told."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ground_truth.consolidation.__main__ import main

TASKS = "object,worker\n1,a\n1,b\n2,a\n2,b\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Files with good answers for two objects, and the file a bad row goes into."""

    files: Mapping[str, str]
    answers: str
    values: int


KINDS = {
    "classification": Kind(
        files={"labels.csv": "object,worker,label\n1,a,x\n1,b,x\n2,a,y\n2,b,y\n"},
        answers="labels.csv",
        values=1,
    ),
    "multilabel": Kind(
        files={"labels.csv": "object,worker,labels\n1,a,x y\n1,b,x\n2,a,y\n2,b,y\n"},
        answers="labels.csv",
        values=1,
    ),
    "boxes": Kind(
        files={
            "tasks.csv": TASKS,
            "boxes.csv": "object,worker,left,top,width,height,label\n"
            "1,a,10,10,20,40,x\n1,b,10,10,20,40,x\n2,a,1,1,5,5,x\n2,b,1,1,5,5,x\n",
        },
        answers="boxes.csv",
        values=5,
    ),
    "spans": Kind(
        files={
            "tasks.csv": TASKS,
            "spans.csv": "object,worker,start,end,label\n"
            "1,a,0,5,x\n1,b,0,5,x\n2,a,0,4,y\n2,b,0,4,y\n",
        },
        answers="spans.csv",
        values=3,
    ),
    "polygons": Kind(
        files={
            "tasks.csv": TASKS,
            "polygons.csv": "object,worker,vertices,label\n1,a,0 0 9 0 9 9,x\n"
            "1,b,0 0 9 0 9 9,x\n2,a,5 5 8 5 8 9,y\n2,b,5 5 8 5 8 9,y\n",
        },
        answers="polygons.csv",
        values=2,
    ),
    "polylines": Kind(
        files={
            "tasks.csv": TASKS,
            "polylines.csv": "object,worker,vertices,label\n1,a,0 0 90 0,x\n1,b,90 0 0 0,x\n"
            "2,a,5 5 80 5 8 90,y\n2,b,5 5 80 5 8 90,y\n",
        },
        answers="polylines.csv",
        values=2,
    ),
    "keypoints": Kind(
        files={
            "tasks.csv": TASKS,
            "keypoints.csv": "object,worker,x,y,label\n"
            "1,a,10,10,x\n1,b,10,11,x\n2,a,1,5,y\n2,b,2,5,y\n",
        },
        answers="keypoints.csv",
        values=3,
    ),
    "instances": Kind(
        files={
            "tasks.csv": TASKS,
            "instances.csv": "object,worker,height,width,rle,label\n1,a,2,3,1 2 3,x\n"
            "1,b,2,3,1 2 3,x\n2,a,2,3,0 6,y\n2,b,2,3,0 6,y\n",
        },
        answers="instances.csv",
        values=4,
    ),
    "masks": Kind(
        files={
            "masks.csv": "object,worker,height,width,rle\n"
            "1,a,2,3,1 2 3\n1,b,2,3,1 2 3\n2,a,2,3,0 6\n2,b,2,3,0 6\n"
        },
        answers="masks.csv",
        values=3,
    ),
}
every_kind = pytest.mark.parametrize("kind", list(KINDS))


def consolidated(folder: Path, kind: str, files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the surest row of each object."""
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(errors="surrogatepass"))
    assert main([kind, str(folder), str(folder / "out.csv")]) == 0
    with (folder / "out.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: float(row["confidence"]))
    assert all(0.0 <= float(row["confidence"]) <= 1.0 for row in rows)
    return {row["object"]: row for row in rows}


def changed(kind: str, row: str) -> dict[str, str]:
    """Return the files with a row before the good ones and behind them."""
    files = dict(KINDS[kind].files)
    header, rows = files[KINDS[kind].answers].split("\n", 1)
    files[KINDS[kind].answers] = f"{header}\n{row}\n{rows}{row}\n"
    return files


def unsure(found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the rows of the good objects without their confidences."""
    return {
        name: {key: value for key, value in found[name].items() if key != "confidence"}
        for name in "12"
    }


numbers = ["nan", "inf", "-inf", "-1", "0", "-0.0", "1e9", "1e308", "-1e308", "5e-324", "1e-200"]
runs = ["1 2 3", "9223372036854775807 9223372036854775807 8", "-1 7", "0 0 0 6", "0 6 0"]
texts = ["", "x", "\x00", "1_0", "0x1", "é", "\ufeff", "'", " ", '"', '""', "\r", "1;2", "\udcff"]
odd_values = st.sampled_from([*numbers, *runs, *texts, "9" * 30, "9" * 5000])


@every_kind
@settings(deadline=None, max_examples=60)  # files are written and read
@given(data=st.data())
def test_bad_row_of_another_object_changes_no_label(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(odd_values, max_size=KINDS[kind].values + 2))
    row = ",".join(["bad", "w", *values])
    with TemporaryDirectory() as folder:
        place = Path(folder)
        found = consolidated(place, kind, changed(kind, row))
        expected = consolidated(place, kind, KINDS[kind].files)

    assert unsure(found) == unsure(expected)


@every_kind
@settings(deadline=None, max_examples=60)  # files are written and read
@given(data=st.data())
def test_bad_row_of_an_object_leaves_it_its_label(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(odd_values, max_size=KINDS[kind].values + 2))
    with TemporaryDirectory() as folder:
        found = consolidated(Path(folder), kind, changed(kind, ",".join(["1", "w", *values])))

    assert set(found) >= {"1", "2"}


@every_kind
@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: f"\ufeff{text}",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("\n", "\n   \n"),
        lambda text: text + ",,,,,,\n" * 3,
        lambda text: "".join(
            ",".join(f'"{value}"' for value in line.split(",")) + "\n" for line in text.splitlines()
        ),
    ],
    ids=["mark", "crlf", "cr", "blank lines", "lines of spaces", "empty rows", "quoted"],
)
def test_what_spreadsheets_write_is_read_alike(
    kind: str, mangle: Callable[[str], str], tmp_path: Path
) -> None:
    files = KINDS[kind].files
    mangled = {name: mangle(text) for name, text in files.items()}

    assert consolidated(tmp_path, kind, mangled) == consolidated(tmp_path, kind, files)


@pytest.mark.parametrize(
    ("kind", "row", "told"),
    [
        ("boxes", "1,c,nan,1,1,1,x", "1 marks left out: object 1, worker c: not a finite number"),
        ("boxes", "1,c,5,5,-3,2,x", "a box covers nothing: got -3 x 2"),
        ("boxes", "1,c,1e308,0,1e308,1,x", "number is out of range: got '1e308'"),
        ("boxes", "1,c,0,0,1e-200,1e-200,x", "a box covers nothing"),
        ("boxes", "1,c,1", "1 rows left out, the first on line 6"),
        ("spans", "1,c,5,2,x", "a span is not within the text: got 5 to 2"),
        ("polygons", "1,c,0 0 9 0,x", "object 1, worker c: a polygon has no area: got 2"),
        ("polygons", "1,c,0 0 9 0 9,x", "vertices are not x and y in turn: got 5 numbers"),
        ("polygons", f"1,c,{'1 2 ' * 2001},x", "got 4002 numbers, allowed an even number"),
        ("polylines", "1,c,5 5 5 5,x", "a line has two different vertices or more: got 1"),
        ("polylines", "1,c,,x", "a line has two different vertices or more: got 0"),
        ("polylines", "1,c,0 0 nan 5,x", "not a finite number: got 'nan'"),
        ("instances", "1,c,2,3,6,x", "object 1, worker c: an instance has no pixels"),
        ("instances", "1,c,2,3,0 9,x", "run lengths do not fill 2 x 3: got 9"),
        ("instances", f"1,c,9,{'9' * 5000},0,x", "instances.csv: 1 marks left out"),
        ("keypoints", "1,c,1e12,0,x", "number is out of range: got '1e12'"),
        ("keypoints", "1,c,,0,x", "could not convert string to float"),
        ("masks", "1,c,2,3,1 2 9", "1 masks left out: object 1, worker c: run lengths do not fill"),
        ("masks", f"1,c,2,3,1 {'9' * 30}", "run lengths do not fill 2 x 3"),
        ("masks", "1,c,2,3,9223372036854775807 9223372036854775807 8", "run lengths do not fill"),
        ("masks", "1,a,2,3,1 2 3", "1 answers replaced by a later one of their worker"),
        ("classification", "1,a,x", "1 answers replaced by a later one of their worker"),
        ("multilabel", "1,a,x", "1 answers replaced by a later one of their worker"),
        ("classification", ",c,x", "1 rows that name no object left out"),
    ],
)
def test_what_is_left_out_is_told(
    kind: str, row: str, told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = dict(KINDS[kind].files)
    name = KINDS[kind].answers
    files[name] += f"{row}\n"
    found = consolidated(tmp_path, kind, files)

    assert set(found) == {"1", "2"}
    [message] = caplog.messages
    assert message.startswith(f"{name}: ")
    assert told in message


@pytest.mark.parametrize("size", ["abc,9", "nan,9", "-5,100", "0,0", ",", "1e308,1"])
def test_image_size_that_cannot_be_read_costs_no_box(
    size: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = consolidated(tmp_path, "boxes", KINDS["boxes"].files)
    images = f"object,width,height\n1,{size}\n2,50,50\n"

    assert consolidated(tmp_path, "boxes", {"images.csv": images}) == expected
    assert caplog.messages[0].startswith("images.csv: 1 sizes left out: object 1: ")


@pytest.mark.parametrize("length", ["abc", "20.0", "", "-3", "0"])
def test_text_length_that_cannot_be_read_costs_no_span(
    length: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = consolidated(tmp_path, "spans", KINDS["spans"].files)

    assert (
        consolidated(tmp_path, "spans", {"docs.csv": f"object,length\n1,{length}\n2,20\n"})
        == expected
    )
    assert caplog.messages[0].startswith("docs.csv: 1 sizes left out: object 1: ")


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("boxes", "1,c,nan,1,1,1,x"),
        ("spans", "1,c,9,9,x"),
        ("polygons", "1,c,0 0 9 9,x"),
        ("polylines", "1,c,7 7,x"),
        ("keypoints", "1,c,inf,7,x"),
        ("instances", "1,c,2,3,6,x"),
    ],
)
def test_who_marked_something_unreadable_has_not_seen_nothing(
    kind: str, bad: str, tmp_path: Path
) -> None:
    expected = consolidated(tmp_path, kind, KINDS[kind].files)

    assert consolidated(tmp_path, kind, changed(kind, bad)) == expected


def test_only_the_first_few_are_told_and_none_at_length(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = dict(KINDS["boxes"].files)
    files["boxes.csv"] += "".join(f"3,w{number},{'9' * 900},1,1,1,x\n" for number in range(50))
    with caplog.at_level(logging.WARNING):
        consolidated(tmp_path, "boxes", files)

    [message] = caplog.messages
    assert message.startswith("boxes.csv: 50 marks left out: object 3, worker w0: ")
    assert message.endswith("; and 47 more")
    assert len(message) < 1000
