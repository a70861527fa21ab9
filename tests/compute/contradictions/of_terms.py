"""Contradictions of terms and lines: dates, lengths, and what renews what."""

from __future__ import annotations

from decimal import Decimal

from .rows import A, contract, dated, day, line, renewal, term, year

BITES = {
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
}
"""Rule -> facts, and what it finds in them."""

SILENT = {
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
}
"""Rule -> facts in which it finds nothing."""
