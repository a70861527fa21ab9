"""Who plays what: the scripted accounts at the front of every world, and the oddities sprinkled over the rest.

Accounts are numbered from 0. Number 1, 4, 7 ... live in HubSpot, the others in Salesforce; every sixtieth, from 0, is a
joined one: its contract is in Salesforce and its tickets are in HubSpot.
"""

from __future__ import annotations

from dataclasses import dataclass

from csconnect_emulator.generator.dice import Dice

JOINED_EVERY = 60


@dataclass(frozen=True)
class Script:
    """What is not left to chance about an account. ``due_in`` is the days from ``as_of`` to the end of its term; its
    ``causes`` set in ``onset`` days before ``as_of``."""

    name: str = ""
    kind: str = "customer"
    place: str = ""
    segment: str = ""
    industry: str = ""
    seats: int = 0
    depth: int | None = None
    fit: float | None = None
    due_in: int | None = None
    months: int = 12
    causes: tuple[str, ...] = ()
    onset: int = 0
    traits: frozenset[str] = frozenset()


def _with(*traits: str) -> frozenset[str]:
    return frozenset(traits)


PLAIN = Script()

CAST: dict[int, Script] = {
    0: Script(
        "Acme Robotics", place="us_mid", industry="Manufacturing", segment="strategic", seats=120, depth=3, fit=0.62, due_in=75,
        onset=110, causes=("usage_decay", "champion_left", "slow_support"), traits=_with("no_renewal"),
    ),
    1: Script(
        "云帆教育", place="cn_east", industry="Education", segment="enterprise", seats=48, depth=4, fit=1.0, due_in=215,
        traits=_with("thriving"),
    ),
    2: Script(
        "Lakeside Foods", place="us_mid", industry="Consumer goods", segment="enterprise", seats=35, depth=2, fit=0.7, due_in=30,
        traits=_with("no_renewal"),
    ),
    3: Script("Harbor Freight Lines", place="us_east", segment="enterprise", due_in=60, traits=_with("cpq")),
    4: Script("明湖物流", place="cn_north", segment="enterprise", due_in=50, traits=_with("manual_renewal")),
    5: Script("Fischer Optik", place="de", segment="enterprise", due_in=45, traits=_with("manual_renewal")),
    6: Script("Prairie Media", kind="prospect"),
    7: Script("晨曦软件", kind="prospect", place="cn_south"),
    8: Script("Kestrel Consulting", kind="partner"),
    9: Script("ZZ Test Account", kind="test"),
    10: Script("青禾食品", place="cn_east", traits=_with("no_contracts")),
    11: Script("Umber Textiles", traits=_with("no_contracts")),
    12: Script("Granite Systems", due_in=140, traits=_with("no_usage")),
    13: Script("蓝鲸传媒", due_in=140, traits=_with("no_usage")),
    14: Script("Birch Furniture", due_in=100, traits=_with("no_contacts")),
    15: Script("Copper Devices", depth=3, due_in=120, traits=_with("broken_term")),
    16: Script("金石电子", due_in=120, traits=_with("broken_term")),
    17: Script("Zephyr Travel", depth=3, due_in=170, traits=_with("unknown_currency")),
    18: Script("Onyx Instruments", due_in=170, traits=_with("bad_choice")),
    19: Script("朗月零售", due_in=170, traits=_with("bad_choice")),
    20: Script("Wren Biotech", due_in=90, traits=_with("survivor")),
    21: Script("Vale Packaging", due_in=90, traits=_with("shadow")),
    22: Script("泓源医疗", due_in=90, traits=_with("survivor", "shadow")),
    23: Script("Mosaic Learning", due_in=110, segment="micro", traits=_with("stale_usage")),
    24: Script("Vale Packaging East", due_in=110, traits=_with("twin_key")),
    25: Script("东篱咨询", due_in=20, segment="micro", depth=1),
}  # fmt: skip

KINDS = {"customer": 88.0, "prospect": 8.0, "partner": 2.5, "test": 1.5}

ODDITIES = {
    "no_contracts": 0.015,
    "no_usage": 0.03,
    "no_contacts": 0.02,
    "broken_term": 0.002,
    "unknown_currency": 0.002,
    "bad_choice": 0.003,
    "twin_key": 0.002,
    "survivor": 0.005,
    "shadow": 0.01,
    "stale_usage": 0.01,
    "thriving": 0.0,
}
"""Share of the accounts outside the cast that show each oddity.

``survivor``: another record was merged into it. ``shadow``: a deleted record stands beside it. ``twin_key``: carries the
match key of the account three numbers before it. ``stale_usage``: its usage export broke three weeks ago. ``thriving``
(cast only): healthy whatever the dice say.
"""


def system_of(n: int) -> str:
    """The home of account ``n``: two of three live in Salesforce."""
    return "hubspot" if n % 3 == 1 else "salesforce"


def is_joined(n: int) -> bool:
    """Whether the account is in both systems."""
    return n % JOINED_EVERY == 0


def kind_and_traits(seed: int, n: int) -> tuple[str, frozenset[str]]:
    """What account ``n`` is (customer, prospect, partner, test) and what is odd about it."""
    if n in CAST:
        return CAST[n].kind, CAST[n].traits
    dice = Dice(seed, "kind", n)
    kind = dice.weighted(KINDS)
    odd = frozenset(trait for trait, share in ODDITIES.items() if dice.chance(share))
    if is_joined(n):
        return "customer", frozenset()
    return kind, odd if kind == "customer" else odd & {"survivor", "shadow"}


def match_key(seed: int, n: int) -> str:
    """The declared key of account ``n``; that of its twin when it is a duplicate."""
    if "twin_key" in kind_and_traits(seed, n)[1]:
        n -= 3
    return f"{'LT' if system_of(n) == 'hubspot' else 'NW'}-{n + 1:06d}"
