"""What people in the CRM work on: opportunities and to-dos made by humans and by the quoting package."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from csconnect_emulator.generator.cast import CAST
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import price_in
from csconnect_emulator.generator.orders import Fate, Life, Order
from csconnect_emulator.generator.profile import Profile
from csconnect_emulator.generator.reasons import Reason, make_reason

ORIGINS = {"csm": 0.45, "sales": 0.3, "product": 0.1, "customer": 0.15}

_TODO = ("Send the training plan", "Book the next business review", "Update the contact list", "Chase the signed form")
_TODO_ZH = ("发送培训计划", "预约下次业务回顾", "更新联系人", "跟进签字文件")


@dataclass(frozen=True)
class Deal:
    """An opportunity. ``stage`` is prospecting, proposal, negotiation, won or lost; ``cpq`` marks the package's own. ``origin`` is who
    found it, where anybody noted it; ``order`` the expansion order that came of it; ``reason`` why a lost one was lost."""

    slot: int
    kind: str
    stage: str
    amount: Decimal
    close_on: date
    created: date
    contract: int | None = None
    term: int | None = None
    cpq: bool = False
    origin: str | None = None
    order: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class Todo:
    """A person's task."""

    slot: int
    subject: str
    due_on: date
    created: date
    done_on: date | None
    urgent: bool


class DealMaker:
    """Draws the opportunities of one account."""

    def __init__(self, seed: int, profile: Profile, life: Life, as_of: date) -> None:
        self.seed, self.dice = seed, Dice(seed, "deals", profile.n)
        self.profile, self.life, self.as_of = profile, life, as_of
        self.out: list[Deal] = []

    def make(self) -> list[Deal]:
        if self.profile.kind == "prospect":
            for _ in range(self.dice.between(1, 2)):
                self._new_business()
        for fate in self.life.fates:
            self._renewal(fate)
        expands, ahead = self.dice.chance(0.05), self.dice.between(10, 90)
        if self.life.served(self.as_of) and expands:
            amount = self._list_price(max(1, self.profile.seats // 4))
            self._add("expansion", "proposal", amount, self.as_of + timedelta(days=ahead), created=self._ago(3, 60))
        self._won_expansions()
        return [replace(deal, origin=self._origin(deal)) if deal.kind == "expansion" else deal for deal in self.out]

    def _won_expansions(self) -> None:
        for order in self.life.orders:
            if order.nature == "expansion":
                created = order.signed_on - timedelta(days=30)
                self._add("expansion", "won", order.recurring, order.signed_on, order, created)
                self.out[-1] = replace(self.out[-1], contract=None, term=None, order=order.slot)

    def _origin(self, deal: Deal) -> str | None:
        """Drawn beside everything else, so that nothing else shifts."""
        dice = Dice(self.seed, "origin", self.profile.n, deal.slot)
        return dice.weighted(ORIGINS) if dice.chance(0.8) else None

    def _new_business(self) -> None:
        stage = self.dice.pick(("prospecting", "proposal", "negotiation"))
        close = self.as_of + timedelta(days=self.dice.between(5, 120))
        self._add("new", stage, self._list_price(self.profile.seats), close, created=self._ago(3, 150))

    def _renewal(self, fate: Fate) -> None:
        """A closed one for most terms that are over; for some that fall due an open one, made by a person or by CPQ."""
        order = self.life.orders[fate.term]
        noted, roll = self.dice.chance(0.65), self.dice.unit()
        if fate.end <= self.as_of or fate.settled_on < self.as_of:
            lost = fate.fate in ("churned", "won_back")
            if noted and fate.settled_on < self.as_of:
                close = fate.end if lost else fate.settled_on
                reason = make_reason(self.seed, self.profile.n, fate.term, fate.cause) if lost else None
                stage, created = "lost" if lost else "won", close - timedelta(days=60)
                self._add("renewal", stage, order.recurring, close, order, created, reason=reason)
            return
        maker = self._maker(roll)
        if maker and (fate.end - self.as_of).days <= 130:
            stage = "prospecting" if maker == "cpq" else self.dice.pick(("prospecting", "proposal", "negotiation"))
            close = fate.end - timedelta(days=1)
            self._add("renewal", stage, order.recurring, close, order, self._ago(2, 30), cpq=maker == "cpq")

    def _maker(self, roll: float) -> str:
        if self.profile.n in CAST:
            traits = self.profile.traits
            return "cpq" if "cpq" in traits else "person" if "manual_renewal" in traits else ""
        if roll < 0.15 and self.profile.system == "salesforce":
            return "cpq"
        return "person" if roll < 0.4 else ""

    def _list_price(self, seats: int) -> Decimal:
        return price_in(self.profile.currency, Decimal(38 * 12)) * seats

    def _ago(self, low: int, high: int) -> date:
        return self.as_of - timedelta(days=self.dice.between(low, high))

    def _add(
        self,
        kind: str,
        stage: str,
        amount: Decimal,
        close_on: date,
        order: Order | None = None,
        created: date = date.min,
        *,
        cpq: bool = False,
        reason: Reason | None = None,
    ) -> None:
        contract, term = (order.contract, order.slot) if order else (None, None)
        self.out.append(Deal(len(self.out), kind, stage, amount, close_on, created, contract, term, cpq, reason=reason))


def make_todos(seed: int, profile: Profile, life: Life, as_of: date) -> list[Todo]:
    """A few to-dos of the CSM, most of them done."""
    dice, out = Dice(seed, "todos", profile.n), list[Todo]()
    topics = _TODO_ZH if profile.place.language == "zh" else _TODO
    for slot in range(dice.weighted({0: 0.6, 1: 0.28, 2: 0.12}) if life.served(as_of) else 0):
        created = as_of - timedelta(days=dice.between(2, 80))
        due = created + timedelta(days=dice.between(3, 30))
        done = due if due < as_of and dice.chance(0.8) else None
        out.append(Todo(slot, dice.pick(topics), due, created, done, dice.chance(0.15)))
    return out
