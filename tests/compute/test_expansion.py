"""Who may be asked to buy more: reasons, gate and amount by the book's own cases, and the whole a second time in plain Python."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlglot

from csconnect.compute.due import make_due
from csconnect.compute.expansion import HOLDS, NEEDS, REASONS, ExpansionGate, expansions
from csconnect.compute.measure import measure
from csconnect.compute.portable import not_portable
from csconnect.compute.result import compute
from csconnect.compute.sold import make_sold
from csconnect.compute.terms import RenewalRules

AS_OF = date(2026, 11, 22)
RULES = RenewalRules(start_days={"micro": 30})


def day(ago):
    return AS_OF - timedelta(days=ago)


def term(account="sf:1", seats=100, amount="12000", **more):
    told = {"start": day(200), "end": day(-165), "months": Decimal(12), "seats": seats, "currency": "USD"}
    return {"id": f"sf:t{account[3:]}", "account_id": account, "amount": Decimal(amount), **told, **more}


def need(kind="upgrade", account="sf:1", number=1, ago=5, **more):
    return {"id": f"sf:n{account[3:]}-{number}", "account_id": account, "kind": kind, "stated_on": day(ago), **more}


def opportunity(kind="expansion", account="sf:1", **more):
    return {"id": f"sf:o{account[3:]}", "account_id": account, "kind": kind, "status": "open", "name": "More", **more}


class Good:
    """What is told of an account that may be asked."""

    def __init__(self, score=80, rank=2, level=3, **signals):
        self.score, self.rank, self.level = score, rank, level
        self.signals = {name: value for name, value in signals.items() if value is not None}


@pytest.fixture
def gate(library):
    return ExpansionGate(library.rollups["lifecycle"], library.rollups["purchase"])


@pytest.fixture
def listed(facts, library, gate):
    """``listed({account: Good(...)}, term=[...], ...)``: the rows."""

    def found(told=None, gate=gate, stale=(), **rows):
        told = told or {"sf:1": Good(seat_saturation=97)}
        account = rows.pop("account", {})
        rows.setdefault("term", [term(id) for id in told])
        accounts = [{"id": id, "name": f"Account {id}", **account.get(id, {})} for id in told]
        connection = facts({"account": accounts, **rows})
        make_sold(connection, AS_OF, RULES)
        make_due(connection, AS_OF, RULES)
        measure(connection, [], AS_OF)
        connection.execute("CREATE OR REPLACE TEMP TABLE scored (account_id VARCHAR, score DOUBLE, rank INTEGER)")
        for id, each in told.items():
            connection.execute("INSERT INTO scored VALUES (?, ?, ?)", [id, each.score, each.rank])
            for name, value in each.signals.items():
                connection.execute("INSERT INTO measured VALUES (?, ?, ?)", [id, name, value])
        for id, name, days in stale:
            connection.execute("INSERT INTO stale VALUES (?, ?, ?)", [id, name, days])
        levels = {"account_id": list(told), "level": [each.level for each in told.values()]}
        sticky = pa.table(levels, schema=pa.schema([("account_id", pa.string()), ("level", pa.int64())]))
        return expansions(connection, gate, library.signals, sticky, AS_OF, RULES).to_pylist()

    return found


def test_seats_that_are_nearly_all_in_use_are_a_reason(listed):
    (row,) = listed()
    assert (row["reasons"], row["held_by"], row["seat_saturation"]) == ("seats", "", 97.0)
    assert (row["account_id"], row["product_line"], row["stage"], row["level"], row["score"]) == (
        "sf:1",
        None,
        "stable",
        3,
        80.0,
    )


def test_g7_thirty_of_a_hundred_seats_are_none(listed):
    """Bought 100, activated 30 (book §5.2.2): the renewal would shrink, and nobody is asked for more."""
    assert listed({"sf:1": Good(seat_saturation=30)}) == []


@pytest.mark.parametrize(
    ("signals", "reasons"),
    [
        ({"seat_saturation": 95}, "seats"),
        ({"seat_saturation": 94.99}, None),
        ({"quota_saturation": 90}, "quota"),
        ({"quota_saturation": 89.99}, None),
        ({"seat_saturation": 120, "quota_saturation": 100}, "seats quota"),
        ({}, None),
    ],
)
def test_from_where_on_something_is_scarce(listed, signals, reasons):
    rows = listed({"sf:1": Good(**signals)})
    assert [row["reasons"] for row in rows] == ([] if reasons is None else [reasons])


def test_what_is_too_old_is_no_reason(listed, library):
    limit = library.signals["seat_saturation"].header.freshness
    assert listed(stale=[("sf:1", "seat_saturation", limit + 1)]) == []
    assert len(listed(stale=[("sf:1", "seat_saturation", limit)])) == 1


def test_a_stated_need_is_a_reason_while_it_is_open(listed):
    nobody = {"sf:1": Good()}
    assert [row["needs"] for row in listed(nobody, need=[need("upgrade"), need("more_accounts", number=2)])] == [
        "more_accounts upgrade"
    ]
    assert [row["needs"] for row in listed(nobody, need=[need(None)])] == ["other"]
    assert listed(nobody, need=[need(closed_on=AS_OF)]) == []
    assert len(listed(nobody, need=[need(closed_on=day(-1))])) == 1
    assert listed(nobody, need=[need(ago=-1)]) == []


def test_each_product_line_has_a_row_and_the_first_goes_first(listed):
    lines = [need("new_product", product_line="Service"), need("cross_line", number=2, product_line="Partner")]
    rows = listed(need=lines)
    assert [(row["product_line"], row["reasons"], row["held_by"]) for row in rows] == [
        (None, "seats", ""),
        ("Partner", "need", "another_first"),
        ("Service", "need", "another_first"),
    ]
    assert [row["seat_saturation"] for row in rows] == [97.0, None, None]


HELD = {
    "implementation": ({}, {"project": [{"id": "sf:p", "account_id": "sf:1", "started_on": day(20)}]}, "stage"),
    "promotion": (
        {},
        {"project": [{"id": "sf:p", "account_id": "sf:1", "started_on": day(90), "live_on": day(29)}]},
        "stage",
    ),
    "promotion over": (
        {},
        {"project": [{"id": "sf:p", "account_id": "sf:1", "started_on": day(90), "live_on": day(30)}]},
        "",
    ),
    "stated": ({}, {"account": {"sf:1": {"stage": "promotion"}}}, "stage"),
    "signed": ({}, {"term": [term(start=day(20), signed_on=day(30))]}, "stage"),
    "due": ({}, {"term": [term(end=day(-60))]}, "with_renewal"),
    "deferred": ({}, {"term": [term(end=day(10))]}, "with_renewal"),
    "renewal open": ({}, {"opportunity": [opportunity("renewal", close_on=day(-90))]}, "with_renewal"),
    "renewal open without a day": ({}, {"opportunity": [opportunity("renewal")]}, "with_renewal"),
    "renewal open, far": ({}, {"opportunity": [opportunity("renewal", close_on=day(-91))]}, ""),
    "renewal lost": ({}, {"opportunity": [opportunity("renewal", close_on=day(-9), status="lost")]}, ""),
    "shallow": ({"level": 2}, {}, "stickiness"),
    "depth unknown": ({"level": None}, {}, "stickiness_unknown"),
    "not quite": ({"score": 79.9}, {}, "score"),
    "yellow": ({"score": 90, "rank": 1}, {}, "score"),
    "health unknown": ({"score": None, "rank": None}, {}, "score_unknown"),
    "red light": ({"red_light": 1}, {}, "red_light"),
    "light put out": ({"red_light": 0}, {}, ""),
    "no return": ({"roi": 99.9}, {}, "roi"),
    "return": ({"roi": 100}, {}, ""),
    "one is open": ({}, {"opportunity": [opportunity()]}, "open_already"),
    "one is open of which nobody says what it is": ({}, {"opportunity": [opportunity(None)]}, "open_already"),
    "it renews a contract": ({}, {"opportunity": [opportunity(None, contract_id="sf:k")]}, ""),
    "it is our renewal": ({}, {"opportunity": [opportunity(None, key="renewal|sf:t|2026-01-01|1")]}, ""),
    "a new customer's deal": ({}, {"opportunity": [opportunity("new")]}, ""),
    "one was lost": ({}, {"opportunity": [opportunity(status="lost")]}, ""),
    "everything": (
        {"level": 0, "score": 10, "rank": 0, "red_light": 1, "roi": 0},
        {"account": {"sf:1": {"stage": "implementation"}}, "opportunity": [opportunity()]},
        "stage stickiness score red_light roi open_already",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_what_holds_an_account_back(listed, name):
    told, rows, held = HELD[name]
    (row,) = listed({"sf:1": Good(seat_saturation=99, **told)}, **rows)
    assert row["held_by"] == held


def test_every_hold_and_reason_has_a_case():
    said = " ".join(held for _, _, held in HELD.values()).split()
    assert {*said, "another_first"} == set(HOLDS)
    assert REASONS == ("seats", "quota", "need")


def test_a_micro_customer_s_renewal_is_bundled_as_early_as_its_stage_says(listed):
    """Work on it begins 30 days before the end; the stage of renewal talks, and with it the bundle, 90 days before."""
    micro = {"account": {"sf:1": {"segment": "micro"}}}
    (row,) = listed(**micro, term=[term(end=day(-60))])
    assert (row["stage"], row["held_by"], row["renewal_on"]) == ("renewal", "with_renewal", None)
    (row,) = listed(**micro, term=[term(end=day(-30))])
    assert (row["held_by"], row["renewal_on"]) == ("with_renewal", day(-29))


# what it is worth


def line(number, quantity, amount, product="crm", **more):
    told = {"id": f"sf:l{number}", "term_id": "sf:t1", "account_id": "sf:1", "product_id": f"sf:{product}"}
    return {**told, "quantity": None if quantity is None else Decimal(quantity), "amount": Decimal(amount), **more}


def worth(listed, used=110, **rows):
    (row,) = listed({"sf:1": Good(seat_saturation=used)}, **rows)
    return row["amount"], row["currency"]


def test_the_missing_seats_at_what_a_seat_costs_today(listed):
    """110 people on 100 seats that cost 12,000 a year: ten more at 120 each."""
    assert worth(listed) == (Decimal("1200.00"), "USD")


def test_where_no_seat_is_missing_there_is_no_amount(listed):
    assert worth(listed, used=100) == (None, None)
    assert worth(listed, used=95) == (None, None)


def test_of_lines_those_count_that_every_seat_has(listed):
    """The edition and the add-on for all; not the storage, which is no matter of seats, and not what 20 have."""
    lines = [
        line(1, 100, 9000),
        line(2, 100, 1000, "bi"),
        line(3, 20, 1500, "maps"),
        line(4, None, 500, "storage"),
    ]
    assert worth(listed, contract_line=lines) == (Decimal("1000.00"), "USD")


@pytest.mark.parametrize(
    "rows",
    [
        {"term": [term(seats=100, currency=None)]},
        {"term": [term(months=None)]},
        {"term": [term(), term(id="sf:t2", product_line="Service")]},
        {"contract_line": [line(1, 99, 12000)]},
        {"contract_line": [line(1, None, 12000)]},
    ],
    ids=["no currency", "no length", "two lines of as many seats", "another number", "no number"],
)
def test_an_amount_that_cannot_be_told_is_not_guessed(listed, rows):
    assert worth(listed, **rows) == (None, None)


def test_who_is_no_customer_on_the_day_is_not_listed(facts, library, gate):
    """Whose terms are over, who never was one; computed as a run does."""
    gone, never = {"id": "sf:2", "name": "Gone"}, {"id": "sf:3", "name": "Never", "is_customer": False}
    connection = facts(
        {
            "account": [{"id": "sf:1", "name": "Acme"}, gone, never],
            "term": [term(), term("sf:2", start=day(900), end=day(500))],
            "need": [need(account=f"sf:{n}") for n in (1, 2, 3)],
        }
    )
    card = library.card("weekly_health")
    computed = compute(connection, card, library.signals, AS_OF, expanding=gate)
    (row,) = computed.expansions.to_pylist()
    assert (row["account_id"], row["held_by"]) == ("sf:1", "stickiness_unknown score_unknown")
    assert compute(connection, card, library.signals, AS_OF).expansions is None


def test_the_limits_are_settings(listed, gate):
    mild = replace(gate, seats=50, quota=50, stickiness=0, score=60)
    (row,) = listed({"sf:1": Good(score=60, level=0, seat_saturation=50)}, gate=mild)
    assert row["held_by"] == ""


# the twin


STAGES = ("signed", "implementation", "promotion", "stable", "renewal")


@pytest.mark.parametrize("seed", range(3))
def test_expansion_twin(listed, seed):
    """Four hundred accounts at, above and below every limit, unknown ones among them."""
    dice = random.Random(seed)
    told, account, needs, open_ones = {}, {}, [], []
    for number in range(400):
        id = f"sf:{number}"
        known = {
            "seat_saturation": dice.choice([None, 30, 94.99, 95, 130]),
            "quota_saturation": dice.choice([None, 10, 89.99, 90]),
            "roi": dice.choice([None, None, 99, 100, 300]),
            "red_light": dice.choice([None, 0, 0, 1]),
        }
        score = dice.choice([None, 79, 80, 80, 95])
        rank = None if score is None else dice.choice([1, 2, 2, 2])
        told[id] = Good(score, rank, dice.choice([None, 2, 3, 3, 5]), **known)
        account[id] = {"stage": dice.choice([*STAGES, "stable", "stable"])}
        needs += [
            need(dice.choice(["upgrade", "cross_line", None]), id, place, ago=dice.choice([-1, 0, 3]),
                 product_line=dice.choice([None, "CRM", "Service"]), closed_on=dice.choice([None, AS_OF, day(-1)]))
            for place in range(dice.choice([0, 0, 1, 2]))
        ]  # fmt: skip
        if dice.random() < 0.2:
            status, kind = dice.choice(["open", "won"]), dice.choice(["expansion", "renewal", None])
            open_ones.append(opportunity(kind, id, status=status, close_on=dice.choice([day(-90), day(-91)])))
    rows = listed(told, account=account, need=needs, opportunity=open_ones)
    found = [(row["account_id"], row["product_line"], row["reasons"], row["needs"], row["held_by"]) for row in rows]
    assert found == sorted(twin(told, account, needs, open_ones), key=lambda row: (row[0], row[1] or ""))
    assert sum(not row["held_by"] for row in rows) > 3
    assert len({row["held_by"] for row in rows}) > 25


def twin(told, account, needs, open_ones):
    order = ("more_accounts", "upgrade", "new_tenant", "new_product", "cross_line", "other")
    for id, good in told.items():
        asked: dict[str, set[str]] = {}
        for each in needs:
            closed = each["closed_on"]
            if each["account_id"] == id and each["stated_on"] <= AS_OF and (closed is None or closed > AS_OF):
                asked.setdefault(each["product_line"] or "", set()).add(each["kind"] or "other")
        scarce = [name for name, signal, limit in (("seats", "seat_saturation", 95), ("quota", "quota_saturation", 90))
                  if good.signals.get(signal, 0) >= limit]  # fmt: skip
        lines = sorted({*asked, *([""] if scarce else [])})
        for place, line in enumerate(lines):
            reasons = [*(scarce if line == "" else []), *(["need"] if line in asked else [])]
            kinds = " ".join(kind for kind in order if kind in asked.get(line, ()))
            held = [*held_back(id, good, account[id]["stage"], open_ones), *(["another_first"] if place else [])]
            yield id, line or None, " ".join(reasons), kinds, " ".join(held)


def held_back(id, good, stage, open_ones):
    mine = [each for each in open_ones if each["account_id"] == id and each["status"] == "open"]
    renewing = [each for each in mine if each["kind"] == "renewal" and each["close_on"] <= AS_OF + timedelta(days=90)]
    if stage in ("signed", "implementation", "promotion"):
        yield "stage"
    if stage == "renewal" or renewing:
        yield "with_renewal"
    if good.level is None:
        yield "stickiness_unknown"
    elif good.level < 3:
        yield "stickiness"
    if good.score is None:
        yield "score_unknown"
    elif good.rank != 2 or good.score < 80:
        yield "score"
    if good.signals.get("red_light") == 1:
        yield "red_light"
    if good.signals.get("roi", 100) < 100:
        yield "roi"
    if any(each["kind"] in ("expansion", None) for each in mine):
        yield "open_already"


def test_the_sql_means_the_same_on_every_engine(facts, library, gate):
    asked = []

    class Heard:
        def __init__(self, connection):
            self.connection = connection

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def sql(self, text):
            asked.append(text)
            return self.connection.sql(text)

    connection = facts({})
    make_sold(connection, AS_OF, RULES)
    make_due(connection, AS_OF, RULES)
    measure(connection, [], AS_OF)
    connection.execute("CREATE OR REPLACE TEMP TABLE scored (account_id VARCHAR, score DOUBLE, rank INTEGER)")
    sticky = pa.table({"account_id": pa.array([], pa.string()), "level": pa.array([], pa.int64())})
    expansions(Heard(connection), gate, library.signals, sticky, AS_OF, RULES)
    (text,) = asked
    (tree,) = sqlglot.parse(text, dialect="duckdb")
    assert not_portable(tree) is None
    assert set(NEEDS) <= library.signals.keys()
