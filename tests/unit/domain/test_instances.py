"""Instances of several workers: matched by what they cover, each made as a mask is."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ground_truth.consolidation import masks
from ground_truth.consolidation.__main__ import main
from ground_truth.consolidation.files.masks import decode, encode
from ground_truth.consolidation.instances import Area, consolidate, overlap
from ground_truth.consolidation.marks import FusedMark, Mark

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (60, 90)
Answer = Sequence[Mark[Area]]


def disc(x: float, y: float = 30.0, radius: float = 10.0) -> masks.Mask:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    found: masks.Mask = (np.hypot(rows - y, columns - x) < radius).astype(np.uint8)
    return found


def area(mask: masks.Mask) -> Area:
    return Area.of(mask, (mask.shape[0], mask.shape[1]))


def seen(*drawn: masks.Mask, label: int = 0) -> Answer:
    return [Mark(label=label, shape=area(mask)) for mask in drawn]


def whole(found: Area) -> masks.Mask:
    return found.window(0, 0, found.height, found.width)


def made(answers: Mapping[str, Answer], classes: int = 2) -> list[FusedMark[Area]]:
    [found] = consolidate([answers], classes)
    return [mark for mark in found if mark.confidence >= 0.5]


marked = arrays.arrays(np.uint8, (8, 9), elements=st.integers(0, 1)).filter(np.any)


@given(marked, marked)
def test_areas_overlap_as_their_masks_do(first: masks.Mask, second: masks.Mask) -> None:
    assert overlap(area(first), area(second)) == pytest.approx(
        np.count_nonzero(first & second) / np.count_nonzero(first | second)
    )
    assert np.array_equal(whole(area(first)), first)


@given(st.lists(marked, min_size=1, max_size=4))
def test_one_thing_of_several_is_what_a_mask_of_several_is(drawn: list[masks.Mask]) -> None:
    # a corner everybody marks much more than anything else holds them together
    large = []
    for mask in drawn:
        image = np.zeros((40, 40), dtype=np.uint8)
        image[2:30, 2:30] = 1
        image[27:35, 27:36] |= mask
        large.append(image)
    [found] = made({str(place): seen(mask) for place, mask in enumerate(large)})

    assert np.array_equal(whole(found.shape), masks.consolidate(large).mask)


def test_things_of_one_class_that_touch_stay_two() -> None:
    answers = {
        "a": seen(disc(25), disc(45)),
        "b": seen(disc(26), disc(44)),
        "c": seen(disc(25, 31), disc(45, 29)),
    }
    found = made(answers)

    assert [round(mark.confidence, 1) for mark in found] == [1.0, 1.0]
    for mark, x in zip(sorted(found, key=lambda each: each.shape.left), (25, 45), strict=True):
        assert overlap(mark.shape, area(disc(x))) > 0.9


def test_a_thing_only_one_of_four_saw_is_not_believed_and_labels_are_voted_on() -> None:
    answers = {
        "a": seen(disc(25), label=1),
        "b": seen(disc(25), label=1),
        "c": [*seen(disc(25)), *seen(disc(70))],
        "d": seen(disc(26), label=1),
    }
    [found] = made(answers)

    assert found.label == 1
    assert overlap(found.shape, area(disc(25))) > 0.9


def test_a_spoilt_area_does_not_count_where_others_agree() -> None:
    spoilt = disc(25) | disc(25, 30, 6)
    spoilt[:, :20] = 0  # most of it is missing
    answers = {**{who: seen(disc(25)) for who in "abc"}, "d": seen(spoilt)}
    [found] = made(answers)

    assert overlap(found.shape, area(disc(25))) == 1.0


@given(st.permutations("abcd"), st.integers(0, 1 << 30))
def test_no_order_changes_anything(names: list[str], seed: int) -> None:
    generator = np.random.default_rng(seed)
    answers = {
        who: seen(*(disc(generator.uniform(20, 60), generator.uniform(20, 40)) for _ in range(3)))
        for who in "abcd"
    }
    other = {who: list(reversed(answers[who])) for who in names}

    assert consolidate([answers, other], 1)[0] == consolidate([other, answers], 1)[1]
    assert consolidate([answers], 1) == consolidate([other], 1)


def test_areas_of_images_of_other_sizes_are_never_the_same_thing() -> None:
    small = Area.of(np.ones((4, 4), dtype=np.uint8), (4, 4))
    assert overlap(small, Area.of(np.ones((4, 4), dtype=np.uint8), (9, 9))) == 0.0


def test_files_of_instances_become_a_row_for_each_thing(tmp_path: Path) -> None:
    rows = [("1", who, disc(x), "cell") for who in "abc" for x in (25, 45)]
    rows += [("2", "a", disc(30), "cell")]
    text = [f"{item},{who},60,90,{encode(mask)},{label}" for item, who, mask, label in rows]
    lines = ["object,worker,height,width,rle,label", *text, f"2,b,60,90,{60 * 90},cell"]
    (tmp_path / "instances.csv").write_text("\n".join(lines))
    (tmp_path / "tasks.csv").write_text("object,worker\n1,a\n2,a\n2,c\n2,d\n3,a\n")

    assert main(["instances", str(tmp_path), str(tmp_path / "out.csv")]) == 0

    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    sure = [row for row in found if float(row["confidence"]) >= 0.5]
    assert [(row["object"], row["label"]) for row in sure] == [("1", "cell"), ("1", "cell")]
    drawn = sorted(np.flatnonzero(decode(row["rle"], SIZE).any(axis=0))[0] for row in sure)
    assert drawn == [16, 36]
    # two of the three who looked at it and could be read saw nothing
    [unsure] = [row for row in found if row["object"] == "2"]
    assert float(unsure["confidence"]) < 0.5
