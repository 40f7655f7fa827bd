"""Gold files: what is refused, and which line of a manifest is gold."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ground_truth import gold, tasks
from ground_truth.tasks import AnswerKind, TaskType


def refused(text: str | bytes, *, labels: tuple[str, ...] = ("cat", "dog")) -> list[str]:
    found: list[str] = []
    content = text.encode() if isinstance(text, str) else text
    rows = gold.read_rows(content, found.append)
    if not found:
        gold.check_rows(rows, labels, found.append)
    return found


GOOD = "object,label\r\n" + "".join(f"{number}.png,cat\r\n" for number in range(5))


def test_good_file_is_read_whatever_the_spreadsheet_made_of_it() -> None:
    assert refused(GOOD) == refused(b"\xef\xbb\xbf" + GOOD.encode()) == []
    rows = gold.read_rows(b'label,object\n"a, b","x ""y"".png"\n', lambda _: None)
    assert rows == (gold.GoldRow(place="line 2", object='x "y".png', label="a, b"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"\xff", "not UTF-8 at byte 0; save it as UTF-8"),
        ("", "the first line is '', allowed 'object,label'; correct it"),
        ("object,label,by\n", "the first line is 'object,label,by', allowed"),
        (GOOD + "5.png,cat,dog\n", "line 7: needs an object and a label and no more"),
        (GOOD + "5.png\n", "line 7: needs an object and a label and no more"),
        (GOOD + ",cat\n", "line 7: needs an object and a label and no more"),
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
    rows = gold.read_rows(GOOD.encode(), lambda _: None)
    found: list[str] = []
    gold.check_names(rows, ["0.png", "1.png", "2.png", "3.png", "x.png"], found.append)
    assert found == ["line 6: no object '4.png' in the dataset; it has 5, such as '0.png'"]
    found.clear()
    gold.check_names(rows, [f"{number}.png" for number in range(5)], found.append)
    assert found == ["all 5 objects are gold: none is left to learn from; keep some out"]


def manifest(*lines: dict[str, object]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_gold_of_a_manifest_is_found_by_the_object_wherever_its_line_goes() -> None:
    rows = gold.read_rows(b"object,label\n1,dog\n", lambda _: None)
    texts = manifest({"source": "a"}, {"source": "b"})
    found = gold.by_manifest_line(rows, texts, "pet", pytest.fail)
    assert len(found) == 1
    assert found.truth_of({"source": "b", "pet": 0}) == "dog"
    assert found.truth_of({"source": "a"}) is None
    assert found.truth_of({"source-ref": "s3://raw/b"}) is None


def test_gold_that_has_a_label_in_the_manifest_is_refused() -> None:
    rows = gold.read_rows(b"object,label\n1,dog\n7,dog\n", lambda _: None)
    problems: list[str] = []
    texts = manifest({"source": "a"}, {"source": "b", "pet": 0})
    gold.by_manifest_line(rows, texts, "pet", problems.append)
    assert problems == [
        "line 3: no object '7' in the dataset; it has 2, such as '0'",
        "line 2: object 1 has a pet in the manifest already: nobody is asked about it; take it "
        "out of one of the files",
    ]


def test_gold_below_a_prefix_is_found_by_key_for_images_and_for_texts() -> None:
    rows = gold.read_rows(b"object,label\na/1.png,dog\n", lambda _: None)
    found = gold.by_key(rows, "pets/")
    assert found.truth_of({"source-ref": "s3://raw/pets/a/1.png"}) == "dog"
    assert found.truth_of({"source": "wuff", "object-key": "pets/a/1.png"}) == "dog"
    assert found.truth_of({"source-ref": "s3://raw/a/1.png"}) is None
    assert found.truth_of({"source": "a/1.png"}) is None
    assert found.truth_of({"source-ref": "1.png"}) is None
    assert found.truth_of({}) is None


def test_only_single_labels_can_be_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    task = TaskType.IMAGE_CLASSIFICATION
    assert gold.check_task(task) == gold.check_judged_task(task) == []
    boxes = replace(tasks.rules_for(task), answers=AnswerKind.BOXES)
    monkeypatch.setattr(tasks, "TASK_RULES", {task: boxes})
    assert [str(problem) for problem in gold.check_task(task)] == [
        "gold of image-classification can't be scored: got 'boxes', allowed single-label; "
        "remove gold"
    ]
    (problem,) = gold.check_judged_task(task)
    assert "remove max_spammers" in str(problem)
