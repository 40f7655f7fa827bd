"""Who answers without looking, where answers have a structure: sets of labels, shapes, masks.

The question is that of ``spammers``: not whether somebody draws well, but whether what they give
depends on the object at all. An answer is held against each of the others' for the same object, and
against what the same person has answered for other objects, drawn at random:

    s = P(that person's answer for another object is less alike) - P(it is more alike)

averaged over the others; ties are neither. Habits two people share count for nothing, as they would
make other objects' answers as much alike. It is 0 on average for whoever doesn't look, whatever
they give, and near 1 also for somebody who draws badly or finds one thing of four, as nothing fits
elsewhere. What is to be expected of somebody who looks is what the others reach among themselves on
the same object (of two people an object, what everybody else reaches), so objects of which nothing
can be told accuse nobody. The sum is compared with what somebody reaches who looks at every other
object; ``z`` is how many standard deviations it lies below, and has the threshold of ``spammers``.

In large jobs not all answers are held against others: of each worker's first 300, all are, then
ever fewer.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Final, Generic, TypeVar

from ground_truth.agreement.spammers import FALSE_ALARM, FEWEST, FOLLOWING, Suspicion

Value = TypeVar("Value")
Distance = Callable[[Value, Value], float]

_DRAWN: Final = 10  # answers for other objects, for each of the others
_FEWEST_DRAWN: Final = 3
_ANSWERS: Final = 300
_OBJECTS: Final = 200
_TIE_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Score:
    value: float
    chance: float


@dataclass(slots=True, kw_only=True)
class _Sums:
    """Of one worker's answers: their scores, and moments of what to expect of who looks.

    ``alone`` are the scores of answers with one other beside them, of which the object tells
    nothing more; ``chance`` is the variance of the scores of who doesn't look.
    """

    answers: int = 0
    score: float = 0.0
    expected: float = 0.0
    squares: float = 0.0
    variance: float = 0.0
    chance: float = 0.0
    alone: int = 0
    alone_score: float = 0.0
    alone_squares: float = 0.0


class Looking(Generic[Value]):
    """Looks at a stream of objects, of which it keeps ``kept`` to compare others with."""

    def __init__(self, distance: Distance[Value], *, kept: int = _OBJECTS) -> None:
        self._distance = distance
        self._size = kept
        self._kept: list[Mapping[str, Value]] = []
        self._taken = 0
        self._scored = False
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._sums: defaultdict[str, _Sums] = defaultdict(_Sums)
        # Not for secrets: the same answers have to give the same figure.
        self._chance = random.Random(1)  # noqa: S311

    def add(self, answers: Mapping[str, Value]) -> None:
        """Take the answers for one object, by worker."""
        if len(answers) < 2:
            return
        self._taken += 1
        if len(self._kept) < self._size:
            self._kept.append(answers)
            return
        self._score_kept()
        self._score(answers, self._kept)
        place = self._chance.randrange(self._taken)
        if place < self._size:
            self._kept[place] = answers

    def result(self) -> Mapping[str, Suspicion]:
        """Return how suspicious every worker is whose answers could be compared, by name.

        ``Suspicion.worker`` is the name's place among them, sorted. To be asked for at the end.
        """
        self._score_kept()
        threshold = NormalDist().inv_cdf(FALSE_ALARM / max(1, len(self._sums)))
        return {
            worker: Suspicion(
                worker=number,
                answers=sums.answers,
                z=self._deviation(sums),
                threshold=threshold,
            )
            for number, (worker, sums) in enumerate(sorted(self._sums.items()))
        }

    def _score_kept(self) -> None:
        """Score the first objects against each other, once there are all or no more."""
        if self._scored:
            return
        self._scored = True
        for place, answers in enumerate(self._kept):
            self._score(answers, [*self._kept[:place], *self._kept[place + 1 :]])

    def _score(self, answers: Mapping[str, Value], others: Sequence[Mapping[str, Value]]) -> None:
        if not self._is_wanted(answers):
            return
        elsewhere = {worker: self._elsewhere(worker, others) for worker in sorted(answers)}
        scores: dict[str, dict[str, _Score]] = {worker: {} for worker in elsewhere}
        for one, other in combinations(elsewhere, 2):
            apart = round(self._distance(answers[one], answers[other]), _TIE_DIGITS)
            for worker, peer in ((one, other), (other, one)):
                if len(elsewhere[peer]) >= _FEWEST_DRAWN:
                    there = [
                        round(self._distance(answers[worker], each), _TIE_DIGITS)
                        for each in elsewhere[peer]
                    ]
                    scores[worker][peer] = _score(apart, there)
        for worker in elsewhere:
            self._count(worker, scores)

    def _is_wanted(self, answers: Mapping[str, Value]) -> bool:
        wanted = 0.0
        for worker in answers:
            self._seen[worker] += 1
            wanted = max(wanted, _ANSWERS / self._seen[worker])
        return wanted >= 1.0 or self._chance.random() < wanted

    def _elsewhere(self, worker: str, others: Sequence[Mapping[str, Value]]) -> Sequence[Value]:
        """Return some of a worker's answers for other objects."""
        found = [answers[worker] for answers in others if worker in answers]
        return found if len(found) <= _DRAWN else self._chance.sample(found, _DRAWN)

    def _count(self, worker: str, scores: Mapping[str, Mapping[str, _Score]]) -> None:
        mine = scores[worker].values()
        if not mine:
            return
        score = _mean([each.value for each in mine])
        sums = self._sums[worker]
        sums.answers += 1
        sums.score += score
        sums.chance += _mean([each.chance for each in mine])
        reached = [
            _mean(among)
            for peer, theirs in scores.items()
            if peer != worker
            and (among := [each.value for other, each in theirs.items() if other != worker])
        ]
        if not reached:
            sums.alone += 1
            sums.alone_score += score
            sums.alone_squares += score * score
            return
        expected = _mean(reached)
        sums.expected += expected
        sums.squares += _mean([each * each for each in reached])
        sums.variance -= (FOLLOWING * expected) ** 2

    def _deviation(self, sums: _Sums) -> float | None:
        expected, squares, variance = sums.expected, sums.squares, sums.variance
        if sums.alone:
            rest = [other for other in self._sums.values() if other is not sums]
            number = sum(other.alone for other in rest)
            if not number:
                return None
            mean = math.fsum(other.alone_score for other in rest) / number
            expected += sums.alone * mean
            squares += sums.alone * math.fsum(other.alone_squares for other in rest) / number
            variance -= sums.alone * (FOLLOWING * mean) ** 2
        variance += FOLLOWING * squares + (1.0 - FOLLOWING) * sums.chance
        if sums.answers < FEWEST or expected <= 0.0 or variance <= 0.0:
            return None
        return (sums.score - FOLLOWING * expected) / math.sqrt(variance)


def _score(apart: float, elsewhere: Sequence[float]) -> _Score:
    """Return the score, and its variance where nobody looks: that of a rank, less its ties'."""
    size = len(elsewhere)
    less = sum(other > apart for other in elsewhere)
    more = sum(other < apart for other in elsewhere)
    ties = math.fsum((count / size) ** 3 for count in Counter(elsewhere).values())
    return _Score(value=(less - more) / size, chance=(1.0 - ties) * (size + 2.0) / (3.0 * size))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
