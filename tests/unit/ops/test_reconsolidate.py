"""Labels anew: which answers count, what is left alone, and that nothing is written over."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ground_truth import tasks
from ground_truth.gold import Gold
from ground_truth.gold_answers import GoldRow
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from ground_truth_ops.answers.chain import ChainError
from ground_truth_ops.answers.manifests import ManifestLineError
from ground_truth_ops.answers.store import BucketStore, FolderStore, Store, StoreError
from ground_truth_ops.reconsolidate import drawn
from ground_truth_ops.reconsolidate.run import (
    Reconsolidated,
    ReconsolidateError,
    Request,
    reconsolidate,
)
from ground_truth_ops.results import read_output_manifest
from tests.unit.ops.labeled import (
    CAMPAIGN,
    DEFINITION,
    ENVIRONMENT,
    LABELS,
    TYPE,
    Bucket,
    answer,
    asked,
    failed,
    labeled,
)

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients

CHOICES = ("cat", "dog", "cat")
RESPONSES = "pets/labels/job-1/annotations/worker-response/iteration-1"
NAMES = [f"{number}.png" for number in range(6)]
# Ada and Ben agree on everything; Zoe says cow whatever she sees.
CROWD = {
    number: f"ada={label} ben={label} zoe=cow" for number, label in enumerate(["cat", "dog"] * 3)
}


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(folder=tmp_path / "export")


def run(store: Store, scratch: Path, **changes: Any) -> Reconsolidated:
    scratch.mkdir(exist_ok=True)
    values: dict[str, Any] = {
        "store": store,
        "environment": ENVIRONMENT,
        "campaign": CAMPAIGN,
        "gold": Gold(),
        "scratch": scratch,
    }
    return reconsolidate(Request(**{**values, **changes}))


def lines(bucket: Bucket, found: Reconsolidated, name: str = "output.manifest") -> list[Any]:
    text = (bucket.folder / found.folder / name).read_text(encoding="utf-8")
    return [json.loads(row) for row in text.splitlines()]


def complete(bucket: Bucket) -> None:
    """Six objects; the fifth was labeled as Zoe would have it, the last one failed."""
    old = [labeled(name, ["cat", "dog"][place % 2]) for place, name in enumerate(NAMES)]
    old[4], old[5] = labeled(NAMES[4], "cow", 0.4), failed(NAMES[5])
    bucket.job("job-1", [asked(name) for name in NAMES], CROWD, output=old)


def test_labels_of_all_answers_are_in_the_documented_shape(bucket: Bucket, tmp_path: Path) -> None:
    complete(bucket)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    text = (bucket.folder / found.folder / "output.manifest").read_text(encoding="utf-8")
    read = read_output_manifest(
        text, attribute="pet", labels=LABELS, metadata_type=TYPE, expected=6
    )
    assert [line.label for line in read] == ["cat", "dog"] * 3
    assert min(line.confidence for line in read) > 0.5
    first = json.loads(text.splitlines()[0])
    # as old as its newest answer: the same answers make the same bytes
    assert first["pet-metadata"]["creation-date"] == "2026-11-21T09:02:00"
    assert (found.jobs, found.answers, found.workers, found.set_aside) == (("job-1",), 18, 3, 0)
    comparison = found.comparison
    assert (comparison.objects, comparison.labeled, comparison.compared) == (6, 6, 5)
    assert (comparison.changed, comparison.added, comparison.kept) == (1, 1, 0)
    assert comparison.mean_before == pytest.approx(0.8)


def test_labels_are_made_of_a_job_that_had_no_functions(bucket: Bucket, tmp_path: Path) -> None:
    """Its labels are empty, with a reference to the answers (guide, custom output data)."""
    bucket.definition = replace(DEFINITION, functions="none")
    metadata = {"type": "groundTruth/custom", "human-annotated": "yes", "job_name": "job-1"}
    empty = [{**asked(name), "pet": {}, "pet-metadata": metadata} for name in NAMES]
    bucket.job("job-1", [asked(name) for name in NAMES], CROWD, output=empty)

    found = run(FolderStore(bucket.folder), tmp_path / "scratch")

    made = lines(bucket, found, "training.manifest")
    assert [line["pet-metadata"]["class-name"] for line in made] == ["cat", "dog"] * 3
    assert {line["pet-metadata"]["job-name"] for line in made} == {"labeling-job/job-1"}


def test_old_files_stay_and_the_same_answers_make_no_second_manifest(
    bucket: Bucket, tmp_path: Path
) -> None:
    complete(bucket)
    before = {path: path.read_bytes() for path in bucket.folder.rglob("*") if path.is_file()}
    store = FolderStore(bucket.folder)
    first, second = (run(store, tmp_path / name) for name in "ab")
    after = {path: path.read_bytes() for path in bucket.folder.rglob("*") if path.is_file()}
    assert (first.new, second.new) == (True, False)
    assert first.folder == second.folder
    assert first.folder.startswith("pets/labels/job-1/manifests/reconsolidated/")
    assert {path: after[path] for path in before} == before
    assert sorted(path.name for path in after.keys() - before.keys()) == [
        "output.manifest",
        "reconsolidated.json",
        "training.manifest",
    ]


def test_record_says_how_the_manifest_was_made(bucket: Bucket, tmp_path: Path) -> None:
    complete(bucket)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    record = json.loads((bucket.folder / found.folder / "reconsolidated.json").read_text())
    record["mean-confidence"].pop("after")
    assert record.pop("made").endswith("+00:00")
    assert record == {
        "method": "whole job, single-label (docs/consolidation.md)",
        "job": "job-1",
        "base": "pets/labels/job-1/manifests/output/output.manifest",
        "digest": found.folder.split("/")[-2],
        "jobs-with-answers": ["job-1"],
        "jobs-with-other-labels": [],
        "answers": 18,
        "answers-set-aside": 0,
        "workers": 3,
        "objects": 6,
        "labeled": 6,
        "changed": 1,
        "added": 1,
        "kept-without-answers": 0,
        "training-objects": 6,
        "mean-confidence": {"before": pytest.approx(0.8)},
    }


def continued(bucket: Bucket, *, labels: tuple[str, ...] = LABELS) -> None:
    """Job 1 labeled two objects and had two answers to a third when it was stopped."""
    objects = [asked(name) for name in NAMES[:4]]
    answers = {0: CROWD[0], 1: CROWD[1], 2: "ada=cat ben=cat"}
    bucket.job(
        "job-1",
        objects,
        answers,
        output=[labeled(NAMES[0], "cow"), labeled(NAMES[1], "dog"), *objects[2:]],
    )
    carried = [labeled(NAMES[0], "cow"), labeled(NAMES[1], "dog"), *objects[2:]]
    bucket.job(
        "job-2",
        carried,
        {2: "zoe=cow", 3: "ada=dog"},
        output=[*carried[:2], labeled(NAMES[2], "cow", job="job-2"), objects[3]],
        parents=["job-1"],
        labels=labels,
    )


def test_answers_of_the_jobs_before_count_too(bucket: Bucket, tmp_path: Path) -> None:
    continued(bucket)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    new = lines(bucket, found)
    assert found.jobs == ("job-1", "job-2")
    # two answers to the third object never became a label; they outvote Zoe now
    assert [line.get("pet") for line in new] == [0, 1, 0, None]
    makers = [line["pet-metadata"]["job-name"] for line in new[:3]]
    assert makers == ["labeling-job/job-1"] * 2 + ["labeling-job/job-2"]


def test_fewer_answers_than_ordered_make_no_label(bucket: Bucket, tmp_path: Path) -> None:
    continued(bucket)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    assert lines(bucket, found)[3] == asked(NAMES[3])


def test_labels_of_another_question_are_carried_as_they_are(bucket: Bucket, tmp_path: Path) -> None:
    continued(bucket, labels=(*LABELS, "horse"))
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    assert (found.jobs, found.left_out) == (("job-2",), ("job-1",))
    assert lines(bucket, found)[:2] == [labeled(NAMES[0], "cow"), labeled(NAMES[1], "dog")]
    assert found.comparison.kept == 2


def test_an_earlier_job_can_be_named(bucket: Bucket, tmp_path: Path) -> None:
    continued(bucket)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch", job="job-1")
    assert (found.job, found.jobs) == ("job-1", ("job-1",))
    assert [line.get("pet") for line in lines(bucket, found)] == [0, 1, None, None]


def test_a_restarted_campaign_owes_nothing_to_the_job_before(
    bucket: Bucket, tmp_path: Path
) -> None:
    complete(bucket)
    objects = [asked(NAMES[0])]
    bucket.job("job-2", objects, {0: "ada=cow ben=cow zoe=cat"}, output=[labeled(NAMES[0], "cow")])
    assert run(FolderStore(bucket.folder), tmp_path / "scratch").jobs == ("job-2",)


def test_a_persons_latest_answer_counts(bucket: Bucket, tmp_path: Path) -> None:
    objects = [asked(NAMES[0])]
    bucket.job("job-1", objects, {0: "ada=cow ben=cat"}, output=[labeled(NAMES[0], "cow")])
    bucket.respond("job-1", 0, ("ada", "cat"), hour=10)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    assert found.answers == 2
    assert lines(bucket, found)[0]["pet-metadata"]["class-name"] == "cat"


def test_what_cannot_be_read_costs_no_other_answer_its_place(
    bucket: Bucket, tmp_path: Path
) -> None:
    complete(bucket)
    folder = "pets/labels/job-1/annotations/worker-response/iteration-1"
    bucket.put(f"{folder}/0/broken.json", b"{")
    bucket.put(f"{folder}/1/odd.json", b'{"answers": [1, {"workerId": "eva"}]}')
    bucket.respond("job-1", 99, ("eva", "cat"), hour=11)  # no such line
    bucket.respond("job-1", 2, ("eva", "unicorn"), hour=11)
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    assert (found.answers, found.set_aside) == (18, 5)


def test_training_manifest_has_neither_gold_nor_failures(bucket: Bucket, tmp_path: Path) -> None:
    objects = [asked(name) for name in NAMES]
    old = [labeled(NAMES[0], "cat"), labeled(NAMES[1], "dog"), failed(NAMES[2]), *objects[3:]]
    bucket.job("job-1", objects, {0: CROWD[0], 1: CROWD[1]}, output=old)
    row = GoldRow(place="line 2", object=NAMES[1], label="dog")
    gold = Gold(prefix="pets/", by_name={NAMES[1]: (row,)})
    found = run(FolderStore(bucket.folder), tmp_path / "scratch", gold=gold)
    whole, learned = (
        lines(bucket, found, name) for name in ("output.manifest", "training.manifest")
    )
    assert learned == whole[:1]
    assert len(whole) == 6
    assert found.training == 1


def test_sets_of_labels_are_consolidated_as_sets(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrow(monkeypatch, AnswerKind.MULTI_LABEL)
    objects = [asked(name) for name in NAMES[:3]]
    bucket.job("job-1", objects, {})
    for line, sets in enumerate([("01", "01", "1"), ("2", "2", "0"), ("", "", "")]):
        for worker, chosen in zip(("ada", "ben", "zoe"), sets, strict=True):
            labels = [LABELS[int(place)] for place in chosen]
            content = {"crowd-image-classifier": {"labels": labels}}
            document = {"answers": [{"workerId": worker, "answerContent": content}]}
            key = f"pets/labels/job-1/annotations/worker-response/iteration-1/{line}/{worker}.json"
            bucket.put(key, json.dumps(document).encode())
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    new = lines(bucket, found)
    assert [set(line["pet"]) for line in new] == [{0, 1}, {0, 2}, set()]
    sure = new[1]["pet-metadata"]["confidence-map"]
    assert sure["2"] > sure["0"]
    assert new[0]["pet-metadata"]["class-map"] == {"0": "cat", "1": "dog"}
    assert found.comparison.added == 3


def test_refuses_without_answers_manifest_or_job(bucket: Bucket, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    bucket.folder.mkdir()
    store = FolderStore(bucket.folder)
    with pytest.raises(ChainError, match="has no record: "):
        run(store, scratch)
    bucket.job("job-1", [asked(NAMES[0])], {})
    with pytest.raises(ReconsolidateError, match="no answer to job-1"):
        run(store, scratch)
    with pytest.raises(
        ChainError, match="no job 'job-9' in the campaign's record, there are job-1"
    ):
        run(store, scratch, job="job-9")
    (bucket.folder / "pets/inputs/job-1.manifest").unlink()
    with pytest.raises(ManifestLineError, match="is not there; restore it"):
        run(store, scratch)
    with pytest.raises(StoreError, match="no export in"):
        FolderStore(tmp_path / "elsewhere")


def test_a_bucket_gives_the_same_manifest_as_its_export(
    bucket: Bucket, tmp_path: Path, clients: Clients
) -> None:
    complete(bucket)
    clients.s3.create_bucket(Bucket="out")
    for path in bucket.folder.rglob("*"):
        if path.is_file():
            key = path.relative_to(bucket.folder).as_posix()
            clients.s3.put_object(Bucket="out", Key=key, Body=path.read_bytes())
    store = BucketStore(clients.s3, "out")
    online, again = (run(store, tmp_path / name) for name in "ab")
    offline = run(FolderStore(bucket.folder), tmp_path / "c")
    assert (online.new, again.new, offline.new) == (True, False, True)
    assert online.folder == offline.folder
    stored = store.read(f"{online.folder}output.manifest")
    assert stored == (bucket.folder / offline.folder / "output.manifest").read_bytes()
    assert store.where("x") == "s3://out/x"
    assert (store.read("nothing"), store.lines("nothing")) == (None, None)


@settings(max_examples=15)
@given(order=st.permutations(range(9)), split=st.lists(st.booleans(), min_size=9, max_size=9))
def test_order_of_answers_and_files_changes_no_byte(order: list[int], split: list[bool]) -> None:
    rows = [
        (line, who, said) for line in range(3) for who, said in zip("abz", CHOICES, strict=True)
    ]
    with tempfile.TemporaryDirectory() as name:
        folders = []
        for place, (indexes, splits) in enumerate([(range(9), [False] * 9), (order, split)]):
            bucket = Bucket(folder=Path(name, str(place)))
            bucket.job("job-1", [asked(name) for name in NAMES[:3]], {})
            files: dict[str, list[Any]] = {}
            for index in indexes:
                line, who, said = rows[index]
                file = f"{line}/{'late' if splits[index] else 'early'}"
                files.setdefault(file, []).append(answer(who, said, "2026-11-21T09:00:00Z"))
            for file, answers in files.items():
                bucket.put(f"{RESPONSES}/{file}.json", json.dumps({"answers": answers}).encode())
            folders.append(run(FolderStore(bucket.folder), Path(name, f"scratch-{place}")).folder)
        assert folders[0] == folders[1]


def draw(
    bucket: Bucket,
    job: str,
    line: int,
    worker: str,
    content: object,
    hour: int = 9,
    element: str = "crowd-image-classifier",
) -> None:
    document = {
        "workerId": worker,
        "submissionTime": f"2026-11-21T{hour:02}:00:00Z",
        "answerContent": {element: content},
    }
    key = f"pets/labels/{job}/annotations/worker-response/iteration-1/{line}/{worker}-{hour}.json"
    bucket.put(key, json.dumps({"answers": [document]}).encode())


def box(left: int, label: str = "cat") -> dict[str, Any]:
    edges = {"left": left, "top": 0, "width": 10, "height": 10}
    return {
        "boundingBoxes": [{**edges, "label": label}],
        "inputImageProperties": {"width": 100, "height": 80},
    }


def borrow(monkeypatch: pytest.MonkeyPatch, kind: AnswerKind) -> None:
    """Let the classification task's people have given another kind of answer."""
    rules = replace(rules_for(DEFINITION.task), answers=kind)
    monkeypatch.setattr(tasks, "TASK_RULES", {DEFINITION.task: rules})


def test_boxes_are_drawn_anew_from_all_jobs_answers(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrow(monkeypatch, AnswerKind.BOXES)
    objects = [asked(name) for name in NAMES[:3]]
    old = {"annotations": [{"class_id": 2, "left": 0, "top": 0, "width": 1, "height": 1}]}
    metadata = {"objects": [{"confidence": 0.4}], "job-name": "labeling-job/job-1"}
    output = [{**objects[0], "pet": old, "pet-metadata": metadata}, *objects[1:]]
    bucket.job("job-1", objects, {}, output=output)
    bucket.job("job-2", output, {}, output=output, parents=["job-1"])
    for worker, left in (("ada", 5), ("ben", 6), ("cleo", 5)):
        draw(bucket, "job-1", 0, worker, box(left))
        draw(bucket, "job-1", 1, worker, box(left, "dog"))
    draw(bucket, "job-1", 0, "ada", box(50), hour=8)  # not her latest
    draw(bucket, "job-2", 2, "ada", box(5))  # two answers less than ordered
    draw(bucket, "job-2", 1, "eva", {"boundingBoxes": "none"})
    found = run(FolderStore(bucket.folder), tmp_path / "scratch")
    first, second, third = lines(bucket, found)
    assert first["pet"] == {
        "image_size": [{"width": 100, "height": 80, "depth": 3}],
        "annotations": [{"class_id": 0, "left": 5, "top": 0, "width": 10, "height": 10}],
    }
    assert first["pet-metadata"]["job-name"] == "labeling-job/job-1"
    assert first["pet-metadata"]["creation-date"] == "2026-11-21T09:00:00"
    assert second["pet-metadata"]["class-map"] == {"1": "dog"}
    assert second["pet-metadata"]["job-name"] == "labeling-job/job-2"
    assert third == objects[2]
    assert (found.answers, found.workers, found.jobs) == (8, 4, ("job-1", "job-2"))
    assert found.set_aside >= 1
    comparison = found.comparison
    assert (comparison.compared, comparison.changed, comparison.added) == (1, 1, 1)
    assert comparison.mean_before == 0.4
    assert comparison.mean_after == first["pet-metadata"]["objects"][0]["confidence"]
    assert not run(FolderStore(bucket.folder), tmp_path / "again").new


def test_lots_change_nothing_but_what_is_learned_of_workers(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrow(monkeypatch, AnswerKind.BOXES)
    bucket.job("job-1", [asked(name) for name in NAMES], {})
    for line in range(len(NAMES)):
        for worker in ("ada", "ben", "cleo"):
            draw(bucket, "job-1", line, worker, box(line))
    whole = run(FolderStore(bucket.folder), tmp_path / "whole")
    monkeypatch.setattr(drawn, "LOT", 2)
    lots = run(FolderStore(bucket.folder), tmp_path / "lots")
    assert [line["pet"] for line in lines(bucket, whole)] == [
        line["pet"] for line in lines(bucket, lots)
    ]
    assert whole.comparison.added == lots.comparison.added == len(NAMES)


def test_masks_are_refused_before_anything_is_read(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(bucket)
    borrow(monkeypatch, AnswerKind.MASK)
    with pytest.raises(ReconsolidateError, match="got mask, allowed boxes, keypoints, multi-label"):
        run(FolderStore(bucket.folder), tmp_path / "scratch")


@pytest.fixture
def audited(tmp_path: Path) -> Bucket:
    """A bucket of a campaign that audits; its labels are the classes."""
    return Bucket(folder=tmp_path / "audited")


def audit(bucket: Bucket, task: TaskType) -> None:
    bucket.definition = replace(DEFINITION, task=task, audited_attribute="boxes")


def test_judgements_are_made_anew_with_everything_that_was_written(
    audited: Bucket, tmp_path: Path
) -> None:
    audit(audited, TaskType.BOUNDING_BOX_VERIFICATION)
    objects = [{**asked(name), "boxes": {"annotations": []}} for name in NAMES[:2]]
    audited.job("job-1", objects, {})
    draw(audited, "job-1", 0, "cleo", {"label": "dog", "workerComment": " a box\nlacks "})
    draw(audited, "job-1", 0, "ada", {"label": "dog", "workerComment": "too wide"})
    draw(audited, "job-1", 0, "ada", {"label": "cat", "workerComment": "fine"}, hour=8)
    draw(audited, "job-1", 0, "ben", {"label": "dog"})
    for worker in ("ada", "ben", "cleo"):
        draw(audited, "job-1", 1, worker, {"label": "cat"})

    first, second = lines(audited, run(FolderStore(audited.folder), tmp_path / "scratch"))

    assert (first["pet"], second["pet"]) == ("1", "0")
    assert first["boxes"] == {"annotations": []}
    assert first["pet-metadata"]["type"] == "groundtruth/label-verification"
    assert first["pet-metadata"]["worker-feedback"] == [
        {"comment": "too wide"},
        {"comment": "a box lacks"},
    ]
    assert "worker-feedback" not in second["pet-metadata"]


def test_adjustments_made_anew_say_whether_anybody_adjusted(
    audited: Bucket, tmp_path: Path
) -> None:
    audit(audited, TaskType.BOUNDING_BOX_ADJUSTMENT)
    audited.job("job-1", [asked(name) for name in NAMES[:2]], {})
    for line, changes in enumerate([(False, False, False), (False, True, False)]):
        for worker, changed in zip(("ada", "ben", "cleo"), changes, strict=True):
            value = {**box(5), "initialValueModified": changed}
            draw(audited, "job-1", line, worker, value, element="crowd-bounding-box")

    found = lines(audited, run(FolderStore(audited.folder), tmp_path / "scratch"))

    assert [line["pet-metadata"]["adjustment-status"] for line in found] == [
        "unadjusted",
        "adjusted",
    ]
