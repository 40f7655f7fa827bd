"""Our models, stripped of what crowd-kit's don't have, say what crowd-kit says.

What crowd-kit said of small crowds is kept in a file, so that it need not be there. `make
test-oracle` installs it and asks anew, about these crowds, many drawn ones and large ones; with
REGENERATE=1 it writes the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.oracle import ours
from tests.oracle.crowds import LARGE, Crowd, accuracy
from tests.oracle.ours import Row, shared
from tests.oracle.questions import Question, discs, kept, named, questions

if TYPE_CHECKING:
    from tests.oracle.asking import Ask

QUESTIONS = {named(question): question for question in questions()}
# crowd-kit allows no probability below 1e-10, each answer adds to that.
CLOSE = 1e-7
# Of one crowd; over all of them ours is better.
MARGIN = 0.02
SEEDS = (1, 2, 3)

drawn_rows = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 3)),
    min_size=2,
    max_size=50,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(f"o{item}", f"w{worker}", f"c{label}") for item, worker, label in rows])
drawn_sets = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 5), st.sets(st.sampled_from("abc"), min_size=1)),
    min_size=2,
    max_size=50,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(f"o{item}", f"w{worker}", sorted(labels)) for item, worker, labels in rows])


def same(mine: Any, theirs: Any) -> None:
    """Hold two answers to a question against each other: a number, probabilities or masks."""
    if isinstance(theirs, float):
        assert mine == pytest.approx(theirs, abs=CLOSE)
    elif len(theirs[0]) == 2:
        assert dict(mine) == dict(theirs)
    else:
        ours, others = probabilities(mine), probabilities(theirs)
        # what was never chosen is left out by one or the other
        for pair in ours.keys() | others.keys():
            assert ours.get(pair, 0.0) == pytest.approx(others.get(pair, 0.0), abs=CLOSE), pair


def probabilities(answer: Sequence[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    return {(item, label): sure for item, label, sure in answer}


def compare(question: Question, crowd_kit: Ask) -> None:
    same(ours.ASKED[question["asked"]](question), crowd_kit(question))


@pytest.mark.parametrize("name", QUESTIONS)
def test_ours_say_what_crowd_kit_has_said(name: str) -> None:
    question = QUESTIONS[name]

    same(ours.ASKED[question["asked"]](question), kept()[name])


def test_answers_to_all_questions_are_kept() -> None:
    assert list(kept()) == list(QUESTIONS)


def test_crowd_kit_says_what_it_has_said(crowd_kit: Ask) -> None:
    for name, answer in kept().items():
        same(crowd_kit(QUESTIONS[name]), answer)


@given(drawn_rows)
def test_shares_of_votes_are_crowd_kits(crowd_kit: Ask, rows: list[Row]) -> None:
    compare({"asked": "votes", "rows": rows}, crowd_kit)


@given(drawn_rows)
def test_alpha_is_crowd_kits(crowd_kit: Ask, rows: list[Row]) -> None:
    assume(shared(rows))
    compare({"asked": "alpha", "rows": rows}, crowd_kit)


@given(drawn_sets)
def test_alpha_of_sets_is_crowd_kits(crowd_kit: Ask, rows: list[Any]) -> None:
    assume(shared(rows))
    compare({"asked": "alpha of sets", "rows": rows}, crowd_kit)


@given(drawn_rows, st.integers(1, 30))
@settings(max_examples=50)
def test_matrices_without_prior_are_crowd_kits(
    crowd_kit: Ask, rows: list[Row], rounds: int
) -> None:
    assume(shared(rows))
    compare({"asked": "matrices", "rows": shared(rows), "rounds": rounds}, crowd_kit)


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_masks_of_most_people_are_crowd_kits(crowd_kit: Ask, seed: int) -> None:
    compare({"asked": "masks", "rows": discs(seed)}, crowd_kit)


@pytest.mark.parametrize("crowd", LARGE, ids=lambda crowd: crowd.name)
def test_models_of_large_crowds_are_crowd_kits_to_their_end(crowd_kit: Ask, crowd: Crowd) -> None:
    rows = shared(crowd.drawn()[0])

    for asked in ("matrices", "coins") if crowd.is_plainly_good else ("matrices",):
        compare({"asked": asked, "rows": rows, "rounds": 60}, crowd_kit)


@pytest.fixture(scope="session")
def gains(crowd_kit: Ask) -> dict[str, float]:
    """By how much our labels, as shipped, are righter than crowd-kit's: of each crowd, a mean."""
    return {
        crowd.name: fmean(gain(*crowd.drawn(seed), crowd_kit) for seed in SEEDS) for crowd in LARGE
    }


def gain(rows: list[Row], truth: dict[str, str], crowd_kit: Ask) -> float:
    theirs = likeliest(crowd_kit({"asked": "as shipped", "rows": rows}))
    return accuracy(ours.labels_of(rows), truth) - accuracy(theirs, truth)


def likeliest(answer: Sequence[tuple[str, str, float]]) -> dict[str, str]:
    """Return the likeliest label of each object, of equals the first by name."""
    return {item: label for item, label, _ in sorted(answer, key=lambda row: (row[2], row[1]))}


@pytest.mark.parametrize("crowd", LARGE, ids=lambda crowd: crowd.name)
def test_labels_are_hardly_less_right_than_crowd_kits(
    gains: dict[str, float], crowd: Crowd
) -> None:
    assert gains[crowd.name] > -MARGIN


def test_labels_are_righter_than_crowd_kits_over_all_crowds(gains: dict[str, float]) -> None:
    assert fmean(gains.values()) > 0.01
