"""The migrations make exactly the tables that the code names, and run when a ledger is opened."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from csconnect.ledger import Ledger
from csconnect.ledger.migrate import HEAD, alembic_config
from csconnect.ledger.schema import metadata


def test_the_tables_are_those_of_the_schema(ledger):
    with ledger._read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_revision_is_the_one_the_code_expects():
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_writes_are_on_disk_when_they_return(ledger):
    with ledger._read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_ledger_in_memory_works_too(change):
    with Ledger.open("sqlite://") as ledger:
        ledger.intend("r1", [change()])
        assert ledger.pending("r1") == [change()]
