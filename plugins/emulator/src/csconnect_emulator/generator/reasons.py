"""What people note when a renewal is lost: the reason they were given, what was behind it, and whether we could have helped it."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect_emulator.generator.dice import Dice

NOTED = 0.8
"""Share of the lost renewals of which somebody notes why."""
UNDERSTOOD = 0.8
"""Share of those of which the root cause is noted too."""

_GIVEN = ("competitor", "price", "self-build")
_BEHIND = {
    "usage_decay": "value_unclear",
    "champion_left": "key_person_left",
    "decision_maker_changed": "organisation_change",
    "unmet_goals": "need_unmet",
    "slow_support": "bugs",
    "silence": "value_unclear",
    "price": "budget_cut",
    "shallow_use": "wrong_customer",
    "slow_delivery": "delivery_delay",
}
"""Cause at work -> the word of the canonical model for it."""
_HELPLESS = ("wrong_customer", "budget_cut", "organisation_change", "business_failing")
"""Causes that nobody could have managed."""


@dataclass(frozen=True)
class Reason:
    """Why a customer left, as far as anybody knows; ``cause`` and what follows from it are null where nobody asked further."""

    symptom: str
    voluntary: bool | None
    cause: str | None = None
    manageable: bool | None = None


def make_reason(seed: int, account: int, term: int, cause: str) -> Reason | None:
    """Why a lost ``term`` was lost, ``cause`` being what was at work (or ``chance``); None where nobody noted it."""
    dice = Dice(seed, "reasons", account, term)
    noted, understood, given = dice.chance(NOTED), dice.chance(UNDERSTOOD), dice.pick(_GIVEN)
    failed = dice.chance(0.5)
    if not noted:
        return None
    behind = _BEHIND.get(cause, "business_failing" if failed else "policy")
    willing = behind not in ("business_failing", "policy")
    symptom = given if willing else "closed down" if behind == "business_failing" else "regulation"
    if not understood:
        return Reason(symptom, willing)
    return Reason(symptom, willing, behind, behind not in _HELPLESS and willing)
