"""Every shipped rule bites on a fact made for it, and leaves alone what lies one step on this side of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from csconnect.compute.contradiction import contradictions, parse_rule
from csconnect.errors import CardError
from csconnect.library.load import load_library

AS_OF = date(2026, 11, 22)
A = "sf:1"


def day(ago):
    return AS_OF - timedelta(days=ago)


def at(ago):
    return datetime.combine(day(ago), datetime.min.time(), UTC)


def used(people, ago=0, logins=1):
    return [{"account_id": A, "user": f"u{n}", "day": day(ago), "logins": logins} for n in range(people)]


def contract(seats, start=100, end=-100, **rest):
    return {"id": "sf:k", "account_id": A, "seats": seats, "start": day(start), "end": day(end)} | rest


def term(name, start, end, **rest):
    return {"id": f"sf:{name}", "account_id": A, "start": day(start), "end": day(end), "nature": "renewal"} | rest


def line(amount, **rest):
    return {"id": "sf:l", "account_id": A, "amount": Decimal(amount)} | rest


def answer(score, **rest):
    return {"id": "sf:s", "account_id": A, "kind": "nps", "score": score, "answered_on": day(3)} | rest


def module_day(module, ago=0):
    return {"account_id": A, "module": module, "day": day(ago), "users": 2}


def rate(name, value, on=5, **rest):
    pair = {"id": f"sf:{name}", "currency": "EUR", "base": "USD", "on": day(on), "rate": Decimal(value)}
    return pair | rest


def dated(name, amount, **rest):
    """A recurring line of its own, of 12 months that run."""
    return line(amount, id=f"sf:{name}", start=day(100), end=day(-265), months=Decimal(12), currency="EUR") | rest


def renewal(name, amount=None, **rest):
    """An open renewal."""
    money = {"amount": None if amount is None else Decimal(amount), "currency": "EUR"}
    base = {"id": f"sf:{name}", "account_id": A, "contract_id": "sf:k", "kind": "renewal", "close_on": day(-264)}
    return base | money | rest


def year(name="t", amount="100", **rest):
    """A term of 12 months that runs, and ends on the day on which `dated` does."""
    return term(name, 100, -265, months=Decimal(12), amount=Decimal(amount), currency="EUR", contract_id="sf:k") | rest


def capped(percent):
    return [contract(1, price_increase_cap=percent)]


def adjusted(name, delta=None, **rest):
    """An approved adjustment of the term ``t``."""
    money = {"arr_delta": None if delta is None else Decimal(delta), "currency": "EUR"}
    base = {"id": f"sf:{name}", "account_id": A, "term_id": "sf:t", "status": "approved", "decided_on": day(9)}
    return base | money | rest


CATALOGUE = [{"id": "quote", "name": "Quote"}]
PEOPLE = [{"id": "sf:p", "account_id": A}]
CHANGE = {"id": "sf:c", "account_id": A, "role": "champion", "change": "left", "changed_on": day(9)}
GOAL = {"id": "sf:g", "account_id": A, "metric": "m"}
PROJECT = {"id": "sf:j", "account_id": A, "started_on": day(50)}
TICKET = {"id": "sf:t", "account_id": A, "opened_at": at(9)}

BITES = {
    "adjustment_unmatched": [
        (
            {
                "term": [year()],
                "contract_line": [dated("o", "5", billing="one_off"), dated("s", "5", account_id="sf:2")],
                "adjustment": [
                    adjusted("a", "-1", term_id="sf:ghost"),
                    adjusted("b", "-2", term_id=None),
                    adjusted("c", "-3", line_id="sf:o"),
                    adjusted("d", "-4", account_id="sf:2"),
                    adjusted("e", "-5", currency="USD"),
                    adjusted("f", "-6", currency=None),
                    adjusted("g"),
                    adjusted("h", "-8", decided_on=None),
                    adjusted("i", "-9", side="renewed"),
                    adjusted("j", waived=True, line_id="sf:s"),
                ],
            },
            [
                ("adjustment", f"sf:{name}", "sf:2" if name == "d" else A, field, number, None)
                for name, field, number in (
                    ("a", "term_id", -1.0),
                    ("b", "term_id", -2.0),
                    ("c", "line_id", -3.0),
                    ("d", "account_id", -4.0),
                    ("e", "currency", -5.0),
                    ("f", "currency", -6.0),
                    ("g", "arr_delta", None),
                    ("h", "decided_on", -8.0),
                    ("i", "side", -9.0),
                    ("j", "account_id", None),
                )
            ],
        ),
        (
            {"term": [year()], "adjustment": [adjusted("a", "-1", decided_on=None, account_id=None)]},
            [("adjustment", "sf:a", A, "decided_on", -1.0, None)],
        ),
    ],
    "adjustment_below_zero": [
        (
            {"term": [year()], "adjustment": [adjusted("a", "-60", decided_on=day(8)), adjusted("b", "-50")]},
            [("adjustment", "sf:a", A, "arr_delta", -60.0, 100.0)],
        ),
        (
            {
                "term": [year()],
                "contract_line": [dated("m", "60", term_id="sf:t"), dated("n", "40", term_id="sf:t")],
                "adjustment": [
                    adjusted("a", "-41", line_id="sf:n"),
                    adjusted("b", "-61", line_id="sf:m", decided_on=day(1)),
                    adjusted("c", "-2", term_id="sf:t", decided_on=day(1)),
                    adjusted("d", "1", line_id="sf:m", decided_on=day(0)),
                ],
            },
            [
                ("adjustment", "sf:a", A, "arr_delta", -41.0, 40.0),
                ("adjustment", "sf:c", A, "arr_delta", -2.0, 100.0),
            ],
        ),
    ],
    "seats_exceeded": [
        (
            {"contract": [contract(2)], "usage_day": used(2, 27) + used(3)},
            [("account", A, A, "seats", 3.0, 2.0)],
        ),
        ({"term": [term("t", 10, -1, seats=1)], "usage_day": used(2)}, [("account", A, A, "seats", 2.0, 1.0)]),
        (
            {
                "contract": [{"id": "sf:k", "account_id": A, "seats": 1}],
                "usage_day": used(2),
            },
            [("account", A, A, "seats", 2.0, 1.0)],
        ),
    ],
    "quota_exceeded": [
        (
            {"quota": [{"id": "sf:q", "account_id": A, "resource": "sms", "bought": 10.0, "used": 10.5}]},
            [("quota", "sf:q", A, "used", 10.5, 10.0)],
        )
    ],
    "unknown_module": [
        (
            {"module": CATALOGUE, "usage_module_day": [module_day("ghost"), module_day("ghost", 89)]},
            [("module", "ghost", None, "id", 1.0, None)],
        ),
        (
            {
                "module": CATALOGUE,
                "reading": [
                    {"id": "sf:r", "account_id": A, "metric": "records", "module": "spook", "day": day(1), "value": 1.0}
                ],
            },
            [("module", "spook", None, "id", 1.0, None)],
        ),
    ],
    "without_account": [
        (
            {"need": [{"id": "hs:n", "stated_on": day(1)}], "consumption": [{"id": "hs:u", "day": day(1)}]},
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (("consumption", "hs:u"), ("need", "hs:n"))
            ],
        ),
        (
            {"contact": [{"id": "hs:p"}], "ticket": [{"id": "hs:t", "opened_at": at(1)}]},
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (("contact", "hs:p"), ("ticket", "hs:t"))
            ],
        ),
        (
            {
                "contract": [{"id": "hs:k"}],
                "touchpoint": [{"id": "hs:m", "happened_at": at(1)}],
                "term": [term("t", 9, 1, account_id=None)],
                "survey": [answer(9.0, account_id=None)],
                "goal": [GOAL | {"account_id": None}],
                "quota": [{"id": "hs:q", "resource": "sms", "bought": 1.0}],
                "concern": [{"id": "hs:n", "cause": "price", "raised_on": day(1)}],
                "advocacy": [{"id": "hs:a", "kind": "speaker", "happened_on": day(1)}],
            },
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (
                    ("advocacy", "hs:a"),
                    ("concern", "hs:n"),
                    ("contract", "hs:k"),
                    ("goal", "sf:g"),
                    ("quota", "hs:q"),
                    ("survey", "sf:s"),
                    ("term", "sf:t"),
                    ("touchpoint", "hs:m"),
                )
            ],
        ),
    ],
    "reversed_period": [
        ({"term": [term("t", 5, 9)]}, [("term", "sf:t", A, "end", 4.0, None)]),
        ({"contract": [contract(1, 5, 5)]}, [("contract", "sf:k", A, "end", 0.0, None)]),
        ({"contract_line": [line(1, start=day(1), end=day(2))]}, [("contract_line", "sf:l", A, "end", 1.0, None)]),
    ],
    "overlapping_terms": [
        (
            {"term": [term("a", 20, 5), term("b", 4, -90, nature="new"), term("c", -89, -95, nature="new")]},
            [("term", "sf:c", A, "start", 1.0, None)],
        ),
        ({"term": [term("a", 20, 5), term("b", 6, -90, nature="new")]}, [("term", "sf:b", A, "start", 1.0, None)]),
        ({"term": [term("a", 20, 5), term("b", 19, 5)]}, [("term", "sf:b", A, "start", 14.0, None)]),
        ({"term": [term("a", 20, 5), term("b", 20, 4)]}, [("term", "sf:b", A, "start", 15.0, None)]),
        ({"term": [term("a", 20, 5), term("b", 20, 5)]}, [("term", "sf:b", A, "start", 15.0, None)]),
        (
            {"term": [term("a", 30, 1, nature="new", product_line="x"), term("b", 20, 10, product_line="x")]},
            [("term", "sf:b", A, "start", 10.0, None)],
        ),
    ],
    "early_renewal": [
        ({"term": [term("a", 20, 5), term("b", 6, -90)]}, [("term", "sf:b", A, "start", 1.0, None)]),
        (
            {"term": [term("a", 20, 5, nature="new"), term("b", 19, 4), term("c", 18, 4)]},
            [("term", "sf:b", A, "start", 14.0, None), ("term", "sf:c", A, "start", 13.0, None)],
        ),
    ],
    "new_that_renews": [
        (
            {"term": [term("a", 120, 100), term("b", 100, -90, nature="new"), term("c", 10, -99, nature="new")]},
            [("term", "sf:b", A, "nature", 0.0, None), ("term", "sf:c", A, "nature", 90.0, None)],
        ),
    ],
    "renewal_without_predecessor": [
        (
            {"term": [term("a", 20, 5), term("b", 30, 30, nature="new"), term("c", 5, 5)]},
            [("term", "sf:a", A, "nature", None, None)],
        ),
        ({"term": [term("a", 20, 5)]}, [("term", "sf:a", A, "nature", None, None)]),
        (
            {"term": [term("a", 20, 5), term("b", 18, 5, nature="new"), term("c", 12, 3)]},
            [("term", "sf:a", A, "nature", 2.0, None)],
        ),
        (
            {
                "term": [
                    term("a", 20, 5),
                    term("b", 30, 20, nature="new", product_line="x"),
                    term("c", 30, 20, nature="expansion"),
                    term("d", 30, 31, nature="new"),
                    term("e", 30, 20, nature="new", account_id="sf:2"),
                ]
            },
            [("term", "sf:a", A, "nature", None, None)],
        ),
        (
            {"term": [term("a", 20, 5), term("b", 20, 4)]},
            [("term", "sf:a", A, "nature", 0.0, None), ("term", "sf:b", A, "nature", 0.0, None)],
        ),
    ],
    "line_without_dates": [
        (
            {
                "contract_line": [line(1, account_id=None, term_id="sf:t"), dated("m", 2, start=None, term_id="sf:t")],
                "term": [year() | {"end": None}],
                "opportunity": [renewal("o")],
            },
            [("contract_line", "sf:l", A, "end", 1.0, None)],
        ),
        ({"contract_line": [line(1)]}, [("contract_line", "sf:l", A, "start", 1.0, None)]),
        ({"contract_line": [line(1, start=day(9))]}, [("contract_line", "sf:l", A, "end", 1.0, None)]),
        (
            {"contract_line": [line(1, end=day(9), term_id="sf:ghost")], "term": [year()]},
            [("contract_line", "sf:l", A, "start", 1.0, None)],
        ),
        (
            {"contract_line": [line(2, term_id="sf:o")], "opportunity": [renewal("o", status="won")]},
            [("contract_line", "sf:l", A, "start", 2.0, None)],
        ),
    ],
    "missing_months": [
        (
            {"term": [year()], "contract_line": [dated("l", 5, months=Decimal(6), term_id="sf:t", account_id=None)]},
            [("contract_line", "sf:l", A, "months", 6.0, 365 / 30.4375)],
        ),
        ({"term": [year(months=None)]}, [("term", "sf:t", A, "months", None, 365 / 30.4375)]),
        ({"term": [year(months=Decimal("10.9"))]}, [("term", "sf:t", A, "months", 10.9, 365 / 30.4375)]),
        (
            {"contract_line": [dated("l", 5, months=Decimal("13.1"))]},
            [("contract_line", "sf:l", A, "months", 13.1, 365 / 30.4375)],
        ),
        (
            {
                "term": [year(), year("u", "0", months=None)],
                "contract_line": [dated("l", 5, months=None, term_id="sf:u")],
            },
            [("contract_line", "sf:l", A, "months", None, 365 / 30.4375)],
        ),
        (
            {"term": [year()], "contract_line": [dated("l", 5, months=None, term_id="sf:t", start=day(50))]},
            [("contract_line", "sf:l", A, "months", 12.0, 315 / 30.4375)],
        ),
    ],
    "amount_without_currency": [
        (
            {
                "term": [year(currency=None)],
                "contract_line": [line(7, id="sf:n", term_id="sf:ghost"), line(7, term_id="sf:t") | {"amount": None}],
                "opportunity": [renewal("o", status="won"), renewal("p", status="open")],
            },
            [("contract_line", "sf:n", A, "currency", 7.0, None), ("term", "sf:t", A, "currency", 100.0, None)],
        ),
        (
            {"contract_line": [line(7, term_id="sf:o")], "opportunity": [renewal("o", status="won")]},
            [("contract_line", "sf:l", A, "currency", 7.0, None)],
        ),
        ({"term": [year(currency=None)]}, [("term", "sf:t", A, "currency", 100.0, None)]),
        (
            {"term": [year(currency=None)], "contract_line": [line(-7, term_id="sf:t")]},
            [("contract_line", "sf:l", A, "currency", -7.0, None)],
        ),
        (
            {
                "term": [year(currency=None)],
                "contract_line": [line(7, term_id="sf:t", billing="one_off", currency="EUR")],
            },
            [("term", "sf:t", A, "currency", 100.0, None)],
        ),
    ],
    "lines_differ_from_term": [
        (
            {"term": [year(nature="contraction", currency=None)], "contract_line": [dated("a", "90", term_id="sf:t")]},
            [("term", "sf:t", A, "amount", 90.0, 100.0)],
        ),
        (
            {
                "term": [year()],
                "contract_line": [dated("a", "60", term_id="sf:t"), dated("b", "39.98", term_id="sf:t")],
            },
            [("term", "sf:t", A, "amount", 99.98, 100.0)],
        ),
        (
            {"term": [year()], "contract_line": [line("100.02", term_id="sf:t"), dated("x", "5", term_id="sf:u")]},
            [("term", "sf:t", A, "amount", 100.02, 100.0)],
        ),
        (
            {
                "term": [year()],
                "contract_line": [
                    dated("a", "90", term_id="sf:t", nature="new"),
                    dated("b", "10", term_id="sf:t", nature="expansion"),
                ],
            },
            [("term", "sf:t", A, "amount", 90.0, 100.0)],
        ),
        (
            {
                "term": [year(nature="expansion")],
                "contract_line": [dated("a", "90", term_id="sf:t", nature="expansion")],
            },
            [("term", "sf:t", A, "amount", 90.0, 100.0)],
        ),
    ],
    "rate_hole": [
        (
            {"term": [year()], "fx_rate": [rate("a", "1.1", 100), rate("b", "1.1", 54), rate("c", "1.1", 10)]},
            [("fx_rate", "sf:a", None, "on", 46.0, 45.0)],
        ),
        (
            {
                "contract_line": [dated("l", 7)],
                "fx_rate": [rate("a", "1.1", 46), rate("b", "7", 3, currency="GBP", base="CNY")],
            },
            [("fx_rate", "sf:a", None, "on", 46.0, 45.0)],
        ),
    ],
    "conflicting_rates": [
        (
            {"fx_rate": [rate("a", "1.1"), rate("b", "1.2"), rate("c", "1.3", currency="GBP")]},
            [("fx_rate", "sf:a", None, "rate", 1.1, 1.2), ("fx_rate", "sf:b", None, "rate", 1.2, 1.1)],
        ),
        (
            {"fx_rate": [rate("a", "1.1"), rate("b", "1.2"), rate("c", "1.1")]},
            [
                ("fx_rate", "sf:a", None, "rate", 1.1, 1.2),
                ("fx_rate", "sf:b", None, "rate", 1.2, 1.1),
                ("fx_rate", "sf:c", None, "rate", 1.1, 1.2),
            ],
        ),
    ],
    "expansion_without_host": [
        (
            {
                "term": [term("e", 5, -9, nature="expansion"), year(account_id="sf:2")],
                "contract_line": [
                    dated("e", 5, nature="expansion", account_id="sf:2"),
                    dated("f", 5, nature="expansion", account_id="sf:2", start=day(900)),
                ],
            },
            [("contract_line", "sf:f", "sf:2", "start", 5.0, None), ("term", "sf:e", A, "start", None, None)],
        ),
        (
            {
                "term": [year(), term("late", 4, -20, product_line="x")],
                "contract_line": [
                    dated("l", 5, nature="expansion", start=day(101)),
                    dated("m", 6, nature="contraction", start=day(-265), end=day(-300)),
                ],
                "opportunity": [renewal("o")],
            },
            [
                ("contract_line", "sf:l", A, "start", 5.0, None),
                ("contract_line", "sf:m", A, "start", 6.0, None),
            ],
        ),
        (
            {
                "contract_line": [dated("l", 5, nature="expansion", term_id="sf:o")],
                "opportunity": [renewal("o", status="won")],
            },
            [("contract_line", "sf:l", A, "start", 5.0, None)],
        ),
        (
            {"term": [term("e", 5, -9, nature="expansion", product_line="x"), term("a", 20, 4, product_line="y")]},
            [("term", "sf:e", A, "start", None, None)],
        ),
        (
            {"term": [term("e", 5, -9, nature="expansion", amount=Decimal(8)), term("a", 20, 5)]},
            [("term", "sf:e", A, "start", 8.0, None)],
        ),
        (
            {"term": [term("e", 5, -9, nature="contraction"), term("x", 9, -9, nature="expansion", account_id="sf:2")]},
            [("term", "sf:e", A, "start", None, None), ("term", "sf:x", "sf:2", "start", None, None)],
        ),
        (
            {
                "term": [year(product_line="x"), year("u", account_id="sf:2")],
                "contract_line": [dated("l", 5, nature="expansion", product_line="y", term_id="sf:ghost")],
            },
            [("contract_line", "sf:l", A, "start", 5.0, None)],
        ),
    ],
    "above_price_cap": [
        (
            {
                "contract": capped(10.0),
                "term": [
                    year(start=day(0)),
                    year("e", "20", start=day(0), months=Decimal(24), nature="expansion"),
                    year("f", "500", contract_id="sf:j", months=Decimal(36)),
                ],
                "opportunity": [renewal("o", "121.01")],
            },
            [("opportunity", "sf:o", A, "amount", 121.01, pytest.approx(121.0))],
        ),
        (
            {
                "contract": capped(10.0),
                "term": [year("old", "900", start=day(1500), end=day(100), months=Decimal(46)), year()],
                "contract_line": [dated("x", "5", term_id="sf:t", billing="one_off")],
                "opportunity": [renewal("o", "110.01")],
            },
            [("opportunity", "sf:o", A, "amount", 110.01, pytest.approx(110.0))],
        ),
        (
            {"contract": capped(0.0), "term": [year()], "opportunity": [renewal("o", "100.01")]},
            [("opportunity", "sf:o", A, "amount", 100.01, pytest.approx(100.0))],
        ),
        (
            {
                "contract": capped(10.0),
                "term": [
                    term(
                        "old",
                        465,
                        100,
                        nature="new",
                        months=Decimal(12),
                        amount=Decimal(900),
                        currency="EUR",
                        contract_id="sf:k",
                    ),
                    year(),
                    term(
                        "next", -265, -630, months=Decimal(12), amount=Decimal(900), currency="EUR", contract_id="sf:k"
                    ),
                ],
                "contract_line": [
                    dated("a", "80", term_id="sf:t"),
                    dated("b", "10", term_id="sf:t", nature="expansion", start=day(-83), months=Decimal(6)),
                    dated("c", "5", contract_id="sf:k", start=day(8), months=Decimal(6), nature="expansion"),
                    dated("d", "700", contract_id="sf:k", end=day(0)),
                    dated("e", "700", contract_id="sf:k", billing="one_off"),
                ],
                "opportunity": [renewal("o", "99.02")],
            },
            [("opportunity", "sf:o", A, "amount", 99.02, pytest.approx(99.0))],
        ),
        (
            {
                "contract": [*capped(10.0), {"id": "sf:other", "account_id": A, "price_increase_cap": 10.0}],
                "term": [year(), year("u", "900", contract_id="sf:other")],
                "contract_line": [line("100", term_id="sf:t"), line(0, id="sf:m", term_id="sf:t") | {"amount": None}],
                "opportunity": [renewal("o", "110.01"), renewal("p", "990", contract_id="sf:other")],
            },
            [("opportunity", "sf:o", A, "amount", 110.01, pytest.approx(110.0))],
        ),
        (
            {
                "contract": capped(10.0),
                "term": [
                    year(end=day(1), months=Decimal(3)),
                    year("c", "300", start=day(0), end=day(-90), nature="contraction"),
                    year("d", "300", start=day(1), end=day(-90), nature="expansion"),
                ],
                "contract_line": [line(0, term_id="sf:t") | {"amount": None}],
                "opportunity": [renewal("o", "110.01")],
            },
            [("opportunity", "sf:o", A, "amount", 110.01, pytest.approx(110.0))],
        ),
    ],
    "renewals_doubled": [
        (
            {"opportunity": [renewal("p", created_at=at(3)), renewal("o", created_at=at(3))]},
            [("opportunity", "sf:p", A, "contract_id", 1.0, None)],
        ),
        (
            {
                "term": [year(), year("e", nature="expansion", contract_id="sf:e")],
                "opportunity": [renewal("o", contract_id=None), renewal("p")],
            },
            [("opportunity", "sf:p", A, "contract_id", 1.0, None)],
        ),
        (
            {"opportunity": [renewal("o"), renewal("p"), renewal("q", close_on=None)]},
            [
                ("opportunity", "sf:p", A, "contract_id", 1.0, None),
                ("opportunity", "sf:q", A, "contract_id", 2.0, None),
            ],
        ),
        (
            {"opportunity": [renewal("o", created_at=at(3)), renewal("p", created_at=at(4), close_on=day(-175))]},
            [("opportunity", "sf:o", A, "contract_id", 1.0, None)],
        ),
        (
            {"term": [year()], "opportunity": [renewal("o"), renewal("p", contract_id=None)]},
            [("opportunity", "sf:p", A, "contract_id", 1.0, None)],
        ),
        (
            {
                "term": [year(), year("old", start=day(500), end=day(90), contract_id="sf:j")],
                "opportunity": [renewal("o", contract_id=None), renewal("p", contract_id=None)],
            },
            [("opportunity", "sf:p", A, "contract_id", 1.0, None)],
        ),
    ],
    "negative_amount": [
        ({"contract_line": [line("-0.5")]}, [("contract_line", "sf:l", A, "amount", -0.5, None)]),
        (
            {
                "term": [term("t", 9, 1, nature="contraction")],
                "contract_line": [line(-1, term_id="sf:t", nature="expansion")],
            },
            [("contract_line", "sf:l", A, "amount", -1.0, None)],
        ),
        ({"term": [term("t", 9, 1, amount=Decimal(-7))]}, [("term", "sf:t", A, "amount", -7.0, None)]),
    ],
    "nps_scale": [
        ({"survey": [answer(10.5)]}, [("survey", "sf:s", A, "score", 10.5, 10.0)]),
        ({"survey": [answer(-1.0)]}, [("survey", "sf:s", A, "score", -1.0, 10.0)]),
    ],
    "percent_scale": [
        (
            {"account": [{"id": A, "name": "x", "data_quality": 100.5, "business_health": -1.0}]},
            [("account", A, A, "business_health", -1.0, 100.0), ("account", A, A, "data_quality", 100.5, 100.0)],
        )
    ],
    "dated_ahead": [
        (
            {
                "need": [{"id": "sf:n", "account_id": A, "stated_on": day(-2)}],
                "consumption": [{"id": "sf:u", "account_id": A, "day": day(-3)}],
            },
            [("consumption", "sf:u", A, "day", 3.0, None), ("need", "sf:n", A, "stated_on", 2.0, None)],
        ),
        ({"survey": [answer(9.0, answered_on=day(-2))]}, [("survey", "sf:s", A, "answered_on", 2.0, None)]),
        (
            {
                "ticket": [TICKET | {"closed_at": at(-3)}],
                "term": [term("t", 9, 1, signed_on=day(-4))],
                "contract": [contract(1, signed_on=day(-4))],
                "payment": [{"id": "sf:y", "account_id": A, "due_on": day(-9), "paid_on": day(-5)}],
                "project": [PROJECT | {"live_on": day(-6), "accepted_on": day(-7)}],
                "goal": [GOAL | {"measured_on": day(-8)}],
                "commitment": [{"id": "sf:o", "account_id": A, "fulfilled_on": day(-9)}],
            },
            [
                ("commitment", "sf:o", A, "fulfilled_on", 9.0, None),
                ("contract", "sf:k", A, "signed_on", 4.0, None),
                ("goal", "sf:g", A, "measured_on", 8.0, None),
                ("payment", "sf:y", A, "paid_on", 5.0, None),
                ("project", "sf:j", A, "accepted_on", 7.0, None),
                ("project", "sf:j", A, "live_on", 6.0, None),
                ("term", "sf:t", A, "signed_on", 4.0, None),
                ("ticket", "sf:t", A, "closed_at", 3.0, None),
            ],
        ),
    ],
    "goal_without_distance": [
        ({"goal": [GOAL | {"baseline": 4.0, "target": 4.0}]}, [("goal", "sf:g", A, "target", 4.0, None)])
    ],
    "live_before_start": [
        ({"project": [PROJECT | {"live_on": day(51)}]}, [("project", "sf:j", A, "live_on", 1.0, None)])
    ],
    "closed_before_opened": [
        ({"ticket": [TICKET | {"closed_at": at(11)}]}, [("ticket", "sf:t", A, "closed_at", 2.0, None)])
    ],
    "left_before_created": [
        (
            {"contact": [{"id": "sf:p", "account_id": A, "left_on": day(6), "created_at": at(5)}]},
            [("contact", "sf:p", A, "left_on", 1.0, None)],
        )
    ],
    "unknown_contact": [
        (
            {"contact": PEOPLE, "role_change": [CHANGE | {"contact_id": "sf:nobody"}]},
            [("role_change", "sf:c", A, "contact_id", None, None)],
        ),
        (
            {"contact": PEOPLE, "survey": [answer(9.0, contact_id="hs:p")]},
            [("survey", "sf:s", A, "contact_id", None, None)],
        ),
    ],
}

SILENT = {
    "adjustment_unmatched": [
        {
            "term": [year(), year("u", start=day(90))],
            "contract_line": [dated("n", "40", term_id="sf:t")],
            "adjustment": [
                adjusted("a", "-1"),
                adjusted("b", "-1", account_id=None, line_id="sf:n", term_id=None),
                adjusted("c", waived=True, currency=None),
                adjusted("d", "-1", term_id="sf:ghost", status="refused"),
                adjusted("e", "-1", term_id="sf:ghost", status="requested"),
                adjusted("f", "-1", term_id="sf:u", side="renewed"),
            ],
        }
    ],
    "adjustment_below_zero": [
        {
            "term": [year()],
            "adjustment": [
                adjusted("a", "-60"),
                adjusted("b", "-40"),
                adjusted("c", "-1", side="renewed"),
                adjusted("d", "-900", status="requested"),
                adjusted("e", "-900", currency="USD"),
                adjusted("f", "-900", decided_on=day(-1)),
            ],
        },
        {"term": [year()], "adjustment": [adjusted("a", "-160"), adjusted("b", "60", decided_on=day(0))]},
        {"term": [year()], "adjustment": [adjusted("a", "-160"), adjusted("b", waived=True)]},
    ],
    "seats_exceeded": [
        {"contract": [contract(2)], "usage_day": used(2) + used(5, 28) + used(5, logins=0)},
        {"contract": [contract(1, end=0)], "usage_day": used(2)},
        {"contract": [contract(1)], "term": [term("t", 9, -9, seats=2)], "usage_day": used(2)},
        {"contract": [contract(None)], "usage_day": used(2)},
    ],
    "quota_exceeded": [
        {
            "quota": [
                {"id": "sf:q", "account_id": A, "resource": "sms", "bought": 10.0, "used": used}
                for used in (10.0, None)
            ]
        }
    ],
    "unknown_module": [
        {"module": CATALOGUE, "usage_module_day": [module_day("quote"), module_day("ghost", 90)]},
        {"usage_module_day": [module_day("ghost")]},
    ],
    "without_account": [{"contact": PEOPLE, "ticket": [TICKET], "commitment": [{"id": "sf:o"}]}],
    "reversed_period": [{"term": [term("t", 5, 4)], "contract_line": [line(1)], "contract": [{"id": "sf:k"}]}],
    "overlapping_terms": [
        {"term": [term("a", 20, 20, nature="new"), term("b", 5, 5, nature="new"), term("c", 30, 20, nature="new")]},
        {"term": [term("a", 20, 5), term("b", 5, -90, nature="new")]},
        {"term": [term("a", 20, 5), term("b", 6, -90), term("c", 19, 4)]},
        {"term": [term("a", 20, 5), term("b", 10, 1, nature="new", product_line="x")]},
        {"term": [term("a", 20, 5), term("b", 10, 1, nature="expansion")]},
        {"term": [term("a", 20, 5), term("b", 10, 1, nature="new", account_id="sf:2"), term("c", 9, 10, nature="new")]},
    ],
    "early_renewal": [
        {"term": [term("a", 20, 5, nature="expansion"), term("b", 6, -90)]},
        {"term": [term("a", 20, 5), term("b", 5, -90)]},
        {"term": [term("a", 20, 5), term("b", 6, -90, nature="new"), term("c", 19, 5), term("d", 20, 4)]},
        {"term": [term("a", 20, 5), term("b", 6, -90, product_line="x"), term("c", 6, -90, account_id="sf:2")]},
    ],
    "new_that_renews": [
        {"term": [term("a", 120, 100), term("b", 9, -90, nature="new"), term("c", 100, -90)]},
        {"term": [term("a", 120, 100), term("b", 101, -90, nature="new")]},
        {"term": [term("a", 120, 100), term("b", 100, -90, nature="new", product_line="x")]},
        {"term": [term("a", 120, 100), term("b", 100, -90, nature="new", account_id="sf:2")]},
        {"term": [term("a", 120, 100, nature="expansion"), term("b", 100, -90, nature="new")]},
        {"term": [term("a", 120, 100), term("b", 99, 99, nature="new")]},
    ],
    "renewal_without_predecessor": [
        {"term": [term("a", 21, 5, nature="new"), term("b", 20, 4)]},
        {"term": [term("a", 900, 800, nature="new"), term("b", 20, 4), term("c", 4, -9)]},
        {"term": [term("a", 20, 5, nature="new"), term("b", 20, 4, nature="expansion"), term("c", 5, 20)]},
        {"term": [term("a", 20, 5, account_id=None)]},
    ],
    "line_without_dates": [
        {"contract_line": [dated("l", 1), dated("m", 1, end=None, term_id="sf:t")], "term": [year()]},
        {"contract_line": [line(0), line(1, billing="one_off", id="sf:m"), {"id": "sf:n", "account_id": A}]},
        {"contract_line": [line(1, term_id="sf:o")], "opportunity": [renewal("o")]},
    ],
    "missing_months": [
        {"term": [year(months=Decimal(11)), year("u", months=Decimal("12.99")), year("v", "0", months=None)]},
        {"term": [year()], "contract_line": [dated("l", 1, months=None, term_id="sf:t"), dated("m", 1)]},
        {"term": [year(end=day(-265 - 181), credited_days=181)]},
        {"contract_line": [dated("l", 1, months=None, billing="one_off"), dated("m", 1, months=None, end=None)]},
        {"term": [year(months=None, end=day(100)), year("u", amount="1") | {"amount": None, "months": None}]},
    ],
    "amount_without_currency": [
        {
            "term": [year()],
            "contract_line": [line(7, term_id="sf:ghost", currency="EUR")],
            "opportunity": [renewal("o")],
        },
        {"term": [year(currency=None)], "contract_line": [line(7, term_id="sf:t", currency="EUR")]},
        {"term": [year()], "contract_line": [line(7, term_id="sf:t"), line(0, id="sf:m")]},
        {"contract_line": [line(7, billing="one_off")]},
        {"contract_line": [line(7, term_id="sf:o")], "opportunity": [renewal("o", status="lost")]},
        {"term": [year("t", "0", currency=None)]},
    ],
    "lines_differ_from_term": [
        {
            "term": [year(currency=None)],
            "contract_line": [dated("a", "5", term_id="sf:t"), dated("b", "5", term_id="sf:t", currency="USD")],
        },
        {"term": [year()], "contract_line": [dated("a", "60", term_id="sf:t"), dated("b", "39.99", term_id="sf:t")]},
        {
            "term": [year()],
            "contract_line": [
                dated("a", "100", term_id="sf:t"),
                dated("b", "50", term_id="sf:t", nature="expansion"),
                dated("c", "50", term_id="sf:t", billing="one_off"),
            ],
        },
        {
            "term": [year()],
            "contract_line": [dated("a", "60", term_id="sf:t"), dated("c", "40", term_id="sf:t", billing="one_off")],
        },
        {
            "term": [year()],
            "contract_line": [dated("a", "60", term_id="sf:t"), line(0, term_id="sf:t") | {"amount": None}],
        },
        {"term": [year()], "contract_line": [dated("a", "60", term_id="sf:t", currency="USD")]},
        {"term": [year(), year("u") | {"amount": None}], "contract_line": [dated("a", "60", term_id="sf:u")]},
        {"term": [year()], "contract_line": [dated("c", "40", term_id="sf:t", billing="one_off")]},
    ],
    "rate_hole": [
        {"term": [year()], "fx_rate": [rate("a", "1.1", 90), rate("b", "1.1", 45)]},
        {"term": [year()], "fx_rate": [rate("a", "1.1", 90, currency="GBP", base="CNY")]},
        {"fx_rate": [rate("a", "1.1", 90)]},
        {
            "term": [year()],
            "fx_rate": [rate("a", "1.1", 900), rate("b", "1.1", 500), rate("c", "1.1", 460)]
            + [rate(f"r{n}", "1.1", n) for n in range(0, 440, 30)],
        },
    ],
    "conflicting_rates": [
        {"fx_rate": [rate("a", "1.1"), rate("b", "1.10"), rate("c", "1.2", 6), rate("d", "1.2", base="CNY")]},
        {"fx_rate": [rate("a", "1.1"), rate("b", "0.9", currency="USD", base="EUR")]},
    ],
    "expansion_without_host": [
        {"term": [term("e", 20, -9, nature="expansion", product_line="x"), term("a", 20, 4, product_line="x")]},
        {
            "term": [term("e", 5, 5, nature="expansion")],
            "contract_line": [dated("l", 1, nature="expansion", end=day(100))],
        },
        {"term": [term("e", 5, -9, nature="expansion", account_id=None)]},
        {"term": [term("e", 5, -9, nature="expansion"), term("a", 20, 4)]},
        {"term": [term("e", 20, -9, nature="contraction", product_line="x"), term("a", 20, 4)]},
        {"term": [term("e", 20, -9, nature="expansion"), term("a", 20, 4, product_line="x")]},
        {"term": [year()], "contract_line": [dated("l", 1, nature="expansion"), dated("m", 1, account_id="sf:2")]},
        {"term": [year()], "contract_line": [dated("l", 1, nature="expansion", term_id="sf:t", start=day(900))]},
        {"contract_line": [dated("l", 1, nature="expansion", billing="one_off")]},
        {
            "contract_line": [dated("l", 1, nature="expansion", term_id="sf:o")],
            "opportunity": [renewal("o", status="open")],
        },
    ],
    "above_price_cap": [
        {
            "contract": capped(10.0),
            "term": [
                year("old", "900", start=day(1500), end=day(100), months=Decimal(46), nature="new"),
                year(),
                year("next", "900", end=day(-900), start=day(-265)),
            ],
            "contract_line": [dated("x", "5", term_id="sf:t", billing="one_off")],
            "opportunity": [renewal("o", "110")],
        },
        {
            "contract": capped(10.0),
            "term": [year()],
            "contract_line": [dated("a", "5", term_id="sf:t"), dated("b", "5", term_id="sf:t", currency="USD")],
            "opportunity": [renewal("o", "999")],
        },
        {
            "contract": capped(10.0),
            "term": [year()],
            "contract_line": [dated("a", "5", contract_id="sf:k"), dated("b", "5", contract_id="sf:k", currency=None)],
            "opportunity": [renewal("o", "999")],
        },
        {
            "contract": capped(10.0),
            "term": [year()],
            "contract_line": [dated("a", "5", contract_id="sf:k"), dated("b", "5", contract_id="sf:k", months=None)],
            "opportunity": [renewal("o", "999")],
        },
        {"contract": capped(10.0), "term": [year()], "opportunity": [renewal("o", "110")]},
        {"contract": capped(7.0), "term": [year("t", "33.33")], "opportunity": [renewal("o", "35.66")]},
        {"contract": capped(None), "term": [year()], "opportunity": [renewal("o", "999")]},
        {
            "contract": capped(10.0),
            "term": [year()],
            "opportunity": [
                renewal("o", "999", status="won"),
                renewal("p", "999", kind="expansion"),
                renewal("q", "999", currency="USD"),
                renewal("r", "999", contract_id=None),
                renewal("s"),
            ],
        },
        {
            "contract": capped(10.0),
            "term": [year(), year("u", currency="USD")],
            "opportunity": [renewal("o", "999")],
        },
        {"contract": capped(10.0), "term": [year(months=None)], "opportunity": [renewal("o", "999")]},
        {
            "contract": capped(10.0),
            "term": [year(start=day(-1)), year("u", amount="900", start=day(900), end=day(535))],
            "opportunity": [renewal("o", "990")],
        },
        {
            "contract": capped(10.0),
            "term": [year(), year("u", "50", nature="expansion")],
            "opportunity": [renewal("o", "165")],
        },
    ],
    "renewals_doubled": [
        {"opportunity": [renewal("o", account_id=None), renewal("p", account_id=None)]},
        {
            "term": [year(), year("u", nature="expansion", contract_id="sf:e")],
            "opportunity": [renewal("o", contract_id="sf:a"), renewal("p", contract_id="sf:b")],
        },
        {
            "term": [year(contract_id=None), year("u", contract_id=None, product_line="x")],
            "opportunity": [renewal("o"), renewal("p", contract_id=None)],
        },
        {
            "opportunity": [
                renewal("o"),
                renewal("p", status="won"),
                renewal("q", kind="new"),
                renewal("r", account_id="sf:2"),
            ]
        },
        {"opportunity": [renewal("o"), renewal("p", close_on=day(-174))]},
        {"term": [year()], "opportunity": [renewal("o"), renewal("p", contract_id="sf:j")]},
        {"opportunity": [renewal("o"), renewal("p", contract_id=None)]},
        {"term": [year(), year("u", product_line="x")], "opportunity": [renewal("o"), renewal("p", contract_id=None)]},
        {
            "term": [year(), year("old", start=day(500), end=day(89), contract_id="sf:j")],
            "opportunity": [renewal("o"), renewal("p", contract_id=None)],
        },
    ],
    "negative_amount": [
        {"contract_line": [line(0), line(-1, nature="contraction")], "term": [term("t", 9, 1)]},
        {
            "term": [term("t", 9, 1, nature="contraction", amount=Decimal(-1))],
            "contract_line": [line(-1, term_id="sf:t")],
        },
    ],
    "nps_scale": [{"survey": [answer(0.0), answer(10.0), answer(95.0, kind="csat")]}],
    "percent_scale": [
        {
            "account": [
                {"id": A, "name": "x", "data_quality": 100.0, "business_health": 0.0},
                {"id": "sf:2", "name": "y"},
            ]
        }
    ],
    "dated_ahead": [
        {
            "survey": [answer(9.0, answered_on=day(-1))],
            "project": [PROJECT | {"planned_live_on": day(-90)}],
            "touchpoint": [{"id": "sf:m", "account_id": A, "happened_at": at(-30)}],
            "ticket": [TICKET],
        }
    ],
    "goal_without_distance": [{"goal": [GOAL, GOAL | {"baseline": 4.0, "target": 5.0}, GOAL | {"target": 0.0}]}],
    "live_before_start": [{"project": [PROJECT, PROJECT | {"live_on": day(50)}]}],
    "closed_before_opened": [{"ticket": [TICKET, TICKET | {"closed_at": at(9)}]}],
    "left_before_created": [
        {"contact": [{"id": "sf:p", "left_on": day(5), "created_at": at(5)}, {"id": "sf:q", "left_on": day(5)}]}
    ],
    "unknown_contact": [
        {"contact": PEOPLE, "role_change": [CHANGE, CHANGE | {"contact_id": "sf:p"}], "survey": [answer(9.0)]},
        {"role_change": [CHANGE | {"contact_id": "sf:nobody"}]},
    ],
}


def cases(table):
    return [pytest.param(name, case, id=f"{name}-{n}") for name in table for n, case in enumerate(table[name])]


@pytest.mark.parametrize(("name", "case"), cases(BITES))
def test_a_rule_bites(name, case, facts, library):
    rows, expected = case
    found = contradictions(facts(rows), [library.quality[name]], AS_OF).to_pylist()
    keys = ("entity", "id", "account_id", "field", "number", "bound")
    assert [tuple(row[key] for key in keys) for row in found] == expected
    assert {row["rule"] for row in found} == {name}
    assert all(
        row["connection"] == (None if row["entity"] in ("module", "fx_rate") else row["id"].split(":")[0])
        for row in found
    )


@pytest.mark.parametrize(("name", "rows"), cases(SILENT))
def test_and_leaves_alone_what_is_fine(name, rows, facts, library):
    assert contradictions(facts(rows), [library.quality[name]], AS_OF).num_rows == 0


def test_every_shipped_rule_has_examples_of_both_and_speaks_both_languages(library):
    assert library.quality.keys() == BITES.keys() == SILENT.keys()
    for rule in library.quality.values():
        for words in (rule.header.title, rule.header.says, rule.header.remedy):
            assert words.keys() == {"en", "zh"}, rule.name
            assert all(words.values())


def test_what_is_said_of_a_record(library):
    says = library.quality["seats_exceeded"].says
    assert says(1234.0, 50.0) == "1,234 people active in 28 days, 50 seats bought"
    assert says(12.5, None, "zh") == "28 天内活跃 12.5 人，购买 – 个账号"
    assert says(100.0, 1.0, "fr") == "100 people active in 28 days, 1 seats bought"


HEAD = "/*\ntitle: {en: T}\nlevel: note\nsays: {en: S}\nremedy: {en: R}\n*/\n"
BODY = "SELECT 'goal' AS entity, goal.id, goal.account_id, 'x' AS field, goal.target AS number, goal.actual AS bound FROM goal"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + BODY.replace("goal.target", "goal.targett"), ("quality/r.sql:7:", "targett", "E-CARD")),
        (HEAD + BODY.replace("FROM goal", "FROM gaol"), ("quality/r.sql:7:", "no table 'gaol'")),
        (
            HEAD + "SELECT goal.id FROM goal",
            ("quality/r.sql:7:1", "exactly entity, id, account_id, field, number and bound"),
        ),
        (HEAD + BODY + " WHERE goal.due_on < current_date", ("quality/r.sql:7:", "current_date")),
        (
            HEAD.replace("en: S", 'en: "{name}"') + BODY,
            ("quality/r.sql:1:1", "'says'", "{name}", "{number} and {bound}"),
        ),
        (HEAD.replace("remedy: {en: R}", "remedy: {zh: R}") + BODY, ("'remedy'", "'en'")),
        (HEAD.replace("level: note", "level: fatal") + BODY, ("'level'",)),
        (BODY, ("quality/r.sql:1:1", "header")),
    ],
)
def test_a_broken_rule_is_one_sentence_with_its_place(text, says):
    with pytest.raises(CardError) as caught:
        parse_rule("r", text, "quality/r.sql")
    assert all(word in str(caught.value) for word in says), str(caught.value)


def test_a_folder_of_ones_own_adds_rules_and_replaces_them(tmp_path):
    (tmp_path / "quality").mkdir()
    for name in ("mine", "nps_scale"):
        (tmp_path / "quality" / f"{name}.sql").write_text(HEAD + BODY, "utf-8")
    rules = load_library([tmp_path]).quality
    assert rules.keys() == BITES.keys() | {"mine"}
    assert rules["nps_scale"].header.title == {"en": "T"}
