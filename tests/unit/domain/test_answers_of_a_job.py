"""Names become numbers in the order of the names, whatever they are and however they come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation.job import answers
from ground_truth.consolidation.job.answers import answers_of

Row = tuple[str, str, str]

names = st.one_of(
    st.text(st.sampled_from("ab"), min_size=1, max_size=20),
    st.text(st.sampled_from("a\0é\udce9\U0001f600"), min_size=1, max_size=3),
    st.sampled_from(
        ["s3://bucket/with/a/long/prefix/1.jpg", "s3://bucket/with/a/long/prefix/2.jpg"]
    ),
    st.text(st.just("x"), min_size=60, max_size=70),
)
blocks = st.lists(
    st.lists(st.tuples(names, names, st.sampled_from(["", "yes", "no"])), max_size=8), max_size=6
)


def numbered(parts: Sequence[Sequence[Row]]) -> list[Row]:
    found = answers_of(list(zip(*rows, strict=True)) for rows in parts if rows)
    for listed in (found.objects, found.workers, found.labels):
        assert list(listed) == sorted(set(listed))
    assert found.replaced == sum(map(len, parts)) - len(found.object)
    return [
        (found.objects[item], found.workers[worker], found.labels[label])
        for item, worker, label in zip(found.object, found.worker, found.label, strict=True)
    ]


@given(blocks, st.sampled_from([1, 100, answers._BYTES_AT_ONCE]))
def test_the_last_answer_of_each_worker_is_there_by_object_then_worker(
    parts: list[list[Row]], at_once: int
) -> None:
    last = {(item, worker): label for rows in parts for item, worker, label in rows}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "_BYTES_AT_ONCE", at_once)
        found = numbered(parts)

    assert found == [(*pair, last[pair]) for pair in sorted(last)]


@given(blocks)
def test_how_answers_are_cut_into_blocks_changes_nothing(parts: list[list[Row]]) -> None:
    assert numbered(parts) == numbered([[row for rows in parts for row in rows]])
