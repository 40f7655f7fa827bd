"""Several simulated workers at once, or one after another."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.person import Person, Step, Tally

if TYPE_CHECKING:
    from ground_truth_local.workers.board import Board

Someone = TypeVar("Someone")
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0


def work_together(
    people: Sequence[Person], board: Board, sleep: Callable[[float], None] = time.sleep
) -> list[Tally]:
    """Everybody at their own pace, a thread each: who gets which object depends on the moment."""

    def work(person: Person) -> Tally:
        try:
            person.sign_in()
            pause = FIRST_PAUSE_SECONDS
            while (step := person.step()) is not Step.OVER:
                pause = _rest(step, pause, sleep)
            return person.tally()
        except WorkersError as error:
            board.fail(str(error))
            raise
        except Exception as error:
            board.fail(f"{person.email}: {type(error).__name__}: {error}")
            raise

    with ThreadPoolExecutor(max_workers=len(people)) as pool:
        futures = [pool.submit(work, person) for person in people]
        errors = [future.exception() for future in futures]
    if board.failure is not None:
        unforeseen = (error for error in errors if not isinstance(error, WorkersError | None))
        raise WorkersError(board.failure) from next(unforeseen, None)
    return [future.result() for future in futures]


def work_in_turn(
    people: Sequence[Person], *, seed: int, sleep: Callable[[float], None] = time.sleep
) -> list[Tally]:
    """One task each, round by round: where the queue's order repeats, so does the run.

    Every round has an order of its own, drawn from `seed`. In a fixed order six people with three
    answers per object would always meet in the same two groups.
    """
    for person in people:
        person.sign_in()
    busy = list(people)
    pause = FIRST_PAUSE_SECONDS
    for round_number in count():
        if not busy:
            break
        order = round_order(busy, seed=seed, round_number=round_number)
        steps = {person: person.step() for person in order}
        busy = [person for person in busy if steps[person] is not Step.OVER]
        worked = Step.WORKED in steps.values()
        if busy:
            pause = _rest(Step.WORKED if worked else Step.IDLE, pause, sleep)
    return [person.tally() for person in people]


def round_order(people: Sequence[Someone], *, seed: int, round_number: int) -> list[Someone]:
    """Return the people in the order of one round; the same for the same seed and number."""
    digest = hashlib.sha256(f"{seed}/{round_number}".encode()).digest()
    drawn = random.Random(digest)  # noqa: S311  not a secret
    return drawn.sample(list(people), len(people))


def _rest(step: Step, pause: float, sleep: Callable[[float], None]) -> float:
    """Sleep when there was nothing to do; returns the next pause."""
    if step is Step.WORKED:
        return FIRST_PAUSE_SECONDS
    sleep(pause)
    return min(pause * 2, LONGEST_PAUSE_SECONDS)
