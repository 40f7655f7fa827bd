"""What others say about an object, everybody's word weighing as much as it has proved worth."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ground_truth.agreement.peers import Answer, Leaders, Objects, compared, credit

Context = tuple[Leaders, int]
"""The labels that lead among the others, and how clearly: 0, 1 or 2."""

_PRIOR: Final = 4.0
_ACCURACIES: Final = (0.05, 0.95)
# Where the leading label is e or e cubed times as likely as the next.
_CLEAR: Final = (1.0, 3.0)
_TIE_DIGITS: Final = 9


def contexts_of(objects: Objects, classes: int) -> Iterator[tuple[int, int, Context]]:
    """Yield worker, label and the others' context for every answer with others beside it."""
    known = weights(objects, classes)
    for answers in objects:
        for worker, label in answers if len(answers) > 1 else ():
            rest = [answer for answer in answers if answer[0] != worker]
            yield worker, label, context(sums_of(rest, known))


def sums_of(answers: Iterable[Answer], known: Mapping[int, float]) -> Mapping[int, float]:
    """Return the weights of those who chose each label, summed in no order that matters."""
    chosen: defaultdict[int, list[float]] = defaultdict(list)
    for worker, label in answers:
        chosen[label].append(known[worker])
    return {label: math.fsum(each) for label, each in chosen.items()}


def context(sums: Mapping[int, float]) -> Context:
    """Return who leads and how clearly, by the weights of the labels somebody chose."""
    rounded = {label: round(value, _TIE_DIGITS) for label, value in sums.items()}
    most = max(rounded.values())
    leaders = tuple(sorted(label for label, value in rounded.items() if value == most))
    # a label nobody chose weighs nothing
    second = max((value for value in rounded.values() if value < most), default=0.0)
    margin = 0.0 if len(leaders) > 1 else most - max(0.0, second)
    return leaders, sum(margin >= least for least in _CLEAR)


def weights(objects: Objects, classes: int) -> Mapping[int, float]:
    """Return the log odds of everybody's word; nobody's counts against itself."""
    total, right = Counter[int](), defaultdict[int, float](float)
    for worker, label, others in compared(objects):
        total[worker] += 1
        right[worker] += credit(label, others)
    pool = (math.fsum(right.values()) + _PRIOR / 2) / (total.total() + _PRIOR)
    low, high = _ACCURACIES
    rates = {
        worker: min(high, max(low, (right[worker] + _PRIOR * pool) / (number + _PRIOR)))
        for worker, number in total.items()
    }
    odds = {
        worker: max(0.0, math.log(rate * (classes - 1) / (1.0 - rate)))
        for worker, rate in rates.items()
    }
    return defaultdict(float, odds)
