"""What an account asks for beyond what it has, and what a prepaid one consumes month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import month_shift, price_in
from csconnect_emulator.generator.offer import LEAD
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile

_TEXTS = {
    "more_accounts": ("A second team wants to join", "另一个团队也想使用"),
    "upgrade": ("They asked for the larger edition", "客户咨询高级版"),
    "new_tenant": ("A subsidiary needs a tenant of its own", "子公司需要独立租户"),
    "new_product": ("They asked for a product they do not have", "客户咨询尚未购买的产品"),
    "cross_line": ("They want it for another line of business", "希望用于另一条业务线"),
}


@dataclass(frozen=True)
class Need:
    slot: int
    kind: str
    line: str | None
    text: str
    stated_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Consumed:
    slot: int
    month: date
    amount: Decimal


def make_needs(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Need]:
    """Needs stated in ``[first, as_of)``, in any half year by one account in twelve, by chance alone, so that they give nothing
    away. Most are met or given up within half a year."""
    dice, out, day = Dice(seed, "needs", profile.n), list[Need](), profile.since
    while day < as_of:
        asks, kind, about = dice.chance(0.085), dice.pick(tuple(_TEXTS)), dice.pick(tuple(LEAD))
        stated, lasts, stays = day + timedelta(days=dice.between(0, 181)), dice.between(20, 170), dice.chance(0.3)
        if asks and life.served(stated) and stated < as_of:
            closed = None if stays else stated + timedelta(days=lasts)
            text = _TEXTS[kind][profile.place.language == "zh"]
            line = about if kind in ("new_product", "cross_line") else None
            out.append(Need(len(out), kind, line, text, stated, closed if closed and closed < as_of else None))
        day += timedelta(days=182)
    return [need for need in out if first <= need.stated_on]


def make_consumption(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Consumed]:
    """What one account in seven, which pays in advance for what it uses, consumed in each whole month since ``first``."""
    dice, out, month = Dice(seed, "consumption", profile.n), list[Consumed](), profile.since.replace(day=1)
    prepaid, a_seat, slot = dice.chance(0.15), dice.between(8, 30), 0
    while prepaid and month_shift(month, 1) <= as_of:
        swing, middle = dice.bell(1, 0.15), month + timedelta(days=14)
        if life.served(middle) and month >= first:
            wasting = 0.6 if life.suffers(middle, "usage_decay") else 1
            units = max(1, round(profile.seats * a_seat * swing * wasting))
            out.append(Consumed(slot, month, price_in(profile.currency, Decimal(1)) * units))
        month, slot = month_shift(month, 1), slot + 1
    return out
