"""`gt quality`: what it says about a job, and the gates with their exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.spammers import Crowd, Habit
from ground_truth import tasks
from ground_truth.agreement.beta import rate
from ground_truth.gold import Gold, by_key, read_rows
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_ops import cli
from ground_truth_ops.answers import open as opening
from ground_truth_ops.answers.chain import read_jobs
from ground_truth_ops.answers.store import FolderStore
from ground_truth_ops.crowd.gates import Failure, Gate, Limits, failures
from ground_truth_ops.crowd.measure import measure
from tests.stacks.projects import minimal_project
from tests.unit.ops.labeled import (
    CAMPAIGN,
    DEFINITION,
    ENVIRONMENT,
    LABELS,
    Bucket,
    asked,
)

if TYPE_CHECKING:
    from ground_truth_ops.crowd.report import JobReport

NAMES = [f"{number}.png" for number in range(8)]
# Ada and Ben agree but for the last object; Zoe says cow whatever she sees.
CROWD = {
    **{
        number: f"ada={label} ben={label} zoe=cow"
        for number, label in enumerate(["cat", "dog"] * 3)
    },
    6: "ada=cat ben=dog zoe=cow",
}


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    found = Bucket(folder=tmp_path / "export")
    found.job("job-1", [asked(name) for name in NAMES], CROWD)
    return found


def gold_of(*rows: str, kind: AnswerKind = AnswerKind.SINGLE_LABEL) -> Gold:
    text = "\n".join(["object,label", *rows])
    return by_key(read_rows(text.encode(), kind, pytest.fail), "pets/")


def report(bucket: Bucket, gold: Gold | None = None) -> JobReport:
    store = FolderStore(bucket.folder)
    job = read_jobs(store, environment=ENVIRONMENT, campaign=CAMPAIGN)[-1]
    return measure(store, CAMPAIGN, job, gold or Gold())


def test_job_is_told_by_its_answers(bucket: Bucket) -> None:
    found = report(bucket)
    assert (found.job, found.kind, found.objects, found.answers) == (
        *("job-1", "single-label"),
        *(7, 21),
    )
    assert found.median_seconds == 4.5
    # 7 objects: 6 with 4 of 6 ordered pairs apart, one with all 6; 7 cat, 7 dog, 7 cow
    assert found.alpha == pytest.approx(1 - ((6 * 4 + 6) / 2) / (21 * 14 / 20))
    assert (found.measure, found.gold, found.gold_objects) == ("equal or not", None, 0)
    assert [worker.worker for worker in found.workers] == ["ada", "ben", "zoe"]
    assert [worker.sub for worker in found.workers] == [
        f"sub-of-{n}" for n in ("ada", "ben", "zoe")
    ]
    ada, _, zoe = found.workers
    # held against Ben and Zoe, who are always at odds
    assert ada.agreement == rate(3.0, 7)
    assert zoe.agreement == rate(0.0, 7)


def test_answers_that_do_not_count_leave_an_empty_report(tmp_path: Path) -> None:
    bucket = Bucket(folder=tmp_path / "export")
    bucket.job("job-1", [asked(NAMES[0])], {0: "ada=unicorn"})
    found = report(bucket)
    assert (found.answers, found.set_aside, found.alpha, found.workers) == (0, 1, None, [])
    assert (found.mixups, found.doubts, found.median_seconds) == ((), (), None)
    assert [failure.gate for failure in failures(found, Limits(min_alpha=-1, max_spammers=0))] == [
        Gate.ALPHA
    ]


def test_mixups_and_doubts_are_named(bucket: Bucket) -> None:
    found = report(bucket)
    assert {(mixup.label, mixup.given, mixup.answers) for mixup in found.mixups[:2]} == {
        ("cat", "cow", 4 if found.doubts[0].label == "cat" else 3),
        ("dog", "cow", 4 if found.doubts[0].label == "dog" else 3),
    }
    doubt = found.doubts[0]
    assert (doubt.line, doubt.object, doubt.answers) == (6, "s3://raw/pets/6.png", 3)
    assert doubt.confidence < min(each.confidence for each in found.doubts[1:])


def test_gold_is_scored_for_each_person_with_an_interval(bucket: Bucket) -> None:
    gold = gold_of(f"{NAMES[0]},cat", f"{NAMES[6]},dog", f"{NAMES[7]},cow")
    found = report(bucket, gold)
    assert found.gold_objects == 3  # nobody has answered the third
    assert [worker.gold for worker in found.workers] == [rate(1, 2), rate(2, 2), rate(0, 2)]
    assert found.gold == rate(3, 6)


def test_who_does_not_look_and_who_copies_is_named(tmp_path: Path) -> None:
    crowd = Crowd(
        objects=400,
        workers=8,
        classes=3,
        habits=(Habit.CONSTANT, Habit.HONEST, Habit.COPYCAT),
    )
    bucket = Bucket(folder=tmp_path / "export")
    answers = {
        line: " ".join(
            f"w{worker}={LABELS[label]}" for worker, label in sorted(given, reverse=True)
        )
        for line, given in enumerate(crowd.answers(1))
    }
    bucket.job("job-1", [asked(f"{number}.png") for number in range(400)], answers)
    found = report(bucket)
    flagged = {
        worker.worker: (worker.spammer, worker.copies) for worker in found.workers if worker.flagged
    }
    # the answers came in falling order of workers, so the second of the pair came later
    assert flagged == {"w0": (True, None), "w2": (False, "w3")}
    assert found.spammers == 2


def test_sets_of_labels_are_compared_as_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = replace(rules_for(DEFINITION.task), answers=AnswerKind.MULTI_LABEL)
    monkeypatch.setattr(tasks, "TASK_RULES", {DEFINITION.task: rules})
    bucket = Bucket(folder=tmp_path / "export")
    bucket.job("job-1", [asked(name) for name in NAMES[:2]], {})
    for line, (ada, ben) in enumerate([(["cat", "dog"], ["cat"]), (["cow"], ["cow"])]):
        for worker, labels in (("ada", ada), ("ben", ben)):
            content = {"crowd-image-classifier": {"labels": labels}}
            document = {"answers": [{"workerId": worker, "answerContent": content}]}
            key = f"pets/labels/job-1/annotations/worker-response/iteration-1/{line}/{worker}.json"
            bucket.put(key, json.dumps(document).encode())
    gold = gold_of(
        f"{NAMES[0]},cat", f"{NAMES[0]},dog", f"{NAMES[1]},", kind=AnswerKind.MULTI_LABEL
    )
    found = report(bucket, gold)
    # MASI of {cat, dog} and {cat} is 1 - 1/2 * 2/3; of all six pairs four have nothing in common
    assert found.alpha == pytest.approx(1 - (2 / 3 * 2) / (4 * (2 / 3 + 4) / 6))
    assert (found.measure, found.kind, found.mixups) == ("MASI", "multi-label", ())
    assert found.workers[0].agreement == rate(1 / 3 + 1, 2)
    # nobody knew that the second object has no label
    right = [worker.gold.right for worker in found.workers if worker.gold]
    assert right == pytest.approx([1.0, 1 / 3])
    assert found.doubts[0].object == "s3://raw/pets/0.png"


@pytest.mark.parametrize(
    ("limits", "failed"),
    [
        (Limits(), []),
        (Limits(min_alpha=-1, max_spammers=0), []),
        (
            Limits(min_alpha=0.5),
            [Failure(gate=Gate.ALPHA, why="alpha is -0.020, allowed 0.5 or more")],
        ),
        (
            Limits(min_gold_accuracy=0.1),
            [
                Failure(
                    gate=Gate.GOLD,
                    why="right answers to gold objects: unknown, allowed 0.1 or more",
                )
            ],
        ),
    ],
)
def test_gates_fail_below_and_where_nothing_can_be_told(
    bucket: Bucket, limits: Limits, failed: list[Failure]
) -> None:
    assert list(failures(report(bucket), limits)) == failed


def test_spammers_are_named_by_the_gate(bucket: Bucket) -> None:
    found = report(bucket)
    guilty = replace(found, workers=[replace(found.workers[0], spammer=True), *found.workers[1:]])
    assert failures(guilty, Limits(max_spammers=1)) == ()
    assert failures(guilty, Limits(max_spammers=0)) == (
        Failure(gate=Gate.SPAMMERS, why="1 answer without looking or copy (ada), allowed 0"),
    )


@pytest.fixture
def shell(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's arguments, in a project whose campaign has gold."""
    files = minimal_project(tmp_path / "project")
    root = tmp_path / "project/campaigns"
    files.set_campaign("dataset.prefix", "pets/")
    files.set_campaign("labels", list(LABELS))
    files.set_campaign("gold", "gold.csv")
    rows = "".join(
        f"{name},{label}\n" for name, label in zip(NAMES, ["cat", "dog"] * 3, strict=False)
    )
    files.write("campaigns/letters/gold.csv", "object,label\n" + rows)
    (root / "letters").rename(root / CAMPAIGN)
    monkeypatch.setattr(opening, "project_root", lambda: tmp_path / "project")
    return ["--env", ENVIRONMENT, "--campaign", CAMPAIGN, "--from", str(bucket.folder)]


def test_command_prints_a_report_and_fails_by_the_first_gate(
    shell: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["quality", *shell]) == 0
    text = capsys.readouterr().out
    assert "21 answers of 3 people to 7 objects; median 4 s" in text
    assert "Krippendorff's alpha -0.020 (equal or not)" in text
    assert "gold: 67% (" in text
    assert "100% (" in text
    assert "s3://raw/pets/6.png" in text
    assert "@" not in text
    gates = ["--min-alpha", "0.6", "--max-spammers", "0"]
    assert cli.main(["quality", *shell, *gates]) == 20
    assert cli.main(["quality", *shell, "--min-gold-accuracy", "0.9"]) == 21
    assert "min-gold-accuracy: right answers to gold objects: 0.667" in capsys.readouterr().out


def test_gates_come_from_the_campaigns_file_too(
    shell: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "project/campaigns/pets/campaign.toml"
    path.write_text(path.read_text() + "[quality]\nmin_alpha = 0.6\n", encoding="utf-8")
    assert cli.main(["quality", *shell, "--json"]) == 20
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [item["gate"] for item in found["failed"]] == ["min-alpha"]
    assert found["workers"][0]["worker"] == "ada"
    assert found["workers"][0]["gold"]["right"] == 6
    # what is asked on the command line goes first
    assert cli.main(["quality", *shell, "--min-alpha", "-1"]) == 0


def test_command_of_labels_anew_leaves_gold_out(
    shell: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reconsolidate", *shell, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # the last object has no answer, so no label; six of the others are gold
    assert (found["labeled"], found["training"], found["new"]) == (7, 1, True)
    assert cli.main(["reconsolidate", *shell]) == 0
    text = capsys.readouterr().out
    assert "there already, nothing was written" in text
    assert "labeled for the first time" in text


def test_nobody_answered_is_said(
    shell: list[str], bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.job("job-2", [asked(NAMES[0])], {})
    assert cli.main(["quality", *shell]) == 0  # the newest with answers
    assert "job-1" in capsys.readouterr().out
    assert cli.main(["quality", *shell, "--job", "job-2"]) == 1
    assert "nobody has answered job-2 yet" in capsys.readouterr().err
