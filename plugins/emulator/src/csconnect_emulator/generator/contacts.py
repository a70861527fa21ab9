"""The people of an account and their parts in its decision chain, which change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile
from csconnect_emulator.generator.vocabulary import person

HEADS = {"strategic": (6, 9), "enterprise": (3, 6), "micro": (2, 3)}

_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Chief Executive", ("decision_maker",)),
    ("Head of Sales", ("champion", "key_user")),
    ("System Administrator", ("administrator",)),
    ("Sales Operations Manager", ("key_user", "project_manager")),
    ("IT Manager", ("it",)),
    ("Purchasing Manager", ("buyer",)),
    ("Service Director", ("department_head",)),
    ("Regional Manager", ("user", "promotion_owner")),
    ("Controller", ("selector", "opponent")),
)
_TITLES_ZH = (
    "总经理",
    "销售总监",
    "系统管理员",
    "销售运营经理",
    "信息部经理",
    "采购经理",
    "服务总监",
    "大区经理",
    "财务总监",
)


@dataclass(frozen=True)
class Person:
    """A contact. ``roles`` are the canonical words; ``created`` and ``left_on`` are days."""

    slot: int
    given: str
    family: str
    name: str
    title: str
    email: str | None
    roles: tuple[str, ...]
    created: date
    left_on: date | None = None
    reports_to: int | None = None

    def present(self, day: date) -> bool:
        return self.created <= day and (self.left_on is None or day < self.left_on)


def make_people(seed: int, profile: Profile, life: Life, as_of: date) -> list[Person]:
    """Everyone the CRM knows of on ``as_of``; nobody for an account without contacts."""
    if "no_contacts" in profile.traits:
        return []
    dice = Dice(seed, "people", profile.n)
    began = life.orders[0].signed_on if life.orders else profile.since
    heads = dice.between(*HEADS[profile.segment])
    people = [_somebody(dice, profile, slot, slot, began) for slot in range(heads)]
    for index, who in enumerate(people[2:], 2):
        moved, when = dice.chance(0.08), dice.day(began, as_of)
        people[index] = replace(who, left_on=when if moved and when > began else None)
    for trouble in life.troubles:
        if "champion_left" in trouble.causes:
            _leaves(dice, profile, people, "champion", trouble.onset, None if trouble.ends_in_loss else trouble.until)
        if "decision_maker_changed" in trouble.causes:
            heir = trouble.onset + timedelta(days=dice.between(7, 30))
            _leaves(dice, profile, people, "decision_maker", trouble.onset, heir)
    return [_as_known(who, as_of) for who in people if who.created < as_of]


def _somebody(dice: Dice, profile: Profile, slot: int, part: int, created: date) -> Person:
    who = person(dice, profile.place.language)
    title, roles = _PARTS[part % len(_PARTS)]
    title = _TITLES_ZH[part % len(_PARTS)] if profile.place.language == "zh" else title
    email = None if dice.chance(0.06) else f"{who.mailbox}.{slot}@{profile.domain}"
    return Person(slot, who.given, who.family, who.full, title, email, roles, created, reports_to=0 if slot else None)


def _leaves(dice: Dice, profile: Profile, people: list[Person], role: str, when: date, heir_on: date | None) -> None:
    """The one who plays ``role`` leaves; an heir takes the part on ``heir_on``, or never."""
    for index, who in enumerate(people):
        if role in who.roles and who.present(when):
            people[index] = replace(who, left_on=when)
    if heir_on is not None:
        part = 0 if role == "decision_maker" else 1
        people.append(_somebody(dice, profile, len(people), part, heir_on))


def _as_known(who: Person, as_of: date) -> Person:
    return who if who.left_on is None or who.left_on < as_of else replace(who, left_on=None)
