"""The model of workers is no finer than the answers bear: hard crowds don't end below the vote."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ground_truth.consolidation.job import single
from ground_truth.consolidation.job.answers import Answers, Floats, answers_of
from ground_truth.consolidation.job.layout import layout_of
from ground_truth.consolidation.job.matrices import coins, everybody_alike, matrices

Row = tuple[str, str, int]
Crowd = tuple[list[Row], dict[str, int]]
SEEDS = range(4)
WORKERS = [f"w{number:02}" for number in range(30)]


def crowd(
    seed: int,
    answer: Callable[[random.Random, int, float], int],
    *,
    true: Sequence[float],
    answers: int,
    skills: tuple[float, float] = (0.6, 0.95),
    objects: int = 600,
) -> Crowd:
    draw = random.Random(seed)
    workers = {worker: draw.uniform(*skills) for worker in WORKERS}
    rows, truth = [], {}
    for number in range(objects):
        name, right = f"o{number:04}", draw.choices(range(len(true)), true)[0]
        truth[name] = right
        for worker in draw.sample(WORKERS, answers):
            rows.append((name, worker, answer(draw, right, workers[worker])))
    return rows, truth


def coin_of(labels: int) -> Callable[[random.Random, int, float], int]:
    def answer(draw: random.Random, right: int, skill: float) -> int:
        wrong = (right + draw.randrange(1, labels)) % labels
        return right if draw.random() < skill else wrong

    return answer


def read(rows: Sequence[Row]) -> Answers:
    return answers_of([list(zip(*((o, w, f"c{label}") for o, w, label in rows), strict=True))])


def consolidated(rows: Sequence[Row]) -> Mapping[str, tuple[str, float]]:
    answers = read(rows)
    labels, confidence = single.consolidate(answers)
    return {
        name: (answers.labels[label], float(sure))
        for name, label, sure in zip(answers.objects, labels, confidence, strict=True)
    }


def accuracies(crowds: Sequence[Crowd]) -> tuple[float, float]:
    """Return our accuracy and that of the vote, whose ties are right by chance."""
    ours, votes = [], []
    for rows, truth in crowds:
        found = consolidated(rows)
        ours += [found[name][0] == f"c{right}" for name, right in truth.items()]
        by_object: dict[str, list[int]] = {}
        for name, _, label in rows:
            by_object.setdefault(name, []).append(label)
        for name, right in truth.items():
            given_labels = by_object[name]
            most = max(map(given_labels.count, given_labels))
            best = {label for label in given_labels if given_labels.count(label) == most}
            votes.append((right in best) / len(best))
    return fmean(ours), fmean(votes)


@pytest.mark.parametrize(
    ("labels", "share", "answers"), [(4, 1.0, 3), (2, 0.98, 5), (6, 0.9, 3), (2, 1.0, 3)]
)
def test_a_label_of_nearly_all_objects_is_found_at_least_as_well_as_by_votes(
    labels: int, share: float, answers: int
) -> None:
    true = [share, *[(1.0 - share) / (labels - 1)] * (labels - 1)]
    ours, votes = accuracies(
        [crowd(seed, coin_of(labels), true=true, answers=answers) for seed in SEEDS]
    )

    assert ours > votes + 0.01


@pytest.mark.parametrize(("labels", "skill"), [(4, 0.4), (2, 0.6)])
def test_workers_hardly_better_than_chance_are_counted(labels: int, skill: float) -> None:
    crowds = [
        crowd(seed, coin_of(labels), true=[1] * labels, answers=5, skills=(skill, skill))
        for seed in SEEDS
    ]
    ours, votes = accuracies(crowds)
    sure = fmean(sure for rows, _ in crowds for _, sure in consolidated(rows).values())

    assert ours > votes - 0.015
    assert abs(sure - ours) < 0.12


@pytest.mark.parametrize("labels", [2, 5])
def test_workers_who_answer_by_chance_are_not_believed(labels: int) -> None:
    chance = 1.0 / labels
    rows, _ = crowd(1, coin_of(labels), true=[1] * labels, answers=3, skills=(chance, chance))

    assert fmean(sure for _, sure in consolidated(rows).values()) < chance + 0.2


def test_confusions_that_everybody_shares_are_still_learned() -> None:
    """Who is no good says the same of everything."""

    def answer(draw: random.Random, right: int, skill: float) -> int:
        if skill < 0.7:
            return 0
        return right if draw.random() < skill else draw.randrange(3)

    ours, votes = accuracies(
        [crowd(seed, answer, true=[1, 1, 1], answers=3, skills=(0.55, 1.0)) for seed in SEEDS]
    )

    assert ours > votes + 0.05


counts = arrays.array_shapes(min_dims=1, max_dims=1, min_side=2, max_side=5).flatmap(
    lambda side: arrays.arrays(
        np.float64,
        st.tuples(st.just(side[0]), st.integers(1, 2), st.integers(1, 4), st.just(side[0])),
        elements=st.floats(0.0, 1e6),
    )
)


@pytest.mark.parametrize("model", [everybody_alike, coins, matrices])
@given(counts)
def test_every_model_gives_probabilities(
    model: Callable[[Floats], Floats], expected: Floats
) -> None:
    if model is coins:
        expected = expected[:, :1]
    found = model(expected)

    assert found.shape == expected.shape
    assert (found > 0.0).all()
    assert np.allclose(found.sum(axis=-1), 1.0)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 2)), min_size=1),
    st.data(),
)
def test_a_layout_of_some_objects_has_their_answers(
    answers: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    rows = [(f"o{item}", f"w{worker}", label) for item, worker, label in answers]
    layout = layout_of(read(rows))
    every = range(layout.places)
    places = np.array(sorted(data.draw(st.sets(st.sampled_from(every)))), dtype=np.intp)
    some = layout.only(places)

    assert some.places == len(places)
    assert (
        some.votes(slice(0, some.places)) == layout.votes(slice(0, layout.places))[:, places]
    ).all()
