"""Random little worlds of contacts, touchpoints, tickets and answers, made of edges.

The day itself, the days at each end of a window, tomorrow; contacts who left, who come tomorrow, who have two parts or none; role
changes that name nobody; meetings that nobody came to; tickets closed tomorrow; answers without a name.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

AS_OF = date(2028, 2, 29)
ACCOUNTS = ["sf:1", "sf:2", "sf:3"]
FIVE = {"decision_maker", "champion", "administrator", "department_head", "key_user"}
PARTS = [*sorted(FIVE), "opponent", "it"]
PEOPLE = ["sf:c00", "sf:c01", "sf:c02", "sf:c03"]

Row = dict[str, Any]
World = dict[str, list[Row]]


def ago(moment: date | datetime | None) -> int | None:
    """Days before the day that is judged; None of nothing."""
    if moment is None:
        return None
    return (AS_OF - (moment.date() if isinstance(moment, datetime) else moment)).days


class Dice:
    """Rows drawn from edges; a seed always gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def day(self, *edges: int) -> date:
        return AS_OF - timedelta(days=self.one(0, *edges) + self.one(-1, 0, 0, 1))

    def instant(self, *edges: int) -> datetime:
        return datetime.combine(self.day(*edges), time(self.one(0, 12, 23), 59), UTC)

    def some(self, prefix: str, most: int, make: Callable[[], Row]) -> list[Row]:
        return [{"id": f"sf:{prefix}{n:02}", **make()} for n in range(self.dice.randint(0, most))]

    def told(self) -> tuple[bool, ...]:
        """Whether anybody says roles, outcomes, next steps and the sorts of tickets: a company says them of all accounts or of none."""
        return tuple(self.one(True, True, False) for _ in range(4))

    def world(self, told: tuple[bool, ...] | None = None) -> World:
        one, whose, where = self.one, [None, *ACCOUNTS * 3], ["sf:1"] * 3 + ACCOUNTS
        roles_told, outcome_told, next_told, sorted_told = told or self.told()
        made = {
            "contact": lambda: {
                "account_id": one(None, *where * 3),
                "name": one("Li", "Wu", "Han", None),
                "roles": self.dice.sample(PARTS, one(0, 1, 1, 2)) if roles_told else [],
                "supportive": one(None, None, True, False),
                "left_on": one(None, None, self.day(30, 90)),
                "created_at": one(None, self.instant(10, 30, 90), self.instant(400)),
            },
            "role_change": lambda: {
                "account_id": one(*whose),
                "contact_id": one(None, *PEOPLE),
                "role": one(*PARTS),
                "change": one("gained", "lost", "left"),
                "changed_on": self.day(10, 30, 60, 90),
            },
            "touchpoint": lambda: {
                "account_id": one(*whose),
                "kind": one("meeting", "call", "note"),
                "happened_at": self.instant(90, 120, 180),
                "attendees": self.dice.sample(["Li", "Wu", "c00", "c03", "Nobody"], one(0, 0, 1, 2)),
                "executive": one(None, True, False),
                "decision_maker": one(None, None, True, False),
                "outcome": one(None, "held", "declined", "no_show") if outcome_told else None,
                "next_on": one(None, self.day(-30)) if next_told else None,
            },
            "ticket": lambda: {
                "account_id": one(*whose),
                "category": one(None, "requirement", "bug", "how_to", "complaint") if sorted_told else None,
                "priority": one(None, "p0", "p1", "p2") if sorted_told else None,
                "opened_at": self.instant(30, 90, 200),
                "closed_at": one(None, None, self.instant(20)),
                "first_response_hours": one(None, 0.5, 2.0, 7.25, 100.0),
            },
            "survey": lambda: {
                "account_id": one(*whose),
                "contact_id": one(None, *PEOPLE),
                "kind": one("nps", "nps", "csat"),
                "score": one(0.0, 6.0, 6.5, 9.0, 10.0),
                "answered_on": self.day(90, 180, 365),
                "respondent_role": one(None, None, *PARTS),
            },
            "term": lambda: {
                "account_id": one(*ACCOUNTS),
                "start": self.day(50, 90, 180, 900),
                "end": AS_OF + timedelta(days=one(0, 1, 2, 300)),
                "seats": one(None, 0, 10, 250),
            },
            "contract": lambda: {
                "account_id": one(*ACCOUNTS),
                "signed_on": one(None, self.day(100)),
                "start": one(None, self.day(50)),
                "end": one(None, AS_OF, AS_OF + timedelta(days=1)),
                "seats": one(None, 20),
            },
        }
        most = {"contact": 7, "role_change": 7, "touchpoint": 10, "ticket": 14, "survey": 14, "term": 3, "contract": 2}
        world = {name: self.some(name[0], most[name], make) for name, make in made.items()}
        world["term"] = [row for row in world["term"] if row["start"] < row["end"]]
        world["account"] = [{"id": key, "name": key, "created_at": one(None, self.instant(40))} for key in ACCOUNTS]
        world["delivery"] = [
            {"account_id": key, "entity": entity}
            for key in ACCOUNTS
            for entity in ("contact", "role_change", "touchpoint", "ticket")
            if one(True, True, True, False)
        ]
        return world


def many(seed: int, count: int) -> list[World]:
    """So many little worlds that are parts of one company: no id stands in two of them."""
    dice = Dice(seed)
    told = dice.told()
    return [renamed(Dice(1000 * seed + number).world(told), f"w{number}-") for number in range(count)]


def renamed(world: World, mark: str) -> World:
    """The same world with ``mark`` in every id, also where attendees are named by theirs."""

    def other(value: Any) -> Any:
        if isinstance(value, list):
            return [other(each) for each in value]
        if isinstance(value, str) and value.startswith("sf:"):
            return f"sf:{mark}{value[3:]}"
        return f"{mark}{value}" if value in ("c00", "c03") else value

    return {name: [{key: other(value) for key, value in row.items()} for row in rows] for name, rows in world.items()}
