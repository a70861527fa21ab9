"""L0 to L5 (decks 000:244-295)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csconnect.compute.stickiness import SteadyUse, stickiness

AS_OF = date(2026, 11, 22)
MODULES = [
    {"id": name, "name": name, "core": core, "process": process, "product_line": line}
    for name, core, process, line in [
        ("checkin", False, None, "Sales"),
        ("quote", True, "lead_to_cash", "Sales"),
        ("order", True, "lead_to_cash", "Sales"),
        ("ticketing", True, "service", "Service"),
        ("portal", True, "partner", "Partner"),
    ]
]


def level(facts, used, rule=None, users=3, days=10):
    rows = [
        {"account_id": "sf:1", "module": module, "day": AS_OF - timedelta(days=ago), "users": users}
        for module in used
        for ago in range(days)
    ]
    connection = facts(
        {
            "account": [{"id": "sf:1", "name": "A"}],
            "module": MODULES,
            "usage_module_day": rows,
            "delivery": [{"account_id": "sf:1", "entity": "usage_module_day"}],
        }
    )
    return stickiness(connection, AS_OF, rule).to_pylist()[0]["level"]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([], 0),
        (["checkin"], 1),
        (["checkin", "quote"], 2),
        (["quote", "order"], 3),
        (["quote", "order", "ticketing"], 4),
        (["quote", "order", "ticketing", "portal"], 5),
        (["quote", "ticketing"], 3),
    ],
)
def test_levels(facts, used, expected):
    assert level(facts, used) == expected


def test_rare_use_is_not_use(facts):
    assert level(facts, ["quote", "order"], days=7) == 0
    assert level(facts, ["quote", "order"], SteadyUse(min_days=7), days=7) == 3


def test_an_account_with_one_user_is_judged_by_that_one(facts):
    assert level(facts, ["quote", "order"], users=1) == 3


@pytest.mark.parametrize(
    ("delivered", "modules"),
    [([], MODULES), (["usage_day"], MODULES), (["usage_module_day"], []), (["usage_module_day"], MODULES[:1])],
    ids=["no-usage", "usage-without-modules", "no-catalogue", "no-core-module"],
)
def test_what_nobody_can_tell_is_unknown_and_neither_l0_nor_l1(facts, delivered, modules):
    used = [
        {"account_id": "sf:1", "module": "quote", "day": AS_OF - timedelta(days=ago), "users": 3} for ago in range(20)
    ]
    rows = {
        "account": [{"id": "sf:1", "name": "A"}],
        "module": modules,
        "usage_module_day": used,
        "delivery": [{"account_id": "sf:1", "entity": entity} for entity in delivered],
    }
    assert stickiness(facts(rows), AS_OF).num_rows == 0


def test_a_module_that_the_catalogue_lacks_is_peripheral(facts):
    assert level(facts, ["brand_new"]) == 1
    assert level(facts, ["brand_new", "quote", "order"]) == 3
