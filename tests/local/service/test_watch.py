"""What the requester sees of a job: counters, people, last answers, failures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ground_truth_local.service.objects import worker_id
from ground_truth_local.service.watch import Progress, UnknownJobError
from tests.local.service.fakes import START
from tests.local.service.world import ADA, BOB, CYD, ONE, World, image_lines


def test_every_object_is_in_one_place(world: World) -> None:
    world.dataset(image_lines(3))
    world.create(**ONE, HumanTaskConfig__MaxConcurrentTaskCount=2)
    world.answer(ADA)
    world.settle()

    (found,) = world.service.watch.jobs()

    assert found == Progress(
        name="digits-1",
        title="Which digit?",
        status="InProgress",
        created=START,
        failure_reason=None,
        total=3,
        labeled=0,
        failed=0,
        with_people=3,
        waiting=0,
        workers_per_object=1,
        answers=1,
    )


def test_people_are_counted_with_the_middle_of_their_times(world: World) -> None:
    world.dataset(image_lines(3))
    world.create()
    for seconds in (2, 30, 4):
        assignment = world.take(ADA)
        world.advance(seconds=seconds)
        world.service.queue.submit(ADA, assignment.id, {"crowd-image-classifier": {"label": "1"}})
    world.answer(BOB)

    report = world.service.watch.job("DIGITS-1")

    assert [(t.email, t.answers, t.median_seconds) for t in report.tallies] == [
        (ADA.email, 3, 4.0),
        (BOB.email, 1, 0.0),
    ]
    assert report.tallies[0].worker_id == worker_id("eu-west-1", ADA.sub)
    assert report.tallies[0].last == START + timedelta(seconds=36)


def test_last_answers_come_with_their_object_and_outlive_the_job(world: World) -> None:
    world.create()
    world.label_everything(ADA, BOB, CYD)
    world.settle()

    report = world.service.watch.job("digits-1")

    assert report.progress.status == "Completed"
    assert (report.progress.labeled, report.progress.waiting) == (2, 0)
    assert len(report.recent) == 6
    newest = report.recent[0]
    assert newest.given.email == CYD.email
    assert newest.answer == {"crowd-image-classifier": {"label": "1"}}
    assert newest.source == image_lines(2)[1]["source-ref"]
    assert newest.link.startswith("http")


def test_reasons_of_failure_are_counted(world: World) -> None:
    world.create(HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=3600)
    world.advance(hours=2)

    report = world.service.watch.job("digits-1")

    assert report.failures == (("the task expired before a worker labeled it", 2),)
    assert report.progress.failed == 2


def test_unknown_job_is_named(world: World) -> None:
    with pytest.raises(UnknownJobError, match="there is no job digits-2"):
        world.service.watch.job("digits-2")
