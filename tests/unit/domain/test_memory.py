"""Batches of a job teach each other, at once or one by one, and nothing they learned is lost."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation.memory import WINDOW, JobMemory
from ground_truth.consolidation.tally import (
    NOTHING,
    Tally,
    TallyError,
    WorkerTally,
    added,
    read_tally,
    tally_document,
)


class Shelf:
    """A store in memory; the newest comes first."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def names(self) -> Sequence[str]:
        return [*self.objects][::-1]

    def read(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def create(self, name: str, body: bytes) -> bool:
        if name in self.objects:
            return False
        self.objects[name] = body
        return True


def lesson(worker: str, answers: float = 3.0) -> Tally:
    return Tally(
        objects=answers,
        agreement=answers / 2,
        predictions={"alike": -answers, "coins": -answers / 2, "matrices": -answers / 4},
        labels={0: answers / 4, 1: answers * 3 / 4},
        workers={worker: WorkerTally(answers=answers, given={(0, 1): 0.5, (1, 1): answers - 0.5})},
    )


def memory(shelf: Shelf, number: int) -> JobMemory:
    return JobMemory(shelf, f"s3://bucket/request-{number}.json")


def answers(tally: Tally) -> float:
    return sum(worker.answers for worker in tally.workers.values())


def test_each_batch_reads_the_sum_of_those_before_it() -> None:
    shelf = Shelf()
    read = []
    for number in range(5):
        batch = memory(shelf, number)
        read.append(batch.recall())
        batch.keep(lesson(f"w{number % 2}"))

    assert read[0] == NOTHING
    assert read[4] == added([lesson("w0"), lesson("w1"), lesson("w0"), lesson("w1")])


def test_what_a_batch_keeps_does_not_grow_with_the_job() -> None:
    shelf = Shelf()
    count = 3 * WINDOW
    for number in range(count):
        batch = memory(shelf, number)
        batch.recall()
        batch.keep(lesson("w"))

    sizes = [len(body) for body in shelf.objects.values()]
    assert answers(memory(shelf, count).recall()) == pytest.approx(3.0 * count)
    assert sizes[-1] <= max(sizes[: 2 * WINDOW + 2]) + 100


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(1, 5))
def test_batches_that_run_at_once_lose_nothing(order: list[int], at_once: int) -> None:
    """Some read before others have written; a batch may also come twice."""
    shelf = Shelf()
    for start in range(0, len(order), at_once):
        running = [memory(shelf, number) for number in order[start : start + at_once]]
        for batch in running:
            batch.recall()
        for batch in running:
            batch.keep(lesson("w"))
    last = memory(shelf, 99)

    assert answers(last.recall()) == 3.0 * len(set(order))


def test_a_repeated_batch_reads_what_it_read_at_first() -> None:
    shelf = Shelf()
    memory(shelf, 0).keep(lesson("a"))
    first = memory(shelf, 1)
    before = first.recall()
    first.keep(lesson("b"))
    memory(shelf, 2).keep(lesson("c"))
    stored = dict(shelf.objects)
    again = memory(shelf, 1)

    assert again.recall() == before
    assert again.keep(lesson("b")) == before
    assert shelf.objects == stored


def test_of_two_runs_of_a_batch_the_second_takes_what_the_first_read() -> None:
    shelf = Shelf()
    one, two = memory(shelf, 1), memory(shelf, 1)
    one.recall()
    memory(shelf, 0).keep(lesson("a"))
    assert two.recall() == lesson("a")

    assert one.keep(lesson("b")) == NOTHING
    assert two.keep(lesson("b")) == NOTHING


def test_what_is_read_is_what_is_read_again_to_the_last_digit() -> None:
    shelf = Shelf()
    memory(shelf, 0).keep(lesson("a", 1 / 3))
    first = memory(shelf, 1)
    carried = first.recall()
    first.keep(NOTHING)

    assert memory(shelf, 1).recall() == carried


@pytest.mark.parametrize("junk", [b"", b"[]", b"{}", b'{"seen":[],"carried":{"version":2}}'])
def test_a_broken_object_of_another_batch_is_passed_over(junk: bytes) -> None:
    shelf = Shelf()
    memory(shelf, 0).keep(lesson("a"))
    shelf.objects["broken"] = junk

    assert memory(shelf, 1).recall() == lesson("a")


def test_a_broken_object_of_its_own_is_told() -> None:
    shelf = Shelf()
    memory(shelf, 0).keep(lesson("a"))
    (name,) = shelf.objects
    shelf.objects[name] = b"{}"

    with pytest.raises(TallyError, match="no tally"):
        memory(shelf, 0).recall()


def test_a_tally_survives_being_written() -> None:
    tally = lesson("Jürgen", 7.0)

    assert read_tally(json.loads(json.dumps(tally_document(tally)))) == tally


def test_a_tally_of_before_models_were_chosen_is_read() -> None:
    document = tally_document(lesson("a"))
    del document["predictions"]

    assert read_tally(document) == replace(lesson("a"), predictions={})


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"objects": "many"},
        {"objects": -1},
        {"objects": True},
        {"agreement": float("nan")},
        {"predictions": {"coins": 1.0}},
        {"predictions": {"coins": float("-inf")}},
        {"predictions": [-1.0]},
        {"labels": [[-1, 2.0]]},
        {"labels": [["0", 2.0]]},
        {"labels": 5},
        {"workers": {"a": {"answers": 1}}},
        {"workers": ["a"]},
    ],
)
def test_what_is_no_tally_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(TallyError, match="no tally of version 1"):
        read_tally({**tally_document(lesson("a")), **change})
