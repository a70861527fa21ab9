"""What a CSM learns and no number shows: concerns, and the red light that somebody presses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life, Trouble
from csconnect_emulator.generator.profile import Profile

HEARD: dict[str, tuple[tuple[str, float], ...]] = {
    "usage_decay": (("competitor", 0.3), ("value_unclear", 0.2)),
    "champion_left": (("key_person_left", 0.45),),
    "decision_maker_changed": (("organisation_change", 0.5), ("competitor", 0.25)),
    "unmet_goals": (("below_expectation", 0.5), ("value_unclear", 0.25)),
    "slow_support": (("bugs", 0.4), ("competitor", 0.2)),
    "silence": (("competitor", 0.25),),
    "price": (("price", 0.6), ("budget_cut", 0.4), ("competitor", 0.25)),
    "shallow_use": (("value_unclear", 0.3),),
    "slow_delivery": (("delivery_delay", 0.6),),
}
"""What people say while a cause is at work, and how likely. The first word is what a red light would be pressed for."""

RUMOURS = ("budget_cut", "organisation_change", "policy", "competitor", "price", "business_failing", "other")
"""What people say without a cause."""

_REASONS = {
    "competitor": ("They are trying out a competitor", "客户正在试用竞品"),
    "value_unclear": ("They do not see the value", "客户看不到价值"),
    "key_person_left": ("Our supporter has left", "我方支持者已离职"),
    "organisation_change": ("New management, everything is under review", "管理层更换，正在重新评估"),
    "below_expectation": ("The agreed goals are far away", "约定目标远未达成"),
    "bugs": ("Faults stay open for weeks", "故障长期未解决"),
    "price": ("They ask for a much lower price", "客户要求大幅降价"),
    "budget_cut": ("The budget was cut", "预算被削减"),
    "delivery_delay": ("Still not live", "迟迟未上线"),
    "policy": ("New rules in their industry", "行业政策变化"),
    "business_failing": ("Their own business is doing badly", "客户自身经营困难"),
    "other": ("A bad feeling after the last call", "上次沟通后感觉不好"),
}


@dataclass(frozen=True)
class Concern:
    slot: int
    cause: str
    raised_on: date
    resolved_on: date | None


@dataclass(frozen=True)
class RedLight:
    """``lit`` is false once it was put out; one that has expired is still lit. The CSM presses it, or whoever stands in."""

    lit: bool
    cause: str
    reason: str
    on: date
    until: date | None


def make_concerns(seed: int, profile: Profile, life: Life, first: date, as_of: date) -> list[Concern]:
    """The concerns raised in ``[first, as_of)``: what a cause makes people say, and rumours that mean nothing."""
    heard = [*_heard(seed, profile, life), *_rumours(seed, profile, life, as_of)]
    found = sorted(heard, key=lambda item: item[:2])
    return [
        Concern(slot, word, raised, resolved if resolved and resolved < as_of else None)
        for slot, (raised, word, resolved) in enumerate(found)
        if first <= raised < as_of
    ]


def _heard(seed: int, profile: Profile, life: Life) -> list[tuple[date, str, date | None]]:
    """A cause's concern is over when the cause is mended, so never before the customer has renewed."""
    dice, out = Dice(seed, "concerns", profile.n), list[tuple[date, str, date | None]]()
    for trouble in life.troubles:
        for cause in trouble.causes:
            for word, share in HEARD[cause]:
                said, raised = dice.chance(share), trouble.onset + timedelta(days=dice.between(5, 75))
                over = None if trouble.ends_in_loss else trouble.until - timedelta(days=dice.between(0, 20))
                if said and raised < trouble.until and (over is None or raised < over):
                    out.append((raised, word, over))
    return out


def _rumours(seed: int, profile: Profile, life: Life, as_of: date) -> list[tuple[date, str, date | None]]:
    dice, out, day = Dice(seed, "rumours", profile.n), list[tuple[date, str, date | None]](), profile.since
    while day < as_of:
        said, word, raised = dice.chance(0.03), dice.pick(RUMOURS), day + timedelta(days=dice.between(0, 179))
        ends, lasts = dice.chance(0.75), dice.between(20, 150)
        if said and life.served(raised):
            out.append((raised, word, raised + timedelta(days=lasts) if ends else None))
        day += timedelta(days=180)
    return out


def make_red_light(seed: int, profile: Profile, life: Life, as_of: date) -> RedLight | None:
    """The light last pressed, if ever: for one trouble in four, and now and then for no good reason."""
    dice = Dice(seed, "red light", profile.n)
    vague, ago, rumour = dice.chance(0.012), dice.between(5, 300), dice.pick(RUMOURS)
    until = dice.weighted({30: 0.25, 60: 0.25, 90: 0.25, 0: 0.25})
    found: tuple[date, str, Trouble | None] | None = None
    if vague and life.served(as_of - timedelta(days=ago)):
        found = as_of - timedelta(days=ago), rumour, None
    for trouble in life.troubles:
        pressed, on = dice.chance(0.25), trouble.onset + timedelta(days=dice.between(10, 70))
        if pressed and on < min(trouble.until, as_of):
            found = on, HEARD[trouble.causes[0]][0][0], trouble
    if found is None:
        return None
    on, word, why = found
    mended = why is not None and not why.ends_in_loss and why.until < as_of
    reason = _REASONS[word][profile.place.language == "zh"]
    return RedLight(not mended, word, reason, on, on + timedelta(days=until) if until else None)
