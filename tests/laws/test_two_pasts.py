"""Two kinds of as-of agree where both apply: facts that arrived on the day they happened give the same results whether the past
is asked as it was *known* or *reconstructed* from what is known today (architecture, decision 2)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

BORN = date(2024, 11, 1)
LIFE = 730
MODULES = [
    {"id": name, "name": name, "core": name != "checkin", "process": "lead_to_cash", "product_line": "CRM"}
    for name in ("quote", "order", "checkin")
]
ACCOUNTS = ["sf:1", "sf:2", "sf:3"]


def history(seed: int) -> dict[date, dict[str, list[dict[str, Any]]]]:
    """Two years of events for three accounts, each on the day it is delivered."""
    dice = random.Random(seed)
    days: dict[date, dict[str, list[dict[str, Any]]]] = {}
    for number in range(0, LIFE, 28):
        on = BORN + timedelta(days=number)
        made: dict[str, list[dict[str, Any]]] = {
            "usage_day": [],
            "touchpoint": [],
            "survey": [],
            "advocacy": [],
            "ticket": [],
        }
        for account in ACCOUNTS:
            at = datetime.combine(on, time(9), UTC)
            name = f"{account}-{number}"
            for user in range(dice.randint(0, 3)):
                used = dice.sample([m["id"] for m in MODULES], dice.randint(1, 3))
                made["usage_day"].append(
                    {"account_id": account, "user": f"u{user}", "day": on, "modules": used, "logins": 1, "events": 5}
                )
            if dice.random() < 0.5:
                reply = dice.choice([None, 3.0, 40.0])
                made["touchpoint"].append(
                    {
                        "id": name,
                        "account_id": account,
                        "happened_at": at,
                        "executive": dice.random() < 0.3,
                        "replied_within_hours": reply,
                    }
                )
            if dice.random() < 0.15:
                made["survey"].append(
                    {
                        "id": name,
                        "account_id": account,
                        "kind": "nps",
                        "score": float(dice.randint(0, 10)),
                        "answered_on": on,
                    }
                )
            if dice.random() < 0.1:
                made["advocacy"].append({"id": name, "account_id": account, "kind": "case_study", "happened_on": on})
        days[on] = made
    return days


def outcome(computed: Any) -> dict[str, Any]:
    return {
        "scores": computed.scores.accounts.to_pylist(),
        "drivers": computed.scores.drivers.to_pylist(),
        "stickiness": computed.stickiness.to_pylist(),
        "terms": computed.terms.to_pylist(),
        "revenue": computed.revenue.to_pylist(),
    }


YEARS = [BORN + timedelta(days=offset) for offset in (0, 364, 728)]
"""When each year's term starts; it is signed (and told) a fortnight before, the first one on the day."""


def signed(number: int) -> dict[str, list[dict[str, Any]]]:
    """The orders that come on the day ``YEARS[number]`` is signed: a term with a line for each account but the third, who leaves."""
    start = YEARS[number]
    rows: dict[str, list[dict[str, Any]]] = {"term": [], "contract_line": []}
    for key in ACCOUNTS[: 3 if number == 0 else 2]:
        dates = {"account_id": key, "start": start, "end": start + timedelta(days=364), "months": 12}
        day = BORN if number == 0 else start - timedelta(days=14)
        term = {"id": f"{key}-t{number}", "product_line": "CRM", "signed_on": day, "currency": "USD", **dates}
        rows["term"].append(term)
        rows["contract_line"].append(
            {"id": f"{key}-l{number}", "term_id": term["id"], "amount": 1200 + number, "currency": "USD", **dates}
        )
    return rows


def test_known_and_reconstructed_agree_on_two_years_of_life(feed, library):
    """Events of every kind, and terms that are signed, renewed early or left to lapse while they are watched."""
    days = history(seed=1)
    days[BORN] |= {"account": [{"id": key, "name": key, "data_quality": 80.0} for key in ACCOUNTS], "module": MODULES}
    for number in range(len(YEARS)):
        on = BORN if number == 0 else YEARS[number] - timedelta(days=14)
        days[on] = {**days.get(on, {}), **signed(number)}
    for on, rows in sorted(days.items()):
        feed.deliver(on, rows)
    states = set()
    for ago in (700, 420, 372, 366, 300, 150, 30, 16, 3):
        day = BORN + timedelta(days=LIFE - ago)
        known = feed.compute(library, day, known=datetime.combine(day, time.max, UTC))
        assert outcome(known) == outcome(feed.compute(library, day)), day
        assert known.scores.accounts.num_rows == len(ACCOUNTS)
        states |= {row["state"] for row in known.terms.to_pylist()}
    assert states >= {"not_due", "due", "deferred", "renewed", "churned"}, "a life too quiet to prove anything"


def test_they_differ_where_a_fact_came_late(feed, library):
    """The control: what was not known yet counts in one past and not in the other."""
    rows = {"account": [{"id": "sf:1", "name": "A"}], "usage_day": [], "touchpoint": [], "advocacy": [], "survey": []}
    feed.deliver(BORN, rows)
    late = {"id": "sf:s", "account_id": "sf:1", "kind": "nps", "score": 9.0, "answered_on": BORN + timedelta(days=1)}
    feed.deliver(BORN + timedelta(days=40), {"survey": [late]})
    day = BORN + timedelta(days=10)
    known = feed.compute(library, day, known=datetime.combine(day, time.max, UTC))
    assert outcome(known) != outcome(feed.compute(library, day))
