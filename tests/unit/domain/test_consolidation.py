"""Consolidation finds the likely label, says how sure it is, and depends on nothing else."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.consolidation import shrunken
from ground_truth.consolidation.tally import NOTHING, added
from ground_truth.consolidation.votes import Consensus, Vote, best, vote_shares
from ground_truth.consolidation.worker_models import Matrices
from tests.unit.domain import majority

Batch = list[list[Vote]]
CLASSES = 4


def batch(*rows: dict[str, int]) -> Batch:
    return [[Vote(worker=worker, label=label) for worker, label in row.items()] for row in rows]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    workers = [f"w{number}" for number in range(draw(st.integers(1, 6)))]
    rows = draw(
        st.lists(
            st.dictionaries(
                st.sampled_from(workers), st.integers(0, CLASSES - 1), min_size=1, max_size=5
            ),
            min_size=1,
            max_size=8,
        )
    )
    return batch(*rows)


ALGORITHMS = pytest.mark.parametrize("consolidate", [majority.consolidate, shrunken.consolidate])
Algorithm = Callable[[Batch, int], list[Consensus]]


@ALGORITHMS
@given(batches(), st.randoms(use_true_random=False))
def test_order_of_workers_changes_nothing(
    consolidate: Algorithm, objects: Batch, shuffle: random.Random
) -> None:
    shuffled = [shuffle.sample(votes, len(votes)) for votes in objects]
    assert consolidate(shuffled, CLASSES) == consolidate(objects, CLASSES)


@ALGORITHMS
@given(batches(), st.randoms(use_true_random=False))
def test_order_of_objects_changes_nothing(
    consolidate: Algorithm, objects: Batch, shuffle: random.Random
) -> None:
    order = shuffle.sample(range(len(objects)), len(objects))
    results = consolidate(objects, CLASSES)
    assert consolidate([objects[index] for index in order], CLASSES) == [
        results[index] for index in order
    ]


@ALGORITHMS
@given(batches(), st.permutations(range(6)))
def test_names_of_workers_change_nothing(
    consolidate: Algorithm, objects: Batch, names: list[int]
) -> None:
    renamed = [
        [Vote(worker=f"someone-{names[int(v.worker[1:])]}", label=v.label) for v in votes]
        for votes in objects
    ]
    assert consolidate(renamed, CLASSES) == consolidate(objects, CLASSES)


def is_tied(consolidate: Algorithm, objects: Batch, index: int) -> bool:
    """Tell whether another label order would win: then the rule of ties decides, not the votes."""
    reverse = [
        [Vote(worker=v.worker, label=CLASSES - 1 - v.label) for v in votes] for votes in objects
    ]
    straight = consolidate(objects, CLASSES)[index].label
    return straight != CLASSES - 1 - consolidate(reverse, CLASSES)[index].label


@ALGORITHMS
@given(batches(), st.permutations(range(CLASSES)))
def test_renaming_labels_renames_the_result(
    consolidate: Algorithm, objects: Batch, names: list[int]
) -> None:
    renamed = [[Vote(worker=v.worker, label=names[v.label]) for v in votes] for votes in objects]
    pairs = zip(consolidate(objects, CLASSES), consolidate(renamed, CLASSES), strict=True)
    for index, (before, after) in enumerate(pairs):
        assert after.confidence == pytest.approx(before.confidence, abs=1e-9)
        if not is_tied(consolidate, objects, index):
            assert after.label == names[before.label]


@ALGORITHMS
@given(batches())
def test_every_object_gets_a_label_somebody_chose_with_a_probability(
    consolidate: Algorithm, objects: Batch
) -> None:
    results = consolidate(objects, CLASSES)
    assert len(results) == len(objects)
    for votes, result in zip(objects, results, strict=True):
        assert result.label in {vote.label for vote in votes}
        assert 0.1 < result.confidence <= 1.0
        assert math.isfinite(result.confidence)


@ALGORITHMS
@given(batches())
def test_same_batch_gives_the_same_bits(consolidate: Algorithm, objects: Batch) -> None:
    assert consolidate(objects, CLASSES) == consolidate(objects, CLASSES)


@ALGORITHMS
def test_returns_majority_label_when_two_of_three_agree(consolidate: Algorithm) -> None:
    (result,) = consolidate(batch({"a": 2, "b": 1, "c": 2}), CLASSES)
    assert result.label == 2


@ALGORITHMS
def test_breaks_ties_by_label_order(consolidate: Algorithm) -> None:
    assert [r.label for r in consolidate(batch({"a": 3, "b": 1}, {"a": 0, "b": 2}), CLASSES)] == [
        1,
        0,
    ]


@ALGORITHMS
def test_empty_batch_gives_an_empty_result(consolidate: Algorithm) -> None:
    assert consolidate([], CLASSES) == []


@ALGORITHMS
@pytest.mark.parametrize(
    ("objects", "classes", "message"),
    [
        (batch({}), 2, "an object has no votes"),
        (batch({"a": 2}), 2, "label out of range: got 2, allowed 0-1"),
        (batch({"a": -1}), 2, "label out of range: got -1, allowed 0-1"),
        (batch({"a": 0}), 1, "too few label categories: got 1, allowed 2 or more"),
    ],
)
def test_refuses_votes_that_make_no_sense(
    consolidate: Algorithm, objects: Batch, classes: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        consolidate(objects, classes)


def test_majority_confidence_is_the_share_of_workers_who_agree() -> None:
    rows = batch({"a": 0, "b": 0, "c": 1}, {"a": 3})
    assert majority.consolidate(rows, CLASSES) == [
        Consensus(label=0, confidence=2 / 3),
        Consensus(label=3, confidence=1.0),
    ]


def test_one_answer_alone_has_the_prior_accuracy_of_a_worker() -> None:
    # 0.7, blended with a share of (1 + 1) / (1 + 2); two in five workers are taken to disagree
    (result,) = shrunken.consolidate(batch({"a": 1}), 2)
    assert result.label == 1
    assert result.confidence == pytest.approx(0.6 * 0.7 + 0.4 * 2 / 3)


def test_one_worker_alone_is_neither_sure_nor_worthless() -> None:
    results = shrunken.consolidate(batch(*({"a": number % 2} for number in range(50))), 2)
    assert [result.label for result in results] == [number % 2 for number in range(50)]
    assert all(0.6 < result.confidence < 0.9 for result in results)


def test_agreement_is_worth_more_than_dissent_and_more_workers_more_than_few() -> None:
    def confidence(row: dict[str, int]) -> float:
        context = [{"a": n % 3, "b": n % 3, "c": n % 3, "d": n % 3, "e": n % 3} for n in range(9)]
        return shrunken.consolidate(batch(row, *context), 3)[0].confidence

    one, three, five = (confidence(dict.fromkeys("abcde"[:n], 0)) for n in (1, 3, 5))
    dissent = confidence({"a": 0, "b": 0, "c": 1})
    assert one < three < five
    assert dissent < three


def test_believes_the_reliable_worker_when_two_disagree() -> None:
    agreed = [{"a": n % 3, "b": n % 3, "c": n % 3, "d": (n + 1) % 3} for n in range(12)]
    results = shrunken.consolidate(batch({"a": 2, "d": 0}, *agreed), 3)
    assert results[0].label == 2
    assert majority.consolidate(batch({"a": 2, "d": 0}, *agreed), 3)[0].label == 0


def crowd(
    seed: int, *, classes: int, accuracies: list[float], objects: int
) -> tuple[Batch, list[int]]:
    """Three workers per object, each right with their accuracy, else wrong at random."""
    chance = random.Random(seed)
    truth = [chance.randrange(classes) for _ in range(objects)]
    rows = []
    for label in truth:
        row = {}
        for worker in chance.sample(range(len(accuracies)), 3):
            wrong = (label + chance.randrange(1, classes)) % classes
            row[f"w{worker}"] = label if chance.random() < accuracies[worker] else wrong
        rows.append(row)
    return batch(*rows), truth


def test_beats_the_vote_on_workers_of_differing_skill() -> None:
    right = {majority: 0, shrunken: 0}
    squares = {majority: 0.0, shrunken: 0.0}
    for seed in range(10):
        objects, truth = crowd(
            seed, classes=10, accuracies=[0.97, 0.93, 0.88, 0.8, 0.65], objects=50
        )
        for algorithm in right:
            for result, label in zip(algorithm.consolidate(objects, 10), truth, strict=True):
                right[algorithm] += result.label == label
                squares[algorithm] += (result.confidence - (result.label == label)) ** 2
    assert right[shrunken] > right[majority]
    assert squares[shrunken] < squares[majority]


def test_large_batch_with_many_classes_is_consolidated() -> None:
    objects, truth = crowd(1, classes=500, accuracies=[0.9] * 20, objects=400)
    results = shrunken.consolidate(objects, 500)
    assert sum(r.label == label for r, label in zip(results, truth, strict=True)) > 380


def test_best_takes_scores_that_differ_by_rounding_as_equal() -> None:
    assert best({3: 0.1 + 0.2, 1: 0.3}) == Consensus(label=1, confidence=0.3)


def test_vote_shares_add_pseudo_votes_evenly() -> None:
    votes = batch({"a": 0, "b": 0, "c": 1})[0]
    assert vote_shares(votes) == {0: 2 / 3, 1: 1 / 3}
    assert vote_shares(votes, pseudo=2.0, classes=2) == {0: 3 / 5, 1: 2 / 5}
    assert vote_shares(votes, pseudo=2.0, classes=4) == {0: 2.5 / 5, 1: 1.5 / 5}


def test_what_earlier_batches_taught_tells_good_workers_from_bad() -> None:
    objects, truth = crowd(3, classes=2, accuracies=[0.97, 0.95, 0.6, 0.55, 0.5], objects=600)
    carried, alone, told = NOTHING, 0, 0
    for start in range(0, 600, 10):
        votes, labels = objects[start : start + 10], truth[start : start + 10]
        found = shrunken.consolidate_with(carried, votes, 2)
        carried = added([carried, found.learned])
        told += sum(r.label == label for r, label in zip(found.results, labels, strict=True))
        results = shrunken.consolidate(votes, 2)
        alone += sum(r.label == label for r, label in zip(results, labels, strict=True))
    assert told > alone + 30


def test_carried_counts_make_a_turned_worker_useful() -> None:
    """Who always says the opposite is learned as such, which one coin could not say."""
    chance = random.Random(8)
    carried = NOTHING
    for _ in range(40):
        rows = []
        for _ in range(10):
            label = chance.randrange(2)
            rows.append({"a": label, "b": label, "c": label, "turned": 1 - label})
        carried = added([carried, shrunken.consolidate_with(carried, batch(*rows), 2).learned])
    (found,) = shrunken.consolidate_with(carried, batch({"turned": 0, "other": 1}), 2).results
    assert found.label == 1
    assert found.confidence > 0.7


@given(batches(), st.integers(0, CLASSES - 1), st.lists(st.integers(0, 3), max_size=5))
def test_an_agreeing_worker_never_lowers_confidence(
    context: Batch, label: int, others: list[int]
) -> None:
    """With what is known of workers fixed: one as good as the crowd joins those who agree.

    Within one consolidation it need not hold: the answer also tells something of everybody else.
    """
    carried = shrunken.consolidate_with(NOTHING, context, CLASSES).learned
    model = Matrices.of(carried, CLASSES)
    votes = [Vote(worker=f"x{n}", label=other) for n, other in enumerate(others)]
    before = [*votes, Vote(worker="y", label=label)]
    after = [*before, Vote(worker="z", label=label)]
    assert model.posterior(after)[label] >= model.posterior(before)[label] - 1e-12
    assert vote_shares(after)[label] >= vote_shares(before)[label]
