"""What some successes among some attempts say about a rate, with how sure that is."""

import math
from dataclasses import dataclass
from typing import Final

# Jeffreys' prior: as good as no opinion, and its intervals hold what they promise.
_PRIOR: Final = 0.5
_STEPS: Final = 200
_TINY: Final = 1e-300
_EXACT: Final = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """``right`` of ``total``; ``low`` and ``high`` hold the rate with a probability of 90 %.

    ``right`` need not be whole: an answer may be half right where others are at odds.
    """

    right: float
    total: float
    mean: float
    low: float
    high: float


def rate(right: float, total: float, *, level: float = 0.9) -> Rate:
    """Return mean and equal-tailed interval of the Beta posterior under Jeffreys' prior.

    Source: Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001); as
    there, the lower end is 0 when nothing was right, and the upper one 1 when everything was.
    """
    a, b = right + _PRIOR, total - right + _PRIOR
    tail = (1.0 - level) / 2.0
    return Rate(
        right=right,
        total=total,
        mean=a / (a + b),
        low=0.0 if right == 0 else quantile(tail, a, b),
        high=1.0 if right == total else quantile(1.0 - tail, a, b),
    )


def quantile(probability: float, a: float, b: float) -> float:
    """Return x with P(X < x) = ``probability`` for X of Beta(a, b), by bisection."""
    low, high = 0.0, 1.0
    while high - low > _EXACT * max(high, _EXACT) and low < (middle := (low + high) / 2) < high:
        if cumulative(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def cumulative(x: float, a: float, b: float) -> float:
    """Return P(X < x) for X of Beta(a, b): the regularized incomplete beta function.

    Source: Abramowitz and Stegun, 26.5.8 (continued fraction) and 26.5.2 (symmetry).
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # beyond it the fraction converges for the other side
        return 1.0 - cumulative(1.0 - x, b, a)
    factor = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return factor * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction from its top (Lentz's method)."""
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1.0 / _not_zero(1.0 + numerator * d)
            c = _not_zero(1.0 + numerator / c)
            value *= c * d
        if abs(c * d - 1.0) < _EXACT:
            break
    return value


def _not_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
