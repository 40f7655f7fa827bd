"""Who works with whom when people take turns."""

from ground_truth_local.workers.team import round_order

SIX = ("ada", "ben", "cleo", "dan", "eva", "finn")


def test_everybody_has_one_turn_a_round_in_an_order_that_repeats_with_the_seed() -> None:
    first = [round_order(SIX, seed=1, round_number=number) for number in range(20)]
    again = [round_order(SIX, seed=1, round_number=number) for number in range(20)]

    assert first == again
    assert all(sorted(order) == list(SIX) for order in first)
    assert first != [round_order(SIX, seed=2, round_number=number) for number in range(20)]


def test_six_people_meet_in_many_groups_of_three() -> None:
    groups = {
        frozenset(part)
        for number in range(60)
        for order in [round_order(SIX, seed=1, round_number=number)]
        for part in (order[:3], order[3:])
    }

    assert len(groups) == 20  # every group there is
