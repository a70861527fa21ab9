"""The waterfall of healthy ARR (decks 001:1414-1444): from last month's amount to this month's in seven steps.

An account is in the one step that its two months say, or in none where its healthy ARR did not move. So the steps add up to the
change, by construction and to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from csconnect.compute.healthy import ABSENT, NOTHING, Standing


class Step(StrEnum):
    """Why the healthy ARR of an account moved, in the order of the source."""

    TO_NON_HEALTHY = "to_non_healthy"
    """Was healthy; is a customer still, and is not (健康转非健康)."""
    CHURN = "churn"
    """Was healthy; is no customer any more (流失)."""
    CONTRACTION = "contraction"
    """Healthy both months, with less ARR (减购)."""
    WON_BACK = "won_back"
    """Was no customer last month but in an earlier one; is healthy (环比新进)."""
    NEW = "new"
    """Never was a customer; is healthy (新进)."""
    EXPANSION = "expansion"
    """Healthy both months, with more ARR (增购)."""
    RECOVERED = "recovered"
    """Was a customer and not healthy; is healthy (非健康转健康)."""


@dataclass(frozen=True)
class Amount:
    """ARR of a step, below zero where it was lost, and how many accounts it is of."""

    arr: Decimal = NOTHING
    accounts: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.arr + other.arr, self.accounts + other.accounts)


@dataclass(frozen=True)
class Waterfall:
    """Healthy ARR ``opening`` (last month) and ``closing`` (this month), and every step between.

    ``unknown`` is what of a step comes of accounts that are not healthy only because nobody knows their health: this month for
    ``to_non_healthy``, last month for ``recovered``. ``untold`` accounts have an ARR that cannot be told in one of the months; they
    are in nothing else.
    """

    opening: Decimal
    closing: Decimal
    steps: Mapping[Step, Amount]
    unknown: Mapping[Step, Amount] = field(default_factory=dict)
    untold: int = 0

    @property
    def change(self) -> Decimal:
        """What the steps add up to: closing less opening."""
        return self.closing - self.opening


def step_of(then: Standing, now: Standing) -> Step | None:
    """The step of one account whose ARR is told in both months; None where its healthy ARR did not move."""
    if then.healthy_arr and now.healthy_arr:
        if now.healthy_arr == then.healthy_arr:
            return None
        return Step.CONTRACTION if now.healthy_arr < then.healthy_arr else Step.EXPANSION
    if then.healthy_arr:
        return Step.TO_NON_HEALTHY if now.there else Step.CHURN
    if not now.healthy_arr:
        return None
    if then.there:
        return Step.RECOVERED
    return Step.WON_BACK if now.known_before else Step.NEW


def waterfall(then: Mapping[str, Standing], now: Mapping[str, Standing]) -> Waterfall:
    """The waterfall between two months, each account -> how it stood; one that a month does not know was no customer then."""
    opening = closing = NOTHING
    steps = dict.fromkeys(Step, Amount())
    unknown = dict.fromkeys((Step.TO_NON_HEALTHY, Step.RECOVERED), Amount())
    untold = 0
    for account in dict.fromkeys((*then, *now)):
        before, after = then.get(account, ABSENT), now.get(account, ABSENT)
        if _untold(before) or _untold(after):
            untold += 1
            continue
        opening, closing = opening + before.healthy_arr, closing + after.healthy_arr
        step = step_of(before, after)
        if step is None:
            continue
        moved = Amount(after.healthy_arr - before.healthy_arr, 1)
        steps[step] += moved
        if step in unknown and None in (before.healthy, after.healthy):
            unknown[step] += moved
    return Waterfall(opening, closing, steps, unknown, untold)


def _untold(one: Standing) -> bool:
    return one.is_customer and one.arr is None
