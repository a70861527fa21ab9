"""The numbers of the sources (docs/domain.md), as they stand there. What a source leaves open is tested elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csconnect.compute.measure import measure
from csconnect.compute.playbooks import red_account, renewal_task
from csconnect.compute.revenue import revenue
from csconnect.compute.stickiness import stickiness
from csconnect.compute.terms import term_states

TEN_THOUSAND = Decimal(10_000)
"""万"""


def contract(start: date, end: date, months: int, amount: Decimal, account: str = "sf:1", name: str = "t") -> dict:
    money = {"months": Decimal(months), "amount": amount, "currency": "CNY"}
    return {"id": f"{account}-{name}", "account_id": account, "start": start, "end": end, **money}


def arr_on(facts, day: date, *terms: dict) -> dict[str, Decimal]:
    accounts = [{"id": key, "name": key} for key in sorted({term["account_id"] for term in terms})]
    return {
        row["account_id"]: row["arr"] for row in revenue(facts({"account": accounts, "term": terms}), day).to_pylist()
    }


def test_g2_contract_value_and_arr_are_two_things(facts):
    """A sells 5,000 (万) over five years, B 2,000 a year: A's contract is the greater, B earns twice as much, this year and next
    (book §2.5.4)."""
    five = contract(date(2026, 1, 1), date(2031, 1, 1), 60, 5000 * TEN_THOUSAND, "sf:a")
    years = [contract(date(y, 1, 1), date(y + 1, 1, 1), 12, 2000 * TEN_THOUSAND, "sf:b", str(y)) for y in (2026, 2027)]
    for day in (date(2026, 1, 1), date(2026, 12, 31), date(2027, 12, 31)):
        assert arr_on(facts, day, five, *years) == {"sf:a": 1000 * TEN_THOUSAND, "sf:b": 2000 * TEN_THOUSAND}


def test_g3_each_year_its_own_contract_and_nothing_after_the_last(facts):
    """1,000, 1,200, 1,500 (万), then no renewal (book §2.5.4): three renewals of one customer, of which the last did not come."""
    terms = [
        contract(date(2023 + n, 7, 1), date(2024 + n, 7, 1), 12, amount * TEN_THOUSAND, name=str(n))
        for n, amount in enumerate((1000, 1200, 1500))
    ]
    paid = [arr_on(facts, date(2023 + n, 8, 1), *terms).get("sf:1") for n in range(4)]
    assert paid == [1000 * TEN_THOUSAND, 1200 * TEN_THOUSAND, 1500 * TEN_THOUSAND, None]
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "term": terms})
    assert [row["state"] for row in term_states(connection, date(2026, 12, 1)).to_pylist()] == [
        "renewed",
        "renewed",
        "churned",
    ]


def test_g9_a_hundred_seats_at_98_a_month(facts):
    """98 x 100 x 12 = 117,600; the rival's price, 20 less a seat, is 93,600 (book §7.3.3)."""
    for seat, year in ((98, 117_600), (78, 93_600)):
        bought = contract(date(2026, 1, 1), date(2027, 1, 1), 12, Decimal(seat * 100 * 12))
        assert arr_on(facts, date(2026, 6, 1), bought) == {"sf:1": Decimal(year)}


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "percent"),
    [
        *((5.0, 10.0, stage, reached) for stage, reached in ((5.0, 0), (6.0, 20), (8.0, 60), (9.0, 80), (10.0, 100))),
        (100.0, 90.0, 95.0, 50),
        (4.0, 1.0, 1.0, 100),
        (30.0, 70.0, 70.0, 100),
    ],
    ids=["g11-start", "g11-q1", "g11-q2", "g11-q3", "g11-q4", "g12-half-way", "g13-months", "g13-satisfaction"],
)
def test_success_standards(facts, library, baseline, target, actual, percent):
    """Lead conversion by quarters 6, 8, 9, 10 % (G11); a budget of 90 % of today's (G12); four months down to one, 30 up to 70 %
    satisfied (G13; book §5.3.1)."""
    goal = {"id": "sf:g", "account_id": "sf:1", "metric": "m", "baseline": baseline, "target": target, "actual": actual}
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "goal": [goal]})
    measure(connection, [library.signals["goal_progress"]], date(2026, 11, 22))
    assert connection.sql("SELECT value FROM measured").fetchall() == [(pytest.approx(percent),)]


def test_gt13_the_weekly_card_item_by_item(library):
    """40 + 30 + 30 = 100; bands 80 and 60 (decks 004:201-225)."""
    card = library.card("weekly_health")
    assert {name: part.weight for name, part in card.dimensions.items()} == {
        "usage": 40,
        "outcomes": 30,
        "relationship": 30,
    }
    assert list(card.signal_weights().values()) == [10, 15, 10, 5, 15, 10, 5, 10, 10, 10]
    assert (card.bands.green, card.bands.yellow) == (80, 60)
    logins = card.dimensions["usage"].signals["login_frequency"]
    assert {days: share * logins.weight for days, share in logins.curve.at_least.items() if days >= 3} == {5: 10, 3: 7}
    nps = card.dimensions["relationship"].signals["nps"]
    assert {answer for answer, share in nps.curve.at_least.items() if share == 1} == {9}


def test_states_of_a_customer_who_leaves_and_comes_back(facts):
    """Due at three months, late, lost, won back (decks 001:1318-1329, 1387, 1457; INC-19)."""
    end = date(2026, 7, 1)
    first = contract(date(2025, 7, 1), end, 12, Decimal(1), name="1")
    back = contract(end + timedelta(days=120), date(2027, 10, 29), 12, Decimal(1), name="2")
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "term": [first, back]})
    story = {
        -91: "not_due",
        -90: "due",
        -1: "due",
        0: "deferred",
        90: "deferred",
        91: "churned",
        119: "churned",
        120: "won_back",
    }
    for days, state in story.items():
        rows = {row["term_id"]: row["state"] for row in term_states(connection, end + timedelta(days=days)).to_pylist()}
        assert rows["sf:1-1"] == state, days


@pytest.mark.parametrize(
    ("days_to_end", "state", "stage"),
    [(90, "due", "renewal_due_90"), (30, "due", "renewal_due_30"), (0, "deferred", "renewal_overdue")],
)
def test_three_months_before_one_month_before_expired(days_to_end, state, stage):
    """Decks 001:1318-1329; book §7.3.1."""
    today = date(2026, 11, 23)
    task = renewal_task("sf:1", "sf:t", state, today + timedelta(days=days_to_end), today)
    assert task is not None
    assert task.stage == stage


def test_bad_news_is_acted_on_within_a_day():
    """24 hours (decks 004:596), a Monday."""
    assert red_account("sf:1", date(2026, 11, 23)).due_on == date(2026, 11, 24)


L2C = ["opportunity", "quote", "contract", "order"]
CATALOGUE = [
    {"id": name, "name": name, "core": core, "process": process, "product_line": line}
    for name, core, process, line in [
        ("check_in", False, None, "CRM"),
        ("customer", False, None, "CRM"),
        *((name, True, "lead_to_cash", "CRM") for name in L2C),
        ("service_ticket", True, "service", "Service"),
        ("channel", True, "partner", "PRM"),
    ]
]


@pytest.mark.parametrize(
    ("used", "level"),
    [
        ([], 0),
        (["check_in", "customer"], 1),
        (["check_in", "opportunity"], 2),
        (["opportunity", "quote", "contract"], 2),
        (L2C, 3),
        ([*L2C, "service_ticket"], 4),
        ([*L2C, "service_ticket", "channel"], 5),
    ],
)
def test_l0_to_l5_as_the_source_tells_them(facts, used, level):
    """Check-ins only L1; the opportunity process alone L2; opportunity, quote, contract and order L3; sales and service L4; more
    than two L5 (decks 000:274-295, INC-08)."""
    today = date(2026, 11, 22)
    rows = [
        {"account_id": "sf:1", "module": module, "day": today - timedelta(days=ago), "users": 5}
        for module in used
        for ago in range(20)
    ]
    connection = facts(
        {
            "account": [{"id": "sf:1", "name": "A"}],
            "module": CATALOGUE,
            "usage_module_day": rows,
            "delivery": [{"account_id": "sf:1", "entity": "usage_module_day"}],
        }
    )
    assert [row["level"] for row in stickiness(connection, today).to_pylist()] == [level]
