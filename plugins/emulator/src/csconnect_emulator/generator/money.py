"""Prices and exchange rates of the made-up world. Rates are monthly and wander; US dollars are the corporate currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from csconnect_emulator.generator.dice import Dice

BASE = "USD"
PAR = {"USD": Decimal(1), "EUR": Decimal("0.92"), "GBP": Decimal("0.79"), "CNY": Decimal("7.15"), "JPY": Decimal(150)}
"""Units of each currency for one US dollar when price lists are made."""


def price_in(currency: str, dollars: Decimal) -> Decimal:
    """A price of the list in another currency, rounded as that currency is; unknown currencies are taken at par."""
    return rounded(currency, dollars * PAR.get(currency, Decimal(1)))


def rounded(currency: str, amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1) if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Rate:
    """From ``on`` until ``until`` (not included), one US dollar is ``per_dollar`` units of ``currency``."""

    number: int
    currency: str
    on: date
    until: date
    per_dollar: Decimal


@cache
def rates(seed: int, as_of: date) -> tuple[Rate, ...]:
    """Monthly rates of every currency over four years up to ``as_of``."""
    first = month_shift(as_of.replace(day=1), -48)
    return tuple(rate for index, code in enumerate(PAR) for rate in _walk(seed, index, code, first))


def _walk(seed: int, index: int, code: str, first: date) -> Iterator[Rate]:
    dice, level = Dice(seed, "fx", code), Decimal(1)
    for month in range(49):
        if code != BASE:
            level *= 1 + Decimal(dice.between(-180, 180)) / 10_000
            level += (1 - level) / 12
        on = month_shift(first, month)
        yield Rate(index * 100 + month, code, on, month_shift(on, 1), (PAR[code] * level).quantize(Decimal("0.000001")))


def month_shift(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that day does not exist."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month, last)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")
