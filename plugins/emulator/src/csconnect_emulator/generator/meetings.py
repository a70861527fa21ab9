"""What is noted of a meeting: whether a decision maker came, when the next one is, and the meetings that never were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from csconnect_emulator.generator.contacts import Person
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile
from csconnect_emulator.generator.relations import PER_MONTH, TOPICS, Touch
from csconnect_emulator.generator.service import instant, months

MET = ("meeting", "visit", "business_review", "kickoff", "training")
"""Kinds of touchpoint for which one meets."""
SHUNNING = ("silence", "decision_maker_changed")
"""Causes under which decision makers stay away and meetings are refused."""


def noted(seed: int, profile: Profile, life: Life, people: list[Person], touches: list[Touch]) -> list[Touch]:
    """The touchpoints with what is noted of them. Where an executive came, it was mostly a decision maker, who then stands
    among the attendees; where a cause keeps decision makers away, none does."""
    dice = Dice(seed, "meetings", profile.n)
    deciders = {who.slot: who for who in people if "decision_maker" in who.roles}
    return [_noted(dice, life, deciders, touch) for touch in touches]


def _noted(dice: Dice, life: Life, deciders: dict[int, Person], touch: Touch) -> Touch:
    came, agreed, ahead, written = dice.chance(0.85), dice.chance(0.55), dice.between(14, 90), dice.chance(0.9)
    day, met = touch.at.date(), touch.kind in MET
    shunned = any(life.suffers(day, cause) for cause in SHUNNING)
    guests = set(touch.attendees)
    if shunned:
        guests -= deciders.keys()
    elif touch.executive and came:
        guests |= {slot for slot, who in deciders.items() if who.present(day)}
    return replace(
        touch,
        attendees=tuple(sorted(guests)),
        decision_maker=bool(guests & deciders.keys()) if touch.executive is not None else None,
        outcome="held" if met and written else None,
        next_on=day + timedelta(days=ahead) if met and agreed and not shunned else None,
    )


def refused(seed: int, profile: Profile, life: Life, slot: int, first: date, as_of: date) -> list[Touch]:
    """Meetings in ``[first, as_of)`` that the customer declined or did not come to; few, unless a cause keeps it away.

    Nobody attended, nothing was answered and nothing agreed.
    """
    dice, out = Dice(seed, "refused", profile.n), list[Touch]()
    topics = TOPICS[profile.place.language == "zh"]
    for begin, length in months(max(first, profile.since), as_of):
        if not life.served(begin):
            continue
        shunned = any(life.suffers(begin, cause) for cause in SHUNNING)
        rate = PER_MONTH[profile.segment] * (0.25 if shunned else 0.04) + (0.3 if shunned else 0)
        for _ in range(dice.count(rate * length / 30)):
            at = instant(dice, begin + timedelta(days=dice.between(0, length - 1)), profile.place.utc)
            kind = dice.weighted({"meeting": 0.5, "business_review": 0.3, "visit": 0.2})
            outcome = "declined" if dice.chance(0.7) else "no_show"
            number = slot + len(out)
            out.append(Touch(number, kind, at, topics[kind], (), None, None, outcome=outcome))
    return out
