"""Sets of labels: a batch and a whole job agree, and workers' rates are shared over labels."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crowds import LABELS, crowd_of_sets
from ground_truth.consolidation import label_sets
from ground_truth.consolidation.job import label_sets as whole
from ground_truth.consolidation.job.answers import answers_of
from ground_truth.consolidation.label_sets import LabelSet
from ground_truth.consolidation.tally import NOTHING, added, read_tally, tally_document

Row = tuple[str, str, frozenset[int]]
Found = Mapping[tuple[str, int], float]
CLASSES = 5

jobs = st.lists(
    st.tuples(
        st.integers(0, 5).map(lambda number: f"o{number}"),
        st.integers(0, 4).map(lambda number: f"w{number}"),
        st.frozensets(st.integers(0, CLASSES - 1), max_size=4),
    ),
    min_size=1,
    max_size=24,
    unique_by=lambda row: row[:2],
)


def in_a_batch(rows: Sequence[Row], classes: int = CLASSES) -> Found:
    objects: dict[str, list[LabelSet]] = {}
    for name, worker, labels in rows:
        objects.setdefault(name, []).append(LabelSet(worker=worker, labels=labels))
    results = label_sets.consolidate(list(objects.values()), classes)
    return {
        (name, label): sure
        for name, found in zip(objects, results, strict=True)
        for label, sure in found.items()
    }


def as_a_job(rows: Sequence[Row]) -> Found:
    columns = [
        [name for name, _, _ in rows],
        [worker for _, worker, _ in rows],
        [" ".join(f"c{label:02}" for label in sorted(labels)) for _, _, labels in rows],
    ]
    answers = answers_of([columns])
    found = whole.consolidate(answers)
    return {
        (answers.objects[item], int(found.labels[label][1:])): float(sure)
        for item, label, sure in zip(found.object, found.label, found.confidence, strict=True)
    }


@given(jobs)
def test_a_job_in_one_batch_is_consolidated_alike(rows: list[Row]) -> None:
    classes = len({label for _, _, labels in rows for label in labels})
    names = {c: n for n, c in enumerate(sorted({c for _, _, labels in rows for c in labels}))}
    dense = [(item, worker, frozenset(names[c] for c in labels)) for item, worker, labels in rows]

    assert as_a_job(dense) == pytest.approx(in_a_batch(dense, classes), abs=1e-9)


@given(jobs, st.randoms(use_true_random=False))
def test_order_changes_nothing(rows: list[Row], shuffle: random.Random) -> None:
    mixed = shuffle.sample(rows, len(rows))

    assert in_a_batch(mixed) == in_a_batch(rows)
    assert as_a_job(mixed) == pytest.approx(as_a_job(rows), abs=1e-12)


@given(jobs)
def test_every_label_somebody_chose_has_a_probability_and_no_other_has(rows: list[Row]) -> None:
    found = in_a_batch(rows)

    assert set(found) == {(item, label) for item, _, labels in rows for label in labels}
    assert all(0.0 < sure < 1.0 for sure in found.values())


@given(jobs, st.permutations(range(CLASSES)))
def test_renaming_labels_renames_the_result(rows: list[Row], new: list[int]) -> None:
    renamed = [(item, w, frozenset(new[label] for label in labels)) for item, w, labels in rows]

    assert in_a_batch(renamed) == pytest.approx(
        {(item, new[label]): sure for (item, label), sure in in_a_batch(rows).items()}, abs=1e-12
    )


@pytest.mark.parametrize(("answers", "gain"), [(3, 0.0), (5, 0.05), (12, 0.1)])
def test_common_labels_are_found_better_than_by_votes(answers: int, gain: float) -> None:
    crowd = crowd_of_sets(objects=400, answers=answers, seed=2)
    found = as_a_job([(o, w, labels) for o, w, labels in crowd.rows])
    count: dict[str, int] = {}
    votes: dict[tuple[str, int], int] = {}
    for name, _, labels in crowd.rows:
        count[name] = count.get(name, 0) + 1
        for label in labels:
            votes[name, label] = votes.get((name, label), 0) + 1
    shares = {(name, label): number / count[name] for (name, label), number in votes.items()}

    assert f1(found, crowd.truth) > f1(shares, crowd.truth) + gain


def test_what_earlier_batches_taught_helps_a_batch() -> None:
    crowd = crowd_of_sets(objects=600, answers=3, workers=20, seed=4)
    objects: dict[str, list[LabelSet]] = {}
    for name, worker, labels in crowd.rows:
        objects.setdefault(name, []).append(LabelSet(worker=worker, labels=labels))
    names = list(objects)
    carried, told, alone = NOTHING, {}, {}
    for start in range(0, len(names), 10):
        batch = names[start : start + 10]
        found = label_sets.consolidate_with(carried, [objects[name] for name in batch], LABELS)
        carried = added([carried, found.learned])
        results = label_sets.consolidate([objects[name] for name in batch], LABELS)
        for name, with_memory, without in zip(batch, found.results, results, strict=True):
            told.update({(name, label): sure for label, sure in with_memory.items()})
            alone.update({(name, label): sure for label, sure in without.items()})

    assert squares(told, crowd.truth) < 0.93 * squares(alone, crowd.truth)


def squares(found: Found, truth: frozenset[tuple[str, int]]) -> float:
    return sum((sure - (pair in truth)) ** 2 for pair, sure in found.items())


def test_what_is_learned_can_be_written_and_read() -> None:
    found = label_sets.consolidate_with(
        NOTHING, [[LabelSet(worker=w, labels=frozenset({1})) for w in "abc"]], CLASSES
    )

    written = read_tally(json.loads(json.dumps(tally_document(found.learned))))
    again = label_sets.consolidate_with(written, [[LabelSet(worker="a", labels=frozenset())]], 2)
    assert written.workers["a"].answers == 1.0
    assert again.results == [{}]


def f1(found: Found, truth: frozenset[tuple[str, int]]) -> float:
    chosen = {pair for pair, sure in found.items() if sure >= 0.5 and pair[1] < 2}
    common = {pair for pair in truth if pair[1] < 2}
    return 2 * len(chosen & common) / (len(chosen) + len(common))


def test_one_worker_alone_is_believed_a_little() -> None:
    found = in_a_batch([(f"o{n}", "w", frozenset({n % CLASSES})) for n in range(20)])

    assert {round(sure, 3) for sure in found.values()} == {0.71}


def test_nobody_chose_anything() -> None:
    rows = [("o", worker, frozenset[int]()) for worker in "abc"]

    assert as_a_job(rows) == in_a_batch(rows) == {}


def test_who_chooses_everything_is_no_evidence_for_anything() -> None:
    crowd = crowd_of_sets(objects=200, answers=4, seed=5)
    labels = frozenset(range(14))
    spam = {name: (name, "spam", labels) for name, _, _ in crowd.rows}
    before = as_a_job(crowd.rows)
    after = as_a_job([*crowd.rows, *spam.values()])

    added = [sure for pair, sure in after.items() if pair not in before]
    assert max(added) < 0.5
    assert sum(abs(after[pair] - sure) for pair, sure in before.items()) / len(before) < 0.1


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([[]], "an object has no answers"),
        ([[LabelSet(worker="w", labels=frozenset({5}))]], "label out of range: got 5, allowed 0-4"),
    ],
)
def test_impossible_answers_are_refused(objects: list[list[LabelSet]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        label_sets.consolidate(objects, CLASSES)
