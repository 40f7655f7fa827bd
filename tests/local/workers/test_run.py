"""Whole runs against a served portal, through the command line."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ground_truth_local.service.queue import ExpiredError, Worker
from ground_truth_local.workers.__main__ import main
from tests.local.portal.fakes import TEXT_TEMPLATE, Job
from tests.local.portal.serving import Site, portal

TEAM = """
[[worker]]
email = "ada@example.com"
accuracy = 0.95
[[worker]]
email = "bob@example.com"
accuracy = 0.6
[[worker]]
email = "cyd@example.com"
[worker.confusion.1]
2 = 0.5
"""
OBJECTS = 12


@pytest.fixture
def site() -> Iterator[Site]:
    with portal() as served:
        for name in ("ada", "bob", "cyd"):
            served.platform.invite(f"{name}@example.com", "Tmp&x1!9Zq")
        served.queue.work["digits"] = digits()
        yield served


def digits(name: str = "digits") -> Job:
    uris = [f"s3://raw/handwritten-digits/{number:04d}.png" for number in range(OBJECTS)]
    return Job(name=name, objects=uris, labels=["0", "1", "2"], workers_per_object=2)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rows = [f"{number:04d}.png,{number % 3}" for number in range(OBJECTS)]
    (tmp_path / "truth.csv").write_text("\n".join(["object,label", *rows]))
    (tmp_path / "workers.toml").write_text(TEAM)
    return tmp_path


def run(site: Site, files: Path, *more: str, truth: str = "truth.csv") -> int:
    return main(
        [
            *("--portal", site.url),
            *("--truth", str(files / truth)),
            *("--skills", str(files / "workers.toml")),
            *("--patience", "5"),
            *more,
        ]
    )


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def given(job: Job) -> dict[tuple[int, str], str]:
    return {
        (number, worker): answer["crowd-image-classifier"]["label"]  # type: ignore[index]
        for number, answers in job.answers.items()
        for worker, answer in answers.items()
    }


def test_labels_everything_by_different_workers_and_sums_up(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(site, files, "--job", "digits", "--seed", "3") == 0
    job = site.queue.work["digits"]
    assert {number: len(answers) for number, answers in job.answers.items()} == dict.fromkeys(
        range(OBJECTS), 2
    )
    said = events(capsys)
    answered = [event for event in said if event["event"] == "answered"]
    assert len(answered) == 2 * OBJECTS
    assert {(event["object"], event["worker"], event["label"]) for event in answered} == {
        (f"{number:04d}.png", worker.removeprefix("sub-"), label)
        for (number, worker), label in given(job).items()
    }
    summary = said[-1]
    assert summary.pop("seconds") >= 0  # type: ignore[operator]
    assert summary == {
        "event": "summary",
        "workers": 3,
        "answers": 2 * OBJECTS,
        "correct": sum(bool(event["correct"]) for event in answered),
        "expired": 0,
        "jobs": ["digits"],
    }


def test_a_worker_gives_the_same_answer_to_an_object_in_every_run(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.queue.work["again"] = digits("again")
    passwords = str(files / "passwords.json")
    assert run(site, files, "--job", "digits", "--seed", "3", "--passwords", passwords) == 0
    assert run(site, files, "--job", "again", "--seed", "3", "--passwords", passwords) == 0
    first, second = given(site.queue.work["digits"]), given(site.queue.work["again"])
    shared = first.keys() & second.keys()
    assert shared
    assert {key: first[key] for key in shared} == {key: second[key] for key in shared}


def test_a_run_in_turn_repeats_down_to_who_labeled_what(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.queue.work["again"] = digits("again")
    passwords = str(files / "passwords.json")
    for name in ("digits", "again"):
        assert run(site, files, "--job", name, "--in-turn", "--passwords", passwords) == 0
    assert given(site.queue.work["digits"]) == given(site.queue.work["again"])


def test_kept_passwords_are_for_their_owner_alone(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = files / "passwords.json"
    assert run(site, files, "--passwords", str(path)) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    assert set(kept) == {"ada@example.com", "bob@example.com", "cyd@example.com"}
    assert len(set(kept.values())) == 3


def test_labels_texts_by_the_line_numbers_of_a_manifest(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["It's <b>great</b>", "bad  & ugly"]
    site.queue.work.clear()
    site.queue.work["reviews"] = Job(
        name="reviews",
        objects=texts,
        labels=["good", "bad"],
        template=TEXT_TEMPLATE,
        workers_per_object=1,
    )
    (files / "manifest.jsonl").write_text("\n".join(json.dumps({"source": t}) for t in texts))
    (files / "lines.csv").write_text("object,label\n0,good\n1,bad\n")
    assert run(site, files, "--workers", "cyd@example.com", truth="lines.csv") == 0
    assert site.queue.work["reviews"].answers == {
        0: {"sub-cyd@example.com": {"crowd-classifier": {"label": "good"}}},
        1: {"sub-cyd@example.com": {"crowd-classifier": {"label": "bad"}}},
    }


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--job", "none", "--patience", "0.2"], "none (never offered"),
        (["--workers", "eve@example.com"], "--workers: got eve@example.com, allowed are ada@"),
        (["--skills", "/nowhere.toml"], "/nowhere.toml: can't be read"),
    ],
)
def test_says_why_it_failed(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert run(site, files, *arguments) == 1
    output = capsys.readouterr()
    assert reason in output.err
    assert reason in json.loads(output.out.splitlines()[-1])["reason"]


def test_fails_when_people_are_missing_for_the_last_objects(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(site, files, "--workers", "ada@example.com", "--patience", "0.2")
    assert code == 1
    assert "digits (0 of 12 objects done)" in capsys.readouterr().err


def test_fails_for_an_object_nobody_knows_the_truth_of(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.queue.work["digits"].objects[3] = "s3://raw/handwritten-digits/unknown.png"
    assert run(site, files) == 1
    assert "the truth file doesn't know the object" in capsys.readouterr().err


def test_fails_when_the_invitation_was_used_up(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(site, files) == 0
    site.queue.work["digits"] = digits()
    assert run(site, files) == 1
    assert "the invitation's password doesn't work" in capsys.readouterr().err


def test_fails_without_an_invitation_or_a_portal(
    site: Site, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.platform._mails.clear()
    assert run(site, files) == 1
    assert "there is no invitation in the mail box" in capsys.readouterr().err


def test_goes_on_after_a_task_that_took_too_long(
    site: Site,
    files: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = site.queue.work["digits"]
    job.workers_per_object = 1
    html = site.queue.html
    late: list[str] = []

    def slow_once(worker: Worker, assignment_id: str) -> str:
        if not late:
            late.append(assignment_id)
            site.queue.release(worker, assignment_id)
            raise ExpiredError("too late")
        return html(worker, assignment_id)

    monkeypatch.setattr(site.queue, "html", slow_once)
    assert run(site, files) == 0
    assert events(capsys)[-1]["expired"] == 1
    assert len(job.answers) == OBJECTS
