"""Tickets: questions, faults and wishes, and how quickly they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile

PER_MONTH = {"strategic": 3.0, "enterprise": 1.1, "micro": 0.35}
CATEGORIES = {"how_to": 0.5, "bug": 0.3, "requirement": 0.2}
COMPLAINING = {"slow_support": 0.22, "slow_delivery": 0.16, "unmet_goals": 0.1}
"""Complaints a month under a cause."""
GRUMBLE = 0.005
"""Complaints a month without one."""
PRIORITIES = {"p1": 0.15, "p2": 0.5, "p3": 0.35}

_SUBJECTS = {
    "how_to": ("How do I change the approval flow?", "Exporting a report", "Adding new users"),
    "bug": ("Dashboard does not load", "Import stops half-way", "Mobile app signs out"),
    "requirement": ("Please add a field to quotes", "Integration with our finance system", "Bulk edit of orders"),
    "complaint": ("We have waited long enough", "This is not what we were promised"),
}
_SUBJECTS_ZH = {
    "how_to": ("如何修改审批流", "报表导出问题", "新增用户"),
    "bug": ("仪表盘打不开", "导入中断", "移动端掉线"),
    "requirement": ("报价单增加字段", "对接财务系统", "订单批量编辑"),
    "complaint": ("投诉：问题迟迟未处理", "投诉：与承诺不符"),
}


@dataclass(frozen=True)
class Ticket:
    """``closed_at`` is null while it is open; ``first_response_hours`` while nobody has answered."""

    slot: int
    subject: str
    category: str
    priority: str | None
    opened_at: datetime
    closed_at: datetime | None
    first_response_hours: float | None


def instant(dice: Dice, day: date, utc: int) -> datetime:
    """A moment of a UTC day that lies within the office hours of a place ``utc`` hours off Greenwich."""
    minutes = dice.between(8 * 60, 18 * 60 - 1) - utc * 60
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes % 1440)


def months(first: date, last: date) -> list[tuple[date, int]]:
    """The calendar months that touch ``[first, last)``: first day within, and how many days within."""
    out, day = [], first
    while day < last:
        following = min(month_shift(day.replace(day=1), 1), last)
        out.append((day, (following - day).days))
        day = following
    return out


def make_tickets(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Ticket]:
    """The tickets opened in ``[first, as_of)`` while the account was a customer."""
    dice, out = Dice(seed, "tickets", profile.n), list[Ticket]()
    chatty = dice.spread(0.5, 1.5)
    for begin, length in months(max(first, profile.since), as_of):
        if not life.served(begin):
            continue
        rate = PER_MONTH[profile.segment] * chatty * length / 30
        rate *= 0.04 if life.suffers(begin, "silence") else 2.2 if life.suffers(begin, "slow_support") else 1
        for _ in range(dice.count(rate)):
            day = begin + timedelta(days=dice.between(0, length - 1))
            out.append(_ticket(dice, profile, life, len(out), day, as_of))
    return sorted(out, key=lambda ticket: ticket.slot)


def make_complaints(seed: int, profile: Profile, life: Life, slot: int, first: date, as_of: date) -> list[Ticket]:
    """The complaints made in ``[first, as_of)``, as tickets that are numbered from ``slot``."""
    dice, out = Dice(seed, "complaints", profile.n), list[Ticket]()
    for begin, length in months(max(first, profile.since), as_of):
        rate = max((rate for cause, rate in COMPLAINING.items() if life.suffers(begin, cause)), default=GRUMBLE)
        if life.served(begin) and dice.chance(rate * length / 30):
            day = begin + timedelta(days=dice.between(0, length - 1))
            out.append(_ticket(dice, profile, life, slot + len(out), day, as_of, "complaint"))
    return out


def _ticket(
    dice: Dice, profile: Profile, life: Life, slot: int, day: date, as_of: date, category: str | None = None
) -> Ticket:
    slow = life.suffers(day, "slow_support")
    category, priority = category or dice.weighted(CATEGORIES), dice.weighted(PRIORITIES)
    subjects = _SUBJECTS_ZH if profile.place.language == "zh" else _SUBJECTS
    opened = instant(dice, day, profile.place.utc)
    wait = round(dice.spread(24, 90) if slow else dice.spread(0.3, 9), 1)
    took = timedelta(hours=wait, days=dice.between(18, 70) if slow else dice.between(0, 9))
    forgotten = dice.chance(0.35 if slow else 0.02)
    now = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    closed = None if forgotten or opened + took >= now else opened + took
    answered = wait if opened + timedelta(hours=wait) < now else None
    known = None if dice.chance(0.03) else priority
    return Ticket(slot, dice.pick(subjects[category]), category, known, opened, closed, answered)
