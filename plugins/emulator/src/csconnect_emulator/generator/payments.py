"""The payment plan: what is due when, and when it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import month_shift, rounded
from csconnect_emulator.generator.orders import Life, Order
from csconnect_emulator.generator.profile import Profile

UNWILLING = ("price", "unmet_goals", "slow_delivery")
"""Causes under which customers hold back their money."""


@dataclass(frozen=True)
class Payment:
    """An instalment. ``contract`` is a slot; ``paid_on`` is null while it has not come."""

    slot: int
    contract: int
    due_on: date
    amount: Decimal
    paid_on: date | None


def make_payments(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Payment]:
    """The instalments due from ``first`` on, those to come included, of everything signed before ``as_of``.

    A term is paid by the year or by the quarter; what is added to it, at once. Instalments add up to the order exactly.
    """
    dice, out = Dice(seed, "payments", profile.n), list[Payment]()
    step, net = 3 if dice.chance(0.35) else 12, dice.weighted({14: 1, 30: 2, 45: 1})
    for order in life.orders:
        if order.total > 0:
            parts = -(-order.months // step) if order.is_term else 1
            for number, amount in enumerate(_parts(order, parts, profile.currency)):
                due = month_shift(order.start, number * step) + timedelta(days=net)
                out.append(Payment(len(out), order.contract, due, amount, _paid(dice, life, order, due, as_of)))
    return [payment for payment in out if payment.due_on >= first]


def _parts(order: Order, parts: int, currency: str) -> list[Decimal]:
    """Equal instalments; the first carries the one-off fees and what does not divide."""
    each = rounded(currency, order.recurring / parts)
    return [order.total - each * (parts - 1), *[each] * (parts - 1)]


def _paid(dice: Dice, life: Life, order: Order, due: date, as_of: date) -> date | None:
    """Mostly a few days early; now and then late; quite often very late under a cause that makes customers unwilling."""
    usual, slips, slip = round(dice.bell(-4, 3)), dice.chance(0.04), dice.between(6, 40)
    holds, long = dice.chance(0.6), dice.between(25, 160)
    unwilling = any(life.suffers(due, cause) for cause in UNWILLING)
    lag = long if unwilling and holds else slip if slips else usual
    paid = max(order.signed_on, due + timedelta(days=lag))
    return paid if paid < as_of else None
