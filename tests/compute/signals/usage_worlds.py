"""Random little worlds of usage, seats and readings, made of edges.

The first and the last day of each window, the day after, tomorrow; people who come and do nothing; modules that no catalogue knows
and kinds that nobody says; terms that end today, ran out of grace yesterday or run in two lines; some worlds have enough accounts
that their weeks tell holidays, and one in which a holiday took most of a week.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

AS_OF = date(2028, 2, 29)
MODULES: dict[str, dict[str, Any]] = {
    "checkin": {"kind": "recording"},
    "survey": {"rare": True, "kind": None},
    "quote": {"core": True, "kind": "process"},
    "order": {"core": True, "rare": True, "kind": "process"},
    "report": {"kind": "analytics"},
    "erp": {"kind": "integration"},
    "studio": {"kind": "customisation"},
}
USED = [*MODULES, "ghost"]
TOLD = ("usage_day", "usage_module_day", "reading", "term")

Row = dict[str, Any]
World = dict[str, list[Row]]


def day(days_ago: int) -> date:
    return AS_OF - timedelta(days=days_ago)


class Dice:
    """Rows drawn from edges; a seed always gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.accounts = [f"sf:{n}" for n in range(self.one(3, 3, 3, 19, 20, 21, 45))]

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def ago(self, *edges: int) -> int:
        """Around today and around the edges: the day itself, the one before, the one after."""
        return int(self.one(0, *edges)) + int(self.one(-1, 0, 1))

    def some(self, prefix: str, most: int, make: Callable[[], Row]) -> list[Row]:
        return [{"id": f"sf:{prefix}{n:03}", **make()} for n in range(self.dice.randint(0, most))]

    def person(self, account: str, user: str, holiday: int) -> list[Row]:
        """One user's days: a steady one over many weeks, less on a holiday; or here and there."""
        dice, since = self.dice, self.one(3, 13, 27, 55, 70, 111, 160)
        favourites = dice.sample(USED, self.one(3, 8))
        if self.one(True, False):
            days = [n for n in range(since) if dice.random() < 0.5 and (n // 7 != holiday or dice.random() < 0.2)]
        else:
            days = [self.ago(6, 27, 28, 111, 139, 179, 364) for _ in range(self.one(1, 5))]
        return [
            {
                "account_id": account,
                "user": user,
                "day": day(n),
                "logins": self.one(0, 1, 2),
                "events": self.one(0, 0, 1),
                "modules": dice.sample(favourites, self.one(0, 1, 3)),
            }
            for n in sorted(set(days))
        ]

    def usage(self) -> list[Row]:
        holiday = self.one(None, 1, 2, 6) or 99
        most = 4 if len(self.accounts) < 10 else 2
        return [
            row
            for account in self.accounts
            for n in range(self.dice.randint(0, most))
            for row in self.person(account, f"u{n}", holiday)
        ]

    def span(self) -> Row:
        start, end = self.ago(179, 180, 400), self.ago(-200, 60, 90, 179, 270)
        start = max(start, end + 1)
        return {"start": day(start), "end": day(end)}

    def bought(self) -> World:
        one, whose = self.one, self.accounts[:5]
        return {
            "term": self.some(
                "t",
                12,
                lambda: {
                    "account_id": one(None, *whose, *whose),
                    "product_line": one(None, "Sales", "Sales", "Service"),
                    "seats": one(None, 0, -2, 1, 5, 10, 40),
                    **self.span(),
                },
            ),
            "contract": self.some(
                "k",
                8,
                lambda: {
                    "account_id": one(None, *whose, *whose),
                    "seats": one(None, 3, 8),
                    "signed_on": one(None, day(self.ago(180))),
                    **one(self.span(), {"start": None, "end": None}),
                },
            ),
            "quota": self.some(
                "q",
                8,
                lambda: {
                    "account_id": one(None, *whose),
                    "resource": one("sms", "storage"),
                    "bought": one(0.0, 5.0, 1000.0),
                    "used": one(None, 0.0, 4.0, 1001.0),
                    "measured_on": one(None, day(self.ago(364))),
                },
            ),
        }

    def world(self) -> World:
        one = self.one
        told = self.dice.sample(list(MODULES), one(0, 3, 7, 7))
        return {
            "account": [
                {
                    "id": key,
                    "name": key,
                    "country": one(None, "CN", "CN", "CN", "DE"),
                    "created_at": one(None, datetime.combine(day(self.ago(30)), datetime.min.time(), UTC)),
                }
                for key in self.accounts
            ],
            "usage_day": self.usage(),
            "module": [{"id": name, "name": name, **MODULES[name]} for name in told],
            "reading": self.some(
                "r",
                40,
                lambda: {
                    "account_id": one(None, *self.accounts[:5] * 2),
                    "metric": one("opened_seats", "records", "records", "api_calls", "online_minutes"),
                    "module": one(None, None, "order", "quote"),
                    "day": day(self.ago(5, 27, 364)),
                    "value": one(0.0, 1.0, 6.0, 90.0),
                },
            ),
            **self.bought(),
            "delivery": [
                {"account_id": key, "entity": entity}
                for key in self.accounts
                for entity in TOLD
                if one(True, True, True, False)
            ],
        }


def rolled_up(rows: list[Row]) -> list[Row]:
    """Users by account, module and day, as the lake makes them of usage."""
    who: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    for row in rows:
        for module in row["modules"]:
            who[row["account_id"], module, row["day"]].add(row["user"])
    return [{"account_id": a, "module": m, "day": d, "users": len(users)} for (a, m, d), users in who.items()]
