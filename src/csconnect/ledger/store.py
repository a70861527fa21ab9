"""Opening the database, and the two kinds of access: a read, and a write that is on disk when it returns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from csconnect.connectors.protocols import Context
from csconnect.errors import ConfigError, DataError
from csconnect.ledger.migrate import migrate

Clock = Callable[[], datetime]
Scrub = Callable[[str], str]

_PATIENCE = 60_000
"""Milliseconds to wait for another process that is writing."""


class Store:
    """A database with the ledger's tables, brought up to date when it is opened."""

    def __init__(self, engine: Engine, now: Clock, scrub: Scrub) -> None:
        self._engine = engine
        self._now = now
        self._scrub = scrub
        self._where = engine.url.render_as_string(hide_password=True)
        # SQLite has one writer at a time anyway; waiting in line here is cheaper than in its busy loop.
        self._turn = threading.RLock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._where!r})"

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._turn, _explained(self._where), self._engine.begin() as connection:
            yield connection

    _read = _write

    def _at(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    def _upsert(self, connection: Connection, table: Any, rows: list[dict[str, object]], *changing: str) -> None:
        """Insert rows; where the primary key exists already, set ``changing`` columns (none: keep the row as it is)."""
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table)
        keys = list(table.primary_key.columns)
        if changing:
            update = {name: statement.excluded[name] for name in changing}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=update), rows)
        else:
            connection.execute(statement.on_conflict_do_nothing(index_elements=keys), rows)


def open_engine(where: str | Path) -> Engine:
    """An engine on a file or a database URL (``sqlite:///...``, ``postgresql+psycopg://...``), with all tables in place.

    Raises `ConfigError` when that is no URL or its driver is not installed, `DataError` when the database cannot be opened.
    """
    url = _url(where)
    shown = url.render_as_string(hide_password=True)
    try:
        memory = url.get_backend_name() == "sqlite" and not url.database
        options: dict[str, Any] = (
            {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if memory else {}
        )
        engine = create_engine(url, hide_parameters=True, **options)
    except (ArgumentError, ImportError) as error:
        remedy = "The ledger is SQLite (sqlite:///ledger.db) or, with the package psycopg installed, PostgreSQL"
        raise ConfigError("There is no driver for this database here", where=shown, remedy=remedy) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with _explained(shown), engine.begin() as connection:
        migrate(connection)
    return engine


def default_clock() -> datetime:
    """The core's one clock, unless a caller brings its own."""
    return Context("ledger").now()


def _url(where: str | Path) -> URL:
    if isinstance(where, str) and "://" in where:
        try:
            url = make_url(where)
        except ArgumentError:
            # The text may hold a password, so neither it nor the parser's message is repeated.
            remedy = "Give a file, or a URL such as sqlite:///ledger.db"
            raise ConfigError("The ledger's address cannot be read", where="ledger", remedy=remedy) from None
    else:
        url = URL.create("sqlite", database=str(where))
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return url.set(database=None) if url.database == ":memory:" else url


def _settle_sqlite(connection: Any, _: object) -> None:
    # The driver's own transactions begin too late for a write-ahead; ours begin explicitly.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_PATIENCE}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        remedy = "See that it can be reached, has space and is not a file of something else"
        raise DataError(f"The ledger cannot be used ({reason})", where=where, remedy=remedy, code="E-LEDGER") from error
