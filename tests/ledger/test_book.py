"""The journal: intents before, receipts after, and nothing written is ever forgotten."""

from __future__ import annotations

import threading
import time

import pytest

from csconnect.model.values import Action, Outcome


def test_an_intent_is_pending_until_its_receipt(ledger, change, receipt):
    one, two = change(1), change(2)
    ledger.intend("r1", [one, two])
    ledger.intend("r2", [one])
    assert ledger.pending("r1") == [one, two]
    ledger.record("r1", [(one, receipt(one))])
    assert ledger.pending("r1") == [two]
    assert ledger.pending("r2") == [one]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_an_unknown_outcome_leaves_it_pending(ledger, change, receipt, outcome):
    ledger.intend("r1", [change()])
    ledger.record("r1", [(change(), receipt(change(), outcome))])
    assert bool(ledger.pending("r1")) is (outcome is Outcome.UNKNOWN)


def test_a_second_attempt_is_pending_again_and_the_first_receipt_stays(ledger, change, receipt):
    ledger.intend("r1", [change()])
    ledger.record("r1", [(change(), receipt(change()))])
    again = change(values={"csc_health": 7})
    ledger.intend("r1", [again])
    assert ledger.pending("r1") == [again]
    ledger.record("r1", [(again, receipt(again, Outcome.CONFLICT, code="CHANGED", request_id="q-1"))])
    assert ledger.pending("r1") == []
    assert [(done, kept.outcome) for done, kept in ledger.receipts("r1")] == [
        (change(), Outcome.WRITTEN),
        (again, Outcome.CONFLICT),
    ]
    assert ledger.receipts("r1")[1][1].request_id == "q-1"


def test_a_receipt_without_an_intent_has_no_change(ledger, change, receipt):
    ledger.record("r1", [(change(), receipt(change(), Outcome.UNCHANGED))])
    assert [done for done, _ in ledger.receipts("r1")] == [None]
    assert not ledger.has_written()


def test_the_last_written_value_of_score_fields_is_known(ledger, change, receipt):
    first, second, bent = change(1), change(1, values={"csc_health": None}), change(2)
    for run, item, code in (("r1", first, ""), ("r2", second, ""), ("r3", bent, "NOT-KEPT")):
        ledger.intend(run, [item])
        ledger.record(run, [(item, receipt(item, code=code))])
    assert ledger.written() == {("crm", "accounts", "a1", "csc_health"): None}
    assert ledger.written("other") == {}
    assert ledger.has_written()


def test_what_we_made_and_what_we_withdrew(ledger, change, receipt, clock):
    task = {"entity": "task", "object": "tasks", "key": "crm:a1|rule||1", "key_field": "csc_key"}
    made = change(1, action=Action.CREATE, record_id=None, **task)
    ledger.record("r1", [(made, receipt(made, record_id="t1"))])
    clock.turn(days=3)
    assert {key: day.isoformat() for key, day in ledger.made().items()} == {("crm", "crm:a1|rule||1"): "2026-11-22"}
    assert ledger.withdrawn() == frozenset()
    closed = change(1, action=Action.CLOSE, **{**task, "record_id": "t1"})
    ledger.record("r2", [(closed, receipt(closed))])
    assert ledger.withdrawn() == {("crm", "tasks", "t1")}
    opened = change(1, **{**task, "record_id": "t1"})
    ledger.record("r2~undo", [(opened, receipt(opened))])
    assert ledger.withdrawn() == frozenset()
    assert [(entry.run_id, entry.action, entry.record_id) for entry in ledger.of_account("crm:a1")] == [
        ("r2~undo", Action.UPDATE, "t1"),
        ("r2", Action.CLOSE, "t1"),
        ("r1", Action.CREATE, "t1"),
    ]
    assert len(ledger.of_account("crm:a1", limit=2)) == 2


def test_the_first_day_and_the_last_run_that_wrote_anything(ledger, change, receipt, clock):
    assert (ledger.first_written_on(), ledger.last_written_run()) == (None, None)
    ledger.record("r1", [(change(1), receipt(change(1), Outcome.CONFLICT))])
    assert ledger.first_written_on() is None
    for run in ("r2", "r3", "r3~undo"):
        ledger.record(run, [(change(1), receipt(change(1)))])
        clock.turn(days=1)
    ledger.record("r4", [(change(1), receipt(change(1), Outcome.UNCHANGED))])
    assert ledger.first_written_on().isoformat() == "2026-11-22"
    assert ledger.last_written_run() == "r3"


def test_threads_write_side_by_side(ledger, change, receipt):
    def work(start):
        for number in range(start, start + 20):
            ledger.intend("r1", [change(number)])
            ledger.record("r1", [(change(number), receipt(change(number)))])

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.receipts("r1")) == 160
    assert ledger.pending("r1") == []


def test_ten_thousand_changes_are_journalled_in_about_a_second(ledger, change, receipt):
    changes = [change(number) for number in range(10_000)]
    began = time.process_time()
    for start in range(0, 10_000, 200):
        batch = changes[start : start + 200]
        ledger.intend("r1", batch)
        ledger.record("r1", [(item, receipt(item)) for item in batch])
    # Processor time, and a wide margin, because the machine has other things to do.
    assert time.process_time() - began < 5
    assert len(ledger.receipts("r1")) == 10_000


def test_who_wrote_to_a_record_last_is_known(ledger, change, receipt):
    for run, item, outcome in (
        ("r1", change(1), Outcome.WRITTEN),
        ("r2", change(2), Outcome.WRITTEN),
        ("r3", change(1), Outcome.WRITTEN),
        ("r4", change(2), Outcome.REFUSED),
    ):
        ledger.record(run, [(item, receipt(item, outcome))])
    assert ledger.last_writers("crm", "accounts") == {"a1": "r3", "a2": "r2"}
    assert ledger.last_writers("crm", "tasks") == ledger.last_writers("other", "accounts") == {}
