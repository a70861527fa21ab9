"""The due list: one row for what falls due together, what is open for it, and what does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from csconnect.compute.due import make_due
from csconnect.compute.renewals import FLAGS, renewal_list
from csconnect.compute.sold import make_sold
from csconnect.compute.terms import RenewalRules
from csconnect.writeback.keys import renewal_stem, with_sequence

AS_OF = date(2026, 11, 22)
RULES = RenewalRules()
END = date(2026, 12, 10)
"""In eighteen days."""


def term(id="sf:t", start=date(2025, 12, 10), end=END, **more):
    known = {
        "account_id": "sf:1",
        "contract_id": "sf:k",
        "product_line": "CRM",
        "amount": 1200,
        "currency": "USD",
        "months": 12,
    }
    return {"id": id, "nature": "new", "start": start, "end": end, "signed_on": start, **known, **more}


def deal(id="sf:o", **more):
    known = {"account_id": "sf:1", "contract_id": "sf:k", "kind": "renewal", "status": "open", "stage": "Talks"}
    return {
        "id": id,
        "name": "Renewal",
        "close_on": date(2026, 12, 5),
        "amount": 1200,
        "currency": "USD",
        **known,
        **more,
    }


@pytest.fixture
def listed(facts):
    """The rows of one account with these terms and opportunities."""

    def listing(terms, deals=(), cap=None):
        account = {"id": "sf:1", "name": "Acme", "owner_id": "sf:u", "segment": "enterprise"}
        contract = {"id": "sf:k", "account_id": "sf:1", "price_increase_cap": cap}
        owner = {"id": "sf:u", "name": "Mei Lin"}
        rows = {
            "account": [account],
            "contract": [contract],
            "owner": [owner],
            "term": terms,
            "opportunity": list(deals),
        }
        connection = facts(rows)
        make_sold(connection, AS_OF, RULES)
        make_due(connection, AS_OF, RULES)
        return renewal_list(connection, AS_OF, RULES, ("First",)).to_pylist()

    return listing


def test_a_row_says_what_a_csm_needs(listed):
    (row,) = listed([term()], [deal()])
    assert (row["account"], row["owner"], row["segment"]) == ("Acme", "Mei Lin", "enterprise")
    assert (row["last_day"], row["days"], row["state"]) == (date(2026, 12, 9), 17, "due")
    assert (row["due_arr"], row["expected"], row["currency"]) == (Decimal(1200), Decimal(1200), "USD")
    assert (row["opportunity_id"], row["stage"], row["flags"]) == ("sf:o", "Talks", "")


CLOSED = datetime(2026, 11, 1, tzinfo=UTC)
NEXT = term("sf:next", END, date(2027, 12, 10), nature="renewal", signed_on=CLOSED.date())


@pytest.mark.parametrize(
    ("terms", "deals", "flags"),
    [
        ([term()], [], "nothing_open"),
        ([term(start=date(2025, 12, 22), end=date(2026, 12, 22))], [], "nothing_open"),
        ([term(start=date(2025, 12, 23), end=date(2026, 12, 23))], [], ""),
        ([term()], [deal(status="lost", closed_at=CLOSED)], ""),
        ([term()], [deal(), deal("sf:p", contract_id=None)], "several_open"),
        ([term()], [deal(stage="First")], "still_first"),
        ([term()], [deal(close_on=date(2026, 11, 21))], "past_close"),
        ([term()], [deal(close_on=AS_OF)], ""),
        ([term()], [deal(status="won", closed_at=CLOSED)], "won_without_order"),
        ([term(), NEXT], [deal(status="lost", closed_at=CLOSED)], "lost_but_renewed"),
        ([term(), NEXT], [deal(status="won", closed_at=CLOSED)], ""),
        ([term()], [deal(kind="expansion")], "nothing_open"),
        ([term()], [deal(contract_id=None, kind=None)], "nothing_open"),
    ],
)
def test_what_does_not_fit_is_said(listed, terms, deals, flags):
    assert listed(terms, deals)[0]["flags"] == flags


@pytest.mark.parametrize(("amount", "flags"), [("1320.00", ""), ("1320.01", "above_cap")])
def test_g22_the_price_may_rise_to_its_cap_and_no_further(listed, amount, flags):
    """Ten percent (book §5.2.1)."""
    assert listed([term()], [deal(amount=Decimal(amount))], cap=10.0)[0]["flags"] == flags


def test_the_lines_of_one_contract_share_its_renewal_and_next_year_does_not(listed):
    lines = [term(), term("sf:b", product_line="BI"), NEXT]
    found = {(row["product_line"], row["last_day"]): row["opportunity_id"] for row in listed(lines, [deal()])}
    this_year, next_year = date(2026, 12, 9), date(2027, 12, 9)
    assert found == {("BI", this_year): "sf:o", ("CRM", this_year): "sf:o", ("CRM", next_year): None}


def test_every_flag_can_be_seen():
    (marks,) = test_what_does_not_fit_is_said.pytestmark
    seen = {flag for _, _, flags in marks.args[1] for flag in flags.split()} | {"above_cap"}
    assert seen == set(FLAGS)


@pytest.mark.parametrize(("segment", "state"), [("micro", "not_due"), ("enterprise", "due")])
def test_the_list_begins_by_tier_as_the_terms_do(facts, segment, state):
    rules = RenewalRules(start_days={"micro": 17})
    connection = facts({"account": [{"id": "sf:1", "name": "Acme", "segment": segment}], "term": [term()]})
    make_sold(connection, AS_OF, rules)
    make_due(connection, AS_OF, rules)
    assert [row["state"] for row in renewal_list(connection, AS_OF, rules).to_pylist()] == [state]


def test_one_renewal_of_two_lines_is_held_against_both(listed):
    """1,200 and 800 with a cap of 10 %: 2,200 may be asked for the two together, and neither alone is above its own part."""
    lines = [term(), term("sf:b", product_line="BI", amount=800)]
    for amount, flags in ((2200, ""), (2201, "above_cap")):
        assert {row["flags"] for row in listed(lines, [deal(amount=amount)], cap=10.0)} == {flags}


def test_an_orders_own_amount_is_what_the_cap_is_held_against(listed):
    """Three years for 1,000 are 333.33 a year, which is a cent less."""
    three = term(start=date(2023, 12, 10), amount=1000, months=36)
    assert listed([three], [deal(amount=Decimal("1050.00"))], cap=5.0)[0]["flags"] == ""
    assert listed([three], [deal(amount=Decimal("1050.01"))], cap=5.0)[0]["flags"] == "above_cap"


def test_ours_without_a_contract_stands_for_the_term_in_its_key_and_no_other(listed):
    terms = [term(contract_id=None), term("sf:b", contract_id=None, product_line="BI")]
    ours = [
        deal(f"sf:o{number}", contract_id=None, key=f"renewal|{name}|2025-12-10|1")
        for number, name in enumerate(("sf:t", "sf:b"))
    ]
    found = {row["product_line"]: (row["opportunity_id"], row["flags"]) for row in listed(terms, ours)}
    assert found == {"CRM": ("sf:o0", ""), "BI": ("sf:o1", "")}


def test_ours_for_a_contract_of_another_system_names_it_in_its_key(listed):
    """A contract told by files cannot be linked in the CRM."""
    ours = deal(contract_id=None, key="renewal|sf:k|2025-12-10|1")
    (row,) = listed([term()], [ours])
    assert (row["opportunity_id"], row["flags"]) == ("sf:o", "")
    (row,) = listed([term()], [ours | {"kind": None}])
    assert row["opportunity_id"] == "sf:o", "a CRM may have no field for the kind"
    (row,) = listed([term()], [ours | {"key": "renewal|sf:k2|2025-12-10|1"}])
    assert (row["opportunity_id"], row["flags"]) == (None, "nothing_open")


@pytest.mark.parametrize("id", ["files:K|5%", "files:%7C", "files:合同"])
def test_an_id_is_found_in_a_key_whatever_it_is(listed, id):
    stem = renewal_stem(id, date(2025, 12, 10))
    for terms in ([term(contract_id=id)], [term(id, contract_id=None)]):
        (row,) = listed(terms, [deal(contract_id=None, key=with_sequence(stem, 1))])
        assert row["opportunity_id"] == "sf:o"


def test_a_contract_may_be_called_as_another_contracts_term(listed):
    """Ids of exports are plain numbers: term 1 of contract 2, and term 2 of contract 1."""
    terms = [term("f:1", contract_id="f:2"), term("f:2", contract_id="f:1", product_line="BI")]
    found = listed(terms, [deal(contract_id=None, key="renewal|f:1|2025-12-10|1")])
    assert {row["product_line"]: row["opportunity_id"] for row in found} == {"BI": "sf:o", "CRM": None}


def test_a_contracts_renewal_counts_on_whatever_account_it_stands(listed):
    """On the parent's, say: write-back makes no second one either."""
    (row,) = listed([term()], [deal(account_id="sf:parent")])
    assert (row["opportunity_id"], row["flags"]) == ("sf:o", "")


def test_two_contracts_of_one_line_may_have_a_renewal_each(listed):
    terms = [term(), term("sf:b", contract_id="sf:k2", amount=100)]
    (row,) = listed(terms, [deal(), deal("sf:p", contract_id="sf:k2")])
    assert row["flags"] == ""
    (row,) = listed(terms, [deal(), deal("sf:p", contract_id="sf:k2"), deal("sf:q")])
    assert row["flags"] == "several_open"
