"""Models of workers say how likely answers are, and the one that says it best is taken."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import product

import pytest

from ground_truth.consolidation.shrunken import consolidate_with
from ground_truth.consolidation.tally import NOTHING, Tally, WorkerTally, added
from ground_truth.consolidation.votes import Objects, Vote, best, vote_shares
from ground_truth.consolidation.worker_models import (
    MODELS,
    Alike,
    Coins,
    Matrices,
    borne_out,
    predictions,
)

KNOWN = Tally(
    objects=40.0,
    agreement=25.0,
    labels={0: 30.0, 1: 10.0},
    workers={
        "good": WorkerTally(answers=40.0, given={(0, 0): 29.0, (0, 1): 1.0, (1, 1): 10.0}),
        "poor": WorkerTally(
            answers=30.0, given={(0, 0): 12.0, (0, 1): 9.0, (1, 0): 2.0, (1, 1): 7.0}
        ),
    },
)
Answer = Callable[[random.Random, int, float], int]


def votes(**labels: int) -> list[Vote]:
    return [Vote(worker=worker, label=label) for worker, label in labels.items()]


def crowd(
    seed: int,
    frequencies: Sequence[float],
    *,
    skills: Sequence[float],
    answers: int,
    answer: Answer | None = None,
    objects: int = 600,
) -> tuple[list[list[Vote]], list[int]]:
    """Answers as often right as the skills say, else any other label; and the true labels."""
    draw = random.Random(seed)

    def any_other(_: random.Random, right: int, skill: float) -> int:
        other = (right + draw.randrange(1, len(frequencies))) % len(frequencies)
        return right if draw.random() < skill else other

    truth = draw.choices(range(len(frequencies)), frequencies, k=objects)
    rows = []
    for right in truth:
        chosen = draw.sample(range(len(skills)), answers)
        said = {f"w{who}": (answer or any_other)(draw, right, skills[who]) for who in chosen}
        rows.append(votes(**said))
    return rows, truth


def in_batches(objects: Objects, classes: int) -> tuple[list[int], Tally]:
    carried, labels = NOTHING, []
    for start in range(0, len(objects), 10):
        found = consolidate_with(carried, objects[start : start + 10], classes)
        carried = added([carried, found.learned])
        labels += [result.label for result in found.results]
    return labels, carried


def right_ones(labels: Sequence[int], truth: Sequence[int]) -> int:
    return sum(label == right for label, right in zip(labels, truth, strict=True))


def by_vote(objects: Objects) -> list[int]:
    return [best(vote_shares(each)).label for each in objects]


PAIRS = list(product((0, 1), (0, 1)))


@pytest.mark.parametrize(
    ("kind", "pairs"),
    # where a label is chosen by nobody, it is answered by coins
    [(Alike, PAIRS), (Coins, PAIRS), (Matrices, [(0, 1), (1, 0)])],
)
def test_a_prediction_is_the_chance_of_each_answer_given_the_other(
    kind: type[Matrices], pairs: Sequence[tuple[int, int]]
) -> None:
    model = kind.of(KNOWN, 2)
    joint = {pair: _joint(model, pair) for pair in PAIRS}
    assert sum(joint.values()) == pytest.approx(1.0)
    for good, poor in pairs:
        given_poor = joint[good, poor] / sum(joint[other, poor] for other in (0, 1))
        given_good = joint[good, poor] / sum(joint[good, other] for other in (0, 1))
        found = model.prediction(votes(good=good, poor=poor))
        assert math.exp(found) == pytest.approx(given_poor * given_good)


def _joint(model: Matrices, pair: tuple[int, int]) -> float:
    """Return the chance of two answers, summed over the two labels an object may have."""
    total = 0.0
    for right in (0, 1):
        part = model._prior(right)
        for worker, label in zip(("good", "poor"), pair, strict=True):
            vote = Vote(worker=worker, label=label)
            part *= model._answer(vote, right, model._coin(worker))
        total += part
    return total


def test_without_knowledge_all_models_predict_the_same() -> None:
    found = predictions(NOTHING, [votes(a=0, b=1, c=0), votes(a=2, b=2)], 3)
    assert found.keys() == MODELS.keys()
    assert max(found.values()) == pytest.approx(min(found.values()))


def test_matrices_are_the_rule_where_nothing_was_predicted() -> None:
    assert borne_out(NOTHING) is Matrices
    assert borne_out(Tally(predictions={"of another kind": -1.0})) is Matrices


@pytest.mark.parametrize(
    ("matrices", "coins", "alike", "kind"),
    [
        (-60.0, -70.0, -90.0, Matrices),
        (-69.0, -70.0, -90.0, Coins),
        (-60.0, -70.0, -59.0, Alike),
        (-69.0, -70.0, -69.5, Alike),
        (-69.0, -70.0, -70.0, Coins),
    ],
)
def test_a_finer_model_must_predict_better(
    matrices: float, coins: float, alike: float, kind: type[Matrices]
) -> None:
    told = {"matrices": matrices, "coins": coins, "alike": alike}
    tally = Tally(predictions=told, workers={"w": WorkerTally(answers=100.0)})
    assert borne_out(tally) is kind


@pytest.mark.parametrize("answers", [3, 5])
def test_rare_labels_are_found_no_worse_than_by_the_vote(answers: int) -> None:
    skills = [0.6 + 0.35 * number / 29 for number in range(30)]
    ours = vote = 0
    for seed in range(4):
        objects, truth = crowd(seed, [0.98, 0.02], skills=skills, answers=answers)
        labels, _ = in_batches(objects, 2)
        ours += right_ones(labels, truth)
        vote += right_ones(by_vote(objects), truth)
    assert ours > vote


def test_people_who_always_say_one_thing_are_seen_through() -> None:
    def first_or_right(draw: random.Random, right: int, skill: float) -> int:
        return right if draw.random() < skill else 0 if skill < 0.0 else draw.randrange(3)

    skills = [-1.0] * 9 + [0.85] * 21
    objects, truth = crowd(1, [1.0, 1.0, 1.0], skills=skills, answers=3, answer=first_or_right)
    labels, carried = in_batches(objects, 3)
    assert borne_out(carried) is Matrices
    assert right_ones(labels, truth) > right_ones(by_vote(objects), truth) + 30


def test_people_who_answer_by_chance_are_taken_to_be_alike() -> None:
    objects, _ = crowd(1, [1.0] * 4, skills=[0.4] * 30, answers=5)
    assert borne_out(in_batches(objects, 4)[1]) is Alike
