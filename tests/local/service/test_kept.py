"""What is left when the process is killed, and how the next one goes on with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, RLock
from typing import Any

import pytest

from ground_truth_local.service.kept import KeptRows, NotKeptError
from ground_truth_local.service.queue import (
    AlreadySubmittedError,
    AssignmentNotFoundError,
    ExpiredError,
)
from tests.local.service.test_streaming import STREAMING, image, send
from tests.local.service.world import (
    ACS,
    ADA,
    BOB,
    CYD,
    DAN,
    ONE,
    World,
    answer,
    counters,
    image_lines,
)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[World]:
    with World(kept_in=tmp_path / "service.db") as world:
        yield world


def test_an_accepted_answer_is_there_after_a_kill_and_counts_once(kept: World) -> None:
    kept.create()
    task = kept.answer(ADA, "1")
    kept.begin_anew()
    kept.service.queue.submit(ADA, task.id, answer("1"))
    with pytest.raises(AlreadySubmittedError):
        kept.service.queue.submit(ADA, task.id, answer("0"))
    kept.label_everything(ADA, BOB, CYD)
    assert kept.describe()["LabelingJobStatus"] == "Completed"
    assert [line["digit"] for line in kept.output_lines()] == 2 * [{"label": "1", "answers": 3}]


def test_who_works_on_a_task_goes_on_with_it_until_its_time_is_over(kept: World) -> None:
    kept.create()
    ada, bob = kept.take(ADA), kept.take(BOB)
    kept.clock.advance(seconds=299)
    kept.begin_anew()
    assert kept.take(ADA) == ada
    kept.service.queue.submit(ADA, ada.id, answer("1"))
    kept.advance(seconds=1)
    with pytest.raises(ExpiredError):
        kept.service.queue.submit(BOB, bob.id, answer("1"))
    assert kept.take(BOB).object_id == bob.object_id


def test_a_task_is_never_in_more_hands_than_were_asked_for(kept: World) -> None:
    kept.dataset(image_lines(1))
    kept.create(HumanTaskConfig__NumberOfHumanWorkersPerDataObject=2)
    kept.answer(ADA)
    kept.take(BOB)
    kept.begin_anew()
    assert kept.service.queue.take(ADA, "digits-1") is None
    assert kept.service.queue.take(CYD, "digits-1") is None
    kept.advance(seconds=300)
    assert kept.service.queue.take(CYD, "digits-1") is not None


def test_who_declined_is_not_asked_again_and_who_returned_is(kept: World) -> None:
    kept.dataset(image_lines(1))
    kept.create()
    kept.service.queue.decline(ADA, kept.take(ADA).id)
    kept.service.queue.release(BOB, kept.take(BOB).id)
    kept.begin_anew()
    assert kept.service.queue.take(ADA, "digits-1") is None
    assert kept.take(BOB).object_id == "0"


def test_time_that_ran_out_while_nothing_ran_has_run_out(kept: World) -> None:
    kept.create()
    kept.answer(ADA)
    kept.clock.advance(days=11)  # the objects were available for ten
    kept.begin_anew()
    description = kept.describe()
    assert description["LabelingJobStatus"] == "Completed"
    assert description["LabelCounters"] == counters(
        TotalLabeled=1, HumanLabeled=1, FailedNonRetryableError=1
    )


def test_a_killed_consolidation_is_done_again_from_the_same_answers(kept: World) -> None:
    kept.create(**ONE)
    under_way, go_on = Event(), Event()

    def slow(event: dict[str, Any]) -> object:
        under_way.set()
        assert go_on.wait(10)
        return kept.consolidate(event)

    kept.platform.functions[ACS] = slow
    kept.answer(ADA)
    kept.answer(BOB)
    assert under_way.wait(10)
    left = kept.leave()
    kept.platform.functions[ACS] = kept.consolidate
    go_on.set()
    kept.begin_anew(left)
    assert kept.describe()["LabelingJobStatus"] == "Completed"
    assert [line["digit"] for line in kept.output_lines()] == 2 * [{"label": "1", "answers": 1}]


def test_a_killed_consolidation_is_done_again_with_the_same_objects(kept: World) -> None:
    """With others it would be a batch its function doesn't know, and count twice."""
    kept.dataset(image_lines(3))
    kept.create(**ONE)
    under_way, go_on = Event(), Event()
    batches: list[list[str]] = []

    def consolidate(event: dict[str, Any]) -> object:
        answer: Any = kept.consolidate(event)
        batches.append([label["datasetObjectId"] for label in answer])
        under_way.set()
        assert go_on.wait(10)
        return answer

    kept.platform.functions[ACS] = consolidate
    kept.answer(ADA)
    kept.clock.advance(seconds=kept.tuning.consolidation_idle_seconds)
    kept.service.settle(0)  # it looks at the time
    assert under_way.wait(10)
    kept.answer(BOB)
    left = kept.leave()
    go_on.set()
    kept.begin_anew(left)
    kept.label_everything(CYD)
    assert batches == [["0"], ["0"], ["1", "2"]]
    assert kept.describe()["LabelCounters"] == counters(TotalLabeled=3, HumanLabeled=3)


def test_jobs_that_are_over_tell_the_same_as_before(kept: World) -> None:
    kept.create(**ONE)
    task = kept.answer(ADA)
    kept.label_everything(BOB)
    before, told = kept.describe(), kept.service.watch.job("digits-1")
    manifest = kept.output()
    kept.begin_anew()
    assert kept.describe() == before
    assert kept.service.watch.job("digits-1") == told
    assert kept.output() == manifest
    kept.service.queue.submit(ADA, task.id, answer("1"))  # told again, changes nothing


def test_a_running_jobs_report_is_the_same(kept: World) -> None:
    kept.create()
    kept.answer(ADA)
    kept.answer(BOB, "0")
    kept.service.queue.decline(CYD, kept.take(CYD).id)
    told, cards = kept.service.watch.job("digits-1"), kept.service.queue.jobs(DAN)
    kept.begin_anew()
    assert kept.service.watch.job("digits-1") == told
    assert kept.service.queue.jobs(DAN) == cards


class _Held:
    """Keeps every job in Stopping."""

    def held(self, job: str, status: str) -> bool:
        return bool(job) and status == "Stopping"

    def failure(self, job: str) -> str | None:
        return None if job else ""


def test_a_job_that_was_being_stopped_stops(tmp_path: Path) -> None:
    with World(faults=_Held(), kept_in=tmp_path / "service.db") as kept:
        kept.create()
        kept.answer(ADA)
        kept.call("StopLabelingJob", LabelingJobName="digits-1")
        assert kept.describe()["LabelingJobStatus"] == "Stopping"
        kept.begin_anew()
        assert kept.describe()["LabelingJobStatus"] == "Stopped"


def test_a_streaming_job_keeps_what_was_sent_and_goes_on_listening(kept: World) -> None:
    kept.dataset(image_lines(10))
    kept.dataset(image_lines(1))
    kept.create(**STREAMING)
    send(kept, image(5))
    kept.label_everything(ADA)
    kept.begin_anew()
    send(kept, image(5), image(6))
    kept.label_everything(ADA)
    kept.call("StopLabelingJob", LabelingJobName="digits-1")
    kept.settle()
    lines = kept.output_lines()
    assert [line["source-ref"][-5] for line in lines] == ["0", "5", "5", "6"]
    assert all(line["digit"] == {"label": "1", "answers": 1} for line in lines)


def test_teams_workforce_and_tags_are_as_they_were(kept: World) -> None:
    kept.create()
    kept.call("UpdateWorkteam", WorkteamName="team", Description="Others")
    arn = kept.describe()["LabelingJobArn"]
    kept.call("AddTags", ResourceArn=arn, Tags=[{"Key": "more", "Value": "yes"}])
    kept.call("DeleteTags", ResourceArn=arn, TagKeys=["campaign"])
    asked = [
        ("DescribeWorkforce", {"WorkforceName": "force"}),
        ("DescribeWorkteam", {"WorkteamName": "team"}),
        ("ListTags", {"ResourceArn": arn}),
        ("ListLabelingJobs", {}),
    ]
    before = [kept.call(operation, **params) for operation, params in asked]
    kept.begin_anew()
    assert [kept.call(operation, **params) for operation, params in asked] == before


def test_what_was_deleted_stays_deleted(kept: World) -> None:
    kept.team()
    kept.call("DeleteWorkteam", WorkteamName="team")
    kept.call("DeleteWorkforce", WorkforceName="force")
    kept.begin_anew()
    assert kept.call("ListWorkteams")["Workteams"] == []
    assert kept.call("ListWorkforces")["Workforces"] == []


def test_a_task_nobody_holds_stays_unknown(kept: World) -> None:
    kept.create()
    task = kept.take(ADA)
    kept.begin_anew()
    with pytest.raises(AssignmentNotFoundError):
        kept.service.queue.submit(BOB, task.id, answer("1"))


# -- the file


def test_rows_are_on_the_disk_when_flush_returns(tmp_path: Path) -> None:
    rows = KeptRows(tmp_path / "rows.db", RLock())
    rows.put("kind", "a/1", {"x": 1})
    rows.put("kind", "a/2", "zwei")
    rows.put("kind", "b", None)
    rows.flush()
    with sqlite3.connect(tmp_path / "rows.db") as other:
        found = other.execute("SELECT key, value FROM rows ORDER BY key").fetchall()
    assert found == [("a/1", '{"x":1}'), ("a/2", '"zwei"'), ("b", "null")]
    rows.drop("kind", "a/")
    assert list(rows.rows("kind")) == [("b", None)]
    rows.close()


def test_an_operation_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    lock = RLock()
    rows = KeptRows(tmp_path / "rows.db", lock)
    with lock:
        rows.put("kind", "first", 1)
        with sqlite3.connect(tmp_path / "rows.db") as other:
            assert other.execute("SELECT count(*) FROM rows").fetchone() == (0,)
        rows.put("kind", "second", 2)
    rows.flush()
    assert list(rows.rows("kind")) == [("first", 1), ("second", 2)]
    rows.close()


def test_an_answer_that_cannot_be_written_is_not_accepted(
    kept: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.create()
    task = kept.take(ADA)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("ground_truth_local.service.kept._apply", full)
        with pytest.raises(NotKeptError, match="disk is full"):
            kept.service.queue.submit(ADA, task.id, answer("1"))
        with pytest.raises(NotKeptError, match="disk is full"):
            kept.service.queue.submit(ADA, task.id, answer("1"))
    _written(kept)
    kept.service.queue.submit(ADA, task.id, answer("1"))
    kept.begin_anew()
    assert kept.service.watch.job("digits-1").progress.answers == 1


def _written(world: World) -> None:
    """It is tried again every second."""
    for _ in range(100):
        try:
            return world.service.kept.flush()
        except NotKeptError:
            Event().wait(0.05)
    raise AssertionError("never written")


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "rows.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(NotKeptError, match="has format 99, this version reads 1"):
        KeptRows(tmp_path / "rows.db", RLock())


def test_answers_are_kept_as_they_came(kept: World) -> None:
    kept.create(**ONE)
    kept.service.queue.submit(ADA, kept.take(ADA).id, {"text": "é \u2028 \U0001f600", "n": 1.0})
    kept.begin_anew()
    recent = kept.service.watch.job("digits-1").recent
    assert json.loads(recent[0].given.content) == {"text": "é \u2028 \U0001f600", "n": 1.0}
