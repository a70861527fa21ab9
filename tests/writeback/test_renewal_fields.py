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
    opened = {"opportunity_id": None, "status": None, "flags": ""}
    return {**known, **opened, "product_line": line, "due_arr": Decimal(arr), **more}


def opened(number, line=None, **more):
    return row(line, opportunity_id=f"sf:o{number}", status="open", **more)


def due(found):
    return {item.record_id: item.values["due_arr"] for item in found}


def test_what_a_renewal_is_given_when_it_is_made_is_what_the_next_run_says():
    term = {"product_line": None, "contract_id": "sf:k", "end": date(2027, 1, 1), "currency": "USD"}
    made = DueList(AS_OF, [row()]).when_made(ACME, [term], first=False, words=ROSTER.words(ACME))
    (later,) = DueList(AS_OF, [opened(1)]).on_opportunities(ROSTER)
    assert made == later.values
    assert made["due_arr"] == 1300


def test_the_account_is_due_all_of_it_once():
    rows = [opened(1), opened(2), row("BI", 50)]
    assert DueList(AS_OF, rows).on_account(ACME) == {"renewal_state": "due", "renewal_due_arr": Decimal(1350)}


def test_a_renewal_of_two_lines_says_what_is_due_of_both():
    assert due(DueList(AS_OF, [opened(1), opened(1, "BI", arr=50)]).on_opportunities(ROSTER)) == {"o1": 1350}
