"""Scores per product line: each line sees its own terms, modules and use, and everything that knows no line."""

from __future__ import annotations

from datetime import date, timedelta

from csconnect.compute.assign import Cards
from csconnect.compute.relationship import score_lines
from csconnect.compute.score import score

AS_OF = date(2026, 11, 22)


def company(facts):
    terms = [
        {
            "id": f"sf:{account}{line}",
            "account_id": account,
            "product_line": line,
            "start": date(2026, 1, 1),
            "end": end,
        }
        for account, line, end in [
            ("sf:1", "CRM", date(2027, 6, 1)),
            ("sf:1", "It's", date(2027, 6, 1)),
            ("sf:2", "CRM", date(2027, 6, 1)),
            ("sf:3", "It's", date(2026, 2, 1)),
        ]
    ]
    modules = [
        {"id": "order", "name": "o", "core": True, "product_line": "CRM"},
        {"id": "case", "name": "c", "core": True, "product_line": "It's"},
    ]
    days = [AS_OF - timedelta(days=n) for n in range(28)]
    return facts(
        {
            "account": [{"id": f"sf:{n}", "name": "A", "data_quality": 100} for n in (1, 2, 3)],
            "term": terms,
            "module": modules,
            "usage_day": [
                {"account_id": "sf:1", "user": user, "day": day, "logins": 1, "modules": [module]}
                for user, module, used in (("a", "order", days), ("b", "case", days[:2]))
                for day in used
            ],
            "usage_module_day": [{"account_id": "sf:1", "module": "order", "day": day, "users": 1} for day in days],
            "survey": [{"id": "sf:s", "account_id": "sf:1", "kind": "nps", "score": 10, "answered_on": AS_OF}],
            "delivery": [
                {"account_id": f"sf:{n}", "entity": entity}
                for n in (1, 2, 3)
                for entity in ("usage_day", "usage_module_day", "advocacy", "touchpoint")
            ],
        }
    )


def test_each_line_is_judged_by_its_own_use(facts, library):
    connection = company(facts)
    cards = Cards(library.card("weekly_health"))
    lines = score_lines(connection, cards, library.signals, AS_OF)
    assert list(lines) == ["CRM", "It's"]
    parts = {
        line: {(row["account_id"], row["signal"]): row["value"] for row in scores.drivers.to_pylist()}
        for line, scores in lines.items()
    }
    assert parts["CRM"]["sf:1", "core_module_use"] == 100
    assert parts["It's"]["sf:1", "core_module_use"] == 0
    assert parts["CRM"]["sf:1", "login_frequency"] == 7
    assert parts["It's"]["sf:1", "login_frequency"] == 0.5
    assert parts["CRM"]["sf:1", "nps"] == parts["It's"]["sf:1", "nps"] == 10
    assert {account for account, _ in parts["CRM"]} == {"sf:1", "sf:2"}
    (gone,) = (row for row in lines["It's"].accounts.to_pylist() if row["account_id"] == "sf:3")
    assert gone["score"] is None, "its only term of this line is over"


def test_the_facts_are_as_they_were_afterwards(facts, library):
    connection = company(facts)
    cards = Cards(library.card("weekly_health"))
    before = score(connection, cards, library.signals, AS_OF)
    score_lines(connection, cards, library.signals, AS_OF)
    after = score(connection, cards, library.signals, AS_OF)
    assert before.accounts.equals(after.accounts)
    assert before.drivers.equals(after.drivers)
