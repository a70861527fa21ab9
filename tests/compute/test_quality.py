"""Coverage and outliers, held to a plain count."""

from __future__ import annotations

import random
from datetime import date, timedelta
from statistics import median

import pytest

from csconnect.compute.assign import CardRule, Cards
from csconnect.compute.quality import OutlierRule, inputs, strictest
from csconnect.compute.scorecard import Scorecard
from csconnect.compute.signal import parse_signal

AS_OF = date(2026, 11, 22)
LEVEL = """/*
title: {en: Quality}
unit: percent
window: 28
freshness: 10
polarity: up
entities: [account, quota]
source: test
*/
SELECT account.id AS account_id, account.data_quality AS value FROM account
"""
PRAISE = """/*
title: {en: Praise}
unit: times
window: 365
polarity: up
entities: [advocacy]
grain: event
source: test
*/
SELECT advocacy.account_id, 1.0 AS value, date_diff('day', advocacy.happened_on, :as_of) AS age FROM advocacy
"""
SIGNALS = {"level": parse_signal("level", LEVEL, "level.sql"), "praise": parse_signal("praise", PRAISE, "praise.sql")}


def world(seed):
    """Some values, some of them far out, some stale, some of accounts that are no customers."""
    dice = random.Random(seed)
    size = dice.choice([0, 1, 19, 20, 21, 60, 60, 60])
    draw = [
        lambda: float(dice.randint(40, 60)),
        lambda: dice.choice([50.0, 50.0, 50.0, 90.0]),
        lambda: dice.gauss(50, 5),
    ]
    pick = dice.choice(draw)
    accounts = [
        {
            "id": f"sf:{n:03}",
            "name": "x",
            "is_customer": dice.random() < 0.9,
            "data_quality": dice.choice([None, 1000.0, -900.0]) if dice.random() < 0.15 else round(pick(), 3),
        }
        for n in range(size)
    ]
    delivery = [
        {"account_id": row["id"], "entity": "account", "through": AS_OF - timedelta(days=dice.choice([0, 10, 11]))}
        for row in accounts
        if dice.random() < 0.8
    ]
    advocacy = [
        {"id": f"sf:v{n}", "account_id": dice.choice(accounts)["id"], "kind": "speaker", "happened_on": AS_OF}
        for n in range(dice.randint(0, 9) if accounts else 0)
    ]
    return {"account": accounts, "delivery": delivery, "advocacy": advocacy}


def plain_values(rows, days):
    """signal -> account -> (value, too old)"""
    customers = {row["id"]: row for row in rows["account"] if row["is_customer"]}
    through = {row["account_id"]: row["through"] for row in rows["delivery"]}
    level = {
        key: (row["data_quality"], key in through and (AS_OF - through[key]).days > days)
        for key, row in customers.items()
        if row["data_quality"] is not None
    }
    praise = {}
    for row in rows["advocacy"]:
        if row["account_id"] in customers:
            praise[row["account_id"]] = (praise.get(row["account_id"], (0.0, False))[0] + 1.0, False)
    return len(customers), {"level": level, "praise": praise}


def plain_outliers(values, rule):
    fresh = {account: value for account, (value, old) in values.items() if not old}
    if len(fresh) < rule.least:
        return set()
    middle = median(fresh.values())
    usual = rule.spreads * 1.4826 * median(abs(value - middle) for value in fresh.values())
    return {account for account, value in fresh.items() if usual > 0 and abs(value - middle) > usual}


@pytest.mark.parametrize("seed", range(40))
def test_coverage_and_outliers_are_what_a_plain_count_says(seed, facts):
    rows = world(seed)
    rule, days = OutlierRule(), 10
    found = inputs(facts(rows), SIGNALS.values(), AS_OF)
    customers, values = plain_values(rows, days)
    for row in found.coverage.to_pylist():
        known = values[row["signal"]].values()
        counts = sum(not old for _, old in known)
        assert (row["customers"], row["accounts"], row["stale"]) == (customers, counts, len(known) - counts)
        assert row["share"] == (pytest.approx(100 * counts / customers) if customers else None)
    outliers = {(row["signal"], row["account_id"]) for row in found.outliers.to_pylist()}
    assert outliers == {(name, account) for name in values for account in plain_outliers(values[name], rule)}


def test_the_worlds_hold_what_they_are_made_for(facts):
    found = [inputs(facts(world(seed)), SIGNALS.values(), AS_OF) for seed in range(40)]
    assert sum(each.outliers.num_rows for each in found) > 20
    assert sum(sum(each.coverage["stale"].to_pylist()) for each in found) > 20


def outlying(facts, values, **rule):
    accounts = [{"id": f"sf:{n:02}", "name": "x", "data_quality": value} for n, value in enumerate(values)]
    found = inputs(facts({"account": accounts}), [SIGNALS["level"]], AS_OF, rule=OutlierRule(**rule)).outliers
    return [(row["value"], row["low"], row["high"]) for row in found.to_pylist()]


def test_an_outlier_by_hand(facts):
    tens = [9.0, 10.0, 11.0] * 7  # median 10, MAD 1: usual is 10 +- 7.413
    assert outlying(facts, [*tens, 17.4]) == []
    ((value, low, high),) = outlying(facts, [*tens, 17.5])
    assert (value, low, high) == (17.5, pytest.approx(2.587), pytest.approx(17.413))
    assert [value for value, *_ in outlying(facts, [*tens, 20.0, -30.0])] == [-30.0, 20.0], "the furthest first"
    assert outlying(facts, [10.0] * 30 + [99.0]) == [], "more than half are the same: nothing is usual"
    assert outlying(facts, [*tens[:18], 99.0]) == [], "nineteen values are too few"
    assert len(outlying(facts, [*tens[:19], 99.0])) == 1


def test_entities_that_nobody_delivers_are_named(facts):
    rows = {"account": [{"id": "sf:1", "name": "x"}], "delivery": [{"account_id": "sf:1", "entity": "account"}]}
    missing = {
        row["signal"]: row["missing"] for row in inputs(facts(rows), SIGNALS.values(), AS_OF).coverage.to_pylist()
    }
    assert missing == {"level": ["quota"], "praise": ["advocacy"]}
    empty = inputs(facts({}), SIGNALS.values(), AS_OF).coverage.to_pylist()
    assert [(row["signal"], row["missing"], row["share"]) for row in empty] == [
        ("level", ["account", "quota"], None),
        ("praise", ["advocacy"], None),
    ]


def card(name, freshness):
    signal = {"weight": 100, "curve": {"linear": {"from": 0, "to": 100}}} | freshness
    return Scorecard.model_validate(
        {
            "scorecard": name,
            "version": 1,
            "title": {"en": name},
            "coverage": 50,
            "bands": {"green": 80, "yellow": 60},
            "dimensions": {"all": {"title": {"en": "All"}, "weight": 100, "signals": {"level": signal}}},
        }
    )


def test_the_strictest_card_says_what_is_stale(facts):
    cards = Cards(card("a", {"freshness": 5}), (CardRule(card("b", {"freshness": 3}), {}), CardRule(card("c", {}), {})))
    assert strictest(cards) == {"level": 3}
    assert strictest(Cards(card("c", {}))) == {}
    rows = {
        "account": [{"id": "sf:1", "name": "x", "data_quality": 1.0}],
        "delivery": [{"account_id": "sf:1", "entity": "account", "through": AS_OF - timedelta(days=4)}],
    }
    made = facts(rows)
    for limits, stale in (({}, 0), ({"level": 3}, 1), ({"level": 4}, 0)):
        (row,) = inputs(made, [SIGNALS["level"]], AS_OF, freshness=limits).coverage.to_pylist()
        assert (row["stale"], row["accounts"]) == (stale, 1 - stale)
