"""Each of these signals, and the stage, said a second time in plain Python and held to random little worlds made of edges."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from csconnect.compute.terms import RenewalRules, term_state
from csconnect.model.enums import AdvocacyKind, Cause, LifecycleStage, Nature, ProjectPhase

AS_OF = date(2028, 2, 29)
ACCOUNTS = ["sf:1", "sf:2", "sf:3"]
TOLD = ["account", "advocacy", "commitment", "concern", "goal", "payment", "project", "term", "usage_day"]
CONCERNS = {
    name: name for name in ("budget_cut", "organisation_change", "competitor", "business_failing", "value_unclear")
}
CONCERNS["price_concern"] = "price"
# fmt: off
SIGNALS = [
    "goals_agreed", "goal_overdue", "roi", "references", "overdue_payments", "overdue_share", "tenure",
    "days_to_renewal", "renewal_deferred", "business_health", "wrong_customer", "go_live_delay", "not_live_days",
    "time_to_live", "open_commitments", "overdue_commitments", "red_light",
]
# fmt: on

Row = dict[str, Any]
World = dict[str, list[Row]]


class Dice:
    """Rows drawn from edges; a seed always gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def ago(self, *edges: int) -> date:
        """The day before, on or after today or one of ``edges`` days ago."""
        return AS_OF - timedelta(days=self.one(0, *edges) + self.one(-1, 0, 1))

    def maybe(self, *edges: int) -> date | None:
        return self.one(None, self.ago(*edges), self.ago(*edges))

    def some(self, entity: str, most: int, make: Callable[[], Row]) -> list[Row]:
        number = self.dice.randint(0, most)
        return [
            {"id": f"sf:{entity}{n}", "account_id": self.one(None, *ACCOUNTS, *ACCOUNTS), **make()}
            for n in range(number)
        ]

    def account(self, key: str) -> Row:
        one = self.one
        return {
            "id": key,
            "name": key,
            "is_customer": one(True, True, True, False),
            "stage": one(None, None, None, *LifecycleStage),
            "is_target": one(None, True, False),
            "business_health": one(None, -0.1, 0.0, 55.5, 100.0, 100.1),
            "red_light": one(None, True, True, False),
            "red_light_on": self.maybe(30),
            "red_light_until": self.maybe(30),
        }

    def goal(self) -> Row:
        numbers = {name: self.one(None, -5.0, 0.0, 5.0, 10.0) for name in ("baseline", "target", "actual")}
        kind = self.one(None, "roi", "roi", "cost")
        return {"metric": "m", "kind": kind, "due_on": self.maybe(365), "measured_on": self.maybe(365), **numbers}

    def papers(self) -> World:
        """Contracts, terms and projects."""
        one = self.one
        contracts = self.some("c", 4, lambda: {"signed_on": self.maybe(90), "start": self.maybe(90, 400)})
        terms = self.some(
            "t",
            6,
            lambda: {
                "product_line": one(None, "A", "B"),
                "nature": one(*Nature),
                "signed_on": self.maybe(90),
                "start": self.ago(90, 365, 700),
                "end": self.ago(90, 45, -90, -300),
            },
        )
        projects = self.some(
            "p",
            5,
            lambda: {
                "contract_id": one(None, "sf:c0", "sf:c1"),
                "phase": one(None, *ProjectPhase),
                "started_on": self.maybe(30, 90),
                "planned_live_on": self.maybe(30),
                "live_on": self.maybe(29, 60),
                "accepted_on": self.maybe(),
            },
        )
        return {"contract": contracts, "term": terms, "project": projects}

    def world(self) -> World:
        one = self.one
        use = {(one(*ACCOUNTS), self.ago(30)): one(0, 1) for _ in range(one(0, 0, 3))}
        return self.papers() | {
            "account": [self.account(key) for key in ACCOUNTS],
            "goal": self.some("g", 8, self.goal),
            "advocacy": self.some("a", 12, lambda: {"kind": one(*AdvocacyKind), "happened_on": self.ago(365)}),
            "payment": self.some(
                "y",
                8,
                lambda: {"due_on": self.ago(365, 40), "paid_on": self.maybe(), "amount": one(None, -1, 0, 5)},
            ),
            "concern": self.some(
                "o",
                20,
                lambda: {"cause": one(*Cause), "raised_on": self.ago(180, 60), "resolved_on": self.maybe()},
            ),
            "commitment": self.some(
                "m",
                8,
                lambda: {
                    "side": one("ours", "ours", "theirs"),
                    "made_on": self.maybe(90),
                    "due_on": self.maybe(9),
                    "fulfilled_on": self.maybe(),
                },
            ),
            "usage_day": [
                {"account_id": key, "user": "u", "day": on, "logins": logins} for (key, on), logins in use.items()
            ],
            "delivery": [
                {"account_id": key, "entity": entity} for key in ACCOUNTS for entity in TOLD if one(True, True, False)
            ],
        }


def since(day: date | None) -> int | None:
    """Days from ``day`` to today, negative where it is still to come."""
    return None if day is None else (AS_OF - day).days


def happened(day: date | None) -> bool:
    return day is not None and day <= AS_OF


class Twin:
    """The definitions, read off their sources and not off the SQL."""

    def __init__(self, world: World, key: str, grace: int) -> None:
        self.world, self.key, self.grace = world, key, grace
        (self.account,) = (row for row in world["account"] if row["id"] == key)

    def of(self, entity: str) -> list[Row]:
        return [row for row in self.world[entity] if row["account_id"] == self.key]

    def where_told(self, entity: str, value: float) -> float | None:
        return value if {"account_id": self.key, "entity": entity} in self.world["delivery"] else None

    def goals_agreed(self) -> float | None:
        goals = [g for g in self.of("goal") if g["target"] is not None and (since(g["due_on"]) or 0) < 365]
        return self.where_told("goal", len(goals))

    def goal_overdue(self) -> float | None:
        def reached(goal: Row) -> bool:
            base, target, actual, on = (goal[name] for name in ("baseline", "target", "actual", "measured_on"))
            if actual is None or (on and on > AS_OF):
                return False
            return actual <= target if base is not None and target < base else actual >= target

        due = [g for g in self.of("goal") if g["target"] is not None and 1 <= (since(g["due_on"]) or 0) <= 365]
        return self.where_told("goal", sum(not reached(goal) for goal in due))

    def roi(self) -> float | None:
        said = [g for g in self.of("goal") if g["kind"] == "roi" and g["actual"] is not None]
        said = [g for g in said if 0 <= (since(g["measured_on"]) or 0) < 365]
        newest = max(said, key=lambda g: (g["measured_on"] or date.min, g["id"]), default=None)
        return newest and newest["actual"]

    def references(self) -> float | None:
        seen = [a for a in self.of("advocacy") if a["kind"] in ("reference", "case_study", "speaker")]
        return self.where_told("advocacy", sum(0 <= since(a["happened_on"]) < 365 for a in seen))

    def bills(self) -> list[Row]:
        return [p for p in self.of("payment") if (p["amount"] is None or p["amount"] > 0) and p["due_on"] < AS_OF]

    def overdue_payments(self) -> float | None:
        unpaid = [since(p["due_on"]) for p in self.bills() if not happened(p["paid_on"])]
        return self.where_told("payment", max(unpaid, default=0))

    def overdue_share(self) -> float | None:
        unpaid = [not happened(p["paid_on"]) for p in self.bills() if since(p["due_on"]) <= 365]
        return 100 * sum(unpaid) / len(unpaid) if unpaid else None

    def tenure(self) -> float | None:
        begun = [t["start"] for t in self.of("term") if t["end"] > t["start"] and happened(t["start"])]
        return since(min(begun)) * 12 / 365.25 if begun else None

    def renewals(self) -> list[tuple[str, int]]:
        """State and days to the end of each well-formed term."""
        good = [t for t in self.of("term") if t["end"] > t["start"] and self.account["is_customer"]]
        found = []
        for term in good:
            later = [
                other["start"]
                for other in good
                if (other["product_line"], other["nature"] in ("new", "renewal")) == (term["product_line"], True)
                if other["start"] > term["start"] and other["end"] > term["end"]
            ]
            state = term_state(term["end"], min(later, default=None), AS_OF, RenewalRules(grace_days=self.grace))
            found.append((state, -since(term["end"])))
        return found

    def days_to_renewal(self) -> float | None:
        return min((days for state, days in self.renewals() if state in ("due", "not_due")), default=None)

    def renewal_deferred(self) -> float | None:
        return self.where_told("term", any(state == "deferred" for state, _ in self.renewals()))

    def business_health(self) -> float | None:
        stated = self.account["business_health"]
        return stated if stated is not None and 0 <= stated <= 100 else None

    def heard(self, cause: str) -> bool:
        said = [c for c in self.of("concern") if c["cause"] == cause and 0 <= since(c["raised_on"]) < 180]
        return any(not happened(c["resolved_on"]) for c in said)

    def wrong_customer(self) -> float | None:
        target = self.account["is_target"]
        if target is None and self.where_told("concern", 1) is None:
            return None
        return self.heard("wrong_customer") or target is False

    def projects(self) -> list[Row]:
        """Those that have begun, the newest first, each with ``begun`` and ``is_live``."""
        signed = {c["id"]: c for c in self.world["contract"]}
        found = []
        for row in self.world["project"]:
            paper = signed.get(row["contract_id"], {"account_id": None, "signed_on": None, "start": None})
            begun = row["started_on"] or paper["signed_on"] or paper["start"]
            dated = row["live_on"] or row["accepted_on"]
            live = happened(dated) if dated else row["phase"] in ("live", "accepted")
            if (row["account_id"] or paper["account_id"]) == self.key and (begun is None or happened(begun)):
                found.append(row | {"begun": begun, "is_live": live})
        return sorted(found, key=lambda p: (p["begun"] or date.min, p["id"]), reverse=True)

    def go_live_delay(self) -> float | None:
        for row in self.projects()[:1]:
            until = row["live_on"] if row["is_live"] else AS_OF
            if row["planned_live_on"] and until:
                return max(0, (until - row["planned_live_on"]).days)
        return None

    def not_live_days(self) -> float | None:
        return next((0 if row["is_live"] else since(row["begun"]) for row in self.projects()), None)

    def time_to_live(self) -> float | None:
        live = [p for p in self.projects() if p["is_live"] and p["live_on"] and p["begun"]]
        live = [p for p in live if p["live_on"] >= p["begun"]]
        newest = max(live, key=lambda p: (p["live_on"], p["id"]), default=None)
        return newest and (newest["live_on"] - newest["begun"]).days

    def promises(self) -> list[Row]:
        ours = [c for c in self.of("commitment") if c["side"] == "ours" and not happened(c["fulfilled_on"])]
        return [c for c in ours if c["made_on"] is None or happened(c["made_on"])]

    def open_commitments(self) -> float | None:
        return self.where_told("commitment", len(self.promises()))

    def overdue_commitments(self) -> float | None:
        late = [c for c in self.promises() if c["due_on"] and c["due_on"] < AS_OF]
        return self.where_told("commitment", len(late))

    def red_light(self) -> float | None:
        pressed, on, until = (self.account[name] for name in ("red_light", "red_light_on", "red_light_until"))
        return None if pressed is None else pressed and (not on or on <= AS_OF) and (not until or until > AS_OF)

    def stage(self) -> str | None:
        if not self.account["is_customer"] or self.account["stage"]:
            return self.account["stage"] if self.account["is_customer"] else None
        if any(days <= 90 for state, days in self.renewals() if state in ("due", "deferred")):
            return "renewal"
        for row in self.projects()[:1]:
            if not row["is_live"]:
                return "implementation"
            return "promotion" if row["live_on"] and since(row["live_on"]) < 30 else "stable"
        papers = [row["signed_on"] or row["start"] for name in ("contract", "term") for row in self.of(name)]
        first = min((on for on in papers if on), default=None)
        used = any(row["logins"] and happened(row["day"]) for row in self.of("usage_day"))
        return "signed" if first and since(first) < 90 and not used else "stable"


@pytest.mark.parametrize("seed", range(50))
def test_every_signal_counts_as_one_would_on_paper(values, seed):
    dice = Dice(seed)
    world, grace = dice.world(), dice.one(0, 45, 90)
    found = values([*SIGNALS, *CONCERNS], world, grace)
    for key in ACCOUNTS:
        twin = Twin(world, key, grace)
        expected = {name: getattr(twin, name)() for name in SIGNALS}
        expected |= {name: twin.where_told("concern", twin.heard(cause)) for name, cause in CONCERNS.items()}
        for name, value in expected.items():
            assert found.get((key, name)) == (None if value is None else pytest.approx(float(value), abs=0.005)), (
                name,
                key,
            )


@pytest.mark.parametrize("seed", range(1000, 1050))
def test_every_customer_stands_where_the_definition_says(rollup, seed):
    dice = Dice(seed)
    world, grace = dice.world(), dice.one(0, 45, 90)
    found = dict(rollup("lifecycle", world, grace))
    assert found == {key: stage for key in ACCOUNTS if (stage := Twin(world, key, grace).stage())}


def test_the_worlds_reach_every_value_that_matters():
    """A world of edges that never burns a red light or misses a goal would prove nothing."""
    reached: dict[str, set[bool | None]] = {name: set() for name in SIGNALS}
    stages = set()
    for seed in range(150):
        world = Dice(seed).world()
        for key in ACCOUNTS:
            twin = Twin(world, key, 90)
            stages.add(twin.stage())
            for name in SIGNALS:
                value = getattr(twin, name)()
                reached[name].add(None if value is None else bool(value))
    assert stages == {None, *LifecycleStage}
    assert all({None, True} <= kinds for kinds in reached.values())
