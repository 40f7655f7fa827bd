"""Waiting: between polls, after throttling, and never beyond the time there is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from ground_truth.lifecycle.faults import ApiError, Fault
from ground_truth.lifecycle.ports import Jobs, JobState, World

T = TypeVar("T")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
_THROTTLED_TRIES = 9  # about two minutes, beside what the client itself repeats


def pauses(first: float = _FIRST_PAUSE, longest: float = _LONGEST_PAUSE) -> Iterator[float]:
    """Yield growing pauses in seconds: quick answers stay quick, long waits stay cheap."""
    pause = first
    while True:
        yield pause
        pause = min(longest, pause * 1.6)


def until(world: World, seconds: float, *, reserve: float = 0.0) -> datetime:
    """Return the moment in so many seconds, but ``reserve`` before the function must answer."""
    moment = world.clock.now() + timedelta(seconds=seconds)
    return min(moment, world.deadline - timedelta(seconds=reserve))


def patiently(world: World, call: Callable[[], T]) -> T:
    """Return what ``call`` does, repeating it while AWS asks for less."""
    waits = pauses(first=1.0, longest=30.0)
    for _ in range(_THROTTLED_TRIES - 1):
        try:
            return call()
        except ApiError as error:
            if error.fault is not Fault.THROTTLED:
                raise
            pause = next(waits)
            if world.clock.now() + timedelta(seconds=pause) >= world.deadline:
                raise
            world.clock.sleep(pause)
    return call()


class PatientJobs:
    """Labeling jobs whose calls survive throttling."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs: Jobs = world.jobs

    def create(self, request: Mapping[str, object]) -> None:
        patiently(self._world, lambda: self._jobs.create(request))

    def describe(self, name: str) -> JobState | None:
        return patiently(self._world, lambda: self._jobs.describe(name))

    def stop(self, name: str) -> None:
        patiently(self._world, lambda: self._jobs.stop(name))

    def list(self, name_contains: str) -> Iterable[JobState]:
        return patiently(self._world, lambda: list(self._jobs.list(name_contains)))

    def tags(self, arn: str) -> Mapping[str, str]:
        return patiently(self._world, lambda: self._jobs.tags(arn))

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        patiently(self._world, lambda: self._jobs.add_tags(arn, tags))

    def delete_tags(self, arn: str, keys: Iterable[str]) -> None:
        wanted = tuple(keys)
        patiently(self._world, lambda: self._jobs.delete_tags(arn, wanted))


def patient(world: World) -> World:
    """Return the world with labeling job calls that survive throttling."""
    return replace(world, jobs=PatientJobs(world))
