"""How an account's commercial life goes: terms follow one another until a cause, or chance, ends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from csconnect_emulator.generator import causes as why
from csconnect_emulator.generator.cast import CAST, PLAIN
from csconnect_emulator.generator.causes import Causes
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.offer import CRM, PARTNER, SERVICE
from csconnect_emulator.generator.orders import Contract, Fate, Life, Order, Trouble
from csconnect_emulator.generator.pricing import Pricing
from csconnect_emulator.generator.profile import Profile

LENGTHS = {12: 0.66, 24: 0.2, 36: 0.14}
MENDING = 45
"""Days after a renewal until a trouble that the customer outlived is over."""


def days(count: int) -> timedelta:
    return timedelta(days=count)


@dataclass(frozen=True)
class Ending:
    """What awaits a period: the causes at work before its end, since when, and what becomes of it."""

    causes: tuple[str, ...]
    onset: date | None
    fate: str


def draw_ending(dice: Dice, causes: Causes, depth: int, start: date, end: date, *, first: bool = False) -> Ending:
    """Draw the causes that befall a period, then its fate from nothing but those causes.

    Every draw is taken whatever the switches say, so that switching one cause off leaves the others' accounts alone. In the
    ``first`` period it is the first implementation that may be slow, later ones are a second (`projects`).
    """
    roll, shallow, second = dice.unit(), dice.chance(why.SHALLOW_RATE), dice.unit()
    found = _hit(roll)
    found += _hit(second) if found else ()
    if shallow and depth <= 1:
        found = (*found, "shallow_use")
    at_work = tuple(dict.fromkeys(cause for cause in found if cause in causes.active))
    lead = dice.between(90, 185)
    onset = max(start + days(14), end - days(lead))
    if at_work[:1] == ("shallow_use",):
        onset = start
    elif first and at_work[:1] == ("slow_delivery",):
        onset = start + days(why.PATIENCE)
    fate = _fate(dice, _loss(causes, at_work))
    return Ending(at_work, onset if at_work else None, fate)


def _hit(roll: float) -> tuple[str, ...]:
    for cause, rate in why.RATES.items():
        roll -= rate
        if roll < 0:
            return (cause,)
    return ()


def _loss(causes: Causes, at_work: tuple[str, ...]) -> float:
    if not causes.active:
        return why.NULL_LOSS
    if not at_work:
        return why.QUIET_LOSS
    return min(0.95, max(why.DEADLY[cause] for cause in at_work) + 0.1 * (len(at_work) - 1))


def _fate(dice: Dice, loss: float) -> str:
    lost, back, late = dice.chance(loss), dice.chance(0.12), dice.chance(0.08)
    if lost:
        return "won_back" if back else "churned"
    return "deferred" if late else "renewed"


class LifeMaker:
    """Tells the life of one account; `make` is the only method for others."""

    def __init__(self, seed: int, profile: Profile, as_of: date, causes: Causes) -> None:
        self.seed, self.profile, self.as_of, self.causes = seed, profile, as_of, causes
        self.dice = Dice(seed, "life", profile.n)
        self.script = CAST.get(profile.n, PLAIN)
        self.pricing = Pricing(self.dice, profile.currency)
        self.life = Life()
        self.seats = profile.seats
        self.bought = [CRM, SERVICE, PARTNER][: max(1, profile.depth - 2)]
        if profile.depth < 4 and self.dice.chance(0.12):
            self.bought = [CRM, SERVICE]
        self.recontracts = self.dice.chance(0.3)
        self.current: dict[str, Contract] = {}

    def make(self) -> Life:
        start, months = self._first()
        signed, nature, number = start - days(self.dice.between(0, 30)), "new", 0
        while signed < self.as_of:
            end = month_shift(start, months)
            terms = self._period(start, end, months, signed, nature)
            ending = self._ending(start, end, number)
            following = self._settle(terms, start, end, ending)
            if following is None:
                break
            signed, start, nature = following
            number, months = number + 1, self._next_length(months)
        if "broken_term" in self.profile.traits and self.life.orders:
            self._typing_error()
        return self.life

    def _first(self) -> tuple[date, int]:
        if self.script.due_in is not None:
            return self.profile.since, self.script.months
        start = self.profile.since
        start = start.replace(day=1) if self.dice.chance(0.4) else start
        return start, self.dice.weighted(LENGTHS)

    def _next_length(self, months: int) -> int:
        other, changes = self.dice.weighted(LENGTHS), self.dice.chance(0.2)
        return other if changes and self.script.due_in is None else months

    def _ending(self, start: date, end: date, number: int) -> Ending:
        dice = Dice(self.seed, "fate", self.profile.n, number)
        ending = draw_ending(dice, self.causes, self.profile.depth, start, end, first=number == 0)
        if "thriving" in self.profile.traits:
            return Ending((), None, "renewed")
        if self.script.due_in is None:
            return ending
        if end <= self.as_of:
            return Ending((), None, "renewed")
        at_work = tuple(cause for cause in self.script.causes if cause in self.causes.active)
        return Ending(at_work, self.as_of - days(self.script.onset) if at_work else None, ending.fate)

    def _period(self, start: date, end: date, months: int, signed: date, nature: str) -> list[Order]:
        """Sign a term of every product line bought, and the changes of mind while it runs."""
        terms = []
        for index, line in enumerate(self.bought):
            first_buy = index > 0 and not self.life.fates
            later = self.dice.between(2, 6) if self.dice.chance(0.4) and first_buy else 0
            begin, when = month_shift(start, later), month_shift(signed, later)
            if when < self.as_of:
                terms.append(self._term(line, nature, when, begin, end, months - later))
        self.life.seats.append((start, self.seats))
        self.life.lines.append((start, len(terms)))
        if terms:
            self._changes(terms[0])
        return terms

    def _term(self, line: str, nature: str, signed: date, start: date, end: date, months: int) -> Order:
        contract = self._contract(line, signed, start, end, fresh=nature == "new")
        with_setup = nature == "new" and self.dice.chance(0.6)
        lines = self.pricing.term(line, self.seats, months, with_setup)
        slot = len(self.life.orders)
        order = Order(slot, slot, contract.slot, nature, line, signed, start, end, months, self.seats, lines)
        self.life.orders.append(order)
        return order

    def _contract(self, line: str, signed: date, start: date, end: date, *, fresh: bool) -> Contract:
        shared = self.profile.n % 9 == 4
        known = self.current.get("" if shared else line)
        if known is None or (fresh and known.end < start) or (self.recontracts and known.end == start):
            cap = self.dice.pick((5, 8, 10)) if self.dice.chance(0.15) else None
            known = Contract(len(self.life.contracts), line, signed, start, end, self.seats, cap)
            self.life.contracts.append(known)
        known.end, known.seats = max(known.end, end), self.seats
        self.current["" if shared else line] = known
        return known

    def _changes(self, term: Order) -> None:
        """A term may grow or shrink in its first half; by chance alone, so that it gives nothing away."""
        grows, shrinks, at = (
            self.dice.chance(0.16),
            self.dice.chance(0.05),
            self.dice.between(1, max(1, term.months // 2)),
        )
        start = month_shift(term.start, at)
        if not (grows or shrinks) or start >= self.as_of or term.months - at < 1:
            return
        step = max(1, self.seats * self.dice.between(10, 40) // 100)
        step = step if grows else -min(step, self.seats - 1)
        if step == 0:
            return
        self.seats += step
        self.life.seats.append((start, self.seats))
        lines = self.pricing.change(term, step, term.months - at)
        nature = "expansion" if step > 0 else "contraction"
        self.life.orders.append(
            replace(
                term, slot=len(self.life.orders), of=term.slot, nature=nature, signed_on=start - days(at % 3), start=start,
                months=term.months - at, seats=self.seats, lines=lines,
            )
        )  # fmt: skip

    def _settle(self, terms: list[Order], start: date, end: date, ending: Ending) -> tuple[date, date, str] | None:
        """Write down what becomes of the period's terms; the signing day, start and nature of what follows, if anything."""
        lead, late, gap = self.dice.between(0, 50), self.dice.between(8, 75), self.dice.between(95, 300)
        following: tuple[date, date, str] | None = {
            "renewed": (max(start + days(1), end - days(lead)), end, "renewal"),
            "deferred": (end + days(late), end, "renewal"),
            "won_back": (end + days(gap - gap % 10), end + days(gap), "renewal" if gap < 180 else "new"),
        }.get(ending.fate)
        lost = ending.fate in ("churned", "won_back")
        settled = following[0] if following else end
        dropped = self._dropped() if not lost else None
        for term in terms:
            fate, when = ("churned", end) if term.line == dropped else (ending.fate, settled)
            cause = ending.causes[0] if ending.causes else ("chance" if lost or fate == "churned" else "")
            self.life.fates.append(Fate(term.slot, term.line, term.start, end, fate, cause, ending.onset, when))
        in_use = end if lost or settled < self.as_of else max(end, settled)
        self.life.spans.append((start, in_use))
        if ending.onset is not None:
            until = end if lost else max(end, settled) + days(MENDING)
            self.life.troubles.append(Trouble(ending.causes, ending.onset, until, lost))
        self._new_size()
        return following

    def _dropped(self) -> str | None:
        """Now and then the last product line is not renewed with the rest; not in the null control, where nothing that one
        can see, the number of lines included, may tell."""
        if self.dice.chance(0.06) and len(self.bought) > 1 and self.causes.active:
            return self.bought.pop()
        return None

    def _new_size(self) -> None:
        turn, share = self.dice.unit(), self.dice.between(5, 40)
        if turn < 0.25:
            self.seats += max(1, self.seats * share // 100)
        elif turn < 0.4:
            self.seats = max(1, self.seats - self.seats * share // 150)

    def _typing_error(self) -> None:
        """An order whose end somebody typed a year too early."""
        last = self.life.orders[-1]
        start = max(last.start, month_shift(self.as_of, -2))
        self.life.orders.append(
            replace(
                last, slot=len(self.life.orders), of=len(self.life.orders), nature="new", line="Add-on", start=start,
                signed_on=min(start, self.as_of - days(3)), end=month_shift(start, -11), months=1, lines=(), broken=True,
            )
        )  # fmt: skip
