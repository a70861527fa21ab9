"""Runs, plans, notes, holds; what is stored and what never is."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from csconnect.connectors.protocols import Context
from csconnect.errors import ConfigError, DataError, PlanAlteredError, PlanError
from csconnect.ledger import Ledger
from csconnect.ledger.schema import plans
from csconnect.ledger.store import default_clock
from csconnect.model.values import Plan

TODAY = date(2026, 11, 22)


def test_runs_are_numbered_and_listed_newest_first(ledger, clock):
    first = ledger.start_run("sync", TODAY, "hash", "export moved")
    clock.turn(days=1)
    second = ledger.start_run("apply", TODAY, plan_of=first.id)
    ledger.finish_run(first.id, "applied", {"written": 427, "unit": "字段"})
    assert (first.id, second.id) == ("20261122-0001", "20261123-0002")
    newest, oldest = ledger.runs()
    assert (newest.id, newest.outcome, newest.plan_of) == (second.id, None, first.id)
    assert (oldest.reason, oldest.outcome, oldest.summary) == (
        "export moved",
        "applied",
        {"written": 427, "unit": "字段"},
    )
    assert oldest.finished_at is not None
    assert oldest.finished_at > oldest.started_at
    assert ledger.runs(limit=1) == [newest]
    assert ledger.run(first.id) == oldest
    assert ledger.run("none") is None
    assert ledger.killed() == 1


def make_plan(run, change, clock, number=1):
    return Plan.of([change(number)], run_id=run.id, made_at=clock(), as_of=TODAY, config_hash="h")


def test_a_plan_comes_back_as_it_was_saved(ledger, change, clock):
    run = ledger.start_run("plan", TODAY)
    ledger.save_plan(make_plan(run, change, clock))
    ledger.save_plan(make_plan(run, change, clock, 2))
    assert ledger.load_plan(run.id) == make_plan(run, change, clock, 2)
    assert ledger.newest_plan() == run.id


@pytest.mark.parametrize("edit", [lambda body: body.replace('"a1"', '"a2"'), lambda body: body[:50]])
def test_a_plan_that_was_altered_in_the_database_is_refused(ledger, change, clock, edit):
    run = ledger.start_run("plan", TODAY)
    plan = make_plan(run, change, clock)
    ledger.save_plan(plan)
    with ledger._write() as connection:
        connection.execute(update(plans).values(body=edit(plan.model_dump_json())))
    with pytest.raises(PlanAlteredError):
        ledger.load_plan(run.id)


def test_a_run_without_a_plan(ledger):
    assert ledger.newest_plan() is None
    with pytest.raises(PlanError, match="no plan"):
        ledger.load_plan("none")


def test_notes_of_a_run(ledger):
    for text in ("one", "two"):
        ledger.note("r1", text)
    ledger.note("r2", "other")
    assert ledger.notes("r1") == ["one", "two"]


def test_holds_keep_their_first_reason_until_they_are_released(ledger, clock):
    ledger.hold(["crm:a1", "crm:a2"], "r1", "undo of run r1")
    clock.turn(hours=1)
    ledger.hold(["crm:a1", "crm:a3"], "r2", "undo of run r2")
    assert {account: hold.run_id for account, hold in ledger.holds().items()} == {
        "crm:a1": "r1",
        "crm:a2": "r1",
        "crm:a3": "r2",
    }
    assert ledger.release(["crm:a1", "crm:none"]) == 1
    assert ledger.release() == 2
    assert ledger.holds() == {}
    ledger.hold([], "r3", "nothing")


def test_everything_is_there_after_opening_again(tmp_path, change, receipt, clock):
    with Ledger.open(tmp_path / "deep" / "er" / "ledger.db", now=clock) as ledger:
        ledger.start_run("sync", TODAY)
        ledger.intend("r1", [change(1), change(2)])
        ledger.record("r1", [(change(1), receipt(change(1)))])
    with Ledger.open(f"sqlite:///{tmp_path}/deep/er/ledger.db", now=clock) as ledger:
        assert len(ledger.runs()) == 1
        assert ledger.pending("r1") == [change(2)]


def test_secrets_are_scrubbed_from_every_free_text(tmp_path, change, receipt):
    secret = "s3cr3t-token"
    path = tmp_path / "ledger.db"
    with Ledger.open(path, scrub=lambda text: text.replace(secret, "***")) as ledger:
        run = ledger.start_run("sync", TODAY, reason=f"because {secret}")
        ledger.note(run.id, f"note {secret}")
        ledger.hold(["crm:a1"], run.id, f"hold {secret}")
        ledger.record(run.id, [(change(), receipt(change(), message=f"Bearer {secret} expired"))])
        ledger.finish_run(run.id, "stopped", {"error": f"token {secret}"})
        assert ledger.receipts(run.id)[0][1].message == "Bearer *** expired"
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in stored


def test_a_password_in_the_address_is_never_shown():
    for address in ("postgresql+psycopg://u:hunter2@127.0.0.1:1/db", "nosuch://u:hunter2@h/db", "://hunter2"):
        with pytest.raises((ConfigError, DataError)) as caught:
            Ledger.open(address)
        assert "hunter2" not in str(caught.value) + repr(caught.value)


def test_a_file_of_something_else_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, but long enough to be taken for one" * 100)
    with pytest.raises(DataError) as caught:
        Ledger.open(path)
    assert caught.value.error_code == "E-LEDGER"
    assert str(path) in str(caught.value)


def test_the_clock_is_the_cores_own_unless_one_is_brought():
    assert abs((default_clock() - Context("any").now()).total_seconds()) < 60
