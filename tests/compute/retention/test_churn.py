"""Why customers left: which lost renewal tells of which loss, and that what nobody told stays untold."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csconnect.compute.churn import REASONS, churn_reasons, make_churn_reason
from csconnect.compute.cohort import make_cohort
from csconnect.compute.due import make_due
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.period import parse_period
from csconnect.compute.sold import make_sold

from .conftest import RULES, term
from .histories import AS_OF, Histories, World
from .twin import Twin

D = Decimal
Row = dict[str, Any]


def lost(key: str, closed: str | None, account: str = "sf:1", **rest: Any) -> Row:
    """A lost renewal that names the contract of `sold`."""
    day = date.fromisoformat(closed) if closed else None
    at = datetime.combine(day, datetime.min.time(), UTC) if day else None
    base = {"id": f"sf:{key}", "account_id": account, "contract_id": f"{account}c", "kind": "renewal", "status": "lost"}
    return base | {"close_on": day, "closed_at": at} | rest


def sold(account: str, start: str, end: str, amount: str, **rest: Any) -> Row:
    key = f"{account[3:]}{start}"
    return term(key, start, end, amount, account_id=account, contract_id=f"{account}c", **rest)


def told(tell: Any, as_of: str, period: str, terms: list[Row], opportunities: list[Row]) -> tuple[Row, list[Row]]:
    """The rates of all, and why customers left."""
    keys = sorted({row["account_id"] for row in terms})
    world = tell(as_of, account=[{"id": key, "name": key} for key in keys], term=terms, opportunity=opportunities)
    asked = parse_period(period)
    make_churn_reason(world.facts, asked.start, min(asked.end, world.as_of), RULES)
    make_cohort(world.facts, asked.start, asked.end, world.as_of)
    (row,) = opening_rates(world.facts).to_pylist()
    return row, churn_reasons(world.facts).to_pylist()


def values(rows: list[Row], reason: str) -> dict[str | None, tuple[int, Decimal]]:
    return {row["value"]: (row["customers"], row["arr"]) for row in rows if row["reason"] == reason}


def test_churn_all_and_voluntary_by_symptom_cause_and_what_could_have_been_managed(tell):
    """Ten customers of 100; four leave, two of their own choice, of one nobody says anything."""
    names = [f"sf:{number}" for number in range(10)]
    terms = [sold(name, "2025-01-01", "2026-01-01", "100") for name in names[:4]]
    terms += [sold(name, "2025-01-01", "2027-01-01", "200") for name in names[4:]]
    reasons = [
        lost("a", "2025-12-20", "sf:0", lost_symptom="competitor", lost_cause="need_unmet", lost_manageable=True, lost_voluntary=True),
        lost("b", "2025-12-20", "sf:1", lost_symptom="price", lost_cause="budget_cut", lost_manageable=False, lost_voluntary=True),
        lost("c", "2025-12-20", "sf:2", lost_symptom="price", lost_voluntary=False),
        lost("d", "2025-12-20", "sf:3"),
    ]  # fmt: skip
    row, rows = told(tell, "2026-06-01", "2025", terms, reasons)
    assert (row["logo_churn_rate"], row["logo_churn_rate_voluntary"]) == (0.4, 0.2)
    assert row["amount_churn_rate"] == pytest.approx(0.4)
    assert (row["churn_voluntary_arr"], row["amount_churn_rate_voluntary"]) == (D(200), pytest.approx(0.2))
    assert values(rows, "symptom") == {"price": (2, D(200)), "competitor": (1, D(100)), None: (1, D(100))}
    assert values(rows, "cause") == {"need_unmet": (1, D(100)), "budget_cut": (1, D(100)), None: (2, D(200))}
    assert values(rows, "manageable") == {"yes": (1, D(100)), "no": (1, D(100)), None: (2, D(200))}
    assert values(rows, "voluntary") == {"yes": (2, D(200)), "no": (1, D(100)), None: (1, D(100))}
    assert [row["value"] for row in rows if row["reason"] == "symptom"] == ["price", "competitor", None]


def test_a_loss_without_a_word_tells_nothing(tell):
    terms = [sold("sf:1", "2025-01-01", "2026-01-01", "100")]
    row, rows = told(tell, "2026-06-01", "2025", terms, [lost("a", "2025-12-20")])
    assert (row["logo_churn_rate"], row["logo_churn_rate_voluntary"], row["amount_churn_rate_voluntary"]) == (
        1,
        None,
        None,
    )
    assert {(row["reason"], row["value"]) for row in rows} == {(reason, None) for reason in REASONS}


def test_where_nobody_left_nobody_left_of_their_own_choice(tell):
    row, rows = told(tell, "2026-06-01", "2025", [sold("sf:1", "2025-01-01", "2027-01-01", "100")], [])
    assert (row["churn_voluntary_arr"], row["amount_churn_rate_voluntary"], rows) == (D(0), 0.0, [])


def test_the_newest_word_on_the_same_loss_counts_and_none_that_came_after_the_day(tell):
    terms = [sold("sf:1", "2025-01-01", "2026-01-01", "100")]
    words = [
        lost("a", "2025-11-20", lost_symptom="price"),
        lost("b", "2025-12-20", lost_symptom="competitor"),
        lost("c", "2026-07-01", lost_symptom="self-build"),
    ]
    assert values(told(tell, "2026-06-01", "2025", terms, words)[1], "symptom") == {"competitor": (1, D(100))}
    assert values(told(tell, "2026-07-01", "2025", terms, words)[1], "symptom") == {"self-build": (1, D(100))}


def test_who_came_back_and_left_again_left_for_two_reasons(tell):
    terms = [
        sold("sf:1", "2024-01-01", "2025-01-01", "100"),
        sold("sf:1", "2025-06-01", "2026-01-01", "70", nature="renewal"),
    ]
    words = [lost("a", "2024-12-20", lost_symptom="price"), lost("b", "2025-12-20", lost_symptom="competitor")]
    assert values(told(tell, "2026-06-01", "2024", terms, words)[1], "symptom") == {"price": (1, D(100))}
    assert values(told(tell, "2026-06-01", "2025-Q4", terms, words)[1], "symptom") == {"competitor": (1, D(120))}


def test_a_deal_that_names_no_contract_tells_of_the_end_it_is_near_to(tell):
    terms = [sold("sf:1", "2025-01-01", "2026-01-01", "100")]
    near = lost("a", "2025-12-20", contract_id=None, lost_symptom="price")
    far = lost("a", "2025-06-20", contract_id=None, lost_symptom="price")
    other = lost("a", "2025-12-20", kind="expansion", lost_symptom="price")
    for words, wanted in ((near, "price"), (far, None), (other, None), (near | {"status": "won"}, None)):
        rows = told(tell, "2026-06-01", "2025", terms, [words])[1]
        assert values(rows, "symptom") == {wanted: (1, D(100))}


def test_a_lost_deal_of_somebody_who_renewed_or_is_deferred_is_no_reason(tell):
    first = sold("sf:1", "2025-01-01", "2026-01-01", "100")
    word = [lost("a", "2025-12-20", lost_symptom="price")]
    again = sold("sf:1", "2026-01-10", "2027-01-10", "100", nature="renewal")
    assert told(tell, "2026-06-01", "2025", [first, again], word)[1] == []
    assert told(tell, "2026-02-01", "2025", [first], word)[1] == []


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_why_customers_left_is_what_the_twin_says_and_adds_up_to_all_that_left(facts, seed):
    world = Histories(seed, 250).world
    twin = Twin(world, AS_OF, RULES)
    world["opportunity"] = losses(seed, twin)
    connection = facts(world)
    make_sold(connection, AS_OF, RULES)
    make_due(connection, AS_OF, RULES)
    opening, closing = date(2025, 1, 1), date(2026, 1, 1)
    make_churn_reason(connection, opening, closing, RULES)
    make_cohort(connection, opening, closing, AS_OF)
    found = {
        (row["reason"], row["value"], row["currency"]): (row["customers"], row["arr"])
        for row in churn_reasons(connection).to_pylist()
    }
    reasons, gone = newest(twin, world, opening, closing), twin.cohort(opening, closing, None)
    expected: dict[Any, tuple[int, Decimal]] = defaultdict(lambda: (0, D(0)))
    for (account, currency), row in gone.items():
        if row["state"] == "churned":
            for reason in REASONS:
                value = reasons.get(account, {}).get(f"lost_{reason}")
                word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
                customers, arr = expected[reason, word, currency]
                expected[reason, word, currency] = customers + 1, arr + (row["churn"] or D(0))
    assert found == dict(expected)
    assert len(reasons) > 3
    assert len({value for _, value, _ in found}) >= 5


def losses(seed: int, twin: Twin) -> list[Row]:
    """Lost renewals about and beside the ends of the world's cycles."""
    dice, made = random.Random(seed), []
    for number, ((account, _, due_on), cycle) in enumerate(sorted(twin.cycles.items())):
        if dice.random() < 0.3:
            continue
        contracts = [line.contract_id for line in cycle.due if line.contract_id]
        contract = dice.choice([None, min(contracts, default=None)])
        day = due_on + timedelta(days=dice.choice([-200, -100, -30, 0, 20, 60, 120]))
        words = {
            "lost_symptom": dice.choice([None, None, "price", "competitor"]),
            "lost_cause": dice.choice([None, None, "need_unmet", "price"]),
            "lost_manageable": dice.choice([None, None, True, False]),
            "lost_voluntary": dice.choice([None, None, True, False]),
        }
        status = dice.choice(["lost", "lost", "lost", "won", "open"])
        made.append(lost(f"o{number}", f"{day}", account, contract_id=contract, status=status, **words))
    return made


def newest(twin: Twin, world: World, opening: date, closing: date) -> dict[str, Row]:
    """Account -> the lost renewal that tells why it left."""
    found: dict[str, Row] = {}
    for deal in world["opportunity"]:
        said = any(deal[f"lost_{reason}"] is not None for reason in REASONS)
        if deal["status"] != "lost" or not said or deal["close_on"] > AS_OF:
            continue
        fitting = []
        for (account, _, due_on), cycle in twin.cycles.items():
            contracts = [line.contract_id for line in cycle.due if line.nature != "contraction" and line.contract_id]
            near = -RULES.grace_days <= (due_on - deal["close_on"]).days <= RULES.due_days + 30
            fits = min(contracts, default=None) == deal["contract_id"] if deal["contract_id"] else near
            if account == deal["account_id"] and fits and deal["close_on"] >= cycle.start:
                fitting.append((abs((due_on - deal["close_on"]).days), due_on, cycle.state))
        first = min(((gap, due_on) for gap, due_on, _ in fitting), default=None)
        of_period = [state for gap, due_on, state in fitting if (gap, due_on) == first and opening < due_on <= closing]
        if any(state in ("churned", "won_back") for state in of_period):
            other = found.get(deal["account_id"])
            if other is None or rank(deal) < rank(other):
                found[deal["account_id"]] = deal
    return found


def rank(deal: Row) -> tuple[Any, ...]:
    """The newest first; of one day in the order of cause, symptom and so on, what is not told last."""
    told = (deal["lost_cause"], deal["lost_symptom"], deal["lost_manageable"], deal["lost_voluntary"])
    return -deal["close_on"].toordinal(), *((value is None, str(value)) for value in told)
