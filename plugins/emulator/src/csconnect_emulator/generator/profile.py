"""What an account is, apart from what happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.cast import CAST, PLAIN, is_joined, kind_and_traits, match_key, system_of
from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.people import Staff
from csconnect_emulator.generator.vocabulary import INDUSTRIES, PLACES, WHERE, Place, company_name

SEGMENTS = {"strategic": 0.05, "enterprise": 0.30, "micro": 0.65}
SEATS = {"strategic": (35, 240), "enterprise": (8, 48), "micro": (2, 9)}
DEPTHS = {0: 0.03, 1: 0.11, 2: 0.22, 3: 0.38, 4: 0.17, 5: 0.09}
HISTORY = 1400
"""The oldest customers came this many days before ``as_of``, so that three years hold renewals of every length."""


@dataclass(frozen=True)
class Profile:
    """The standing facts of an account. ``None`` is a field that nobody filled in.

    ``fit``, from 0 to 1, is how well product and customer suit each other. It colours all that one can see of an account, and no
    fate ever looks at it: that is why some healthy-looking customers leave and some that look ill stay. ``since`` is the start
    of its first term, ``depth`` the L0 to L5 stickiness it reaches, ``currency`` what it is invoiced in. ``csm`` and ``seller``
    are numbers of `Staff`.
    """

    n: int
    system: str
    kind: str
    traits: frozenset[str]
    joined: bool
    key: str | None
    name: str
    place: Place
    currency: str
    segment: str
    seats: int
    depth: int
    fit: float
    since: date
    industry: str | None
    employees: int | None
    data_quality: int | None
    shown_segment: str | None
    csm: int | None
    seller: int
    parent: int | None
    is_target: bool | None
    business_health: int | None

    @property
    def is_customer(self) -> bool:
        return self.kind == "customer"

    @property
    def contact_person(self) -> int:
        """Who of us looks after it: its CSM, or the salesperson where it has none."""
        return self.seller if self.csm is None else self.csm

    @property
    def domain(self) -> str:
        slug = "".join(c if c.isascii() and c.isalnum() else "-" for c in self.name.lower()).strip("-")
        return f"{slug or 'kehu'}-{self.n}.example".replace("--", "-")


def make_profile(seed: int, n: int, as_of: date, staff: Staff) -> Profile:
    """Account ``n`` of the world with this seed."""
    dice, script = Dice(seed, "profile", n), CAST.get(n, PLAIN)
    system = system_of(n)
    kind, traits = kind_and_traits(seed, n)
    place = PLACES[dice.weighted(WHERE[system])]
    place = PLACES[script.place] if script.place else place
    name = company_name(dice, place)
    segment = dice.weighted(SEGMENTS)
    segment = script.segment or segment
    seats, depth = dice.skewed(*SEATS[segment]), dice.weighted(DEPTHS)
    since = as_of - timedelta(days=dice.between(25, HISTORY))
    if script.due_in is not None:
        since = month_shift(as_of + timedelta(days=script.due_in), -3 * script.months)
    shown: str | None = None if dice.chance(0.02) and n not in CAST else segment
    csm = staff.csm_for(dice, place.language)
    fit = _fit(seed, n) if script.fit is None else script.fit
    return Profile(
        n=n,
        system=system,
        kind=kind,
        traits=traits,
        joined=is_joined(n),
        key=match_key(seed, n) if kind in ("customer", "test") else None,
        name=script.name or name,
        place=place,
        currency="XXQ" if "unknown_currency" in traits else place.currency,
        segment=segment,
        seats=script.seats or seats,
        depth=depth if script.depth is None else script.depth,
        fit=fit,
        since=since,
        industry=script.industry or (None if dice.chance(0.04) else dice.pick(INDUSTRIES)),
        employees=None if dice.chance(0.08) else seats * dice.between(2, 30) + 3,
        data_quality=_data_quality(dice, fit),
        shown_segment="platinum" if "bad_choice" in traits else shown,
        csm=None if dice.chance(0.03) and n not in CAST else csm,
        seller=staff.seller_for(dice),
        parent=_parent(dice, n),
        is_target=_is_target(seed, n, fit),
        business_health=_business_health(seed, n),
    )


def _fit(seed: int, n: int) -> float:
    """Most customers suit the product well; one in seven does not."""
    dice = Dice(seed, "fit", n)
    poor, low, high = dice.chance(0.14), dice.spread(0.0, 0.42), dice.spread(0.65, 1.0)
    return low if poor else high


def _data_quality(dice: Dice, fit: float) -> int | None:
    """Percent of the records that are complete; unknown for a few."""
    unknown, share = dice.chance(0.07) and fit < 1, dice.bell(73 + 24 * fit, 3)
    return None if unknown else max(30, min(98, round(share)))


def _is_target(seed: int, n: int, fit: float) -> bool | None:
    """Those who suit the product mostly belong to the customers that it is made for; nobody has said so of one in six."""
    dice = Dice(seed, "target", n)
    known, right = dice.chance(0.84), dice.chance(0.9)
    return (fit > 0.5) == right if known else None


def _business_health(seed: int, n: int) -> int | None:
    """How their own business does; somebody has looked it up for two in five. It has nothing to do with us."""
    dice = Dice(seed, "business", n)
    known, level = dice.chance(0.4), dice.bell(70, 13)
    return max(0, min(100, round(level))) if known else None


def _parent(dice: Dice, n: int) -> int | None:
    """One account in twenty belongs to a group whose head is an earlier account of the same system."""
    if dice.chance(0.05) and n >= 30:
        return n - 3 * dice.between(1, 9)
    return None
