"""What is said about a renewal in score fields: the same when it is made and ever after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from csconnect.library.load import load_library
from csconnect.writeback.desired import AccountCard, Roster
from csconnect.writeback.desired.renewal_fields import DueList

AS_OF, LAST = date(2026, 11, 22), date(2026, 12, 31)
ACME = AccountCard("sf:1", "sf", "Acme", currency="USD")
ROSTER = Roster({"sf:1": ACME}, frozenset(), load_library().phrases)


def row(line=None, arr=1300, **more):
    known = {"account_id": "sf:1", "last_day": LAST, "state": "due", "currency": "USD", "amount_currency": "USD"}
    opened = {"opportunity_id": None, "status": None, "serves": None, "flags": ""}
    return {**known, **opened, "product_line": line, "due_arr": Decimal(arr), **more}


def opened(number, serves, line=None, **more):
    return row(line, opportunity_id=f"sf:o{number}", status="open", serves=serves, **more)


def part(contract, arr, line=None):
    known = {"account_id": "sf:1", "product_line": line, "last_day": LAST, "currency": "USD"}
    return {**known, "contract_id": contract, "due_arr": Decimal(arr)}


def term(contract, line=None):
    end = date(2027, 1, 1)
    return {"product_line": line, "contract_id": contract, "end": end, "currency": "USD"}


PARTS = [part("sf:k", 1200), part("sf:k2", 100)]


def due(found):
    return {item.record_id: item.values["due_arr"] for item in found}


def test_of_contracts_that_end_together_each_renewal_says_what_its_own_is_due():
    rows = [opened(1, "sf:k"), opened(2, "sf:k2"), opened(3, None)]
    told = due(DueList(AS_OF, rows, PARTS).on_opportunities(ROSTER))
    assert told == {"o1": 1200, "o2": 100, "o3": 1300}, "who names no contract renews them all"


def test_what_a_renewal_is_given_when_it_is_made_is_what_the_next_run_says():
    words = ROSTER.words(ACME)
    for contract, arr in (("sf:k", 1200), ("sf:k2", 100), (None, 1300)):
        made = DueList(AS_OF, [row()], PARTS).when_made(ACME, [term(contract)], first=False, words=words)
        (later,) = DueList(AS_OF, [opened(1, contract)], PARTS).on_opportunities(ROSTER)
        assert made == later.values
        assert made["due_arr"] == arr


def test_that_another_contract_has_no_renewal_is_not_said_on_this_one():
    """The same run makes it, and the next would have to take the words back."""
    rows = [opened(1, "sf:k", flags="contract_left_out past_close")]
    (told,) = DueList(AS_OF, rows, PARTS).on_opportunities(ROSTER)
    assert told.values["flags"] == "should have closed by now."


def test_the_account_is_due_all_of_it_once():
    rows = [opened(1, "sf:k"), opened(2, "sf:k2"), row("BI", 50)]
    assert DueList(AS_OF, rows, PARTS).on_account(ACME) == {"renewal_state": "due", "renewal_due_arr": Decimal(1350)}


def test_a_line_of_one_contract_beside_a_line_of_several():
    rows = [opened(1, "sf:k"), opened(1, "sf:k", line="BI", arr=50)]
    assert due(DueList(AS_OF, rows, PARTS).on_opportunities(ROSTER)) == {"o1": 1250}
