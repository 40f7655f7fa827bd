from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_ops.quality import (
    Answer,
    Bin,
    Calibration,
    Prediction,
    WorkerAccuracy,
    calibrate,
    majority_accuracy,
    measure,
    worker_accuracies,
)


def answers(*rows: str) -> list[Answer]:
    """`object worker label` rows."""
    return [
        Answer(object_id=o, worker=w, label=label) for o, w, label in (row.split() for row in rows)
    ]


TRUTH = {"0": "cat", "1": "dog"}


def test_lists_workers_from_most_to_least_accurate() -> None:
    found = worker_accuracies(TRUTH, answers("0 ada cat", "1 ada dog", "0 ben dog", "1 ben dog"))
    assert found == (
        WorkerAccuracy(worker="ada", answers=2, accuracy=1.0),
        WorkerAccuracy(worker="ben", answers=2, accuracy=0.5),
    )


def test_majority_earns_one_when_right_and_nothing_when_wrong() -> None:
    votes = answers("0 a cat", "0 b cat", "0 c dog", "1 a cat", "1 b cat", "1 c dog")
    assert majority_accuracy(TRUTH, votes) == 0.5


def test_majority_earns_the_share_of_a_tie() -> None:
    assert majority_accuracy({"0": "cat"}, answers("0 a cat", "0 b dog", "0 c cow")) == 1 / 3


def test_majority_counts_unanswered_objects_as_wrong() -> None:
    assert majority_accuracy(TRUTH, answers("0 a cat")) == 0.5


def test_majority_of_nothing_known_is_zero() -> None:
    assert majority_accuracy({}, answers("0 a cat")) == 0.0


@given(st.permutations(answers("0 a cat", "0 b dog", "0 c cat", "1 a dog", "1 b cat", "1 c cow")))
def test_majority_depends_on_no_order(votes: list[Answer]) -> None:
    assert majority_accuracy(TRUTH, votes) == (1 + 1 / 3) / 2


def test_calibration_puts_gap_and_square_error_into_bins() -> None:
    found = calibrate([(0.75, True), (0.75, False), (0.25, False), (0.5, True)], bins=2)
    assert found == Calibration(
        ece=(2 * 0.125 + 2 * 0.25) / 4,
        brier=(0.0625 + 0.5625 + 0.0625 + 0.25) / 4,
        bins=(
            Bin(low=0.0, high=0.5, count=2, confidence=0.375, accuracy=0.5),
            Bin(low=0.5, high=1.0, count=2, confidence=0.75, accuracy=0.5),
        ),
    )


def test_calibration_of_nothing_is_zero() -> None:
    assert calibrate([], bins=1) == Calibration(
        ece=0.0,
        brier=0.0,
        bins=(Bin(low=0.0, high=1.0, count=0, confidence=0.0, accuracy=0.0),),
    )


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_confidence_outside_its_range_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence out of range"):
        calibrate([(confidence, True)])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_every_prediction_lands_in_one_bin_and_scores_stay_in_range(
    outcomes: list[tuple[float, bool]],
) -> None:
    found = calibrate(outcomes)
    assert sum(item.count for item in found.bins) == len(outcomes)
    assert 0.0 <= found.ece <= 1.0
    assert 0.0 <= found.brier <= 1.0


def test_measures_people_majority_and_consolidated_labels_together() -> None:
    votes = answers("0 a cat", "0 b dog", "1 a dog", "1 b dog", "9 a cat")
    found = measure(
        TRUTH,
        votes,
        [
            Prediction(object_id="0", label="cat", confidence=0.75),
            Prediction(object_id="9", label="cat", confidence=1.0),
        ],
    )
    assert (found.objects, found.majority, found.consolidated) == (2, 0.75, 0.5)
    assert found.mean_worker == 0.75
    assert found.best_worker == WorkerAccuracy(worker="a", answers=2, accuracy=1.0)
    assert found.calibration.brier == 0.0625


def test_nobody_answered_means_no_best_worker() -> None:
    found = measure(TRUTH, [], [])
    assert (found.best_worker, found.mean_worker, found.majority) == (None, 0.0, 0.0)
