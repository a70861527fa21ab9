"""What the customer gets out of it: surveys and the goals that were agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.contacts import Person
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life, Order, Trouble
from csconnect_emulator.generator.profile import Profile
from csconnect_emulator.generator.service import Ticket, months

BITTER = {
    "usage_decay": 0.8, "champion_left": 0.5, "decision_maker_changed": 0.5, "unmet_goals": 1.0, "slow_support": 3.5,
    "silence": 1.0, "price": 0.0, "shallow_use": 0.5, "slow_delivery": 1.0,
}  # fmt: skip
"""Points that each cause takes off an NPS answer."""

METRICS = (
    ("Days to quote", 10.0, 4.0, "performance"), ("Win rate %", 21.0, 30.0, "performance"),
    ("Hours spent on reports a week", 12.0, 3.0, "cost"), ("Orders processed a day", 80.0, 140.0, "performance"),
    ("First-contact resolution %", 55.0, 75.0, "satisfaction"),
)  # fmt: skip
ROI = ("Return on investment %", 0.0, 200.0, "roi")
ROI_SHARE = 0.08
"""Share of terms for which the return on the investment is a goal too."""


@dataclass(frozen=True)
class Answer:
    """One answer: NPS from 0 to 10, CSAT from 1 to 5. ``person`` is the slot of who answered, if known."""

    slot: int
    kind: str
    score: int
    on: date
    person: int | None
    role: str | None


@dataclass(frozen=True)
class Goal:
    slot: int
    metric: str
    baseline: float
    target: float
    actual: float | None
    due_on: date
    measured_on: date | None
    kind: str


def make_answers(
    seed: int, profile: Profile, life: Life, people: list[Person], tickets: list[Ticket], first: date, as_of: date
) -> list[Answer]:
    """Quarterly NPS and the marks given to closed tickets, in ``[first, as_of)``."""
    dice, out = Dice(seed, "answers", profile.n), list[Answer]()
    content = 7.6 + 2.2 * profile.fit + dice.spread(-0.3, 0.3)
    for begin, length in months(max(first, profile.since), as_of):
        if begin.month % 3 != profile.n % 3 or not life.served(begin):
            continue
        day = begin + timedelta(days=dice.between(0, length - 1))
        there = [who for who in people if who.present(day)]
        for who in there[: dice.between(0, 3)]:
            score = round(dice.bell(content, 0.7) - _bitterness(life, day))
            out.append(Answer(len(out), "nps", min(10, max(0, score)), day, who.slot, who.roles[0]))
    for ticket in tickets:
        replies, mark = dice.chance(0.15), dice.bell(4.4, 0.5)
        if replies and ticket.closed_at is not None:
            slow = life.suffers(ticket.opened_at.date(), "slow_support")
            score = min(5, max(1, round(mark - (2 if slow else 0))))
            out.append(Answer(len(out), "csat", score, ticket.closed_at.date(), None, None))
    return out


def _bitterness(life: Life, day: date) -> float:
    trouble = life.trouble(day)
    return sum(BITTER[cause] for cause in trouble.causes) if trouble else 0.0


def make_goals(seed: int, profile: Profile, life: Life, as_of: date) -> list[Goal]:
    """One or two success standards for most terms of the first product line."""
    dice, out = Dice(seed, "goals", profile.n), list[Goal]()
    for term in life.orders:
        if term.is_term and not term.broken and term.line == life.orders[0].line and term.start < as_of:
            missed = _missed(life, term)
            for _ in range(max(dice.weighted({0: 0.3, 1: 0.5, 2: 0.2}), 1 if missed else 0)):
                out.append(_goal(dice, dice.pick(METRICS), profile.fit, missed, term, len(out), as_of))
    return out + _returns(seed, profile, life, len(out), as_of)


def _returns(seed: int, profile: Profile, life: Life, slot: int, as_of: date) -> list[Goal]:
    """For a few terms the return on the investment is reckoned too."""
    dice, out = Dice(seed, "returns", profile.n), list[Goal]()
    for term in life.orders:
        asked = dice.chance(ROI_SHARE)
        if asked and term.is_term and not term.broken and term.line == life.orders[0].line and term.start < as_of:
            out.append(_goal(dice, ROI, profile.fit, _missed(life, term), term, slot + len(out), as_of))
    return out


def _missed(life: Life, term: Order) -> Trouble | None:
    """The trouble over unmet goals that befalls a term."""
    return next((t for t in life.troubles if "unmet_goals" in t.causes and term.start <= t.onset < term.end), None)


def _goal(
    dice: Dice,
    about: tuple[str, float, float, str],
    fit: float,
    trouble: Trouble | None,
    term: Order,
    slot: int,
    as_of: date,
) -> Goal:
    metric, baseline, target, kind = about
    ran = (term.end - term.start).days
    due = term.start + timedelta(days=ran * dice.between(55, 85) // 100)
    progress, poor, lag = dice.spread(0.62, 1.0) + 0.44 * fit, dice.spread(-0.05, 0.35), dice.between(1, 24)
    if trouble is not None:
        due = max(due, trouble.onset + timedelta(days=10))
    measured = min(due, as_of - timedelta(days=lag))
    if measured < term.start + timedelta(days=45):
        return Goal(slot, metric, baseline, target, None, due, None, kind)
    reached = poor if trouble is not None and measured >= trouble.onset else progress
    if measured < due:
        reached *= max(0.65, (measured - term.start).days / max(1, (due - term.start).days))
    actual = round(baseline + (target - baseline) * reached, 1)
    return Goal(slot, metric, baseline, target, actual, due, measured, kind)
