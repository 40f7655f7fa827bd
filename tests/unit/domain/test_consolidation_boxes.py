"""Boxes of several workers become one, whoever they are and in whatever order they come."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation import boxes
from ground_truth.consolidation.__main__ import main
from ground_truth.consolidation.box_fusion import Edges, worker_spreads
from ground_truth.consolidation.existence import Crowd, Sighting, learn
from ground_truth.consolidation.linkage import clusters
from ground_truth.consolidation.marks import FusedMark, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Drawn = dict[str, list[Mark[Edges]]]
CLASSES = 3
SEEN = (10.0, 10.0, 30.0, 50.0)


def box(*edges: float, label: int = 0) -> Mark[Edges]:
    left, top, right, bottom = edges
    return Mark(label=label, shape=(left, top, right, bottom))


def consolidated(answers: Mapping[str, Sequence[Mark[Edges]]]) -> list[FusedMark[Edges]]:
    [found] = boxes.consolidate([answers], CLASSES)
    return found


sides = st.integers(0, 60)


@st.composite
def marks(draw: st.DrawFn) -> Mark[Edges]:
    left, top = draw(sides), draw(sides)
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    label = draw(st.integers(0, CLASSES - 1))
    return box(left, top, left + width, top + height, label=label)


answers = st.dictionaries(
    st.sampled_from("abcde"), st.lists(marks(), max_size=4), min_size=1, max_size=5
)


def test_two_of_three_are_believed_and_one_of_three_is_not() -> None:
    both = box(*SEEN)
    [sure, unsure] = consolidated({"a": [both, box(100, 100, 120, 120)], "b": [both], "c": []})

    assert (sure.shape, unsure.shape) == (SEEN, (100.0, 100.0, 120.0, 120.0))
    assert unsure.confidence < 0.5 < sure.confidence


def test_wild_edge_moves_the_box_less_than_a_mean_would() -> None:
    careless = box(10, 10, 42, 50)
    found = consolidated({"a": [box(*SEEN)], "b": [box(*SEEN)], "c": [careless]})

    assert len(found) == 1
    assert 30.0 <= found[0].shape[2] < 32.0  # their mean is 34
    assert found[0].shape[:2] == pytest.approx((10.0, 10.0))


def test_one_workers_boxes_are_never_one_thing() -> None:
    assert len(consolidated({"a": [box(*SEEN), box(10, 10, 31, 50)], "b": [box(*SEEN)]})) == 2


def test_boxes_of_two_labels_are_one_thing_with_the_label_most_gave() -> None:
    [found] = consolidated(
        {"a": [box(*SEEN, label=1)], "b": [box(*SEEN, label=1)], "c": [box(*SEEN, label=2)]}
    )
    [certain] = consolidated({worker: [box(*SEEN, label=1)] for worker in "abc"})

    assert found.label == 1
    assert found.confidence < certain.confidence


def test_same_label_wins_between_equally_good_partners() -> None:
    found = consolidated(
        {
            "a": [box(*SEEN, label=1), box(*SEEN, label=2)],
            "b": [box(*SEEN, label=2), box(*SEEN, label=1)],
        }
    )

    assert sorted(mark.label for mark in found) == [1, 2]


def test_nobody_saw_anything() -> None:
    assert boxes.consolidate([{"a": [], "b": []}, {}], CLASSES) == [[], []]


@given(st.lists(answers, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_changes_nothing(objects: list[Drawn], shuffle: random.Random) -> None:
    expected = boxes.consolidate(objects, CLASSES)
    order = shuffle.sample(range(len(objects)), len(objects))
    shuffled = [
        {
            worker: shuffle.sample(objects[place][worker], len(objects[place][worker]))
            for worker in shuffle.sample(sorted(objects[place]), len(objects[place]))
        }
        for place in order
    ]

    assert boxes.consolidate(shuffled, CLASSES) == [expected[place] for place in order]


@given(st.lists(answers, min_size=1, max_size=3))
def test_renamed_workers_change_nothing(objects: list[Drawn]) -> None:
    # No two shapes alike: of equal shapes the worker's name says which is clustered first.
    places = [mark.shape for drawn in objects for seen in drawn.values() for mark in seen]
    if len(set(places)) < len(places):
        return
    renamed = [
        {f"z{ord('z') - ord(worker)}": seen for worker, seen in drawn.items()} for drawn in objects
    ]

    assert boxes.consolidate(renamed, CLASSES) == boxes.consolidate(objects, CLASSES)


@given(st.lists(answers, min_size=1, max_size=3))
def test_boxes_twice_as_large_have_results_twice_as_large(objects: list[Drawn]) -> None:
    def doubled(edges: Edges) -> Edges:
        return edges[0] * 2.0, edges[1] * 2.0, edges[2] * 2.0, edges[3] * 2.0

    larger = [
        {
            worker: [Mark(label=mark.label, shape=doubled(mark.shape)) for mark in seen]
            for worker, seen in drawn.items()
        }
        for drawn in objects
    ]
    for small, large in zip(
        boxes.consolidate(objects, CLASSES), boxes.consolidate(larger, CLASSES), strict=True
    ):
        assert [(mark.label, mark.confidence) for mark in large] == [
            (mark.label, mark.confidence) for mark in small
        ]
        for before in small:
            # Of equally likely ones the last digit of an edge may decide which comes first.
            same = [mark for mark in large if mark.confidence == before.confidence]
            assert any(
                mark.shape == pytest.approx(doubled(before.shape), abs=1e-2) for mark in same
            )


@given(answers)
def test_fused_box_lies_between_those_it_was_made_of(drawn: Drawn) -> None:
    shapes = [mark.shape for seen in drawn.values() for mark in seen]
    for found in consolidated(drawn):
        assert 0.0 < found.confidence < 1.0
        for side in range(4):
            values = [shape[side] for shape in shapes]
            assert min(values) - 1e-9 <= found.shape[side] <= max(values) + 1e-9


@given(st.lists(marks(), min_size=1, max_size=5), st.integers(0, 3))
def test_somebody_who_agrees_never_lowers_confidence(seen: list[Mark[Edges]], more: int) -> None:
    """One thing of one label: elsewhere, what an answer says of other workers counts as well."""
    passed: dict[str, list[Mark[Edges]]] = {f"z{number}": [] for number in range(more)}
    drawn = {f"a{number}": [Mark(label=0, shape=mark.shape)] for number, mark in enumerate(seen)}
    [before] = boxes.consolidate([{**drawn, **passed}], 1)
    if len(before) > 1:
        return
    agreeing = [Mark(label=0, shape=before[0].shape)]
    [after] = boxes.consolidate([{**drawn, **passed, "new": agreeing}], 1)

    assert max(mark.confidence for mark in after) >= before[0].confidence - 1e-9


def test_average_linkage_breaks_a_chain() -> None:
    alike = {(0, 1): 0.6, (1, 2): 0.5}
    assert clusters("abc", alike, threshold=0.4) == [[0, 1], [2]]
    assert clusters("abc", {**alike, (0, 2): 0.4}, threshold=0.4) == [[0, 1, 2]]
    assert clusters("aba", {**alike, (0, 2): 0.4}, threshold=0.4) == [[0, 1], [2]]


def there(crowd: Crowd, marked: Mapping[str, int], passed: str) -> float:
    return sum(crowd.posterior(Sighting(marked=marked, passed=frozenset(passed))).values())


def test_careful_worker_counts_more_than_one_who_marks_everything() -> None:
    things = [Sighting(marked=dict.fromkeys("abc", 0), passed=frozenset()) for _ in range(20)]
    mistakes = [Sighting(marked={"c": 0}, passed=frozenset("ab")) for _ in range(20)]
    crowd = learn([*things, *mistakes], classes=1, nothing=0.5)

    assert crowd.rate("a").false_alarm < crowd.rate("c").false_alarm
    assert there(crowd, {"a": 0}, "c") > there(crowd, {"c": 0}, "a")


def test_crowd_that_misses_most_is_not_thought_to_see_nothing() -> None:
    seldom = [Sighting(marked={"a": 0}, passed=frozenset("bc")) for _ in range(30)]
    seldom += [Sighting(marked={"b": 0, "c": 0}, passed=frozenset("a")) for _ in range(10)]
    crowd = learn(seldom, classes=1, nothing=0.5)

    assert there(crowd, {"b": 0, "c": 0}, "a") > 0.5


def test_label_is_the_surer_workers_where_two_differ() -> None:
    sightings = [
        Sighting(marked={"a": number % 2, "b": number % 2, "c": 0}, passed=frozenset())
        for number in range(60)
    ]
    crowd = learn(sightings, classes=2, nothing=0.5)
    found = crowd.posterior(Sighting(marked={"a": 1, "c": 0}, passed=frozenset()))

    assert found[1] > 0.5 > found[0]


@pytest.mark.parametrize("classes", [1, 2, 5, 1000])
def test_probabilities_are_such(classes: int) -> None:
    marks_of = [Sighting(marked={"a": 0, "b": classes - 1}, passed=frozenset("c"), odds=3.0)] * 3
    crowd = learn(marks_of, classes=classes, nothing=0.3)
    found = crowd.posterior(marks_of[0])

    assert all(0.0 < value < 1.0 for value in found.values())
    assert sum(found.values()) < 1.0


def test_exact_worker_has_the_smaller_spread() -> None:
    generator = random.Random(0)

    def drawn(noise: float) -> Edges:
        left, top, right, bottom = (edge + generator.gauss(0.0, noise) for edge in SEEN)
        return left, top, right, bottom

    spreads = worker_spreads(
        [[("a", drawn(0.2)), ("b", drawn(2.0)), ("c", drawn(2.0))] for _ in range(50)]
    )

    assert spreads["a"] < 0.6 * spreads["b"]


def test_whole_job_of_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tasks.csv").write_text("object,worker\n1,a\n1,b\n1,c\n2,a\n")
    (tmp_path / "images.csv").write_text("object,width,height\n1,25,100\n")
    (tmp_path / "boxes.csv").write_text(
        "object,worker,left,top,width,height,label\n"
        "1,a,10,10,20,40,x\n1,b,10,10,20,40,x\n1,a,40,10,5,5,x\n1,c,1,nan,2,2,x\n3,d,0,0,5,5,y\n"
    )

    assert main(["boxes", str(tmp_path), str(tmp_path / "out.csv")]) == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = [list(row.values())[:-1] for row in csv.DictReader(file)]
    assert rows == [
        ["1", "10.0", "10.0", "15.0", "40.0", "x"],
        ["3", "0.0", "0.0", "5.0", "5.0", "y"],
    ]
    assert "boxes.csv: 2 marks left out" in caplog.text
