"""What a customer is worth against what it cost to win, and what a CSM earns by keeping customers healthy.

All amounts are of one currency, all rates shares (0.2 is 20 %); what cannot be said is None, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MONTHS = 12
PRINCIPLE_OF_THREE = 3
"""LTV must be more than three times CAC, not three times (book §2.5.4; decks 002:17 has lost its comparator)."""


def clt(churn: Decimal | None) -> Decimal | None:
    """Customer lifetime in years: 1 / logo churn rate of a year (decks 002:19). None where nobody churns: it has no end."""
    return 1 / churn if churn else None


def ltv(year: Decimal, churn: Decimal | None) -> Decimal | None:
    """Lifetime value: what a customer pays in a year times the years it stays (decks 002:18), in cents."""
    return _cents(year / churn) if churn else None


def ltv_to_date(amounts: Iterable[Decimal]) -> Decimal:
    """The book's lifetime value, another figure: all that one customer's contracts have brought so far (book §2.5.4)."""
    return sum(amounts, Decimal(0))


def recognised(amount: Decimal, months: Decimal, passed: Decimal) -> Decimal:
    """Revenue of a contract of ``months`` (more than 0) after ``passed`` of them, in cents. Contract value is no revenue: it
    becomes revenue as the months pass (book §2.5.4), the same each month (ours)."""
    return _cents(amount * min(max(passed, Decimal(0)), months) / months)


def ltv_cac(ltv: Decimal | None, cac: Decimal | None) -> Decimal | None:
    """LTV / CAC; ``cac`` is the cost of winning one customer. None where either is unknown, or winning costs nothing."""
    return ltv / cac if ltv is not None and cac else None


def healthy_economics(ltv: Decimal | None, cac: Decimal | None) -> bool | None:
    """Whether LTV is more than three times CAC; exactly three times is not. None where `ltv_cac` is."""
    return None if ltv is None or not cac else ltv > PRINCIPLE_OF_THREE * cac


def breaks_even(ltv: Decimal | None, cac: Decimal | None) -> bool | None:
    """Whether a customer brings at least what winning it cost; break-even is LTV = CAC (book §2.5.4)."""
    return None if ltv is None or not cac else ltv >= cac


@dataclass(frozen=True)
class Economics:
    """What an average customer is worth, from a year's cohort: lifetime in years, lifetime value, and both against ``cac``, the cost of
    winning one. None where it cannot be said."""

    clt: Decimal | None
    ltv: Decimal | None
    cac: Decimal | None = None

    @property
    def ratio(self) -> Decimal | None:
        """LTV / CAC."""
        return ltv_cac(self.ltv, self.cac)

    @property
    def healthy(self) -> bool | None:
        """Whether it is more than three."""
        return healthy_economics(self.ltv, self.cac)


def economics(customers: int, churned: int, arr: Decimal, told: int, cac: Decimal | None) -> Economics:
    """Of a cohort of a year: ``customers`` at its opening, ``churned`` of them gone at its closing; ``told`` of them have ``arr`` in
    all, of the others the amount is not known."""
    churn = Decimal(churned) / customers if customers else None
    return Economics(clt(churn), ltv(arr / told, churn) if told else None, cac)


@dataclass(frozen=True)
class Commission:
    """How a CSM shares in healthy ARR (健康度提成; decks 001:1445-1455).

    ``rate`` of a month's healthy ARR, times a coefficient of its month-on-month: 1 within ``neutral`` (both ends in it, ours),
    ``above`` and ``below`` outside.
    """

    rate: Decimal = Decimal("0.01")
    neutral: tuple[Decimal, Decimal] = (Decimal("1.00"), Decimal("1.05"))
    above: Decimal = Decimal("1.1")
    below: Decimal = Decimal("0.8")

    def coefficient(self, mom: Decimal) -> Decimal:
        """For a month-on-month of healthy ARR; 1.06 is six percent more than last month."""
        low, high = self.neutral
        if mom < low:
            return self.below
        return self.above if mom > high else Decimal(1)


def commission(healthy_arr: Decimal, rule: Commission, mom: Decimal | None) -> Decimal | None:
    """Commission of one month, in cents. None where last month had no healthy ARR to compare with (ours): no coefficient, no sum.

    ``healthy_arr`` is that of the accounts which were the CSM's at the month's end and healthy then: it stops where an account is
    handed over or is healthy no more.
    """
    return None if mom is None else _cents(healthy_arr / MONTHS * rule.rate * rule.coefficient(mom))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
