"""Requests to change what is due in the finance book (应续调整申请), and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import rounded
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile

SHARE = 0.08
"""Share of the terms for which somebody asks."""


@dataclass(frozen=True)
class Adjustment:
    """``term`` and ``line`` are slots, ``line`` null where the whole term is meant; ``delta`` is by the year."""

    slot: int
    term: int
    line: int | None
    delta: Decimal | None
    waived: bool
    requested_on: date
    decided_on: date | None
    status: str
    reason: str


def make_adjustments(seed: int, profile: Profile, life: Life, as_of: date) -> list[Adjustment]:
    """Those asked for before ``as_of``. Mostly a few percent less than what stands there, once in six nothing at all."""
    dice, out = Dice(seed, "adjustments", profile.n), list[Adjustment]()
    for order in life.orders:
        asked, lead, lag, fate = dice.chance(SHARE), dice.between(5, 60), dice.between(1, 14), dice.unit()
        waived, one_line, share = dice.chance(1 / 6), dice.chance(0.4), dice.pick((-20, -10, -5, 5))
        requested = order.end - timedelta(days=lead)
        if not asked or not order.is_term or requested >= as_of:
            continue
        lines = [line for line in order.lines if line.billing == "recurring"]
        line = lines[0] if one_line and lines else None
        decided = requested + timedelta(days=lag)
        known = decided < as_of and fate < 0.9
        status = "requested" if not known else "approved" if fate < 0.75 else "refused"
        yearly = (line.total if line else order.recurring) * 12 / order.months
        delta = None if waived else rounded(profile.currency, yearly * share / 100)
        reason = "Site closed" if waived else "Fewer seats agreed" if share < 0 else "Discount ends"
        when, number = decided if known else None, line.slot if line else None
        out.append(Adjustment(len(out), order.slot, number, delta, waived, requested, when, status, reason))
    return out
