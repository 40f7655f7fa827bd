"""Who doesn't look and who copies, in simulated crowds and in what can be worked out by hand."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.spammers import Crowd, Habit, measure
from ground_truth.agreement import contexts, copies, peers, spammers

ADA, BEN, CLEO, DAN = range(4)


def test_nobody_votes_in_the_consensus_they_are_held_against() -> None:
    objects = [[(ADA, 0), (BEN, 0), (CLEO, 1)], [(ADA, 2)]]
    assert list(peers.compared(objects)) == [(ADA, 0, (0, 1)), (BEN, 0, (0, 1)), (CLEO, 1, (0,))]


def test_an_answer_is_worth_its_share_of_the_labels_that_lead() -> None:
    assert peers.credit(1, (0, 1)) == 0.5
    assert peers.credit(2, (0, 1)) == 0.0
    assert peers.leaders(Counter({0: 2, 1: 1}), 0) == (0, 1)
    assert peers.leaders(Counter({0: 1}), 0) == ()


def test_sets_are_held_against_what_half_of_the_others_chose() -> None:
    objects = [
        [(ADA, frozenset({0, 1})), (BEN, frozenset({0})), (CLEO, frozenset({0, 2}))],
        [(DAN, frozenset({5}))],
    ]
    found = dict(peers.compared_sets(objects))
    # of Ben and Cleo, half chose 2: Ada is compared with {0, 2}
    assert found[ADA] == pytest.approx(1 / 3 * 1 / 3)
    assert found[BEN] == pytest.approx(2 / 3 * 1 / 3)
    assert DAN not in found


def test_others_count_by_how_often_they_agree() -> None:
    # Ada, Ben and Dan always agree, Cleo never; on the last object Cleo is against Ben
    objects = [[(ADA, n % 2), (BEN, n % 2), (CLEO, 2), (DAN, n % 2)] for n in range(40)]
    objects.append([(BEN, 1), (CLEO, 2), (DAN, 0)])
    last = list(contexts.contexts_of(objects, 3))[-1]
    assert last == (DAN, 0, ((1,), 2))


@pytest.mark.parametrize(
    ("habit", "workers"), [(Habit.RANDOM, 12), (Habit.CONSTANT, 12), (Habit.FREQUENT, 12)]
)
def test_people_who_do_not_look_are_found(habit: Habit, workers: int) -> None:
    crowd = Crowd(objects=800, workers=workers, habits=(habit,))
    found = measure(crowd, crowds=5)
    assert (found.caught, found.accused) == (5, 0)


def test_a_copyist_is_found_and_nobody_else() -> None:
    crowd = Crowd(objects=600, workers=8, habits=(Habit.COPYCAT,))
    found = measure(crowd, crowds=5, copying=True)
    assert (found.caught, found.accused) == (5, 0)


def test_people_at_the_limit_of_following_are_accused_no_more_often_than_promised() -> None:
    """Everybody follows the truth every other time, and guesses else: q is what happens."""
    honest = Crowd(objects=400, workers=10, hard=0.0, skills=(0.62, 0.63))
    found = measure(honest, crowds=40)
    # 5 % of 40 crowds are 2; 6 or more would come about once in a hundred times
    assert found.crowds_with_false_alarm < 6


def test_poor_but_looking_people_are_not_accused_among_good_ones() -> None:
    objects = Crowd(objects=600, workers=10, hard=0.0, skills=(0.9, 0.95)).answers(3)
    chance = random.Random(1)
    poor = [
        [(w, label if w or chance.random() < 0.65 else chance.randrange(4)) for w, label in answers]
        for answers in objects
    ]
    assert not any(item.spammer for item in spammers.suspicions(poor, 4))


def test_few_answers_accuse_nobody() -> None:
    objects = [[(ADA, 0), (BEN, 0), (CLEO, 1)]] * 9
    assert [item.z for item in spammers.suspicions(objects, 2)] == [None] * 3


def test_two_who_agree_against_one_who_does_not_look_are_no_copyists() -> None:
    objects = [[(ADA, n % 2), (BEN, n % 2), (CLEO, 2)] for n in range(200)]
    assert copies.copies(objects, 3) == ()


def test_one_label_everywhere_tells_nothing_about_looking() -> None:
    found = spammers.suspicions([[(ADA, 0), (BEN, 0)]] * 50, 2)
    assert not any(item.spammer for item in found)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_neither_order_nor_names_change_what_is_found(chance: random.Random) -> None:
    crowd = Crowd(objects=60, workers=6, habits=(Habit.RANDOM, Habit.COPYCAT))
    objects = crowd.answers(7)
    labels = chance.sample(range(4), 4)
    shuffled = [
        [(worker + 10, labels[label]) for worker, label in chance.sample(answers, len(answers))]
        for answers in chance.sample(objects, len(objects))
    ]
    before, after = spammers.suspicions(objects, 4), spammers.suspicions(shuffled, 4)
    assert [item.worker + 10 for item in before] == [item.worker for item in after]
    assert [item.z for item in before] == pytest.approx([item.z for item in after])
    pairs = [
        [replace(item, evidence=round(item.evidence, 6)) for item in copies.copies(answers, 4)]
        for answers in (objects, shuffled)
    ]
    moved = [replace(p, worker=p.worker + 10, source=p.source + 10) for p in pairs[0]]
    assert {(frozenset({p.worker, p.source}), p.evidence) for p in moved} == {
        (frozenset({p.worker, p.source}), p.evidence) for p in pairs[1]
    }
