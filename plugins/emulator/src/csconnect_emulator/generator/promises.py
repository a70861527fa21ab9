"""Promises between the customer and us, and whether they were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile

EVERY = 90
"""Days of one chance to promise something."""
DOUBTED = ("unmet_goals", "slow_support", "slow_delivery")
"""Causes under which we promise more and keep less."""

_OURS = (
    "Train the new users",
    "Deliver the quarterly report template",
    "Fix the import of price lists",
    "Review the workflows",
)
_OURS_ZH = ("培训新用户", "交付季度报表模板", "修复价格表导入", "梳理审批流程")
_THEIRS = ("Name a project owner", "Provide the master data", "Attend the business review")
_THEIRS_ZH = ("指定项目负责人", "提供基础数据", "参加业务回顾")


@dataclass(frozen=True)
class Promise:
    """``side`` is ours or theirs; ``fulfilled_on`` is null while it is open; ``contract`` is a slot."""

    slot: int
    contract: int | None
    side: str
    text: str
    made_on: date
    due_on: date
    fulfilled_on: date | None


class PromiseMaker:
    """Draws the promises of one account made in ``[first, as_of)``: one every fifteen months, more when in trouble."""

    def __init__(self, seed: int, profile: Profile, life: Life, first: date, as_of: date) -> None:
        self.dice = Dice(seed, "promises", profile.n)
        self.life, self.first, self.as_of, self.since = life, first, as_of, profile.since
        chinese = profile.place.language == "zh"
        self.texts = {"ours": _OURS_ZH if chinese else _OURS, "theirs": _THEIRS_ZH if chinese else _THEIRS}
        self.out: list[Promise] = []

    def make(self) -> list[Promise]:
        day = self.since
        while day < self.as_of:
            asked, off = self.dice.chance(0.2), self.dice.between(0, EVERY - 1)
            self._maybe(asked, day + timedelta(days=off), "ours" if self.dice.chance(0.75) else "theirs")
            day += timedelta(days=EVERY)
        for trouble in self.life.troubles:
            asked, off = self.dice.chance(0.65), self.dice.between(3, 40)
            doubted = any(cause in DOUBTED for cause in trouble.causes)
            self._maybe(asked and doubted, trouble.onset + timedelta(days=off), "ours")
        return [promise for promise in self.out if promise.made_on >= self.first]

    def _maybe(self, asked: bool, made: date, side: str) -> None:
        """Every draw is taken, so that the window decides nothing."""
        dice = self.dice
        text, due = dice.pick(self.texts[side]), made + timedelta(days=dice.between(14, 60))
        kept, early, later, lag = dice.unit(), dice.between(-10, 0), dice.chance(0.5), dice.between(10, 90)
        if not asked or made >= self.as_of or not self.life.served(made):
            return
        doubted = side == "ours" and any(self.life.suffers(due, cause) for cause in DOUBTED)
        in_time = kept < (0.25 if doubted else 0.9)
        done = due + timedelta(days=early if in_time else lag) if in_time or later else None
        known = done if done and done < self.as_of and self.life.served(done) else None
        contract = max((c.slot for c in self.life.contracts if c.start <= made), default=None)
        self.out.append(Promise(len(self.out), contract, side, text, made, due, known))
