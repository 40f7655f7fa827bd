"""Gold files: what is refused, and which line of a manifest is gold."""

from __future__ import annotations

import json

import pytest

from ground_truth import gold, tasks
from ground_truth.gold_answers import GoldRow, labels_of, marks_of
from ground_truth.tasks import AnswerKind, TaskType

SINGLE = AnswerKind.SINGLE_LABEL


def refused(text: str | bytes, kind: AnswerKind = SINGLE) -> list[str]:
    found: list[str] = []
    content = text.encode() if isinstance(text, str) else text
    rows = gold.read_rows(content, kind, found.append)
    if not found:
        gold.check_rows(rows, ("cat", "dog"), kind, found.append)
    return found


GOOD = "object,label\r\n" + "".join(f"{number}.png,cat\r\n" for number in range(5))


def test_good_file_is_read_whatever_the_spreadsheet_made_of_it() -> None:
    assert refused(GOOD) == refused(b"\xef\xbb\xbf" + GOOD.encode()) == []
    rows = gold.read_rows(b'label,object\n"a, b","x ""y"".png"\n', SINGLE, lambda _: None)
    assert rows == (GoldRow(place="line 2", object='x "y".png', label="a, b"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"\xff", "not UTF-8 at byte 0; save it as UTF-8"),
        ("", "the first line is '', allowed 'object,label'; correct it"),
        ("object,label,by\n", "the first line is 'object,label,by', allowed"),
        (GOOD + "5.png,cat,dog\n", "line 7: needs object and label, and no more"),
        (GOOD + "5.png\n", "line 7: needs object and label, and no more"),
        (GOOD + ",cat\n", "line 7: needs object and label, and no more"),
        (GOOD + '"5.png\n', "not CSV"),
        (GOOD + "5.png,cow\n", "line 7: unknown label: got 'cow', allowed cat, dog"),
        (GOOD + "4.png,dog\n", "line 7: object '4.png' twice, first in line 6; keep one"),
        ("object,label\n1.png,cat\n", "too few gold objects: got 1, allowed 5 or more"),
    ],
)
def test_every_fault_of_a_file_is_named_with_its_place(text: str | bytes, problem: str) -> None:
    (found,) = refused(text)
    assert found.startswith(problem)


def test_all_faults_come_together() -> None:
    assert len(refused("object,label\n1.png,cow\n1.png,cat\n")) == 3


def test_objects_that_are_not_there_and_a_dataset_of_gold_alone_are_refused() -> None:
    rows = gold.read_rows(GOOD.encode(), SINGLE, lambda _: None)
    found: list[str] = []
    gold.check_names(rows, ["0.png", "1.png", "2.png", "3.png", "x.png"], found.append)
    assert found == ["line 6: no object '4.png' in the dataset; it has 5, such as '0.png'"]
    found.clear()
    gold.check_names(rows, [f"{number}.png" for number in range(5)], found.append)
    assert found == ["all 5 objects are gold: none is left to learn from; keep some out"]


def manifest(*lines: dict[str, object]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_gold_of_a_manifest_is_found_by_the_object_wherever_its_line_goes() -> None:
    rows = gold.read_rows(b"object,label\n1,dog\n", SINGLE, lambda _: None)
    texts = manifest({"source": "a"}, {"source": "b"})
    found = gold.by_manifest_line(rows, texts, "pet", pytest.fail)
    assert len(found) == 1
    assert [row.label for row in found.rows_of({"source": "b", "pet": 0})] == ["dog"]
    assert found.rows_of({"source": "a"}) == ()
    assert found.rows_of({"source-ref": "s3://raw/b"}) == ()


def test_gold_that_has_a_label_in_the_manifest_is_refused() -> None:
    rows = gold.read_rows(b"object,label\n1,dog\n7,dog\n", SINGLE, lambda _: None)
    problems: list[str] = []
    texts = manifest({"source": "a"}, {"source": "b", "pet": 0})
    gold.by_manifest_line(rows, texts, "pet", problems.append)
    assert problems == [
        "line 3: no object '7' in the dataset; it has 2, such as '0'",
        "line 2: object 1 has a pet in the manifest already: nobody is asked about it; take it "
        "out of one of the files",
    ]


def test_gold_below_a_prefix_is_found_by_key_for_images_and_for_texts() -> None:
    rows = gold.read_rows(b"object,label\na/1.png,dog\n", SINGLE, lambda _: None)
    found = gold.by_key(rows, "pets/")
    assert [row.label for row in found.rows_of({"source-ref": "s3://raw/pets/a/1.png"})] == ["dog"]
    assert [
        row.label for row in found.rows_of({"source": "wuff", "object-key": "pets/a/1.png"})
    ] == ["dog"]
    assert found.rows_of({"source-ref": "s3://raw/a/1.png"}) == ()
    assert found.rows_of({"source": "a/1.png"}) == ()
    assert found.rows_of({"source-ref": "1.png"}) == ()
    assert found.rows_of({}) == ()


def test_what_nobody_of_ours_reads_cannot_be_scored() -> None:
    task = TaskType.IMAGE_CLASSIFICATION
    assert gold.check_task(task) == gold.check_judged_task(task) == []
    assert [str(problem) for problem in gold.check_task(TaskType.VIDEO_FRAME_OBJECT_TRACKING)] == [
        "gold of video-frame-object-tracking can't be scored: got 'unread', allowed boxes, "
        "keypoints, mask, multi-label, polygons, polylines, single-label, spans; remove gold"
    ]


def test_who_does_not_look_is_told_of_every_task_but_those_with_one_worker_an_object() -> None:
    refused = {task for task in TaskType if gold.check_judged_task(task)}
    assert refused == {
        task for task in TaskType if tasks.rules_for(task).answers is AnswerKind.UNREAD
    }
    (problem,) = gold.check_judged_task(TaskType.VIDEO_FRAME_OBJECT_TRACKING)
    assert "remove max_spammers" in str(problem)


GOOD_SHAPES = {
    AnswerKind.BOXES: ("left,top,width,height", "1,2,3,4"),
    AnswerKind.POLYGONS: ("vertices", "0 0 9 0 9 9"),
    AnswerKind.POLYLINES: ("vertices", "0 0 9 0"),
    AnswerKind.KEYPOINTS: ("x,y", "1,2"),
    AnswerKind.SPANS: ("start,end", "1,2"),
    AnswerKind.MASK: ("mask,color", "masks/1.png,#FF0000"),
}


@pytest.mark.parametrize("kind", list(GOOD_SHAPES))
def test_gold_of_shapes_has_their_columns_and_an_empty_row_where_nothing_is(
    kind: AnswerKind,
) -> None:
    columns, values = GOOD_SHAPES[kind]
    nothing = "," * columns.count(",")
    rows = [f"{number}.png,{values},cat" for number in range(4)]
    text = "\n".join([f"object,{columns},label", *rows, f"3.png,{values},dog", f"4.png,{nothing},"])
    assert refused(text, kind) == []
    found = gold.by_key(gold.read_rows(text.encode(), kind, pytest.fail), "")
    assert len(found) == 5
    two, none = (found.rows_of({"source-ref": f"s3://raw/{name}.png"}) for name in (3, 4))
    assert [mark.label for mark in marks_of(two, ("cat", "dog"), kind)] == [0, 1]
    assert [mark.label for mark in marks_of(two, ("cow", "dog"), kind)] == [-1, 1]
    assert [row.is_nothing for row in none] == [True]
    assert marks_of(none, ("cat",), kind) == ()


@pytest.mark.parametrize(
    ("kind", "row", "problem"),
    [
        (AnswerKind.BOXES, "9.png,1,2,3,4,", "line 7: needs object, left, top, width, height and"),
        (AnswerKind.BOXES, "9.png,1,2,-3,4,cat", "line 7: a box covers nothing: got -3 x 4"),
        (AnswerKind.BOXES, "9.png,1,2,nan,4,cat", "line 7: not a finite number: got 'nan'"),
        (AnswerKind.BOXES, "9.png,,,,,cat", "line 7: could not convert"),
        (AnswerKind.POLYGONS, "9.png,0 0 9 0,cat", "line 7: a polygon has no area"),
        (AnswerKind.POLYLINES, "9.png,0 0 9,cat", "line 7: vertices are not x and y in turn"),
        (AnswerKind.KEYPOINTS, "9.png,x,2,cat", "line 7: could not convert"),
        (AnswerKind.MASK, "9.png,m.png,red,cat", "line 7: a color is not written #rrggbb: got"),
        (AnswerKind.MASK, "9.png,m.jpg,#ff0000,cat", "line 7: a mask is no PNG file beside the"),
        (AnswerKind.MASK, "9.png,../m.png,#ff0000,cat", "line 7: a mask is no PNG file beside"),
        (AnswerKind.MASK, "9.png,/m.png,#ff0000,cat", "line 7: a mask is no PNG file beside"),
        (AnswerKind.SPANS, "9.png,3,2,cat", "line 7: a span is not within the text: got 3 to 2"),
        (AnswerKind.SPANS, "4.png,,,", "line 7: object '4.png' twice, first in line 6; keep one"),
        (AnswerKind.SPANS, "4.png,1,2,cat", "line 7: object '4.png' twice, first in line 6"),
        (AnswerKind.SPANS, "9.png,1,2,cow", "line 7: unknown label: got 'cow'"),
    ],
)
def test_every_fault_of_a_shape_is_named_with_its_place(
    kind: AnswerKind, row: str, problem: str
) -> None:
    columns, values = GOOD_SHAPES[kind]
    rows = [f"{number}.png,{values},cat" for number in range(5)]
    (found,) = refused("\n".join([f"object,{columns},label", *rows, row]), kind)
    assert found.startswith(problem)


def test_gold_of_sets_has_a_row_for_each_label() -> None:
    rows = [f"{number}.png,cat" for number in range(4)]
    text = "\n".join(["object,label", *rows, "3.png,dog", "4.png,"])
    assert refused(text, AnswerKind.MULTI_LABEL) == []
    found = gold.read_rows(text.encode(), AnswerKind.MULTI_LABEL, pytest.fail)
    assert labels_of(found[3:5], ("cat", "dog")) == {0, 1}
    assert labels_of(found[5:], ("cat", "dog")) == frozenset()
    (problem,) = refused(text)
    assert problem == "line 7: needs object and label, and no more; correct it"
