"""Changes in the decision chain, told from who came and who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.contacts import Person
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile


@dataclass(frozen=True)
class RoleChange:
    """``person`` is a slot; ``change`` is gained, lost or left."""

    slot: int
    person: int
    role: str
    change: str
    on: date


def make_changes(seed: int, profile: Profile, life: Life, people: list[Person], as_of: date) -> list[RoleChange]:
    """Every change of a part before ``as_of``. Those who were there from the start gained nothing; they were found so."""
    began = min((who.created for who in people), default=as_of)
    found: list[tuple[date, int, str, str]] = []
    for who in people:
        for role in who.roles:
            if who.created > began:
                found.append((who.created, who.slot, role, "gained"))
            if who.left_on is not None:
                found.append((who.left_on, who.slot, role, "left"))
    dice = Dice(seed, "changes", profile.n)
    for role in ("administrator", "department_head"):
        found += _handover(dice, role, profile, life, people, as_of)
    return [RoleChange(slot, who, role, change, on) for slot, (on, who, role, change) in enumerate(sorted(found))]


def _handover(
    dice: Dice, role: str, profile: Profile, life: Life, people: list[Person], as_of: date
) -> list[tuple[date, int, str, str]]:
    """Now and then, for no reason, a part passes from a colleague to the one who has it today."""
    happens, after, turn = dice.chance(0.35), dice.between(60, 1500), dice.unit()
    day = profile.since + timedelta(days=after)
    heir = next((who for who in people if role in who.roles and who.present(day)), None)
    others = [who for who in people if role not in who.roles and who.present(day)]
    if not happens or day >= as_of or not life.served(day) or heir is None or not others:
        return []
    return [(day, others[int(turn * len(others))].slot, role, "lost"), (day, heir.slot, role, "gained")]
