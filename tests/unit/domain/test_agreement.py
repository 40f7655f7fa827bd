"""Agreement against worked examples of those who defined the measures."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.agreement import alpha, beta, distances
from ground_truth.consolidation.marks import Mark

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), C: the answers of four
# observers, a text a unit, some missing. Nominal 0.743, interval 0.849.
UNITS = ["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3"]
# the same paper, A: two observers, ten units, two values. 0.095
BINARY = ["01", "11", "01", "00", "00", "01", "00", "00", "10", "00"]


def test_alpha_of_two_observers_and_two_values_is_that_of_the_paper() -> None:
    found = alpha.nominal(BINARY)
    assert (round(found.alpha or 0, 3), found.objects, found.answers) == (0.095, 10, 20)


def test_alpha_of_four_observers_with_missing_answers_is_that_of_the_paper() -> None:
    found = alpha.nominal(UNITS)
    # 0.743421 to six digits in Gwet, "On the Krippendorff's Alpha Coefficient" (2011)
    assert (round(found.alpha or 0, 6), found.objects, found.answers) == (0.743421, 11, 40)


def test_alpha_of_any_distance_is_that_of_the_paper_for_squared_differences() -> None:
    found = alpha.structured(UNITS, lambda a, b: (int(a) - int(b)) ** 2)
    assert (round(found.alpha or 0, 3), found.objects, found.answers) == (0.849, 11, 40)


def test_alpha_is_unknown_where_nothing_can_vary() -> None:
    assert alpha.nominal(["1", "2"]) == alpha.Agreement(alpha=None, objects=0, answers=0)
    assert alpha.nominal(["11", "11"]).alpha is None
    assert alpha.structured(["11"], lambda a, b: float(a != b)).alpha is None


@given(st.lists(st.text(st.sampled_from("abc"), max_size=5), max_size=8))
def test_alpha_of_equal_or_not_is_the_nominal_one(objects: list[str]) -> None:
    general = alpha.structured(objects, lambda a, b: float(a != b))
    special = alpha.nominal(objects)
    assert (general.objects, general.answers) == (special.objects, special.answers)
    assert general.alpha == (None if special.alpha is None else pytest.approx(special.alpha))


def test_alpha_of_many_answers_is_estimated_closely_and_always_the_same() -> None:
    objects = [*(["a", "a", "b"], ["b", "b", "c"], ["c", "c", "c"]) * 100]
    found = [alpha.structured(objects, lambda a, b: float(a != b)).alpha for _ in range(2)]
    assert found[0] == found[1] == pytest.approx(alpha.nominal(objects).alpha, abs=0.02)


@pytest.mark.parametrize(
    ("first", "second", "similarity"),
    [  # Passonneau (2006): M is 1, 2/3, 1/3 or 0, times the Jaccard index
        ({"a", "b"}, {"a", "b"}, 1.0),
        ({"a", "b"}, {"a", "b", "c", "d"}, 2 / 3 * 2 / 4),
        ({"a", "b", "c"}, {"b", "c", "d"}, 1 / 3 * 2 / 4),
        ({"a"}, {"b"}, 0.0),
        (set(), {"b"}, 0.0),
        (set(), set(), 1.0),
    ],
)
def test_masi_weighs_what_is_shared_by_how_the_sets_lie(
    first: set[str], second: set[str], similarity: float
) -> None:
    assert 1.0 - distances.masi(first, second) == pytest.approx(similarity)


def test_jaccard_is_the_share_that_is_not_in_both() -> None:
    assert distances.jaccard({"a", "b", "c"}, {"b", "c", "d"}) == 0.5
    assert distances.jaccard(set(), set()) == 0.0


def box(label: int, *edges: float) -> Mark[tuple[float, float, float, float]]:
    left, top, right, bottom = edges
    return Mark(label=label, shape=(left, top, right, bottom))


def span(label: int, start: int, end: int) -> Mark[tuple[int, int]]:
    return Mark(label=label, shape=(start, end))


def test_boxes_are_matched_one_to_one_by_label_the_closest_first() -> None:
    whole, half, other = box(0, 0, 0, 10, 10), box(0, 0, 0, 10, 5), box(1, 0, 0, 10, 10)
    assert distances.boxes([whole], [half]) == 0.5
    assert distances.boxes([whole], [other]) == 1.0
    # one of two boxes found its match; the other stands alone
    assert distances.boxes([whole], [half, whole]) == pytest.approx(1 - 1 / 2)
    assert distances.boxes([], [whole]) == 1.0
    assert distances.boxes([], []) == 0.0


def test_spans_differ_by_the_characters_not_both_have_marked_alike() -> None:
    assert distances.spans([span(0, 0, 4)], [span(0, 2, 6)]) == pytest.approx(1 - 2 / 6)
    assert distances.spans([span(0, 0, 4)], [span(1, 0, 4)]) == 1.0
    assert distances.spans([span(0, 0, 4)], [span(0, 0, 2), span(0, 2, 4)]) == 0.0
    assert distances.spans([], []) == 0.0


def test_masks_differ_by_the_mean_over_labels() -> None:
    assert distances.masks({"cat": 0b1100, "dog": 0b0011}, {"cat": 0b1000, "dog": 0b0011}) == 0.25
    assert distances.masks({"cat": 0b1}, {}) == 1.0
    assert distances.masks({"cat": 0}, {}) == 0.0


SETS = st.frozensets(st.sampled_from("abcd"))
BOXES = st.lists(
    st.builds(
        lambda label, left, top, width, height: box(label, left, top, left + width, top + height),
        st.integers(0, 1),
        *[st.integers(0, 20)] * 2,
        *[st.integers(1, 9)] * 2,
    ),
    max_size=4,
)
SPANS = st.lists(
    st.builds(
        lambda label, start, size: span(label, start, start + size),
        st.integers(0, 1),
        st.integers(0, 20),
        st.integers(1, 5),
    ),
    max_size=4,
)
MASKS = st.dictionaries(st.sampled_from("ab"), st.integers(0, 255))


@pytest.mark.parametrize(
    ("distance", "answers"),
    [
        (distances.jaccard, SETS),
        (distances.masi, SETS),
        (distances.boxes, BOXES),
        (distances.spans, SPANS),
        (distances.masks, MASKS),
    ],
)
@given(data=st.data())
def test_distances_are_symmetric_within_0_and_1_and_0_for_the_same(
    data: st.DataObject,
    distance: Callable[[object, object], float],
    answers: st.SearchStrategy[object],
) -> None:
    first, second = data.draw(answers), data.draw(answers)
    found = distance(first, second)
    assert 0.0 <= found <= 1.0 + 1e-12
    assert found == pytest.approx(distance(second, first))
    assert distance(first, first) == pytest.approx(0.0)


@given(st.floats(0.01, 0.99), st.floats(0.1, 50))
def test_quantile_is_exact_where_there_is_a_closed_form(p: float, a: float) -> None:
    assert beta.quantile(p, a, 1) == pytest.approx(p ** (1 / a), abs=1e-9)
    assert beta.quantile(p, 0.5, 0.5) == pytest.approx(math.sin(math.pi * p / 2) ** 2, abs=1e-9)


def test_interval_holds_the_rate_with_nine_chances_in_ten() -> None:
    found = beta.rate(7, 10)
    assert found.mean == pytest.approx(7.5 / 11)
    assert beta.cumulative(found.low, 7.5, 3.5) == pytest.approx(0.05)
    assert beta.cumulative(found.high, 7.5, 3.5) == pytest.approx(0.95)
    assert (beta.rate(0, 10).low, beta.rate(10, 10).high) == (0.0, 1.0)


def test_cumulative_of_whole_parameters_is_a_binomial_sum() -> None:
    # Abramowitz and Stegun 26.5.24
    exact = sum(math.comb(10, k) * 0.3**k * 0.7 ** (10 - k) for k in range(4, 11))
    assert beta.cumulative(0.3, 4, 7) == pytest.approx(exact, abs=1e-12)


@given(st.floats(0.01, 0.99), st.floats(0.5, 500), st.floats(0.5, 500))
def test_quantile_undoes_the_cumulative_distribution(p: float, a: float, b: float) -> None:
    assert beta.cumulative(beta.quantile(p, a, b), a, b) == pytest.approx(p, abs=1e-6)
