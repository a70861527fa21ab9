"""What judged is kept once, found by day and by run, and old ledgers learn to keep it."""

from __future__ import annotations

from datetime import date

from alembic import command
from sqlalchemy import create_engine

from csconnect.ledger import Ledger
from csconnect.ledger.migrate import alembic_config

TODAY = date(2026, 11, 22)


def test_the_judgement_of_a_day_is_that_of_the_newest_run_on_or_before_it(ledger, clock):
    assert ledger.judgement_on(TODAY) is None
    first = ledger.start_run("sync", TODAY).id
    ledger.keep_judgement(first, "d1", "one")
    clock.turn(days=2)
    # computed for a day long ago, yet judged by what is in force now
    second = ledger.start_run("plan", date(2020, 1, 1)).id
    ledger.keep_judgement(second, "d2", "two")
    clock.turn(days=1)
    ledger.start_run("pull", TODAY)
    assert ledger.judgement_on(date(2026, 11, 21)) is None
    assert [ledger.judgement_on(date(2026, 11, day)) for day in (22, 23, 24, 30)] == ["one", "one", "two", "two"]
    assert (ledger.judgement_of(first), ledger.judgement_of(second), ledger.judgement_of("none")) == (
        "one",
        "two",
        None,
    )


def test_the_last_word_of_a_day_counts(ledger, clock):
    for name in ("one", "two"):
        ledger.keep_judgement(ledger.start_run("plan", TODAY).id, name, name)
        clock.turn(hours=1)
    assert ledger.judgement_on(TODAY) == "two"


def test_runs_that_judge_alike_share_one_document(ledger, clock):
    for _ in range(3):
        ledger.keep_judgement(ledger.start_run("plan", TODAY).id, "d1", "one")
        clock.turn(days=1)
    with ledger._read() as connection:
        rows = connection.exec_driver_sql("SELECT digest, made_at, document FROM judgements").all()
    assert rows == [("d1", "2026-11-22T09:00:00.000+00:00", "one")]


def test_a_ledger_from_before_keeps_its_runs_and_learns_to_keep_judgements(tmp_path, clock):
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO runs (id, kind, as_of, config_hash, reason, started_at) VALUES "
            "('20261101-0001', 'sync', '2026-11-01', 'c', '', '2026-11-01T00:00:00.000+00:00')"
        )
    engine.dispose()
    with Ledger.open(tmp_path / "old.db", now=clock) as ledger:
        assert [run.id for run in ledger.runs()] == ["20261101-0001"]
        assert ledger.judgement_on(TODAY) is None
        ledger.keep_judgement(ledger.start_run("plan", TODAY).id, "d1", "one")
        assert ledger.judgement_on(TODAY) == "one"
