"""Reach rate, the share of expansions that CSMs found, and consumption beside contracts: cases one can reckon by hand, and each a
second time in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
import sqlglot

from csconnect.compute.consumption import consumed, last_full_month
from csconnect.compute.exchange import make_exchange
from csconnect.compute.origin import csm_expansion_shares
from csconnect.compute.period import parse_period
from csconnect.compute.portable import not_portable
from csconnect.compute.reach import reach_rates
from csconnect.compute.score import not_served
from csconnect.compute.sold import make_sold
from csconnect.compute.terms import RenewalRules

AS_OF = date(2026, 11, 22)
RULES = RenewalRules()
CYCLES = {"strategic": 31, "enterprise": 61}


def day(ago):
    return AS_OF - timedelta(days=ago)


def account(number, segment="strategic", owner="sf:mei", **more):
    return {"id": f"sf:{number}", "name": f"Account {number}", "segment": segment, "owner_id": owner, **more}


def touch(number, ago, kind="call", outcome="held"):
    when = datetime.combine(day(ago), datetime.min.time(), UTC)
    id = f"sf:p{number}-{ago}-{kind}-{outcome}"
    return {"id": id, "account_id": f"sf:{number}", "happened_at": when, "kind": kind, "outcome": outcome}


@pytest.fixture
def sold(facts):
    """``sold(rows)``: a connection in which `make_sold` has been."""

    def made(rows):
        connection = facts(rows)
        make_sold(connection, AS_OF, RULES)
        return connection

    return made


# reach


@pytest.fixture
def reach(sold, library):
    def found(accounts, touches, by=("csm",), silent=(), cycles=CYCLES, **rows):
        told = [{"account_id": each["id"], "entity": "touchpoint"} for each in accounts if each["id"] not in silent]
        connection = sold({"account": accounts, "touchpoint": touches, "delivery": told, **rows})
        gone = not_served(AS_OF, RULES.grace_days)
        held = library.rollups["held_touchpoint"]
        return reach_rates(connection, AS_OF, cycles, held, by, not_served=gone).to_pylist()

    return found


def test_reached_is_who_was_touched_within_the_cycle_of_its_tier(reach):
    """A strategic customer within a month, an enterprise one within two (book §5.4.2); of five, three are reached: 60 %."""
    accounts = [
        account(n, segment)
        for n, segment in enumerate(["strategic", "strategic", "enterprise", "enterprise", "enterprise"])
    ]
    touches = [touch(0, 30), touch(1, 31), touch(2, 60), touch(3, 61), touch(4, 0)]
    (row,) = reach(accounts, touches, by=())
    assert row == {"dimension": "all", "value": "all", "customers": 5, "touched": 3, "reach_rate": 0.6, "untold": 0}


@pytest.mark.parametrize(
    "not_a_touch",
    [touch(0, 3, kind="note"), touch(0, 3, outcome="declined"), touch(0, 3, outcome="no_show"), touch(0, -1)],
)
def test_what_is_no_contact(reach, not_a_touch):
    (row,) = reach([account(0)], [not_a_touch], by=())
    assert (row["customers"], row["touched"], row["reach_rate"]) == (1, 0, 0.0)


def test_a_tier_without_a_cycle_is_left_out_and_without_a_base_there_is_no_rate(reach):
    assert reach([account(0, "micro"), account(1, None)], [touch(0, 1), touch(1, 1)]) == []
    assert reach([account(0)], [touch(0, 1)], cycles={}) == []
    (row,) = reach([account(0)], [], by=(), silent={"sf:0"})
    assert (row["customers"], row["reach_rate"], row["untold"]) == (0, None, 1)


def test_who_is_no_customer_of_the_day_is_left_out(reach):
    over = {"id": "sf:t", "account_id": "sf:1", "start": day(900), "end": day(400)}
    (row,) = reach([account(0), account(1), account(2, is_customer=False)], [touch(0, 1)], by=(), term=[over])
    assert (row["customers"], row["touched"]) == (1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_reach_twin(reach, seed):
    dice = random.Random(seed)
    accounts, touches, silent = [], [], set()
    for number in range(120):
        accounts.append(account(number, dice.choice([*CYCLES, "micro", None]), dice.choice(["sf:mei", "sf:ann", None])))
        edges = [dice.choice([-1, 0, 29, 30, 31, 59, 60, 61, 90]) for _ in range(dice.choice([0, 1, 2]))]
        kinds = [(dice.choice(["call", "note"]), dice.choice(["held", "no_show", None])) for _ in edges]
        touches += [touch(number, ago, *kind) for ago, kind in dict(zip(edges, kinds, strict=True)).items()]
        if dice.random() < 0.2:
            silent.add(f"sf:{number}")
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in accounts:
        if each["segment"] in CYCLES:
            for value in ("all", each["owner_id"] or "unknown"):
                expected[value][2 if each["id"] in silent else 0] += 1
                expected[value][1] += each["id"] not in silent and touched(each, touches)
    rows = reach(accounts, touches, silent=silent)
    assert {row["value"]: [row["customers"], row["touched"], row["untold"]] for row in rows} == expected
    assert all(row["reach_rate"] == row["touched"] / row["customers"] for row in rows)
    assert [row["value"] for row in rows] == ["all", "sf:ann", "sf:mei", "unknown"]


def touched(each, touches):
    return any(
        0 <= (AS_OF - touch["happened_at"].date()).days < CYCLES[each["segment"]]
        for touch in touches
        if touch["account_id"] == each["id"] and touch["kind"] != "note" and touch["outcome"] in ("held", None)
    )


# origin


def won(number, amount, origin, closed="2026-05-10", **more):
    told = {"kind": "expansion", "status": "won", "currency": "USD", "closed_at": f"{closed}T12:00:00+00:00"}
    told |= {"id": f"sf:o{number}-{origin}-{closed}", "account_id": f"sf:{number}", "origin": origin, **more}
    told["closed_at"] = None if told["closed_at"] is None else datetime.fromisoformat(told["closed_at"])
    return {**told, "amount": None if amount is None else Decimal(amount)}


@pytest.fixture
def shares(sold):
    def found(opportunities, by=(), period="2026", currency=None, accounts=(0, 1), rates=()):
        connection = sold(
            {"account": [account(n) for n in accounts], "opportunity": opportunities, "fx_rate": list(rates)}
        )
        if currency:
            make_exchange(connection, currency)
        return csm_expansion_shares(connection, parse_period(period), by, currency=currency).to_pylist()

    return found


def test_the_share_is_of_what_has_a_known_origin(shares):
    """Found by the CSM 600 of 1,000 whose origin is known: 60 %; 500 more that nobody noted change nothing."""
    found = [won(0, 600, "csm"), won(0, 300, "sales"), won(1, 60, "product"), won(1, 40, "customer"), won(1, 500, None)]
    (row,) = shares(found)
    assert (row["won"], row["won_amount"], row["known_amount"], row["csm_amount"]) == (5, 1500, 1000, 600)
    assert (row["currency"], row["csm_expansion_share"]) == ("USD", 0.6)


def test_where_no_origin_is_known_there_is_no_share(shares):
    (row,) = shares([won(0, 500, None)])
    assert (row["won_amount"], row["known_amount"], row["csm_expansion_share"]) == (500, 0, None)
    assert shares([]) == []


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "renewal"},
        {"status": "open"},
        {"status": "lost"},
        {"status": "void"},
        {"closed_at": "2025-12-31T23:59:00+00:00"},
        {"closed_at": "2027-01-01T00:00:00+00:00"},
        {"closed_at": None, "close_on": date(2027, 1, 1)},
        {"account_id": "sf:9"},
    ],
)
def test_what_is_no_expansion_won_in_the_period(shares, other):
    assert shares([won(0, 500, "csm", **other)]) == []


def test_it_was_won_when_it_was_closed_or_else_on_its_close_date(shares):
    assert len(shares([won(0, 1, "csm", closed_at=None, close_on=date(2026, 12, 31))])) == 1
    assert len(shares([won(0, 1, "csm", close_on=date(2027, 1, 1))])) == 1


def test_currencies_are_never_added_up_but_may_be_converted(shares):
    found = [won(0, 100, "csm"), won(0, 100, "sales", currency="EUR"), won(1, 7, "csm", currency=None)]
    assert [(row["currency"], row["csm_expansion_share"], row["untold"]) for row in shares(found)] == [
        ("EUR", 0.0, 0),
        ("USD", 1.0, 0),
        (None, None, 1),
    ]
    rate = {"id": "sf:f", "currency": "EUR", "base": "USD", "on": date(2026, 5, 1), "rate": Decimal("1.5")}
    (row,) = shares(found, currency="USD", rates=[rate])
    assert (row["won_amount"], row["csm_expansion_share"], row["untold"]) == (250, 0.4, 1)


@pytest.mark.parametrize("seed", range(3))
def test_origin_twin(shares, seed):
    dice = random.Random(seed)
    found = [
        won(number, dice.choice([None, "10.05", "99.99", "0"]), dice.choice(["csm", "csm", "sales", "product", None]),
            dice.choice(["2025-12-31", "2026-01-01", "2026-06-30", "2026-12-31", "2027-01-01"]),
            status=dice.choice(["won", "won", "lost"]), kind=dice.choice(["expansion", "expansion", "new"]),
            currency=dice.choice(["USD", "EUR"]))
        | {"id": f"sf:o{place}"}
        for place, number in enumerate(dice.choices(range(40), k=200))
    ]  # fmt: skip
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for each in found:
        if (each["status"], each["kind"], each["closed_at"].year) == ("won", "expansion", 2026):
            amount = each["amount"] or Decimal(0)
            known, mine = amount if each["origin"] else 0, amount if each["origin"] == "csm" else 0
            for value in ("all", "sf:mei"):
                sums = expected[value, each["currency"]]
                expected[value, each["currency"]] = [sums[0] + amount, sums[1] + known, sums[2] + mine]
    rows = shares(found, by=("csm",), accounts=range(40))
    assert {
        (row["value"], row["currency"]): [row["won_amount"], row["known_amount"], row["csm_amount"]] for row in rows
    } == expected
    for row in rows:
        assert row["csm_expansion_share"] == pytest.approx(float(row["csm_amount"]) / float(row["known_amount"]))


# consumption


def used(number, amount, on="2026-10-01", currency="USD", place=0):
    money = None if amount is None else Decimal(amount)
    told = {"id": f"sf:u{number}-{on}-{place}", "account_id": f"sf:{number}", "currency": currency}
    return {**told, "amount": money, "day": date.fromisoformat(on)}


def bought(number, amount="12000", start="2026-01-01", end="2027-01-01", currency="USD", **more):
    told = {"id": f"sf:t{number}", "account_id": f"sf:{number}", "months": Decimal(12), "currency": currency, **more}
    return {**told, "start": date.fromisoformat(start), "end": date.fromisoformat(end), "amount": Decimal(amount)}


@pytest.fixture
def both(sold):
    def found(terms, consumption, by=(), accounts=(0, 1), currency=None, rates=(), as_of=AS_OF):
        told = {"account": [account(n) for n in accounts], "term": terms, "consumption": consumption}
        connection = sold({**told, "fx_rate": list(rates)})
        if currency:
            make_exchange(connection, currency)
        return consumed(connection, as_of, by, currency=currency).to_pylist()

    return found


def test_the_last_full_month():
    assert last_full_month(date(2026, 11, 22)) == (date(2026, 10, 1), date(2026, 11, 1))
    assert last_full_month(date(2026, 11, 30)) == (date(2026, 11, 1), date(2026, 12, 1))
    assert last_full_month(date(2026, 1, 1)) == (date(2025, 12, 1), date(2026, 1, 1))


def test_a_contract_of_a_thousand_a_month_and_what_was_consumed_of_it(both):
    """By day and by month alike; two figures, never one sum."""
    by_day = [used(0, 150, f"2026-10-{day:02}") for day in (1, 15, 31)]
    around = [used(0, 1000, "2026-09-30"), used(0, 1000, "2026-11-01")]
    for consumption in (by_day, [used(0, 450)]):
        (row,) = both([bought(0)], [*consumption, *around])
        assert (row["month"], row["currency"], row["customers"]) == ("2026-10", "USD", 1)
        assert (row["contract_mrr"], row["consumed_mrr"]) == (Decimal("1000.00"), Decimal("450.00"))


def test_only_who_pays_in_advance_is_in_it_and_who_consumed_nothing_has_consumed_nothing(both):
    (row,) = both([bought(0), bought(1)], [used(0, 5, "2026-03-01")])
    assert (row["customers"], row["contract_mrr"], row["consumed_mrr"]) == (1, 1000, 0)
    assert both([bought(0)], []) == []
    (row,) = both([], [used(0, 5)])
    assert (row["contract_mrr"], row["consumed_mrr"]) == (0, 5)


def test_what_cannot_be_told_is_in_neither(both):
    (row,) = both([bought(0), bought(1)], [used(0, None), used(1, 70)])
    assert (row["customers"], row["contract_mrr"], row["consumed_mrr"], row["untold"]) == (2, 1000, 70, 1)


def test_two_currencies_are_two_rows_or_converted(both):
    rates = [{"id": "sf:f", "currency": "EUR", "base": "USD", "on": date(2026, 10, 20), "rate": Decimal("1.5")}]
    rows = both([bought(0)], [used(0, 100, currency="EUR")])
    assert [(row["currency"], row["contract_mrr"], row["consumed_mrr"]) for row in rows] == [
        ("EUR", 0, 100),
        ("USD", 1000, 0),
    ]
    (row,) = both([bought(0)], [used(0, 100, currency="EUR")], currency="USD", rates=rates)
    assert (row["contract_mrr"], row["consumed_mrr"]) == (1000, 150)


@pytest.mark.parametrize("seed", range(3))
def test_consumption_twin(both, seed):
    dice = random.Random(seed)
    numbers = range(60)
    starts = ["2026-10-31", "2026-11-01", "2026-01-01"]
    terms = [
        bought(
            n, dice.choice(["100", "999.99", "0.05"]), dice.choice(starts), dice.choice(["2027-10-31", "2026-11-01"])
        )
        for n in numbers
        if dice.random() < 0.8
    ]
    terms = [each for each in terms if each["start"] < each["end"]]
    days = ["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"]
    uses = [
        used(dice.choice(numbers[:40]), dice.choice(["1.01", "20", None]), dice.choice(days), place=i)
        for i in range(90)
    ]
    cent, last = Decimal("0.01"), date(2026, 10, 31)
    total = [0, Decimal(0), Decimal(0), 0]
    for id in (f"sf:{n}" for n in numbers):
        mine = [each for each in uses if each["account_id"] == id and each["day"] < date(2026, 11, 1)]
        month = [each["amount"] for each in mine if each["day"] >= date(2026, 10, 1)]
        runs = [each for each in terms if each["account_id"] == id and each["start"] <= last < each["end"]]
        if mine and (month or runs):
            total[0] += 1
            if None in month:
                total[3] += 1
            else:
                arr = sum((each["amount"] for each in runs), Decimal(0))
                total[1] += (arr / 12).quantize(cent, ROUND_HALF_UP)
                total[2] += sum(month, Decimal(0))
    (row,) = both(terms, uses, accounts=numbers)
    assert [row["customers"], row["contract_mrr"], row["consumed_mrr"], row["untold"]] == total
    assert 10 < total[0] < 60


def test_the_sql_means_the_same_on_every_engine(sold, library):
    asked = []

    class Heard:
        def __init__(self, connection):
            self.connection = connection

        def execute(self, text):
            asked.append(text)
            return self.connection.execute(text)

        def sql(self, text):
            asked.append(text)
            return self.connection.sql(text)

    heard = Heard(sold({}))
    make_exchange(heard, "USD")
    gone = not_served(AS_OF, 90)
    reach_rates(heard, AS_OF, CYCLES, library.rollups["held_touchpoint"], ("csm",), not_served=gone)
    for currency in (None, "USD"):
        csm_expansion_shares(heard, parse_period("2026"), ("csm",), currency=currency)
        consumed(heard, AS_OF, ("csm",), currency=currency)
    for text in asked:
        (tree,) = sqlglot.parse(text, dialect="duckdb")
        assert not_portable(tree) is None, text
    assert len(asked) > 8
