"""Many people at the worker portal at once, over its real HTTP; each call is timed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from bench.portal_site import JOB, OWN, TEMPORARY
from ground_truth_local.workers.client import PortalClient

_RETURNED = 0.05
_DECLINED = 0.02
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Done:
    """What people did: the tasks whose answer was taken, and seconds by kind of call."""

    taken: list[str] = field(default_factory=list)
    returned: int = 0
    declined: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)

    def add(self, other: Done) -> None:
        self.taken += other.taken
        self.returned += other.returned
        self.declined += other.declined
        for what, seconds in other.seconds.items():
            self.seconds.setdefault(what, []).extend(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person's part: `decliner` may decline, `think` is how long a task takes them."""

    portal: str
    name: str
    password: str
    decliner: bool = False
    think: float = 0.0


def shifts(
    portal: str, names: Sequence[str], *, password: str = TEMPORARY, think: float = 0.0
) -> list[Shift]:
    """Two people decline: three would be as many as are asked, and fail an object."""
    return [
        Shift(portal=portal, name=name, password=password, decliner=number < 2, think=think)
        for number, name in enumerate(names)
    ]


def work(shift: Shift) -> Done:
    """Sign in, then take, open and answer tasks until there is none; return and decline some."""
    done, client, dice = Done(), PortalClient(shift.portal), random.Random(shift.name)  # noqa: S311 - dice
    with done.timed("sign in"):
        if not client.sign_in(shift.name, shift.password):
            client.choose_password(OWN)
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        with done.timed("list"):
            jobs = client.jobs()
        if not any(job["name"] == JOB for job in jobs):
            break  # the job is over
        with done.timed("take"):
            task = client.next_task(JOB)
        if task is None:
            if not _left_for(jobs):
                break
            time.sleep(0.05)  # somebody may give one back
            continue
        _do(client, task, shift, done, dice)
        until = time.monotonic() + _PATIENCE_SECONDS
    client.close()
    return done


def _left_for(jobs: Sequence[Mapping[str, Any]]) -> bool:
    return any(job["name"] == JOB and job["done"] < job["total"] for job in jobs)


def _do(client: PortalClient, task: str, shift: Shift, done: Done, dice: random.Random) -> None:
    with done.timed("open"):
        client.task(task)
    if shift.think:
        time.sleep(dice.uniform(0.5, 1.5) * shift.think)
    chance = dice.random()
    if chance < _RETURNED:
        with done.timed("return"):
            client.release(task)
        done.returned += 1
    elif shift.decliner and chance < _RETURNED + _DECLINED:
        with done.timed("decline"):
            client.decline(task)
        done.declined += 1
    else:
        with done.timed("submit"):
            client.submit(task, {"label": {"label": dice.choice(["yes", "no"])}, "task": task})
        done.taken.append(task)


def together(all_shifts: Sequence[Shift]) -> Done:
    """Everybody at once, each in a thread of this process."""
    done = Done()
    with ThreadPoolExecutor(max_workers=len(all_shifts)) as crowd:
        for each in crowd.map(work, all_shifts):
            done.add(each)
    return done


def in_processes(all_shifts: Sequence[Shift], processes: int = 2) -> Done:
    """Everybody at once in some processes, so that no one interpreter is what is measured."""
    done = Done()
    parts = [all_shifts[number::processes] for number in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for each in pool.map(together, parts):
            done.add(each)
    return done


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value below which this share lies (nearest rank)."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def faults(
    done: Done, answers: Mapping[str, Sequence[Mapping[str, Any]]], *, objects: int, workers: int
) -> dict[str, int]:
    """What must not be: accepted answers that are lost, objects in more hands than asked."""
    written = [str(a["answerContent"]["task"]) for each in answers.values() for a in each]
    people = [[str(a["workerId"]) for a in each] for each in answers.values()]
    return {
        "lost": len(set(done.taken) - set(written)),
        "never accepted": len(set(written) - set(done.taken)),
        "twice": len(written) - len(set(written)),
        "over-assigned": sum(len(each) > workers for each in people),
        "twice by one person": sum(len(each) != len(set(each)) for each in people),
        "unfinished": objects - sum(len(each) == workers for each in people),
    }
