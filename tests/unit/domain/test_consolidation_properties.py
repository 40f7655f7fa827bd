"""What holds for every kind of answer, whatever is answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ground_truth.consolidation import boxes, lines, masks, spans
from ground_truth.consolidation.areas import area
from ground_truth.consolidation.job import choice
from ground_truth.consolidation.job.answers import answers_of
from ground_truth.consolidation.job.layout import layout_of
from ground_truth.consolidation.label_sets import LabelSet, consolidate
from ground_truth.consolidation.lines import Keypoint
from ground_truth.consolidation.marks import FusedMark, Mark

CLASSES = 3
Drawn = Mapping[str, Sequence[Mark[Any]]]
Algorithm = Callable[[Sequence[Drawn], int], list[list[FusedMark[Any]]]]

coordinate = st.integers(0, 60).map(float)
side = st.integers(2, 40).map(float)
corner = st.tuples(coordinate, coordinate)
box = st.tuples(coordinate, coordinate, side, side).map(
    lambda place: (place[0], place[1], place[0] + place[2], place[1] + place[3])
)
span = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(
    lambda place: (place[0], place[0] + place[1])
)
line = st.lists(corner, min_size=2, max_size=4, unique=True).map(tuple)
polygon = (
    st.lists(corner, min_size=3, max_size=5, unique=True)
    .map(tuple)
    .filter(lambda points: area(points) > 1.0)
)
keypoint = corner.map(lambda place: Keypoint(*place))
KINDS: Mapping[str, tuple[Algorithm, st.SearchStrategy[Any]]] = {
    "boxes": (boxes.consolidate, box),
    "spans": (spans.consolidate, span),
    "polygons": (lines.polygons, polygon),
    "polylines": (lines.polylines, line),
    "keypoints": (lines.keypoints, keypoint),
}
every_kind = pytest.mark.parametrize("kind", list(KINDS))
few = settings(deadline=None, max_examples=25)


def drawn_of(shape: st.SearchStrategy[Any], labels: int = CLASSES) -> st.SearchStrategy[Drawn]:
    mark = st.builds(Mark, label=st.integers(0, labels - 1), shape=shape)
    return st.dictionaries(
        st.sampled_from("abcde"), st.lists(mark, max_size=3), min_size=1, max_size=5
    )


@every_kind
@few
@given(st.data(), st.randoms(use_true_random=False))
def test_no_order_changes_anything(kind: str, data: st.DataObject, shuffle: random.Random) -> None:
    algorithm, shape = KINDS[kind]
    objects = data.draw(st.lists(drawn_of(shape), min_size=1, max_size=4))
    expected = algorithm(objects, CLASSES)
    order = shuffle.sample(range(len(objects)), len(objects))
    shuffled = [
        {
            worker: shuffle.sample(objects[place][worker], len(objects[place][worker]))
            for worker in shuffle.sample(sorted(objects[place]), len(objects[place]))
        }
        for place in order
    ]

    assert algorithm(shuffled, CLASSES) == [expected[place] for place in order]


@every_kind
@few
@given(st.data(), st.permutations(range(CLASSES)))
def test_renamed_labels_rename_the_result(kind: str, data: st.DataObject, names: list[int]) -> None:
    """But for ties, which go to the first label: only what is likelier than not is compared."""
    algorithm, shape = KINDS[kind]
    drawn = data.draw(drawn_of(shape))
    places = [mark.shape for seen in drawn.values() for mark in seen]
    renamed = {
        worker: [Mark(label=names[mark.label], shape=mark.shape) for mark in seen]
        for worker, seen in drawn.items()
    }
    [before], [after] = algorithm([drawn], CLASSES), algorithm([renamed], CLASSES)

    assert len(after) == len(before)
    if len(set(places)) == len(places):
        found = {(mark.shape, mark.label) for mark in after}
        assert found >= {
            (mark.shape, names[mark.label]) for mark in before if mark.confidence > 0.5
        }


@every_kind
@few
@given(st.data(), st.integers(0, 3))
def test_somebody_who_agrees_never_lowers_confidence(
    kind: str, data: st.DataObject, passing: int
) -> None:
    """Of a single thing of one label: elsewhere an answer also says something of other workers."""
    algorithm, shape = KINDS[kind]
    shapes = data.draw(st.lists(shape, min_size=1, max_size=4))
    drawn: dict[str, list[Mark[Any]]] = {
        f"a{number}": [Mark(label=0, shape=each)] for number, each in enumerate(shapes)
    }
    drawn |= {f"z{number}": [] for number in range(passing)}
    [before] = algorithm([drawn], 1)
    if len(before) > 1:
        return
    [after] = algorithm([{**drawn, "new": [Mark(label=0, shape=before[0].shape)]}], 1)

    assert max(mark.confidence for mark in after) >= before[0].confidence - 1e-9


drawn_masks = st.lists(
    arrays.arrays(np.uint8, (9, 7), elements=st.integers(0, CLASSES)), min_size=1, max_size=5
)


@few
@given(drawn_masks, st.permutations(range(1, CLASSES + 1)))
def test_renamed_classes_of_a_mask_rename_the_result(
    drawn: list[masks.Mask], names: list[int]
) -> None:
    """Where one class has most votes; ties go to the lower class."""
    table = np.array([0, *names], dtype=np.uint8)
    before = masks.consolidate(drawn)
    after = masks.consolidate([table[mask] for mask in drawn])

    assert after.dropped == before.dropped
    assert after.confidence == pytest.approx(before.confidence) or ties(drawn, before).any()
    clear = ~ties(drawn, before)
    assert (after.mask[clear] == table[before.mask[clear]]).all()


def ties(drawn: Sequence[masks.Mask], found: masks.FusedMask) -> np.ndarray:
    """Return where two classes have the most votes, each weighing what its mask agrees."""
    agreements = masks.mutual_agreement(drawn)
    votes = np.zeros((CLASSES + 1, *drawn[0].shape))
    for place, mask in enumerate(drawn):
        if place not in found.dropped:
            for number in range(CLASSES + 1):
                votes[number] += max(1, round(1000 * agreements[place])) * (mask == number)
    ordered = np.sort(votes, axis=0)
    tied: np.ndarray = ordered[-1] == ordered[-2]
    return tied


@few
@given(
    st.lists(st.frozensets(st.integers(0, CLASSES - 1)), min_size=1, max_size=5),
    st.integers(0, CLASSES - 1),
)
def test_somebody_who_chooses_a_label_too_never_lowers_it(
    chosen: list[frozenset[int]], label: int
) -> None:
    """Of one object, where a label is all that is chosen."""
    answers = [
        LabelSet(worker=f"a{number}", labels=frozenset({label} & labels))
        for number, labels in enumerate([*chosen, frozenset({label})])
    ]
    [before] = consolidate([answers], CLASSES)
    [after] = consolidate([[*answers, LabelSet(worker="z", labels=frozenset({label}))]], CLASSES)

    assert after[label] >= before[label] - 1e-9


@pytest.mark.parametrize("model", ["matrices", "coins", "alike"])
@few
@given(
    st.randoms(use_true_random=False),
    st.integers(0, CLASSES - 1),
    st.lists(st.integers(0, CLASSES - 1), max_size=4),
)
def test_answer_of_a_usual_worker_never_lowers_its_label_in_a_whole_job(
    model: str, draw: random.Random, label: int, others: list[int]
) -> None:
    """With what is known of the workers fixed."""
    job = [
        (
            f"o{number}",
            worker,
            f"c{number % CLASSES if draw.random() < 0.85 else draw.randrange(3)}",
        )
        for number in range(45)
        for worker in ("w0", "w1", "w2", "w3", "z")
    ]
    asked = [*((f"w{n}", f"c{each}") for n, each in enumerate(others)), ("y", f"c{label}")]
    job += [("asked", *answer) for answer in asked]
    job += [("more", *answer) for answer in [*asked, ("z", f"c{label}")]]
    answers = answers_of([list(zip(*job, strict=True))])
    layout = layout_of(answers)
    learned = choice._Learned(layout)[model]
    posterior = learned.posterior(layout, slice(0, layout.places))
    place = {answers.objects[item]: number for number, item in enumerate(layout.order)}
    matrix = np.exp(learned.answer).reshape(CLASSES, -1, CLASSES)
    own = matrix[:, answers.workers.index("z"), label]

    assert own[label] == own.max() > 0.5
    assert posterior[label, place["more"]] > posterior[label, place["asked"]]
