"""A whole job's labels: who is believed, how far, and that nothing else matters."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation.job import single, sparse, states
from ground_truth.consolidation.job.answers import Answers, Floats, answers_of
from ground_truth.consolidation.job.layout import Layout, layout_of

Row = tuple[str, str, str]
Found = Mapping[str, tuple[str, float]]


def read(rows: Sequence[Row]) -> Answers:
    return answers_of([list(zip(*rows, strict=True))] if rows else [])


def consolidated(rows: Sequence[Row]) -> Found:
    answers = read(rows)
    labels, confidence = single.consolidate(answers)
    return {
        name: (answers.labels[label], round(float(sure), 6))
        for name, label, sure in zip(answers.objects, labels, confidence, strict=True)
    }


def crowd(
    accuracies: Mapping[str, float], *, labels: int, objects: int, seed: int = 1
) -> tuple[list[Row], dict[str, str]]:
    draw = random.Random(seed)
    rows, truth = [], {}
    for number in range(objects):
        name, right = f"o{number:04}", draw.randrange(labels)
        truth[name] = f"c{right}"
        for worker, accuracy in accuracies.items():
            wrong = draw.choice([label for label in range(labels) if label != right])
            label = right if draw.random() < accuracy else wrong
            rows.append((name, worker, f"c{label}"))
    return rows, truth


def majority(rows: Sequence[Row]) -> Found:
    votes: dict[str, list[str]] = {}
    for name, _, label in rows:
        votes.setdefault(name, []).append(label)
    return {name: (max(sorted(set(v)), key=v.count), 0.0) for name, v in votes.items()}


def accuracy(found: Found, truth: Mapping[str, str]) -> float:
    return sum(found[name][0] == label for name, label in truth.items()) / len(truth)


jobs = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 3)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(f"o{item}", f"w{worker}", f"c{label}") for item, worker, label in rows])


@given(jobs, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(rows: list[Row], shuffle: random.Random) -> None:
    assert consolidated(shuffle.sample(rows, len(rows))) == consolidated(rows)


@given(jobs)
def test_names_of_workers_and_objects_change_nothing_but_names(rows: list[Row]) -> None:
    renamed = [(f"x{item}", f"someone {worker}", label) for item, worker, label in rows]

    assert consolidated(renamed) == {f"x{k}": v for k, v in consolidated(rows).items()}


@given(jobs)
def test_renaming_labels_renames_the_result(rows: list[Row]) -> None:
    """In the same order, so that ties fall alike."""
    renamed = [(item, worker, f"label {label}") for item, worker, label in rows]

    assert consolidated(renamed) == {
        name: (f"label {label}", sure) for name, (label, sure) in consolidated(rows).items()
    }


@given(jobs)
def test_reversed_labels_give_reversed_results_but_for_ties(rows: list[Row]) -> None:
    turned = {f"c{number}": f"c{3 - number}" for number in range(4)}
    straight = consolidated(rows)
    reverse = consolidated([(item, worker, turned[label]) for item, worker, label in rows])

    for name, (label, sure) in straight.items():
        assert reverse[name][1] == pytest.approx(sure, abs=2e-6)
        if reverse[name][0] != turned[label]:
            votes = [answer for item, _, answer in rows if item == name]
            assert len(set(votes)) > 1


@given(jobs)
def test_confidences_are_probabilities_short_of_certainty(rows: list[Row]) -> None:
    found = consolidated(rows)

    assert set(found) == {item for item, _, _ in rows}
    assert all(0.0 < sure < 1.0 for _, sure in found.values())


@given(jobs, st.sampled_from(["", "\x00", "é", 'a"b', "c,d"]))
def test_a_broken_name_costs_no_other_object_its_label(rows: list[Row], odd: str) -> None:
    found = consolidated([*rows, (f"odd{odd}", f"odd{odd}", "c0")])

    assert set(found) == {f"odd{odd}", *consolidated(rows)}


@pytest.mark.parametrize("labels", [2, 3, 6])
def test_good_workers_outweigh_more_bad_ones(labels: int) -> None:
    accuracies = {"a": 0.95, "b": 0.9, **{f"bad{number}": 1 / labels for number in range(4)}}
    ours, theirs = [], []
    for seed in range(1, 7):
        rows, truth = crowd(accuracies, labels=labels, objects=300, seed=seed)
        ours.append(accuracy(consolidated(rows), truth))
        theirs.append(accuracy(majority(rows), truth))

    assert fmean(ours) > 0.9
    assert fmean(ours) > fmean(theirs) + 0.02


def test_workers_who_mean_the_opposite_are_understood() -> None:
    rows, truth = crowd({"a": 0.95, "b": 0.9, "c": 0.9, "turned": 0.05}, labels=2, objects=300)

    assert accuracy(consolidated(rows), truth) > 0.97


def test_mistakes_that_workers_share_are_seen_by_the_model_with_hard_objects() -> None:
    draw = random.Random(4)
    skills = {f"w{number:02}": draw.gauss(0.0, 0.15) for number in range(25)}
    rows, truth = [], {}
    for number in range(1000):
        name, right, hard = f"o{number:04}", draw.randrange(2), draw.random() < 0.3
        truth[name] = f"c{right}"
        for worker in draw.sample(sorted(skills), 10):
            ok = draw.random() < (0.5 if hard else 0.8) + skills[worker]
            rows.append((name, worker, f"c{right if ok else 1 - right}"))
    answers = read(rows)
    layout = layout_of(answers)
    plain = states.fit(layout, lambda places: vote_shares(layout, places))
    labels = plain.posterior(layout, slice(0, layout.places)).argmax(axis=0)
    dawid_skene = {
        answers.objects[item]: (answers.labels[label], 0.0)
        for item, label in zip(layout.order, labels, strict=True)
    }

    assert accuracy(consolidated(rows), truth) > accuracy(dawid_skene, truth) + 0.02


def vote_shares(layout: Layout, places: slice) -> Floats:
    votes = layout.votes(places)
    shares: Floats = votes / votes.sum(axis=0)
    return shares


def test_one_worker_alone_is_believed_as_much_as_a_worker_usually_deserves() -> None:
    found = consolidated([(f"o{number}", "a", f"c{number % 2}") for number in range(100)])

    assert [label for label, _ in found.values()] == [f"c{int(name[1:]) % 2}" for name in found]
    assert {round(sure, 3) for _, sure in found.values()} == {0.683}


def test_lone_answers_gain_nothing_from_each_other_but_something_from_a_worker_who_is_known() -> (
    None
):
    rows, _ = crowd({"a": 0.97, "b": 0.97, "c": 0.55}, labels=2, objects=200)
    found = consolidated([*rows, ("alone-a", "a", "c1"), ("alone-c", "c", "c1")])

    assert found["alone-a"][1] > found["alone-c"][1] + 0.1


def test_all_tied_is_a_coin_toss_for_the_first_label() -> None:
    rows = [(f"o{number}", worker, f"c{worker}") for number in range(20) for worker in "01"]

    assert set(consolidated(rows).values()) == {("c0", 0.5)}


def test_one_object_and_one_label_are_a_job_too() -> None:
    (label, sure) = consolidated([("o", worker, "only") for worker in "abcde"])["o"]

    assert label == "only"
    assert 0.8 < sure < 0.99


def test_a_thousand_labels_take_memory_for_the_answers_alone() -> None:
    draw = random.Random(5)
    rows = []
    for number in range(1500):
        for worker in draw.sample(range(60), 5):
            wrong = draw.random() > 0.75
            rows.append((f"o{number:04}", f"w{worker}", f"c{(number + 7 * wrong) % 1000:03}"))
    answers = read(rows)

    found = consolidated(rows)

    assert sparse.is_sparse(answers)
    truth = {f"o{number:04}": f"c{number % 1000:03}" for number in range(1500)}
    assert accuracy(found, truth) > 0.88


@pytest.mark.parametrize("labels", [2, 5])
def test_sparse_way_agrees_with_the_dense_one_where_workers_are_coins(labels: int) -> None:
    rows, _ = crowd({f"w{n}": 0.9 - n / 20 for n in range(6)}, labels=labels, objects=400)
    answers = read(rows)
    dense, sure = single.consolidate(answers)
    thin, thinly_sure = sparse.consolidate_sparsely(answers)

    assert float(np.mean(dense == thin)) > 0.97
    assert float(np.abs(sure - thinly_sure).mean()) < 0.05


def test_an_object_with_very_many_answers_breaks_nothing() -> None:
    rows = [("big", f"w{number:05}", f"c{number % 3 == 0}") for number in range(5000)]
    rows += [("small", "w00001", "cFalse"), ("small", "w00002", "cFalse")]

    found = consolidated(rows)
    thin, sure = sparse.consolidate_sparsely(read(rows))

    assert found["big"][0] == "cFalse"
    assert np.isfinite(sure).all()
    assert thin.tolist() == [0, 0]
