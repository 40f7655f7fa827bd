"""Masks of several workers become one, pixel by pixel, and spoilt ones don't count."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ground_truth.consolidation import masks
from ground_truth.consolidation.__main__ import main
from ground_truth.consolidation.files.masks import decode, encode

if TYPE_CHECKING:
    import random
    from pathlib import Path

    import numpy.typing as npt

Mask = masks.Mask
CLASSES = 3


def disc(radius: float, *, x: float = 32.0, size: int = 64, number: int = 1) -> Mask:
    rows, columns = np.mgrid[:size, :size]
    found: npt.NDArray[np.uint8] = np.where(
        np.hypot(rows - 32.0, columns - x) < radius, number, 0
    ).astype(np.uint8)
    return found


drawn = arrays.arrays(np.uint8, (9, 7), elements=st.integers(0, CLASSES - 1))
some_masks = st.lists(drawn, min_size=1, max_size=6)


def test_vote_of_three_is_the_one_in_the_middle() -> None:
    found = masks.consolidate([disc(9.0), disc(10.0), disc(11.0)])

    assert masks.agreement(found.mask, disc(10.0)) > 0.98
    assert found.dropped == ()
    assert 0.8 < found.confidence < 1.0


@pytest.mark.parametrize(
    "spoilt", [disc(0.0), disc(99.0), disc(10.0, x=8.0), (1 - disc(10.0)).astype(np.uint8)]
)
def test_spoilt_masks_are_dropped_and_cost_no_confidence(spoilt: Mask) -> None:
    good = [disc(9.5), disc(10.0), disc(10.5)]
    found = masks.consolidate([*good, spoilt])

    assert found.dropped == (3,)
    assert masks.agreement(found.mask, disc(10.0)) > 0.95
    assert found.confidence > 0.9


def test_ragged_edges_are_smoothed() -> None:
    generator = np.random.default_rng(0)
    size = 256
    rows, columns = np.mgrid[:size, :size]
    far = np.hypot(rows - 128.0, columns - 128.0)
    ragged = [
        (far + generator.normal(0.0, 6.0, far.shape) < 90.0).astype(np.uint8) for _ in range(3)
    ]
    right = (far < 90.0).astype(np.uint8)
    majority = (np.sum(ragged, axis=0) > 1).astype(np.uint8)

    found = masks.consolidate(ragged).mask

    assert masks.agreement(found, right) > masks.agreement(majority, right) + 0.02


def test_classes_are_voted_on_where_workers_differ() -> None:
    left, right = disc(10.0, x=20.0), disc(8.0, x=44.0, number=2)
    both = left + right
    found = masks.consolidate([both, both, left + disc(8.0, x=44.0, number=1)])

    assert (found.mask == both).all()
    assert list(masks.present(found.mask)) == [1, 2]
    # Two of three agree entirely, and the worst is left out.
    assert found.class_confidences == {1: 1.0, 2: 1.0}


def test_one_mask_alone_stays_as_it_is() -> None:
    found = masks.consolidate([disc(10.0)])

    assert (found.mask == disc(10.0)).all()
    assert found.confidence == 0.75  # nothing is known of it


def test_masks_of_nothing_agree() -> None:
    found = masks.consolidate([np.zeros((5, 4), np.uint8)] * 3)

    assert not found.mask.any()
    assert found.confidence == 1.0
    assert found.class_confidences == {}


def test_masks_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not of one size: got \(4, 4\), \(4, 5\)"):
        masks.consolidate([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)])
    with pytest.raises(ValueError, match="got none"):
        masks.consolidate([])


@given(some_masks, st.randoms(use_true_random=False))
def test_order_of_workers_changes_nothing(given_masks: list[Mask], shuffle: random.Random) -> None:
    expected = masks.consolidate(given_masks)
    found = masks.consolidate(shuffle.sample(given_masks, len(given_masks)))

    assert (found.mask == expected.mask).all()
    assert found.confidence == expected.confidence
    assert found.class_confidences == expected.class_confidences


@given(some_masks)
def test_what_everybody_gave_the_same_class_keeps_it(given_masks: list[Mask]) -> None:
    found = masks.consolidate(given_masks)
    kept = [mask for place, mask in enumerate(given_masks) if place not in found.dropped]
    stack = np.stack(kept)
    agreed = (stack == stack[0]).all(axis=0)

    assert (found.mask[agreed] == stack[0][agreed]).all()
    assert (stack == found.mask).any(axis=0).all()
    assert 0.0 <= found.confidence <= 1.0
    assert set(found.class_confidences) == set(masks.present(found.mask))


@given(some_masks)
def test_somebody_who_agrees_never_lowers_confidence(given_masks: list[Mask]) -> None:
    before = masks.consolidate(given_masks)
    after = masks.consolidate([*given_masks, before.mask])
    # A changed result, or one with others dropped, has a confidence of its own.
    if (after.mask == before.mask).all() and before.dropped == after.dropped:
        assert after.confidence >= before.confidence - 1e-12


@given(drawn)
def test_run_lengths_are_read_as_they_were_written(mask: Mask) -> None:
    marked = (mask != 0).astype(np.uint8)

    assert (decode(encode(marked), (9, 7)) == marked).all()


@pytest.mark.parametrize(
    ("runs", "size"),
    [
        ("", (1, 1)),
        ("2 3", (2, 3)),
        ("7 -1", (2, 3)),
        ("x", (1, 1)),
        ("0", (0, 0)),
        ("9", (-3, -3)),
    ],
)
def test_run_lengths_that_do_not_fill_the_mask_are_refused(
    runs: str, size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match=r"fill|size|invalid literal"):
        decode(runs, size)


def test_whole_job_of_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "masks.csv").write_text(
        "object,worker,height,width,rle\n"
        "1,a,2,3,1 2 3\n1,b,2,3,1 2 3\n1,c,2,3,0 6\n1,d,3,3,9\n1,e,2,3,5\n2,a,1,1,0 1\n3,a,1,1,7\n"
    )

    assert main(["masks", str(tmp_path), str(tmp_path / "out.csv")]) == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    assert [row[:-1] for row in rows] == [["1", "2", "3", "1 2 3"], ["2", "1", "1", "0 1"]]
    assert math.isclose(float(rows[0][-1]), 1.0)
    assert caplog.messages == [
        "masks.csv: 2 masks left out: object 1, worker e: run lengths do not fill 2 x 3: got 5; "
        "object 3, worker a: run lengths do not fill 1 x 1: got 7"
    ]
