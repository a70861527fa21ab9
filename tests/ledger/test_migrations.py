"""The migrations make exactly the tables that the code names, and run when a ledger is opened."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from csconnect.errors import ConfigError, DataError
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


def test_a_ledger_of_a_newer_version_is_left_alone_and_said_so(tmp_path):
    with Ledger.open(tmp_path / "ledger.db") as ledger, ledger._write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DataError, match="9999 by a newer csconnect") as caught:
        Ledger.open(tmp_path / "ledger.db")
    assert caught.value.error_code == "E-LEDGER"


def test_a_database_that_is_neither_of_the_two_is_answered_with_both():
    with pytest.raises(ConfigError, match=r"SQLite .* PostgreSQL") as caught:
        Ledger.open("mysql://me:secret-word@host/db")
    assert "secret-word" not in str(caught.value)
