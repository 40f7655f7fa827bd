"""The work queue: who gets what, how long, and what is taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ground_truth_local.service import Tuning, Worker
from ground_truth_local.service.objects import worker_id
from ground_truth_local.service.queue import (
    AlreadySubmittedError,
    AnswerInvalidError,
    AnswerTooLargeError,
    AssignmentNotFoundError,
    ExpiredError,
    JobCard,
    JobNotFoundError,
    RenderError,
)
from tests.local.service.fakes import START
from tests.local.service.world import (
    ADA,
    BOB,
    CYD,
    DAN,
    NONE_YET,
    ONE,
    World,
    answer,
    counters,
    image_lines,
    worker,
)

TWO = {"HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 2}


def test_shows_the_job_as_the_request_described_it(world: World) -> None:
    world.create()
    assert world.service.queue.jobs(ADA) == [
        JobCard(
            job_name="digits-1",
            title="Which digit?",
            description="Pick the digit",
            keywords=("digits",),
            created_at=START,
            time_limit_seconds=300,
            workers_per_object=3,
            total=2,
            done=0,
            available=2,
        )
    ]


def test_counts_down_what_is_left_for_a_worker(world: World) -> None:
    world.create(**ONE)
    world.answer(ADA)
    card = world.service.queue.jobs(ADA)[0]
    assert (card.total, card.done, card.available) == (2, 1, 1)


@pytest.mark.parametrize(
    "stranger",
    [
        worker("eve", groups=("others",)),
        worker("eve", groups=()),
        worker("eve", user_pool_id="eu-west-1_other"),
        worker("eve", client_id="other"),
    ],
)
def test_shows_nothing_to_people_outside_the_team(world: World, stranger: Worker) -> None:
    world.create()
    assert world.service.queue.jobs(stranger) == []
    with pytest.raises(JobNotFoundError, match="there is no job digits-1 for you"):
        world.service.queue.take(stranger, "digits-1")


def test_knows_no_job_of_another_name(world: World) -> None:
    world.create()
    with pytest.raises(JobNotFoundError, match="there is no job digits-2 for you"):
        world.service.queue.take(ADA, "digits-2")


def test_gives_the_open_assignment_again(world: World) -> None:
    world.create()
    assert world.take(ADA) == world.take(ADA)
    assert world.service.queue.assignment(ADA, world.take(ADA).id) == world.take(ADA)


def test_limits_an_assignment_in_time(world: World) -> None:
    world.create()
    assignment = world.take(ADA)
    assert assignment.accepted_at == START
    assert assignment.expires_at == START + timedelta(seconds=300)


def test_limits_an_assignment_to_the_objects_availability(world: World) -> None:
    world.create(HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=60)
    assert world.take(ADA).expires_at == START + timedelta(seconds=60)


def test_gives_an_object_to_as_many_different_people_as_asked(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**TWO)
    world.answer(ADA)
    assert world.service.queue.take(ADA, "digits-1") is None
    world.take(BOB)
    assert world.service.queue.take(CYD, "digits-1") is None


def test_goes_through_the_manifest_in_order(world: World) -> None:
    world.dataset(image_lines(12))
    world.create(**ONE)
    taken = [world.answer(ADA).object_id for _ in range(12)]
    assert taken == [str(number) for number in range(12)]


def test_gives_a_task_back_to_the_queue_when_its_time_is_over(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**ONE)
    late = world.take(ADA)
    assert world.service.queue.take(BOB, "digits-1") is None
    world.advance(seconds=300)
    with pytest.raises(ExpiredError, match="its time is over"):
        world.service.queue.submit(ADA, late.id, answer("1"))
    assert world.take(BOB).object_id == late.object_id


def test_refuses_a_late_answer_even_before_the_engine_looked(world: World) -> None:
    world.create()
    late = world.take(ADA)
    world.clock.advance(seconds=300)
    with pytest.raises(ExpiredError):
        world.service.queue.submit(ADA, late.id, answer("1"))


def test_takes_an_answer_in_the_last_moment(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**ONE)
    assignment = world.take(ADA)
    world.clock.advance(seconds=299.999)
    world.service.queue.submit(ADA, assignment.id, answer("1"))
    world.settle()
    assert world.describe()["LabelingJobStatus"] == "Completed"


def test_gives_the_same_person_a_task_again_after_it_ran_out(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**ONE)
    first = world.take(ADA)
    world.advance(seconds=300)
    second = world.take(ADA)
    assert (second.object_id, second.id != first.id) == (first.object_id, True)


def test_consolidates_an_expired_object_with_the_answers_there_are(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=60)
    world.answer(ADA)
    world.advance(seconds=60)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(TotalLabeled=1, HumanLabeled=1)
    assert world.output_lines()[0]["digit"] == {"label": "1", "answers": 1}


def test_fails_an_expired_object_nobody_answered_and_never_sends_it(world: World) -> None:
    world.create(HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=60)
    world.answer(ADA)
    world.take(BOB)
    world.advance(seconds=60)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(
        TotalLabeled=1, HumanLabeled=1, FailedNonRetryableError=1
    )
    assert [entry["dataObject"]["s3Uri"] for entry in _payload(world)] == ["s3://in/images/0.png"]
    marker = world.output_lines()[1]["digit-metadata"]
    assert marker["failure-reason"] == ("ClientError: the task expired before a worker labeled it")


def test_completes_a_job_nobody_worked_on_without_a_label(world: World) -> None:
    world.create(HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=60)
    world.advance(seconds=60)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(FailedNonRetryableError=2)


def test_does_not_offer_a_declined_object_to_the_same_person(world: World) -> None:
    world.create()
    declined = world.take(ADA)
    world.service.queue.decline(ADA, declined.id)
    assert world.take(ADA).object_id != declined.object_id
    assert world.take(BOB).object_id == declined.object_id


def test_fails_an_object_as_many_declined_as_were_asked(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**TWO)
    world.service.queue.decline(ADA, world.take(ADA).id)
    world.settle()
    assert world.describe()["LabelCounters"] == NONE_YET
    world.service.queue.decline(BOB, world.take(BOB).id)
    world.settle()
    assert world.service.queue.take(CYD, "digits-1") is None
    assert world.describe()["LabelCounters"] == counters(FailedNonRetryableError=1)
    marker = world.output_lines()[0]["digit-metadata"]["failure-reason"]
    assert marker == "ClientError: all of the workers declined the task"


def test_lets_the_last_holder_finish_what_others_declined(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**TWO)
    held = world.take(CYD)
    for who in (ADA, BOB):
        world.service.queue.decline(who, world.take(who).id)
    world.service.queue.submit(CYD, held.id, answer("1"))
    world.answer(DAN)
    world.settle()
    assert world.describe()["LabelCounters"] == counters(TotalLabeled=1, HumanLabeled=1)


def test_fails_a_declined_object_when_its_last_holder_gives_it_back(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**TWO)
    held = world.take(CYD)
    for who in (ADA, BOB):
        world.service.queue.decline(who, world.take(who).id)
    world.settle()
    assert world.describe()["LabelCounters"] == NONE_YET
    world.service.queue.release(CYD, held.id)
    world.settle()
    assert world.describe()["LabelCounters"] == counters(FailedNonRetryableError=1)


def test_offers_a_released_task_to_the_same_person_and_others(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**ONE)
    first = world.take(ADA)
    world.service.queue.release(ADA, first.id)
    again = world.take(ADA)
    assert (again.object_id, again.id != first.id) == (first.object_id, True)


@pytest.mark.parametrize("action", ["decline", "release", "assignment", "html"])
def test_refuses_a_task_that_was_given_back(world: World, action: str) -> None:
    world.create()
    assignment = world.take(ADA)
    world.service.queue.release(ADA, assignment.id)
    with pytest.raises(ExpiredError, match="you gave it back"):
        getattr(world.service.queue, action)(ADA, assignment.id)


@pytest.mark.parametrize("action", ["decline", "release", "assignment", "html"])
def test_refuses_the_task_of_someone_else(world: World, action: str) -> None:
    world.create()
    assignment = world.take(ADA)
    with pytest.raises(AssignmentNotFoundError, match=f"no task {assignment.id} of yours"):
        getattr(world.service.queue, action)(BOB, assignment.id)


def test_takes_no_answer_for_someone_else(world: World) -> None:
    world.create()
    assignment = world.take(ADA)
    with pytest.raises(AssignmentNotFoundError):
        world.service.queue.submit(BOB, assignment.id, answer("1"))


def test_takes_the_same_answer_twice_as_one(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**TWO)
    assignment = world.answer(ADA)
    world.service.queue.submit(ADA, assignment.id, answer("1"))
    world.answer(BOB)
    world.settle()
    assert world.output_lines()[0]["digit"] == {"label": "1", "answers": 2}
    world.service.queue.submit(ADA, assignment.id, answer("1"))


def test_refuses_a_second_thought(world: World) -> None:
    world.create()
    assignment = world.answer(ADA)
    with pytest.raises(AlreadySubmittedError, match="another answer was submitted"):
        world.service.queue.submit(ADA, assignment.id, answer("0"))
    with pytest.raises(AlreadySubmittedError, match="this task was submitted before"):
        world.service.queue.decline(ADA, assignment.id)


@pytest.mark.parametrize("invalid", [["a"], "a", None, 1, {"a": float("nan")}, {"a": {1, 2}}])
def test_refuses_answers_that_are_no_json_object(world: World, invalid: Any) -> None:
    world.create()
    assignment = world.take(ADA)
    with pytest.raises(AnswerInvalidError, match="an answer is a JSON object"):
        world.service.queue.submit(ADA, assignment.id, invalid)
    assert world.take(ADA) == assignment


def test_refuses_answers_that_are_too_large() -> None:
    with World(Tuning(threads=2, max_answer_bytes=100)) as world:
        world.create()
        assignment = world.take(ADA)
        with pytest.raises(AnswerTooLargeError, match="has 103 bytes, allowed are at most 100"):
            world.service.queue.submit(ADA, assignment.id, {"a": "x" * 95})


def test_ends_assignments_when_the_job_stops(world: World) -> None:
    world.create()
    assignment = world.take(ADA)
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    with pytest.raises(ExpiredError):
        world.service.queue.submit(ADA, assignment.id, answer("1"))


def test_renders_the_task_with_links_signed_by_the_role(world: World) -> None:
    world.create()
    html = world.service.queue.html(ADA, world.take(ADA).id)
    assert "http://127.0.0.1:2/in/images/0.png?role=execution&amp;expires=900" in html
    assert 'name="crowd-image-classifier"' in html


def test_cannot_show_a_task_without_the_role(world: World) -> None:
    world.create(HumanTaskConfig__TaskTimeLimitInSeconds=7200)
    assignment = world.take(ADA)
    world.platform.roles.clear()
    world.clock.advance(hours=1)
    with pytest.raises(RenderError, match=r"sagemaker.amazonaws.com cannot assume .*: no such ro"):
        world.service.queue.html(ADA, assignment.id)


def test_gives_people_stable_ids_that_tell_nothing() -> None:
    assert worker_id("eu-west-1", "ada") == worker_id("eu-west-1", "ada")
    assert worker_id("eu-west-1", "ada") != worker_id("eu-west-1", "bob")
    assert "ada" not in worker_id("eu-west-1", "ada")


def _payload(world: World) -> list[Any]:
    folder = "labels/digits-1/annotations/consolidated-annotation/consolidation-request"
    return [
        entry
        for key in world.platform.keys("out", folder)
        for entry in json.loads(world.platform.read("out", key))
    ]
