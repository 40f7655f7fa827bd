"""Spans of several workers become one, end by end."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation import spans
from ground_truth.consolidation.__main__ import main
from ground_truth.consolidation.marks import FusedMark, Mark
from ground_truth.consolidation.spans import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Drawn = dict[str, list[Mark[Span]]]
CLASSES = 3


def span(start: int, end: int, label: int = 0) -> Mark[Span]:
    return Mark(label=label, shape=(start, end))


def consolidated(answers: Mapping[str, Sequence[Mark[Span]]]) -> list[FusedMark[Span]]:
    [found] = spans.consolidate([answers], CLASSES)
    return found


@st.composite
def some_spans(draw: st.DrawFn) -> Mark[Span]:
    start = draw(st.integers(0, 30))
    return span(start, start + draw(st.integers(1, 12)), draw(st.integers(0, CLASSES - 1)))


answers = st.dictionaries(
    st.sampled_from("abcde"), st.lists(some_spans(), max_size=4), min_size=1, max_size=5
)


def test_ends_are_voted_on_by_themselves() -> None:
    [found] = consolidated({"a": [span(4, 12)], "b": [span(4, 10)], "c": [span(7, 12)]})

    assert found.shape == (4, 12)
    assert found.confidence > 0.5


def test_agreement_on_ends_and_label_makes_sure() -> None:
    [same] = consolidated({worker: [span(4, 12)] for worker in "abc"})
    [ends] = consolidated({"a": [span(4, 12)], "b": [span(4, 12)], "c": [span(4, 10)]})
    [labels] = consolidated({"a": [span(4, 12)], "b": [span(4, 12)], "c": [span(4, 12, 1)]})
    [alone] = consolidated({"a": [span(4, 12)], "b": [], "c": []})

    assert same.confidence > max(ends.confidence, labels.confidence)
    assert min(ends.confidence, labels.confidence) > alone.confidence
    assert alone.confidence < 0.5


def test_neighbours_stay_two() -> None:
    both = [span(0, 5), span(6, 11, 1)]

    assert sorted(mark.shape for mark in consolidated({"a": both, "b": both})) == [(0, 5), (6, 11)]


@given(st.lists(answers, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_changes_nothing(objects: list[Drawn], shuffle: random.Random) -> None:
    expected = spans.consolidate(objects, CLASSES)
    order = shuffle.sample(range(len(objects)), len(objects))
    shuffled = [
        {
            worker: shuffle.sample(objects[place][worker], len(objects[place][worker]))
            for worker in shuffle.sample(sorted(objects[place]), len(objects[place]))
        }
        for place in order
    ]

    assert spans.consolidate(shuffled, CLASSES) == [expected[place] for place in order]


@given(answers)
def test_spans_are_made_of_ends_somebody_gave(drawn: Drawn) -> None:
    shapes = [mark.shape for seen in drawn.values() for mark in seen]
    found = consolidated(drawn)
    for mark in found:
        start, end = mark.shape
        assert start < end
        assert start in {shape[0] for shape in shapes}
        assert end in {shape[1] for shape in shapes}
        assert 0.0 < mark.confidence < 1.0
    assert bool(found) == bool(shapes)


@given(answers, st.permutations(range(CLASSES)))
def test_renamed_labels_rename_the_result(drawn: Drawn, names: list[int]) -> None:
    renamed = {
        worker: [Mark(label=names[mark.label], shape=mark.shape) for mark in seen]
        for worker, seen in drawn.items()
    }
    before, after = consolidated(drawn), consolidated(renamed)

    assert sorted(mark.confidence for mark in after) == pytest.approx(
        sorted(mark.confidence for mark in before)
    )
    if len({mark.shape for seen in drawn.values() for mark in seen}) == sum(
        map(len, drawn.values())
    ):
        # No two alike, so that no tie goes to the first label.
        assert {(mark.shape, mark.label) for mark in after} >= {
            (mark.shape, names[mark.label]) for mark in before if mark.confidence > 0.5
        }


@given(st.integers(1, 4), st.integers(0, 3))
def test_somebody_who_agrees_never_lowers_confidence(marked: int, passed: int) -> None:
    """One entity: elsewhere, what an answer says of other workers counts as well."""
    drawn = {f"a{number}": [span(3, 9)] for number in range(marked)}
    passing: Drawn = {f"z{number}": [] for number in range(passed)}
    [before] = consolidated({**drawn, **passing})
    [after] = consolidated({**drawn, **passing, "new": [span(3, 9)]})

    assert after.confidence >= before.confidence


def test_whole_job_of_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tasks.csv").write_text("object,worker\n1,a\n1,b\n1,c\n2,a\n")
    (tmp_path / "docs.csv").write_text("object,length,tokens,sentence_starts\n1,20,20,0\n")
    (tmp_path / "spans.csv").write_text(
        "object,worker,start,end,label\n1,a,0,5,x\n1,b,0,5,x\n1,c,0,4,y\n1,c,9,9,y\n1,c,9,21,y\n"
    )

    assert main(["spans", str(tmp_path), str(tmp_path / "out.csv")]) == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = [list(row.values())[:-1] for row in csv.DictReader(file)]
    assert rows == [["1", "0", "5", "x"]]
    assert (
        "spans.csv: 2 marks left out: object 1, worker c: a span is not within a text of 20"
        in caplog.text
    )
