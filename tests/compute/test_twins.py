"""Every computation said a second time in plain Python, and both held to the same nasty little worlds.

The worlds are made of edges: the first and the last day of each window, the day after, tomorrow; people who come and do nothing;
modules that no catalogue knows; goals that ask for nothing or want less of something; amounts and rates in currencies that do not
meet. (Scores have their twin in `test_score`, term states theirs in `test_terms`.)
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from statistics import mean, median
from typing import Any

import pytest

from csconnect.compute.measure import measure
from csconnect.compute.revenue import revenue
from csconnect.compute.stickiness import SteadyUse, stickiness
from csconnect.model.enums import AdvocacyKind

AS_OF = date(2028, 2, 29)
ACCOUNTS = ["sf:1", "sf:2", "sf:3"]
MODULES = {
    "checkin": (False, None, "Sales"),
    "quote": (True, "lead_to_cash", "Sales"),
    "order": (True, "lead_to_cash", "Sales"),
    "ticketing": (True, "service", "Service"),
    "portal": (True, "partner", "Partner"),
    "api": (True, None, None),
}
USED = [*MODULES, "ghost"]

Row = dict[str, Any]
World = dict[str, list[Row]]


def day(days_ago: int) -> date:
    return AS_OF - timedelta(days=days_ago)


class Dice:
    """Rows drawn from edges; a seed always gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def ago(self, *edges: int) -> date:
        """Around today and around the edges: the day itself, the one before, the one after."""
        return day(self.dice.choice([0, *edges]) + self.dice.choice([-1, 0, 1]))

    def some(self, prefix: str, most: int, make: Callable[[], Row]) -> list[Row]:
        """Up to ``most`` rows with ids; those that end before they start are left out, as at pull."""
        rows = [make() for _ in range(self.dice.randint(0, most))]
        kept = [row for row in rows if not row.get("start") or not row.get("end") or row["start"] < row["end"]]
        return [{"id": f"sf:{prefix}{number:02}", **row} for number, row in enumerate(kept)]

    def usage(self) -> list[Row]:
        rows = [
            {
                "account_id": self.one(*ACCOUNTS),
                "user": self.one("u", "v", "w", "x"),
                "day": self.one(self.ago(8, 28), self.ago(4, 100), day(self.dice.randint(0, 30))),
                "logins": self.one(0, 1, 2),
                "events": self.one(0, 0, 1),
                "modules": self.dice.sample(USED, self.dice.randint(0, 3)),
            }
            for _ in range(self.one(0, 5, 40, 40, 90))
        ]
        return list({(row["account_id"], row["user"], row["day"]): row for row in rows}.values())

    def world(self) -> World:
        one = self.one
        catalogue = self.dice.sample(list(MODULES), one(0, 1, 3, 6, 6))
        return {
            "account": [{"id": key, "name": key, "data_quality": one(None, 0.0, 49.5, 100.0)} for key in ACCOUNTS],
            "usage_day": self.usage(),
            "term": self.some(
                "t",
                4,
                lambda: {
                    "account_id": one(*ACCOUNTS),
                    "product_line": one(None, "Sales", "Service", "Unsold"),
                    "start": day(one(-1, 0, 365, 800)),
                    "end": self.ago(90, -200),
                },
            ),
            "touchpoint": self.some(
                "p",
                12,
                lambda: {
                    "account_id": one(None, *ACCOUNTS),
                    "happened_at": datetime.combine(self.ago(90, 120), time(one(0, 12, 23), 59), UTC),
                    "executive": one(None, True, False),
                    "replied_within_hours": one(None, 0.0, 24.0, 24.01, 72.0),
                },
            ),
            "survey": self.some(
                "s",
                12,
                lambda: {
                    "account_id": one(None, *ACCOUNTS),
                    "kind": one("nps", "nps", "csat"),
                    "score": one(0.0, 6.0, 7.0, 8.5, 9.0, 10.0),
                    "answered_on": self.ago(365),
                },
            ),
            "goal": self.some(
                "g",
                8,
                lambda: {
                    "account_id": one(None, *ACCOUNTS),
                    "metric": "m",
                    **{name: one(None, -5.0, 0.0, 5.0, 7.5, 10.0) for name in ("baseline", "target", "actual")},
                    "measured_on": one(None, self.ago(365)),
                },
            ),
            "advocacy": self.some(
                "v",
                12,
                lambda: {"account_id": one(*ACCOUNTS), "kind": one(*AdvocacyKind), "happened_on": self.ago(365)},
            ),
            "delivery": [
                {"account_id": key, "entity": entity}
                for key in ACCOUNTS
                for entity in ("usage_day", "usage_module_day", "touchpoint", "advocacy")
                if one(True, True, True, False)
            ],
            "module": [
                {"id": name, "name": name, "core": core, "process": process, "product_line": line}
                for name, (core, process, line) in MODULES.items()
                if name in catalogue
            ],
        }

    def books(self) -> World:
        one = self.one
        money = [None, *map(Decimal, ("100", "0", "-30", "1234.56"))]
        currencies = ["USD", "USD", "EUR", "CNY"]
        return {
            "account": [{"id": key, "name": key, "currency": one(None, *currencies)} for key in ACCOUNTS],
            "term": self.some(
                "t",
                5,
                lambda: {
                    "account_id": one(*ACCOUNTS),
                    "start": day(one(-1, 0, 1, 200, 200)),
                    "end": day(one(-200, -1, 0)),
                    "months": one(None, Decimal(1), Decimal(6), Decimal("12.5"), Decimal(60)),
                    "amount": one(*money),
                    "currency": one(None, *currencies, *currencies),
                },
            ),
            "contract_line": self.some(
                "l",
                14,
                lambda: {
                    "term_id": one(None, "sf:t00", "sf:t01", "sf:t02", "sf:deal", "sf:deal"),
                    "account_id": one(None, *ACCOUNTS),
                    "billing": one("recurring", "recurring", "one_off"),
                    "start": one(None, None, day(-1), day(0), day(100)),
                    "end": one(None, None, day(-50), day(-50), day(0)),
                    "months": one(None, Decimal(3), Decimal(12)),
                    "amount": one(*money),
                    "currency": one(None, *currencies, *currencies, *currencies),
                },
            ),
            "fx_rate": [
                row
                for row in self.some(
                    "x",
                    14,
                    lambda: {
                        "currency": one(*currencies),
                        "base": one(*currencies),
                        "on": day(one(-1, 0, 400)),
                        "rate": Decimal(one("0.125", "0.9", "7.1")),
                    },
                )
                if row["currency"] != row["base"]
            ],
            "opportunity": [{"id": "sf:deal", "status": one("won", "open", "lost")}],
        }


def rolled_up(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Users by account, module and day, as the lake makes them of usage."""
    who: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    for row in rows:
        for module in row["modules"]:
            who[row["account_id"], module, row["day"]].add(row["user"])
    return [{"account_id": a, "module": m, "day": d, "users": len(users)} for (a, m, d), users in who.items()]


class Twin:
    """The ten signals of the weekly card about one account, the way one would count them on paper."""

    def __init__(self, world: dict[str, Any], key: str, grace: int) -> None:
        self.world, self.key, self.grace = world, key, grace

    def delivered(self, entity: str) -> bool:
        return {"account_id": self.key, "entity": entity} in self.world["delivery"]

    def of(self, entity: str, on: str | None = None, window: int = 0) -> list[dict[str, Any]]:
        """The account's rows, of the last ``window`` days where a date is named."""
        mine = [row for row in self.world[entity] if row["account_id"] == self.key]
        return mine if on is None else [row for row in mine if 0 <= (AS_OF - plain(row[on])).days < window]

    def present(self, *window: Any) -> list[dict[str, Any]]:
        return [row for row in self.of("usage_day", *window) if row["logins"] or row["events"] or row["modules"]]

    def login_frequency(self) -> float | None:
        days: dict[str, int] = defaultdict(int)
        for row in self.present("day", 28):
            days[row["user"]] += 1
        if not self.delivered("usage_day"):
            return None
        return median(count / 4 for count in days.values()) if days else 0.0

    def core_module_use(self) -> float | None:
        bought = {
            term["product_line"]
            for term in self.of("term")
            if term["product_line"] and term["start"] <= AS_OF and (AS_OF - term["end"]).days <= self.grace
        }
        core = {
            module["id"]
            for module in self.world["module"]
            if module["core"] and (not bought or module["product_line"] in {None, *bought})
        }
        if not core or not self.delivered("usage_module_day"):
            return None
        used = {module for row in self.of("usage_day", "day", 28) for module in row["modules"]}
        return 100 * len(core & used) / len(core)

    def data_quality(self) -> float | None:
        (row,) = (row for row in self.world["account"] if row["id"] == self.key)
        return row["data_quality"]

    def new_users(self) -> float | None:
        told = any((AS_OF - row["day"]).days >= 28 for row in self.world["usage_day"])
        if not told or not self.delivered("usage_day"):
            return None
        seen = {row["user"]: row for row in sorted(self.present(), key=lambda row: row["day"], reverse=True)}
        return sum(0 <= (AS_OF - row["day"]).days < 28 for row in seen.values() if row["day"] <= AS_OF)

    def goal_progress(self) -> float | None:
        parts = []
        for goal in self.of("goal"):
            base, target, actual, on = (goal[name] for name in ("baseline", "target", "actual", "measured_on"))
            if None in (base, target, actual) or base == target or (on and not 0 <= (AS_OF - on).days < 365):
                continue
            parts.append(min(1.0, max(0.0, (actual - base) / (target - base))))
        return 100 * mean(parts) if parts else None

    def spoke(self, *kinds: str) -> float | None:
        found = [row for row in self.of("advocacy", "happened_on", 365) if row["kind"] in kinds]
        return len(found) if self.delivered("advocacy") else None

    def value_recognition(self) -> float | None:
        return self.spoke("shares_success", "case_study", "speaker", "reference")

    def internal_promotion(self) -> float | None:
        return self.spoke("internal_promotion", "referral")

    def reply_within_a_day(self) -> float | None:
        asked = [row["replied_within_hours"] for row in self.of("touchpoint", "happened_at", 90)]
        hours = [each for each in asked if each is not None]
        return 100 * mean(each <= 24 for each in hours) if hours else None

    def executive_met(self) -> float | None:
        met = [row for row in self.of("touchpoint", "happened_at", 120) if row["executive"]]
        return len(met) if self.delivered("touchpoint") else None

    def nps(self) -> float | None:
        answers = [row for row in self.of("survey", "answered_on", 365) if row["kind"] == "nps"]
        return max(answers, key=lambda row: (row["answered_on"], row["id"]))["score"] if answers else None


def plain(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


@pytest.mark.parametrize("seed", range(40))
def test_every_signal_counts_as_one_would_on_paper(facts, library, seed):
    dice = Dice(seed)
    world, grace = dice.world(), dice.one(0, 89, 90)
    connection = facts(world | {"usage_module_day": rolled_up(world["usage_day"])})
    try:
        names = library.card("weekly_health").signal_weights()
        measure(connection, [library.signals[name] for name in names], AS_OF, grace_days=grace)
        found = {(name, key): value for key, name, value in connection.sql("FROM measured").fetchall()}
        for name, key in product(names, ACCOUNTS):
            expected = getattr(Twin(world, key, grace), name)()
            assert found.get((name, key)) == (None if expected is None else pytest.approx(expected, abs=0.006)), (
                name,
                key,
            )
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(100, 140))
def test_stickiness_is_what_the_definition_says(facts, seed):
    dice = Dice(seed)
    world, rule = dice.world(), SteadyUse(dice.one(7, 28), dice.one(1, 2), dice.one(1, 2, 3))
    modules = rolled_up(world["usage_day"])
    connection = facts(world | {"usage_module_day": modules})
    try:
        found = {row["account_id"]: row["level"] for row in stickiness(connection, AS_OF, rule).to_pylist()}
    finally:
        connection.close()
    known = {row["id"]: row for row in world["module"]}
    assert found.keys() == {
        row["account_id"]
        for row in world["delivery"]
        if row["entity"] == "usage_module_day" and any(module["core"] for module in known.values())
    }
    for key, level in found.items():
        recent = [row for row in modules if row["account_id"] == key and 0 <= (AS_OF - row["day"]).days < rule.window]
        people = max((row["users"] for row in recent), default=0)
        steady = {
            name
            for name in USED
            if len({row["day"] for row in recent if row["module"] == name}) >= rule.min_days
            and max(row["users"] for row in recent if row["module"] == name) >= min(rule.min_users, people)
        }
        processes: dict[tuple[Any, Any], set[str]] = defaultdict(set)
        for name, module in known.items():
            if module["core"] and module["process"]:
                processes[module["process"], module["product_line"]].add(name)
        lines = {line for (_, line), needed in processes.items() if needed <= steady}
        if lines:
            expected = {1: 3, 2: 4}.get(len(lines), 5)
        else:
            expected = 2 if any(known[name]["core"] for name in steady & known.keys()) else 1 if steady else 0
        assert level == expected


def converted(world: dict[str, Any], source: str | None, target: str) -> float | None:
    """The factor from one currency to another: stated, else turned round, else over a third one; None where none leads there."""
    newest: dict[tuple[str, str], Decimal] = {}
    for row in sorted((r for r in world["fx_rate"] if r["on"] <= AS_OF), key=lambda r: (r["on"], r["id"])):
        newest[row["currency"], row["base"]] = row["rate"]
    if source is None or source == target:
        return None if source is None else 1.0
    if (source, target) in newest:
        return float(newest[source, target])
    if (target, source) in newest:
        return 1 / float(newest[target, source])
    over = [
        float(rate) / float(newest[target, base])
        for (one, base), rate in newest.items()
        if one == source and (target, base) in newest
    ]
    return min(over, default=None)


def yearly(world: dict[str, Any], key: str) -> list[tuple[Decimal, str | None]]:
    """What the account pays a year, amount by amount."""
    by_id = {term["id"]: term for term in world["term"]}
    itemised: dict[str, list[dict[str, Any]]] = defaultdict(list)
    found = []
    for line in world["contract_line"]:
        if line["amount"] is None:
            continue
        itemised[line["term_id"]].append(line)
        of = by_id.get(line["term_id"], {})
        not_won = line["term_id"] == "sf:deal" and world["opportunity"][0]["status"] != "won"
        if line["billing"] == "recurring" and not (not_won and not of):
            names = ("account_id", "start", "end", "months", "currency")
            found.append({"amount": line["amount"]} | {n: line[n] if line[n] is not None else of.get(n) for n in names})
    for term in world["term"]:
        parts = itemised[term["id"]]
        fees_only = bool(parts) and sum(part["amount"] for part in parts) == term["amount"]
        if term["amount"] is not None and not any(p["billing"] == "recurring" for p in parts) and not fees_only:
            found.append(term)
    return [
        (each["amount"] * 12 / each["months"], each["currency"])
        for each in found
        if each["account_id"] == key and each["months"] and each["start"] and each["end"]
        if each["start"] <= AS_OF < each["end"]
    ]


@pytest.mark.parametrize("seed", range(200, 260))
def test_arr_is_what_the_definition_says(facts, seed):
    world = Dice(seed).books()
    connection = facts(world)
    try:
        found = {row["account_id"]: row for row in revenue(connection, AS_OF).to_pylist()}
    finally:
        connection.close()
    for owner in world["account"]:
        parts = yearly(world, owner["id"])
        named = {each for _, each in parts if each}
        if not named:
            assert owner["id"] not in found
            continue
        target = owner["currency"] or min(named)
        factors = [converted(world, each, target) for _, each in parts]
        row = found[owner["id"]]
        assert row["currency"] == target
        if None in factors:
            assert (row["arr"], row["missing_rate"]) != (None, None)
            assert row["arr"] is None
        else:
            total = sum(float(part) * factor for (part, _), factor in zip(parts, factors, strict=True))
            assert float(row["arr"]) == pytest.approx(total, abs=0.006)
            assert row["missing_rate"] is None
