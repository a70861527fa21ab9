"""The inverted funnel (倒漏斗; decks 000:136-158): years ahead of revenue from three rates of each year's base.

    closing = base x (1 + new - churn + expansion)

and what closes a year is the base of the next. What is new this year churns and expands from the next one on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from csconnect.errors import ConfigError

MOST_YEARS = 50
"""A projection further ahead is refused: nobody means one, and the amounts outgrow exact reckoning."""


@dataclass(frozen=True)
class Year:
    """One column of the funnel, all in one currency. ``base`` is what is there when the year opens (年初 ACV, 基数); ``new``,
    ``churn`` (never above zero) and ``expansion`` are what the year adds to it."""

    base: Decimal
    new: Decimal
    churn: Decimal
    expansion: Decimal

    @property
    def closing(self) -> Decimal:
        """What is there when the year closes: the next year's base."""
        return self.base + self.new + self.churn + self.expansion

    @property
    def ndr(self) -> Decimal | None:
        """Net dollar retention of the year: what of the base is left, its expansion included. None where there was no base."""
        return (self.base + self.churn + self.expansion) / self.base if self.base else None


def project(base: Decimal, *, new: Decimal, churn: Decimal, expansion: Decimal, years: int) -> list[Year]:
    """The column of the base and those of ``years`` more; ``new``, ``churn`` and ``expansion`` are rates (0.3 is 30 %).

    `ConfigError` where a rate or the base is below zero, where more than all would churn, or for more than 50 years.
    """
    _sensible(base, new=new, churn=churn, expansion=expansion, years=years)
    columns = []
    for _ in range(years + 1):
        columns.append(Year(base, base * new, -(base * churn), base * expansion))
        base = columns[-1].closing
    return columns


def _sensible(base: Decimal, *, new: Decimal, churn: Decimal, expansion: Decimal, years: int) -> None:
    remedy = "Write shares of each year's base: 0.3 is 30 %"
    for name, value in (("base", base), ("new", new), ("churn", churn), ("expansion", expansion)):
        if not value.is_finite() or value < 0:
            raise ConfigError(f"{name} of a projection is {value}", remedy=remedy)
    if churn > 1:
        raise ConfigError(f"churn of a projection is {churn}: more than all there is", remedy=remedy)
    if not 0 <= years <= MOST_YEARS:
        raise ConfigError(f"{years} years cannot be projected", remedy=f"Ask for 0 to {MOST_YEARS}")


def ndr_of(churn: Decimal, expansion: Decimal) -> Decimal:
    """Net dollar retention of a year with these rates: 1 - churn + expansion."""
    return 1 - churn + expansion


def growth_of(ndr: Decimal, new: Decimal) -> Decimal:
    """Growth of a year: 120 % of the old and 10 % of new is 30 % (decks 000:132-133)."""
    return ndr - 1 + new


def growth(years: Sequence[Year]) -> Decimal | None:
    """From the first base to the last *base*: the flows of the last column are not in it, as in the source. None without a base."""
    return years[-1].base / years[0].base - 1 if years[0].base else None
