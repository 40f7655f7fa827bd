"""A job that is made to stand still or to fail, as AWS's sometimes do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.service.world import ADA, ONE, World


class Trouble:
    """What goes wrong, changed by the test as it goes."""

    def __init__(self) -> None:
        self.status = ""
        self.reason: str | None = None

    def held(self, job: str, status: str) -> bool:
        return job == "digits-1" and status == self.status

    def failure(self, job: str) -> str | None:
        return self.reason if job == "digits-1" else None


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def world(trouble: Trouble) -> Iterator[World]:
    with World(faults=trouble) as running:
        yield running


def status(world: World) -> str:
    return str(world.describe()["LabelingJobStatus"])


def test_job_held_while_set_up_begins_when_it_is_let_go(world: World, trouble: Trouble) -> None:
    trouble.status = "Initializing"
    world.create(**ONE)
    assert (status(world), world.service.queue.take(ADA, "digits-1")) == ("Initializing", None)
    trouble.status = ""
    world.settle()
    world.label_everything(ADA)
    assert status(world) == "Completed"


def test_job_held_while_set_up_can_be_stopped(world: World, trouble: Trouble) -> None:
    trouble.status = "Initializing"
    world.create()
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    world.settle()
    assert status(world) == "Stopped"


def test_job_that_fails_while_set_up_says_why(world: World, trouble: Trouble) -> None:
    trouble.reason = "ClientError: LambdaErrorCode: Unhandled"
    world.create()
    assert status(world) == "Failed"
    assert world.describe()["FailureReason"] == "ClientError: LambdaErrorCode: Unhandled"


def test_job_held_while_stopping_asks_nobody_and_keeps_its_labels(
    world: World, trouble: Trouble
) -> None:
    trouble.status = "Stopping"
    world.create(**ONE)
    world.answer(ADA)
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    world.settle()
    assert (status(world), world.service.queue.take(ADA, "digits-1")) == ("Stopping", None)
    trouble.status = ""
    world.settle()
    assert status(world) == "Stopped"
    assert ["digit" in line for line in world.output_lines()] == [True, False]
