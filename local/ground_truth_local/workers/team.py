"""Several simulated workers at once, or one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import TYPE_CHECKING

from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.person import Person, Step, Tally

if TYPE_CHECKING:
    from ground_truth_local.workers.board import Board

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
    people: Sequence[Person], sleep: Callable[[float], None] = time.sleep
) -> list[Tally]:
    """One task each, always in the same order: where the queue's order repeats, so does the run."""
    for person in people:
        person.sign_in()
    busy = dict.fromkeys(people)
    pause, idle = FIRST_PAUSE_SECONDS, 0
    for person in cycle(people):
        if not busy:
            break
        if person not in busy:
            continue
        step = person.step()
        if step is Step.OVER:
            del busy[person]
        idle = 0 if step is Step.WORKED else idle + 1
        if idle == 0:
            pause = FIRST_PAUSE_SECONDS
        elif idle % max(1, len(busy)) == 0:  # a whole round without a task
            pause = _rest(Step.IDLE, pause, sleep)
    return [person.tally() for person in people]


def _rest(step: Step, pause: float, sleep: Callable[[float], None]) -> float:
    """Sleep when there was nothing to do; returns the next pause."""
    if step is Step.WORKED:
        return FIRST_PAUSE_SECONDS
    sleep(pause)
    return min(pause * 2, LONGEST_PAUSE_SECONDS)
