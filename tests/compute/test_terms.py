"""Term states: the SQL against its plain-Python twin, and the boundaries by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.compute.terms import RenewalRules, term_state, term_states
from csconnect.model.enums import TermState

AS_OF = date(2026, 11, 22)
END = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("days_before_end", "next_after_end", "state"),
    [
        (91, None, TermState.NOT_DUE),
        (90, None, TermState.DUE),
        (1, None, TermState.DUE),
        (0, None, TermState.DEFERRED),
        (-90, None, TermState.DEFERRED),
        (-91, None, TermState.CHURNED),
        (200, 0, TermState.RENEWED),
        (-10, 90, TermState.RENEWED),
        (-91, 91, TermState.WON_BACK),
        (-90, 91, TermState.DEFERRED),
        (-91, 120, TermState.CHURNED),
    ],
)
def test_boundaries(days_before_end, next_after_end, state):
    today = END - timedelta(days=days_before_end)
    following = None if next_after_end is None else END + timedelta(days=next_after_end)
    if state == TermState.WON_BACK:
        today = END + timedelta(days=91)
    assert term_state(END, following, today, RenewalRules()) == state


spans = st.lists(
    st.tuples(
        st.sampled_from([None, "CRM", "BI"]),
        st.integers(-1200, 400),
        st.integers(-30, 800),
        st.sampled_from(["new", "renewal", "expansion", "contraction"]),
    ),
    max_size=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=st.lists(spans, min_size=5, max_size=20), due=st.integers(1, 180), grace=st.integers(0, 180))
def test_sql_says_what_the_twin_says(facts, company, due, grace):
    rules = RenewalRules(due, grace)
    terms = [
        {
            "id": f"sf:{place}-{n}",
            "account_id": f"sf:{place}",
            "product_line": line,
            "start": AS_OF + timedelta(days=offset),
            "end": AS_OF + timedelta(days=offset + length),
            "nature": nature,
        }
        for place, spans in enumerate(company)
        for n, (line, offset, length, nature) in enumerate(spans)
    ]
    accounts = [{"id": f"sf:{place}", "name": "A"} for place in range(len(company))]
    connection = facts({"account": accounts, "term": terms})
    found = {row["term_id"]: row["state"] for row in term_states(connection, AS_OF, rules).to_pylist()}
    facts.done(connection)

    good = [term for term in terms if term["end"] > term["start"]]
    assert found.keys() == {term["id"] for term in good}
    for term in good:
        later = [
            other["start"]
            for other in good
            if (other["account_id"], other["product_line"] or "") == (term["account_id"], term["product_line"] or "")
            and other["start"] > term["start"]
            and other["end"] > term["end"]
            and other["nature"] in ("new", "renewal")
        ]
        following = min(later, default=None)
        assert found[term["id"]] == term_state(term["end"], following, AS_OF, rules)


@pytest.mark.parametrize(
    "beside",
    [(date(2026, 1, 1), date(2027, 1, 1)), (date(2026, 3, 1), date(2026, 12, 1)), (date(2026, 1, 1), date(2028, 1, 1))],
    ids=["twin", "within", "same-start"],
)
def test_what_runs_beside_a_term_does_not_renew_it(facts, beside):
    """Two contracts over one product line: the second, which ends no later or began with it, is not the renewal of the first."""
    spans = {"sf:a": (date(2026, 1, 1), date(2027, 1, 1)), "sf:b": beside}
    terms = [{"id": id, "account_id": "sf:1", "start": start, "end": end} for id, (start, end) in spans.items()]
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "term": terms})
    states = {row["term_id"]: row["state"] for row in term_states(connection, AS_OF).to_pylist()}
    assert states["sf:a"] == TermState.DUE


@pytest.mark.parametrize(("nature", "state"), [("expansion", "due"), ("contraction", "due"), ("renewal", "renewed")])
def test_only_an_order_that_renews_renews(facts, nature, state):
    """Ten seats more until next summer are no renewal of the hundred that end this winter (decks 001:1387)."""
    main = {"id": "sf:a", "account_id": "sf:1", "start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    more = {"id": "sf:b", "account_id": "sf:1", "start": date(2026, 7, 1), "end": date(2027, 7, 1), "nature": nature}
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "term": [main, more]})
    states = {row["term_id"]: row["state"] for row in term_states(connection, AS_OF).to_pylist()}
    assert states["sf:a"] == state


def test_prospects_have_no_terms(facts):
    term = {"id": "sf:t", "account_id": "sf:1", "start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    connection = facts({"account": [{"id": "sf:1", "name": "A", "is_customer": False}], "term": [term]})
    assert term_states(connection, AS_OF).num_rows == 0
