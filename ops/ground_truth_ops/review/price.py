"""What a job costs, from the prices the environment file states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.environment import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """In the price list's currency: Ground Truth's own charge, and what the answers cost."""

    service: float
    answers: float
    currency: str
    as_of: str

    @property
    def total(self) -> float:
        return self.service + self.answers


def cost(price: Price | None, *, objects: int | None, answers: int | None) -> Cost | None:
    """Price a job by itself; None without a price or without a number of objects.

    Tiers count a month's objects over the whole account, which only the bill knows: a job is priced
    as if it were the month's first.
    """
    if price is None or objects is None or answers is None:
        return None
    left, service, floor = objects, 0.0, 0
    for tier in price.tiers:
        size = left if tier.up_to is None else min(left, tier.up_to - floor)
        service += size * tier.per_object
        left -= size
        floor = tier.up_to or floor
    return Cost(
        service=service,
        answers=answers * price.per_answer,
        currency=price.currency,
        as_of=price.as_of.isoformat(),
    )
