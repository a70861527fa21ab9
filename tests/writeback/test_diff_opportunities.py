"""A renewal is made once, and only where nobody has made one (decisions 5 and 8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csconnect.errors import PlanError
from csconnect.model.values import Action
from csconnect.writeback import Desired, History, Options, check_owned
from csconnect.writeback.keys import with_sequence


def test_a_renewal_is_made_with_key_links_and_business_fields(world):
    world.account("a1")
    want = world.renewal("a1")
    (change,) = world.changes([want])
    assert change.action is Action.CREATE
    assert change.key == with_sequence(want.key, 1) == change.values["csc_key"]
    assert change.values["account"] == "a1"
    assert change.values["amount"] == "84000.00"
    assert change.values["close_on"] == "2027-01-01"


@pytest.mark.parametrize(
    ("there", "makes"),
    [
        ({"contract": "k1", "stage": "first", "kind": "renewal"}, False),
        ({"contract": "k1", "stage": "first"}, False),
        ({"contract": "k1", "stage": "first", "kind": "expansion"}, True),
        ({"contract": "k2", "stage": "first", "kind": "renewal"}, True),
        ({"contract": "k1", "stage": "won", "closed_at": "2025-12-01T00:00:00Z"}, True),
        ({"contract": "k1", "stage": "won", "closed_at": "2026-06-01T00:00:00Z"}, False),
        ({"contract": "k1", "stage": "lost", "closed_at": "2026-06-01T00:00:00Z"}, False),
        ({"contract": "k1", "stage": "withdrawn", "closed_at": "2026-06-01T00:00:00Z"}, True),
    ],
    ids=["open", "open-kind-unknown", "expansion", "other-contract", "won-before-term", "won", "lost", "withdrawn"],
)
def test_what_counts_as_already_having_one(world, there, makes):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", **there})
    assert bool(world.changes([world.renewal("a1")])) is makes


def test_a_renewal_of_ours_for_the_term_before_does_not_stand_for_this_one(world):
    """One contract, renewed every year: last year's renewal was won a little late, when this year's term had begun."""
    world.account("a1")
    world.apply(world.plan([world.renewal("a1", start=date(2025, 1, 1))]))
    (id,) = world.crm.tables["opportunities"]
    world.crm.put("opportunities", {"stage": "won", "closed_at": "2026-01-10T00:00:00Z"}, id)
    (change,) = world.changes([world.renewal("a1")])
    assert change.action is Action.CREATE


def test_a_renewal_that_the_contract_names_counts(world):
    """Also one that was never pulled; but not last year's, which the contract still names."""
    world.account("a1")
    assert world.changes([world.renewal("a1", record_id="o9")]) == []
    world.crm.put("opportunities", {"account": "a1", "stage": "first", "kind": "renewal"}, "o9")
    assert world.changes([world.renewal("a1", record_id="o9")]) == []
    world.crm.put("opportunities", {"stage": "won", "closed_at": "2025-12-01T00:00:00Z"}, "o9")
    (change,) = world.changes([world.renewal("a1", record_id="o9")])
    assert change.action is Action.CREATE


def test_what_a_person_did_with_ours_stays(world):
    world.account("a1")
    world.apply(world.plan([world.renewal("a1")]))
    (id,) = world.crm.tables["opportunities"]
    world.crm.put("opportunities", {"amount": "1.00", "stage": "lost", "close_on": "2030-01-01"}, id)
    assert world.changes([world.renewal("a1")]) == []


def test_a_renewal_withdrawn_by_hand_stays_so_and_one_withdrawn_by_undo_is_made_anew(world):
    world.account("a1")
    world.apply(world.plan([world.renewal("a1")]))
    (id,) = world.crm.tables["opportunities"]
    world.crm.put("opportunities", {"stage": "withdrawn"}, id)
    assert world.changes([world.renewal("a1")]) == []
    (change,) = world.changes([world.renewal("a1")], history=History(withdrawn={("crm", "opportunities", id)}))
    assert change.key == with_sequence(world.renewal("a1").key, 2)


def test_a_renewal_of_ours_that_a_person_deleted_is_not_made_again(world):
    world.account("a1")
    key = with_sequence(world.renewal("a1").key, 1)
    assert world.changes([world.renewal("a1")], history=History(made={("crm", key): date(2026, 1, 1)})) == []


def test_terms_that_ended_long_before_the_first_run_make_no_work(world):
    world.account("a1")
    options = Options(no_work_before=date(2026, 9, 1))
    assert world.changes([world.renewal("a1", ended_on=date(2026, 8, 31))], options=options) == []
    assert world.changes([world.renewal("a1", ended_on=date(2026, 9, 1))], options=options)


def due(world, contract: str, end: date):
    """The renewal of a term of ``contract`` that ends on ``end``, with the window in which others' may stand for it."""
    window = (end - timedelta(days=120), end + timedelta(days=90))
    return world.renewal("a1", contract=contract, ended_on=end, window=window)


RENEWAL = {"kind": "renewal", "stage": "first", "close_on": "2026-12-20"}
OTHERS = {
    "open": (RENEWAL, False),
    "early": (RENEWAL | {"close_on": "2026-09-03"}, False),
    "too-early": (RENEWAL | {"close_on": "2026-09-02"}, True),
    "late": (RENEWAL | {"close_on": "2027-04-01"}, False),
    "too-late": (RENEWAL | {"close_on": "2027-04-02"}, True),
    "no-day": ({"kind": "renewal", "stage": "first"}, True),
    "expansion": (RENEWAL | {"kind": "expansion"}, True),
    "kind-unknown": ({"stage": "first", "close_on": "2026-12-20"}, True),
    "won": (RENEWAL | {"stage": "won", "closed_at": "2026-12-20T00:00:00Z"}, False),
    "withdrawn": (RENEWAL | {"stage": "withdrawn", "closed_at": "2026-12-20T00:00:00Z"}, True),
    "other-contract": (RENEWAL | {"contract": "k9"}, True),
    "other-account": (RENEWAL | {"account": "a2"}, True),
}


@pytest.mark.parametrize(("there", "makes"), OTHERS.values(), ids=OTHERS)
def test_a_renewal_of_ones_own_that_names_no_contract_counts_by_its_day(world, there, makes):
    """HubSpot's deals name no contract: a person's renewal must not be doubled."""
    world.account("a1")
    world.account("a2")
    world.crm.put("opportunities", {"account": "a1", **there})
    assert bool(world.changes([due(world, "k1", date(2027, 1, 1))])) is makes


def test_one_deal_stands_for_one_term_the_nearest(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "kind": "renewal", "stage": "first", "close_on": "2027-02-20"})
    early, late = due(world, "k1", date(2027, 1, 1)), due(world, "k2", date(2027, 3, 1))
    (change,) = world.changes([early, late])
    assert change.key == with_sequence(early.key, 1)


def test_a_deal_beside_a_renewal_that_names_its_contract_stands_for_the_other_term(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "kind": "renewal", "stage": "first", "contract": "k1"})
    world.crm.put("opportunities", {"account": "a1", "kind": "renewal", "stage": "first", "close_on": "2027-01-02"})
    assert world.changes([due(world, "k1", date(2027, 1, 1)), due(world, "k2", date(2027, 3, 1))]) == []


def said(id: str, **values: object) -> Desired:
    return Desired("opportunity", "crm:a1", "crm", values, record_id=id, rule="renewal", why="still first")


def test_every_open_renewal_may_be_spoken_about_whoever_made_it(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "stage": "first", "amount": "7"}, "o1")
    (change,) = world.changes([said("o1", due_arr=Decimal(12000), flags="late.")])
    assert (change.action, change.record_id, change.key) == (Action.UPDATE, "o1", None)
    assert change.values == {"csc_due_arr": "12000.00", "csc_flags": "late."}
    world.apply(world.plan([said("o1", due_arr=Decimal(12000), flags="late.")]))
    assert world.crm.tables["opportunities"]["o1"].values["amount"] == "7"
    assert world.changes([said("o1", due_arr=Decimal(12000), flags="late.")]) == []
    (change,) = world.changes([said("o1", due_arr=Decimal(12000), flags=None)])
    assert change.values == {"csc_flags": None}


@pytest.mark.parametrize("stage", ["won", "lost", "withdrawn"])
def test_a_closed_renewal_is_left_as_it_is(world, stage):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "stage": stage, "closed_at": "2026-06-01T00:00:00Z"}, "o1")
    assert world.changes([said("o1", flags="late.")]) == []


def test_what_a_renewal_says_itself_is_never_written_to_one_without_our_key(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "stage": "first", "amount": "7"}, "o1")
    (change,) = world.changes([said("o1", flags="late.")])
    for values in ({"amount": "8"}, {"csc_flags": "late.", "stage": "won"}, {"csc_key": "x"}):
        with pytest.raises(PlanError, match="not ours to make"):
            check_owned([change.model_copy(update={"values": values})], world.writers)
    with pytest.raises(PlanError, match="not ours to make"):
        check_owned([change.model_copy(update={"links": {"companies": "9"}})], world.writers)


def test_undo_takes_back_what_was_said_about_a_renewal_of_others(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "stage": "first", "csc_flags": "mine"}, "o1")
    plan = world.plan([said("o1", due_arr=Decimal(5), flags="late.")])
    world.apply(plan)
    world.undo()
    left = world.crm.tables["opportunities"]["o1"].values
    assert (left["csc_flags"], left.get("csc_due_arr")) == ("mine", None)


def test_a_renewal_that_stands_for_nothing_any_more_says_nothing_any_more(world):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", "stage": "first", "amount": "7", "csc_flags": "late."}, "o1")
    ours = History(written={("crm", "opportunities", "o1", "csc_flags"): "late."})
    (change,) = world.changes([], history=ours)
    assert (change.values, change.before, change.rule) == ({"csc_flags": None}, {"csc_flags": "late."}, "unserved")
    assert world.changes([], history=History()) == [], "who wrote it is not known, so it is left"
