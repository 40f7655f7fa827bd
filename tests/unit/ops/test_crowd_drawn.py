"""`gt quality` of what people draw and mark."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ground_truth import tasks
from ground_truth.agreement.beta import rate
from ground_truth.gold import by_key, read_rows
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from ground_truth_ops.answers.chain import read_jobs
from ground_truth_ops.answers.kinds import KindError, kind_of_task
from ground_truth_ops.answers.store import FolderStore
from ground_truth_ops.crowd.drawn import MEASURES, GoldPictureError, measure_drawn
from ground_truth_ops.crowd.gates import Gate, Limits, failures
from tests.unit.ops.labeled import CAMPAIGN, DEFINITION, ENVIRONMENT, Bucket, asked

if TYPE_CHECKING:
    from ground_truth_ops.crowd.report import JobReport

ELEMENT = "crowd-image-classifier"  # of the borrowed task
Entry = Mapping[str, object]


def look(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: AnswerKind,
    objects: list[dict[str, Entry]],
    gold: str = "",
) -> JobReport:
    """Let a classification task's people have drawn: answers by worker, for each object."""
    rules = replace(rules_for(DEFINITION.task), answers=kind)
    monkeypatch.setattr(tasks, "TASK_RULES", {DEFINITION.task: rules})
    bucket = Bucket(folder=folder)
    bucket.job("job-1", [asked(f"{line}.png") for line in range(len(objects))], {})
    for line, answers in enumerate(objects):
        documents = [
            {"workerId": worker, "timeSpentInSeconds": 7, "answerContent": {ELEMENT: content}}
            for worker, content in answers.items()
        ]
        key = f"pets/labels/job-1/annotations/worker-response/iteration-1/{line}/1.json"
        bucket.put(key, json.dumps({"answers": documents}).encode())
    store = FolderStore(folder)
    (job,) = read_jobs(store, environment=ENVIRONMENT, campaign=CAMPAIGN)
    rows = read_rows(gold.encode(), kind, pytest.fail) if gold else ()
    picture = (folder / "gold").joinpath
    return measure_drawn(
        store, CAMPAIGN, job, by_key(rows, "pets/"), lambda path: picture(path).read_bytes()
    )


def boxes(*edges: tuple[int, int, int, int], label: str = "cat") -> Entry:
    names = ("left", "top", "width", "height")
    return {
        "boundingBoxes": [{**dict(zip(names, each, strict=True)), "label": label} for each in edges]
    }


def test_boxes_are_told_by_their_overlap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, half, far = (0, 0, 10, 10), (0, 0, 10, 5), (50, 50, 10, 10)
    found = look(
        tmp_path,
        monkeypatch,
        AnswerKind.BOXES,
        [
            {"ada": boxes(whole), "ben": boxes(half)},
            {"ada": boxes(far), "ben": boxes(far)},
            {"ada": boxes(whole), "zoe": {"boundingBoxes": "none"}},
        ],
    )
    # distances 1/2 and 0 within objects; 1/2, 0 and four times 1 among the four answers
    assert found.alpha == pytest.approx(1 - (2 * 0.5) / (4 * (0.5 + 4) / 6))
    assert (found.kind, found.measure) == ("boxes", "overlap of matched boxes")
    assert (found.objects, found.answers, found.set_aside) == (3, 5, 1)
    assert found.median_seconds == 7
    assert [(each.worker, each.answers, each.agreement) for each in found.workers] == [
        ("ada", 3, rate(1.5, 2)),
        ("ben", 2, rate(1.5, 2)),
    ]
    assert [(doubt.line, doubt.confidence, doubt.answers) for doubt in found.doubts] == [
        (0, 0.5, 2),
        (1, 1.0, 2),
    ]
    assert found.doubts[0].object == "s3://raw/pets/0.png"


def test_who_boxes_the_whole_image_every_time_does_not_look_and_shuts_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [
        {
            "ada": boxes((40 * line, 0, 30, 30)),
            "ben": boxes((40 * line, 10, 30, 30)),
            "zoe": boxes((0, 0, 1600, 900)),
        }
        for line in range(40)
    ]
    found = look(tmp_path, monkeypatch, AnswerKind.BOXES, objects)
    assert [(each.worker, each.spammer) for each in found.workers] == [
        ("ada", False),
        ("ben", False),
        ("zoe", True),
    ]
    (failure,) = failures(found, Limits(max_spammers=0))
    assert (failure.gate, failure.why) == (
        Gate.SPAMMERS,
        "1 answer without looking or copy (zoe), allowed 0",
    )


def test_where_nobody_can_be_told_the_gate_stays_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = {"ada": boxes((0, 0, 9, 9)), "ben": boxes((0, 0, 9, 9))}
    found = look(tmp_path, monkeypatch, AnswerKind.BOXES, [same] * 30)
    assert found.spammers is None
    (failure,) = failures(found, Limits(max_spammers=3))
    assert (failure.gate, failure.why) == (
        Gate.SPAMMERS,
        "who doesn't look can't be told from these boxes, allowed 3",
    )


def test_gold_of_boxes_tells_how_alike_everybodys_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, half = (0, 0, 10, 10), (0, 0, 10, 5)
    objects = [{"ada": boxes(there), "ben": boxes(half)} for _ in range(5)]
    objects += [{"ada": boxes(), "ben": boxes(there)}, {"ada": boxes(there)}]
    rows = "".join(f"{line}.png,0,0,10,10,cat\n" for line in range(5))
    gold = f"object,left,top,width,height,label\n{rows}5.png,,,,,\n9.png,1,1,1,1,cat\n"
    found = look(tmp_path, monkeypatch, AnswerKind.BOXES, objects, gold)
    assert [(each.worker, each.gold) for each in found.workers] == [
        ("ada", rate(6.0, 6)),
        ("ben", rate(2.5, 6)),
    ]
    assert (found.gold_objects, found.gold) == (6, rate(8.5, 12))


def test_gold_keypoints_are_as_near_as_the_answers_image_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = {"inputImageProperties": {"width": 4000, "height": 3000}}  # 125 pixels are near
    objects = [{"ada": {**keypoint(125), **large}, "ben": keypoint(20)}]
    gold = "object,x,y,label\n0.png,0,3,dog\n"
    found = look(tmp_path, monkeypatch, AnswerKind.KEYPOINTS, objects, gold)
    assert [each.gold for each in found.workers] == [rate(0.5, 1), rate(0.5, 1)]


def png(*colors: tuple[int, int, int]) -> str:
    image = Image.new("RGB", (len(colors), 1))
    image.putdata(colors)
    file = io.BytesIO()
    image.save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()


def mask(*colors: tuple[int, int, int]) -> Entry:
    return {
        "labeledImage": {"pngImageData": png(*colors)},
        "labelMappings": {"cat": {"color": "#ff0000"}},
    }


RED, BLACK = (255, 0, 0), (0, 0, 0)


def vertices(key: str, *points: tuple[int, int]) -> Entry:
    return {key: [{"label": "cat", "vertices": [{"x": x, "y": y} for x, y in points]}]}


def keypoint(x: int) -> Entry:
    return {"keypoints": [{"label": "dog", "x": x, "y": 3}]}


def entity(start: int, end: int) -> Entry:
    return {"entities": [{"label": "cow", "startOffset": start, "endOffset": end}]}


@pytest.mark.parametrize(
    ("kind", "first", "second", "alike"),
    [
        (
            AnswerKind.POLYGONS,
            vertices("polygons", (0, 0), (8, 0), (8, 8), (0, 8)),
            vertices("polygons", (0, 0), (4, 0), (4, 8), (0, 8)),
            0.5,
        ),
        (
            AnswerKind.POLYLINES,
            vertices("polylines", (0, 0), (10, 0)),
            vertices("polylines", (0, 1), (10, 1)),
            0.5,
        ),
        (AnswerKind.KEYPOINTS, keypoint(0), keypoint(20), 0.5),
        (AnswerKind.SPANS, entity(0, 4), entity(2, 6), 1 / 3),
        (AnswerKind.MASK, mask(RED, RED, BLACK), mask(RED, BLACK, BLACK), 0.5),
    ],
)
def test_every_kind_is_told_by_a_distance_of_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: AnswerKind,
    first: Entry,
    second: Entry,
    alike: float,
) -> None:
    found = look(tmp_path, monkeypatch, kind, [{"ada": first, "ben": second}])
    assert found.measure == MEASURES[kind].name
    assert found.workers[0].agreement is not None
    assert found.workers[0].agreement.right == pytest.approx(alike, abs=0.01)
    assert found.alpha == pytest.approx(0.0)  # two answers: what is observed is all there is


def test_every_kind_of_answer_there_is_has_a_measure() -> None:
    """But that of pages where one worker answers for each object."""
    chosen = {AnswerKind.SINGLE_LABEL, AnswerKind.MULTI_LABEL}
    assert MEASURES.keys() | chosen == set(AnswerKind) - {AnswerKind.UNREAD}


def test_one_workers_answers_are_compared_with_nobodys() -> None:
    with pytest.raises(KindError, match="nothing to compare"):
        kind_of_task(TaskType.VIDEO_FRAME_OBJECT_TRACKING)


def painted(folder: Path, *colors: tuple[int, int, int]) -> str:
    """A gold file of one object, whose mask lies beside it, and of one where nothing is."""
    (folder / "gold").mkdir()
    (folder / "gold/0.png").write_bytes(base64.b64decode(png(*colors)))
    return "object,mask,color,label\n0.png,0.png,#ff0000,cat\n1.png,,,\n"


def test_gold_of_masks_tells_how_alike_everybodys_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [
        {"ada": mask(RED, RED, BLACK), "ben": mask(RED, BLACK, BLACK)},
        {"ada": mask(BLACK, BLACK, BLACK), "ben": mask(RED, BLACK, BLACK)},
    ]
    gold = painted(tmp_path, RED, RED, BLACK)
    found = look(tmp_path, monkeypatch, AnswerKind.MASK, objects, gold)
    assert [(each.worker, each.gold) for each in found.workers] == [
        ("ada", rate(2, 2)),
        ("ben", rate(0.5, 2)),
    ]
    assert (found.gold_objects, found.gold) == (2, rate(2.5, 4))


def test_answer_of_another_size_has_nothing_in_common_with_gold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [{"ada": mask(RED, RED), "ben": mask(RED, RED, BLACK)}]
    gold = painted(tmp_path, RED, RED, BLACK)
    found = look(tmp_path, monkeypatch, AnswerKind.MASK, objects, gold)
    assert [each.gold for each in found.workers] == [rate(0, 1), rate(1, 1)]


def test_gold_that_is_no_picture_of_the_image_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = painted(tmp_path, RED, BLACK)
    objects = [{"ada": mask(RED, RED, BLACK)}]
    with pytest.raises(GoldPictureError, match=r"2 x 1 pixels, and people's are 3 x 1; make it"):
        look(tmp_path, monkeypatch, AnswerKind.MASK, objects, gold)
    (tmp_path / "gold/0.png").unlink()
    with pytest.raises(GoldPictureError, match=r"line 0 of the manifest: .*No such file"):
        look(tmp_path, monkeypatch, AnswerKind.MASK, objects, gold)
