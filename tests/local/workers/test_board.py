"""When a run is over, and when it is stuck."""

from __future__ import annotations

import pytest

from ground_truth_local.workers.board import Board
from ground_truth_local.workers.errors import WorkersError


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def job(name: str, done: int, total: int = 5) -> dict[str, object]:
    return {"name": name, "done": done, "total": total}


def look(board: Board, *offered: dict[str, object]) -> bool:
    board.choose(offered)
    return board.is_over(offered)


def test_is_over_when_nobody_is_waited_for_or_the_job_is_gone() -> None:
    board = Board(["a", "b"], patience_seconds=10)
    assert look(board) is False
    assert look(board, job("a", 4), job("b", 0)) is False
    assert look(board, job("a", 5), job("b", 4)) is False
    assert look(board, job("b", 5)) is True
    assert look(board) is True


def test_chooses_only_wanted_jobs_and_all_when_none_is_named() -> None:
    offered = [job("a", 0), job("b", 0)]
    assert Board(["b"], patience_seconds=1).choose(offered) == ["b"]
    assert Board([], patience_seconds=1).choose(offered) == ["a", "b"]


def test_waits_for_a_first_job_when_none_is_named() -> None:
    board = Board([], patience_seconds=10)
    assert look(board) is False
    assert look(board, job("a", 1)) is False
    assert look(board) is True


def test_is_stuck_after_too_long_without_progress_and_says_where() -> None:
    watch = Watch()
    board = Board(["a", "b"], patience_seconds=10, clock=watch)
    look(board, job("a", 1))
    watch.seconds = 9
    look(board, job("a", 2))
    watch.seconds = 19
    assert look(board, job("a", 2)) is False
    board.progress()
    watch.seconds = 29.5
    with pytest.raises(WorkersError) as caught:
        look(board, job("a", 2))
    assert str(caught.value) == (
        "nothing has moved for 10 s: a (2 of 5 objects done), "
        "b (never offered: does it exist, and are the workers in its team?)"
    )


def test_ends_for_everybody_when_one_fails_keeping_the_first_reason() -> None:
    board = Board(["a"], patience_seconds=10)
    board.fail("first")
    board.fail("second")
    with pytest.raises(WorkersError, match="another worker had to give up"):
        look(board, job("a", 1))
    assert board.failure == "first"
