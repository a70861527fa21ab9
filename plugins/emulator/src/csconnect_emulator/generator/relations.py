"""Touchpoints with the customer, and the occasions on which it spoke up for us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from csconnect_emulator.generator.contacts import Person
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile
from csconnect_emulator.generator.service import instant, months

PER_MONTH = {"strategic": 2.4, "enterprise": 0.8, "micro": 0.22}
KINDS = {
    "salesforce": {"call": 0.44, "meeting": 0.31, "visit": 0.15, "email": 0.1},
    "hubspot": {"call": 0.46, "meeting": 0.31, "visit": 0.15, "note": 0.08},
}
"""Kinds of touchpoint by the system that keeps them: each lacks what it has no object for."""

_TOPICS = {
    "call": "Monthly check-in", "meeting": "Adoption review", "visit": "On-site visit", "email": "Follow-up by mail",
    "note": "Note to file", "business_review": "Quarterly business review", "kickoff": "Project kickoff",
    "training": "User training",
}  # fmt: skip
_TOPICS_ZH = {
    "call": "月度回访", "meeting": "使用情况回顾", "visit": "上门拜访", "email": "邮件跟进", "note": "备注",
    "business_review": "季度业务回顾", "kickoff": "项目启动会", "training": "用户培训",
}  # fmt: skip
TOPICS = (_TOPICS, _TOPICS_ZH)
"""Subjects by kind, in English and in Chinese."""
PRAISE = {"shares_success": 0.52, "reference": 0.24, "case_study": 0.15, "speaker": 0.09}
RECOMMENDING = {"internal_promotion": 0.76, "referral": 0.24}


@dataclass(frozen=True)
class Touch:
    """A touchpoint. ``attendees`` are slots of people; ``executive`` is null where nobody wrote it down. What stands last is
    noted by `meetings`."""

    slot: int
    kind: str
    at: datetime
    subject: str
    attendees: tuple[int, ...]
    executive: bool | None
    replied_hours: float | None
    decision_maker: bool | None = None
    outcome: str | None = None
    next_on: date | None = None


@dataclass(frozen=True)
class Praise:
    slot: int
    kind: str
    on: date


class TouchMaker:
    """Draws the touchpoints of one account in ``[first, as_of)``."""

    def __init__(self, seed: int, profile: Profile, life: Life, people: list[Person], first: date, as_of: date) -> None:
        self.dice = Dice(seed, "touches", profile.n)
        self.profile, self.life, self.people = profile, life, people
        self.first, self.as_of = max(first, profile.since), as_of
        self.prompt = 0.68 + 0.31 * profile.fit
        """Share of our messages answered within a day."""
        self.thriving = "thriving" in profile.traits
        self.out: list[Touch] = []

    def make(self) -> list[Touch]:
        warm, quarter = self.dice.spread(0.6, 1.4), self.dice.between(0, 2)
        for begin, length in months(self.first, self.as_of):
            if not self.life.served(begin):
                continue
            rate = PER_MONTH[self.profile.segment] * warm * length / 30
            silent, orphaned = (self.life.suffers(begin, cause) for cause in ("silence", "champion_left"))
            rate *= 0.12 if silent else 0.45 if orphaned else 1
            for _ in range(self.dice.count(rate)):
                self._add(
                    self.dice.weighted(KINDS[self.profile.system]),
                    begin + timedelta(days=self.dice.between(0, length - 1)),
                )
            review, day = self.dice.chance(0.78 + 0.2 * self.profile.fit), self.dice.between(0, length - 1)
            if (review or self.thriving) and begin.month % 3 == quarter and not silent:
                self._add("business_review", begin + timedelta(days=day))
        self._opening()
        return self.out

    def _opening(self) -> None:
        """The kickoff in the first days, the trainings after it."""
        for lead, kind in ((5, "kickoff"), (20, "training"), (34, "training")):
            day = self.profile.since + timedelta(days=lead)
            if self.first <= day < self.as_of and self.life.served(day):
                self._add(kind, day)

    def _add(self, kind: str, day: date) -> None:
        dice, quiet = self.dice, self.life.suffers(day, "silence")
        there = [who.slot for who in self.people if who.present(day)]
        guests = tuple(sorted({dice.pick(there) for _ in range(dice.between(1, 3))})) if there else ()
        prompt = self.prompt * (0.25 if self.life.suffers(day, "champion_left") else 1)
        soon, same_day, later = dice.chance(prompt), dice.spread(0.5, 22), dice.spread(26, 80)
        answered = dice.spread(70, 220) if quiet else same_day if soon else later
        asked = dice.chance(0.75)
        topics = _TOPICS_ZH if self.profile.place.language == "zh" else _TOPICS
        subject = topics[kind]
        if self.life.suffers(day, "price") and dice.chance(0.5):
            subject = "价格与预算讨论" if topics is _TOPICS_ZH else "Budget and price"
        at = instant(dice, day, self.profile.place.utc)
        replied = round(answered, 1) if asked else None
        self.out.append(Touch(len(self.out), kind, at, subject, guests, self._executive(kind, day), replied))

    def _executive(self, kind: str, day: date) -> bool | None:
        review = 0.66 + 0.32 * self.profile.fit
        share = {"business_review": review, "meeting": 0.2, "visit": 0.35, "kickoff": 0.9}.get(kind, 0.0)
        came, noted = self.dice.chance(share), self.dice.chance(0.97)
        if self.life.suffers(day, "decision_maker_changed") or self.life.suffers(day, "silence"):
            came = False
        if self.thriving and kind == "business_review":
            return True
        return came if noted else None


def make_praise(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Praise]:
    """Advocacy in ``[first, as_of)``: about once a year from those who do such things, never while something is wrong."""
    dice, found = Dice(seed, "praise", profile.n), list[tuple[date, str]]()
    for kinds, keen in ((PRAISE, 0.58 + 0.42 * profile.fit), (RECOMMENDING, 0.34 + 0.6 * profile.fit)):
        willing, every = dice.chance(keen) or "thriving" in profile.traits, dice.between(170, 340)
        day = profile.since + timedelta(days=dice.between(30, 30 + every * 2 // 3))
        while day < as_of:
            kind = dice.weighted(kinds)
            if willing and day >= first and life.served(day) and life.ailing(day) is None:
                found.append((day, kind))
            day += timedelta(days=every - dice.between(0, 40))
    return [Praise(slot, kind, day) for slot, (day, kind) in enumerate(sorted(found))]
