"""Law 2: ``kill -9`` at any point of a run, run it again: the same CRM, no record twice, nothing lost, and still undoable.

The process is killed while a call of its hangs at the other end: before the system has done anything, or after it has done
everything and only the answer is missing.
"""

from __future__ import annotations

import signal

import pytest

pytestmark = pytest.mark.slow

WRITES = {
    "salesforce": r"composite/sobjects(/\w+/CSC_Key__c)?(\?|$)",
    "hubspot": r"/objects/.*/batch/(update|create|upsert)",
}
READS = {
    "salesforce": r"/query|composite/sobjects/\w+$",
    "hubspot": r"/objects/.*/(batch/read|search)",
}


@pytest.fixture
def kill(until):
    """Start a command, wait until a fault holds one of its calls, kill it. True unless it ended before that."""

    def killing(company, *command, **rule):
        fault = company.fault(action="hang", **rule)
        process = company.start(*command)
        until(lambda: fault.struck or process.poll() is not None)
        process.kill()
        ran = process.ended()
        company.emulator.state.faults.clear()
        if fault.struck:
            assert ran.code == -signal.SIGKILL
            assert company.leaks(ran.out, ran.err) == []
        return bool(fault.struck)

    return killing


@pytest.fixture
def finished(company, story):
    """Apply again and see that it is all there, once, and in the books; then take it back."""

    def checking(killed, *, back=False):
        assert killed("apply").code == 0
        assert killed.unlike(company("applied")) == []
        with killed.ledger() as ledger:
            run = ledger.newest_plan()
            plan = ledger.load_plan(run)
            written = {receipt.change_id for _, receipt in ledger.receipts(run) if str(receipt.outcome) in DONE}
            assert written == {change.id for change in plan.changes}
            assert ledger.pending(run) == []
            made = [change for change, _ in ledger.receipts(run) if change and change.key]
            assert {(c.connection, c.key) for c in made} <= ledger.made().keys()
        if back:
            assert killed("undo").code == 0
            assert killed.unlike(company("undone")) == []

    return checking


DONE = ("written", "unchanged")


@pytest.mark.parametrize(
    ("system", "when", "skip"),
    [
        ("salesforce", "before", 1),
        ("salesforce", "after", 2),
        ("hubspot", "before", 0),
        ("hubspot", "after", 2),
    ],
)
def test_killed_inside_a_batch(company, kill, finished, system, when, skip):
    planned = company("planned")
    assert kill(planned, "apply", path=WRITES[system], skip=skip, when=when)
    finished(planned, back=True)


@pytest.mark.parametrize(("system", "skip"), [("salesforce", 3), ("hubspot", 4)])
def test_killed_between_batches(company, kill, finished, system, skip):
    planned = company("planned")
    assert kill(planned, "apply", path=READS[system], skip=skip)
    finished(planned)


def test_killed_after_every_write_in_turn(company, kill, finished):
    """As an unlucky cron job: every start gets exactly one write through."""
    planned, writes = company("planned"), "|".join(WRITES.values())
    deaths = 0
    while kill(planned, "apply", path=writes, when="after"):
        deaths += 1
        assert deaths < 20, "it does not get any further"
    assert deaths >= 3
    finished(planned)


def test_killed_and_synced_instead_of_applied_again(company, kill):
    """Cron does not know of the half-written plan: it makes a new one."""
    planned = company("planned")
    assert kill(planned, "apply", path=WRITES["hubspot"], skip=1, when="after")
    assert planned.daily("sync", "--apply").code == 0
    assert planned.unlike(company("applied")) == []


def test_an_undo_that_was_killed_is_taken_up_again(company, kill):
    applied = company("applied")
    assert kill(applied, "undo", path=WRITES["salesforce"], skip=1, when="after")
    assert applied("undo").code == 0
    assert applied.unlike(company("undone")) == []


def test_killed_while_pulling_leaves_the_lake_as_it_was(company, kill):
    applied = company("applied")
    before = applied.lake()
    assert before
    assert kill(applied, "pull", path=READS["hubspot"], skip=2)
    assert applied.lake() == before
    ran = applied.daily("sync")
    assert (ran.code, ran.err) == (0, "")
    assert "nothing to change" in ran.out
    assert before.items() < applied.lake().items()
