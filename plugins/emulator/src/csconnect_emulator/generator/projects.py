"""Implementations: the first one, those of product lines bought later, and second ones; on time, late, or not live at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.causes import PATIENCE
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile

PHASES = ("requirements", "design", "configuration", "test", "data", "training")
"""What an implementation goes through before it is live, about equally long."""


@dataclass(frozen=True)
class Project:
    """An implementation as it is known on the world's ``as_of``. ``contract`` is a slot."""

    slot: int
    contract: int
    name: str
    phase: str
    started_on: date
    planned_live_on: date
    live_on: date | None
    accepted_on: date | None


class ProjectMaker:
    """Draws the implementations of one account that began before ``as_of``.

    One is slow where ``slow_delivery`` is at work: it began `PATIENCE` days before the onset and is not live by then. How long it
    takes in the end never looks at the fate of the term.
    """

    def __init__(self, seed: int, profile: Profile, life: Life, as_of: date) -> None:
        self.dice = Dice(seed, "projects", profile.n)
        self.chinese = profile.place.language == "zh"
        self.life, self.as_of = life, as_of
        patience = timedelta(days=PATIENCE)
        self.slow = {t.onset - patience for t in life.troubles if "slow_delivery" in t.causes}
        self.out: list[Project] = []

    def make(self) -> list[Project]:
        begun = [(day, "", True) for day in self.slow]
        for order in self.life.orders:
            wanted, again = self.dice.chance(0.6), self.dice.chance(0.12)
            wait, later = self.dice.between(0, 6), self.dice.between(10, 120)
            if order.broken or not order.is_term:
                continue
            if order.nature == "new" and (wanted or order.slot == 0):
                slow = order.slot == 0 and order.start in self.slow
                if slow:
                    begun.remove((order.start, "", True))
                begun.append((order.start if slow else order.start + timedelta(days=wait), order.line, slow))
            elif order.nature == "renewal" and again:
                begun.append((order.start + timedelta(days=later), "", False))
        for day, line, slow in sorted(begun):
            self._add(day, line, slow)
        return [project for project in self.out if project.started_on < self.as_of]

    def _add(self, began: date, line: str, slow: bool) -> None:
        dice = self.dice
        planned = began + timedelta(days=dice.between(45, 85))
        live = self._live(began, planned, slow)
        accepts, wait = dice.chance(0.85), dice.between(10, 40)
        accepted = live + timedelta(days=wait) if live and accepts else None
        shown = live if live and live < self.as_of else None
        done = accepted if accepted and accepted < self.as_of else None
        name = self._name(line)
        phase = "accepted" if done else "live" if shown else self._phase(began, live)
        self.out.append(Project(len(self.out), self._contract(began), name, phase, began, planned, shown, done))

    def _live(self, began: date, planned: date, slow: bool) -> date | None:
        """When it goes live, if the customer does not leave before: most within a week of the plan, a few late by chance."""
        dice = self.dice
        near, off, slips, slip = dice.chance(0.8), round(dice.bell(0, 4)), dice.chance(0.04), dice.between(5, 40)
        stuck, over = dice.chance(0.3), dice.between(20, 200)
        live = min(planned + timedelta(days=off if near else 9 + off // 2), began + timedelta(days=PATIENCE - 2))
        if slow:
            live = began + timedelta(days=PATIENCE + over)
        elif slips:
            live = began + timedelta(days=PATIENCE + slip)
        never = (slow and stuck) or not self.life.served(live)
        return None if never else live

    def _phase(self, began: date, live: date | None) -> str:
        """How far it is on ``as_of``, or had come when the customer left."""
        horizon = live or began + timedelta(days=3 * PATIENCE)
        last = max((end for _, end in self.life.spans), default=self.as_of)
        passed = min(self.as_of, last) - began
        return PHASES[min(len(PHASES) - 1, max(0, passed.days) * len(PHASES) // max(1, (horizon - began).days))]

    def _contract(self, day: date) -> int:
        """The newest contract that had begun; the first where none had."""
        return max((c.slot for c in self.life.contracts if c.start <= day), default=0)

    def _name(self, line: str) -> str:
        if self.chinese:
            return f"{line}实施" if line else "二期实施"
        return f"{line} implementation" if line else "Second implementation"
