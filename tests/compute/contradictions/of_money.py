"""Contradictions of money: amounts, currencies, rates, adjustments, and what renewals ask for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .rows import A, adjusted, at, capped, dated, day, line, rate, renewal, term, year

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
}
"""Rule -> facts, and what it finds in them."""

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
}
"""Rule -> facts in which it finds nothing."""
