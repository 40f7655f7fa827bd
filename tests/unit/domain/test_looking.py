"""Who doesn't look at what they draw: found in made crowds, and never those who draw badly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.lookers import Crowd, Habit, measure
from ground_truth.agreement import distances
from ground_truth.agreement.looking import Looking

SPAM = (Habit.NOTHING, Habit.CONSTANT, Habit.RANDOM)


@pytest.mark.parametrize("kind", ["boxes", "sets"])
def test_people_who_do_not_look_are_found_and_nobody_else(kind: str) -> None:
    found = measure(Crowd(kind=kind, objects=640, workers=16, habits=SPAM), crowds=1)
    assert (found.caught, found.guilty, found.accused) == (3, 3, 0)


def test_people_who_draw_badly_or_miss_most_things_are_not_accused() -> None:
    crowd = Crowd(kind="boxes", objects=600, workers=10, skills=(0.2, 0.9), noise=(0.5, 5.0))
    assert measure(crowd, crowds=2).accused == 0


def test_who_looks_at_most_objects_is_not_accused() -> None:
    crowd = Crowd(kind="boxes", objects=600, workers=10, habits=(Habit.SOMETIMES,) * 2)
    assert measure(crowd, crowds=2).accused == 0


def test_two_people_an_object_are_told_apart_by_who_else_they_meet() -> None:
    crowd = Crowd(
        kind="boxes", objects=1200, workers=12, people_per_object=2, habits=(Habit.RANDOM,)
    )
    found = measure(crowd, crowds=2)
    assert (found.caught, found.accused) == (2, 0)


def test_nothing_is_told_of_few_answers_or_of_objects_that_are_all_alike() -> None:
    few, alike = Looking(distances.masi), Looking(distances.masi)
    for number in range(9):
        few.add({"ada": frozenset({number}), "ben": frozenset({number}), "cleo": frozenset()})
    for _ in range(100):
        alike.add({"ada": frozenset({1}), "ben": frozenset({1}), "cleo": frozenset({2})})
        alike.add({"dan": frozenset()})
    for looking in (few, alike):
        found = looking.result()
        assert sorted(found) == ["ada", "ben", "cleo"]
        assert [each.z for each in found.values()] == [None] * 3
    assert Looking(distances.masi).result() == {}


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_the_order_of_workers_changes_nothing(data: st.DataObject) -> None:
    sets = st.frozensets(st.integers(0, 4), max_size=3)
    objects = data.draw(
        st.lists(
            st.dictionaries(st.sampled_from("abcd"), sets, min_size=2), min_size=12, max_size=30
        )
    )
    one, other = Looking(distances.masi), Looking(distances.masi)
    for answers in objects:
        one.add(answers)
        other.add(dict(data.draw(st.permutations(sorted(answers.items())))))
    assert one.result() == other.result()
