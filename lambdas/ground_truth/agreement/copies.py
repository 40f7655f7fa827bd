"""Who gives the answers of somebody else, mistakes included.

That two people agree says little: both may be right. It says much where one of them stands against
what the rest clearly say (``contexts``). So of every ordered pair, the objects are looked at where
the second person is against the rest, and how often the first is, too, and with the same label, is
compared with what is to be expected of two people who don't know of each other:

    logit r(pair) = logit r(others agree with the second) + logit r(the first agrees with others)
                    - logit r(everybody)

each estimate shrunk towards that of everybody and made without the pair itself. Against it stands a
copyist who agrees 9 times in 10, and else as anybody would. Evidence is the log ratio of both;
whoever is innocent gets log(1 / a) with a probability of at most a (Markov's inequality), as far as
the estimate holds, so the threshold is log(pairs / 0.05) for all pairs of a job.

People who share a misconception agree in their mistakes, too, and more often than any model of
independent people expects: in published data 8 times in 10. So whoever agrees less than 9 times in
10 over all objects is not called a copyist. One person with two accounts is found as well.

What is to be expected must be learned from others: fewer than five people accuse nobody, and pairs
with fewer than ten objects in common aren't looked at. Whoever is known not to look is better left
out beforehand (``looking``).
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from ground_truth.agreement.contexts import context, sums_of, weights
from ground_truth.agreement.peers import Objects
from ground_truth.agreement.spammers import FALSE_ALARM

_OWN_ANSWERS: Final = 0.1
_PRIOR: Final = 4.0
_RATES: Final = (0.02, 0.98)
_FEWEST_PEOPLE: Final = 5
_FEWEST_SHARED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """``worker`` agrees with ``source`` on ``agreed`` of ``shared`` objects, and by no chance."""

    worker: int
    source: int
    shared: int
    agreed: int
    evidence: float


Pair = tuple[int, int]


def looking(objects: Objects, spammers: Collection[int]) -> Objects:
    """Return the answers of everybody else."""
    return [[answer for answer in answers if answer[0] not in spammers] for answers in objects]


def copies(objects: Objects, classes: int) -> tuple[Copy, ...]:
    """Return the pairs of which one must know the other's answers, the clearest first.

    Each pair of people comes once, in the direction with more evidence; who copied whom can't be
    told from answers alone.

    Args:
        objects: the answers of each object, at most one of each worker.
        classes: how many labels there are to choose from.
    """
    if len({worker for answers in objects for worker, _ in answers}) < _FEWEST_PEOPLE:
        return ()
    tally = _Tally.of(objects, classes)
    pairs = tally.candidates()
    threshold = math.log(max(1, len(pairs)) / FALSE_ALARM)
    found: dict[Pair, Copy] = {}
    for pair in pairs:
        evidence = tally.evidence(pair)
        known = found.get(pair[::-1])
        if evidence > threshold and (known is None or known.evidence < evidence):
            found.pop(pair[::-1], None)
            found[pair] = Copy(
                worker=pair[0],
                source=pair[1],
                shared=tally.shared[pair],
                agreed=tally.same[pair],
                evidence=evidence,
            )
    return tuple(
        sorted(found.values(), key=lambda copy: (-copy.evidence, copy.worker, copy.source))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """Counts by ordered pair: objects in common and those with the same answer, and the same where
    the second is against the rest; `sums` of these by person, as first or second, and of all.
    """

    shared: Counter[Pair]
    same: Counter[Pair]
    against: Counter[Pair]
    joined: Counter[Pair]
    sums: Counter[tuple[str, int, bool]]

    @classmethod
    def of(cls, objects: Objects, classes: int) -> "_Tally":
        shared, same, against, joined = (Counter[Pair]() for _ in range(4))
        for pair, alike, alone in _events(objects, classes):
            shared[pair] += 1
            same[pair] += alike
            against[pair] += alone
            joined[pair] += alone and alike
        sums = Counter[tuple[str, int, bool]]()
        for (first, second), number in against.items():
            for role, who in (("first", first), ("second", second), ("all", 0)):
                sums[role, who, False] += number
                sums[role, who, True] += joined[first, second]
        return cls(shared=shared, same=same, against=against, joined=joined, sums=sums)

    def candidates(self) -> list[Pair]:
        """Return the pairs with enough objects in common."""
        return sorted(pair for pair, number in self.shared.items() if number >= _FEWEST_SHARED)

    def evidence(self, pair: Pair) -> float:
        """Return the log ratio of "copied" to "came to it alone"."""
        number, hits = self.against[pair], self.joined[pair]
        if not number or self.same[pair] < (1.0 - _OWN_ANSWERS) * self.shared[pair]:
            return 0.0
        pool = self._rate("all", 0, pair, 0.5)
        logit = (
            _logit(self._rate("first", pair[0], pair, pool))
            + _logit(self._rate("second", pair[1], pair, pool))
            - _logit(pool)
        )
        alone = _within(1.0 / (1.0 + math.exp(-logit)))
        copied = 1.0 - _OWN_ANSWERS * (1.0 - alone)
        return hits * math.log(copied / alone) + (number - hits) * math.log(_OWN_ANSWERS)

    def _rate(self, role: str, who: int, pair: Pair, prior: float) -> float:
        number = self.sums[role, who, False] - self.against[pair]
        hits = self.sums[role, who, True] - self.joined[pair]
        return _within((hits + _PRIOR * prior) / (number + _PRIOR))


def _events(objects: Objects, classes: int) -> Iterator[tuple[Pair, bool, bool]]:
    """Yield ordered pairs: whether they agree, and whether the second is against a clear rest."""
    known = weights(objects, classes)
    for answers in objects:
        for (first, mine), (second, theirs) in combinations(answers, 2):
            rest = [answer for answer in answers if answer[0] not in (first, second)]
            leaders, clear = context(sums_of(rest, known)) if rest else ((), 0)
            alike = mine == theirs
            yield (first, second), alike, clear > 0 and theirs not in leaders
            yield (second, first), alike, clear > 0 and mine not in leaders


def _within(rate: float) -> float:
    low, high = _RATES
    return min(high, max(low, rate))


def _logit(rate: float) -> float:
    return math.log(rate / (1.0 - rate))
