"""The command that consolidates a whole job's answers, whatever the file looks like."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from ground_truth.consolidation.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def consolidated(folder: Path, text: str | bytes) -> dict[str, str]:
    content = text.encode() if isinstance(text, str) else text
    (folder / "labels.csv").write_bytes(content)
    assert main(["classification", str(folder), str(folder / "out.csv")]) == 0
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(0.0 < float(row["confidence"]) < 1.0 for row in rows)
    return {row["object"]: row["label"] for row in rows}


def test_labels_are_what_most_good_workers_say(tmp_path: Path) -> None:
    rows = [f"{item},{worker},{item % 2}" for item in range(8) for worker in "ab"]
    rows += [f"{item},c,1" for item in range(8)]

    found = consolidated(tmp_path, "\n".join(["object,worker,label", *rows]))

    assert found == {str(item): str(item % 2) for item in range(8)}


def test_quotes_marks_and_other_columns_are_read(tmp_path: Path) -> None:
    row = '"ja, ""gut""",1,"Äpfel\nund",'
    text = f"\ufefflabel,when,object,worker\r\n{row}a\r\n{row}b\r\n"

    assert consolidated(tmp_path, text) == {"Äpfel\nund": 'ja, "gut"'}


def test_short_rows_cost_no_other_row_its_label(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "object,worker,label\n1,a,x\n\n2\n1,b,x\n3,a,y\n"

    assert consolidated(tmp_path, text) == {"1": "x", "3": "y"}
    assert caplog.messages == ["labels.csv: 1 rows left out, the first on line 4"]


def test_last_answer_of_a_worker_counts(tmp_path: Path) -> None:
    text = "object,worker,label\n1,a,x\n1,a,x\n1,b,y\n1,c,y\n1,a,x\n2,a,x\n2,a,y\n"

    assert consolidated(tmp_path, text) == {"1": "y", "2": "y"}


def test_no_label_is_a_label_like_any_other(tmp_path: Path) -> None:
    assert consolidated(tmp_path, "object,worker,label\n1,a,\n1,b,\n2,a,x\n") == {"1": "", "2": "x"}


def test_file_without_answers_makes_a_file_without_labels(tmp_path: Path) -> None:
    assert consolidated(tmp_path, "object,worker,label\n") == {}


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("colours", b"", "unknown kind: got 'colours', allowed "),
        ("classification", None, "labels.csv can't be read: [Errno 2]"),
        ("classification", b"", "labels.csv has no column object, worker, label: got nothing"),
        ("classification", b"object,label\n1,x\n", "no column worker: got object, label"),
        (
            "classification",
            "object,worker,label\n1,a,x\n".encode("utf-16"),
            "labels.csv has no col",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, text: bytes | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "labels.csv").write_bytes(text)

    assert main([kind, str(tmp_path), str(tmp_path / "out.csv")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_output_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.csv").write_text("object,worker,label\n1,a,x\n")

    assert main(["classification", str(tmp_path), str(tmp_path / "no" / "out.csv")]) == 2
    assert "out.csv can't be written" in capsys.readouterr().err


def test_sets_of_labels_have_a_row_for_every_label_somebody_chose(tmp_path: Path) -> None:
    rows = ["1,a,red blue", "1,b,red", "1,c,", "2,a,", "2,b,", "3,a, green  red ", "1,a,red"]
    (tmp_path / "labels.csv").write_text("\n".join(["object,worker,labels", *rows, "", "4"]))

    assert main(["multilabel", str(tmp_path), str(tmp_path / "out.csv")]) == 0

    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        found = [(row["object"], row["label"]) for row in csv.DictReader(file)]
    assert found == [("1", "red"), ("3", "green"), ("3", "red")]


def test_a_quote_far_into_a_file_is_read_as_quoted_from_there_on(tmp_path: Path) -> None:
    plain = [f"o{number:06},w,x" for number in range(60_000)]
    text = "\n".join(["object,worker,label", *plain, '"two\nlines",w,"a,b"', "short", "z,w,x"])

    found = consolidated(tmp_path, text)

    assert len(found) == 60_002
    assert found["two\nlines"] == "a,b"
    assert found["z"] == "x"


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (b'2,a,"x', {"2": '"x'}),
        (b'2,"a,x', {"2": "x"}),
        (b'"2,a,x', {'"2': "x"}),
        (b'2,a,5" long', {"2": '5" long'}),
        (b'2,a,"x"y', {"2": "xy"}),
        (b"2", {}),
        (b"2,a,x,more", {"2": "x"}),
        (b"\x00,a,x", {"\x00": "x"}),
        (b'2,a,"x\n7,a,y', {"2": '"x', "7": "y"}),
        (b'2,a,"x\ny"', {"2": "x\ny"}),
    ],
)
def test_a_broken_row_costs_no_other_object_its_label(
    tmp_path: Path, broken: bytes, found: dict[str, str]
) -> None:
    before = b"".join(b"a%d,a,x\n" % number for number in range(5))
    after = b"".join(b"b%d,a,x\n" % number for number in range(1500))
    others = {f"a{n}": "x" for n in range(5)} | {f"b{n}": "x" for n in range(1500)}

    text = b"object,worker,label\n" + before + broken + b"\n" + after

    assert consolidated(tmp_path, text) == {**others, **found}


def test_names_that_are_no_utf8_are_written_as_they_were_read(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"object,worker,label\n\xff,a,\xfe\n1,a,x\n")

    assert main(["classification", str(tmp_path), str(tmp_path / "out.csv")]) == 0

    lines = (tmp_path / "out.csv").read_bytes().splitlines()
    assert [line.rpartition(b",")[0] for line in lines[1:]] == [b"1,x", b"\xff,\xfe"]
