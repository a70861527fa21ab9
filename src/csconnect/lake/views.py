"""A snapshot: every canonical entity as a table, as of a day and as known at a moment, turned towards home accounts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from csconnect.errors import DataError
from csconnect.lake import identity, sqltext
from csconnect.lake.alias import followed, load_aliases
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, open_engine, run, translated
from csconnect.lake.scan import bare_table, facts, newest
from csconnect.lake.schema import ATTRIBUTES, WRITTEN, columns, fact_schema, names_connection, references
from csconnect.lake.usage_view import make_usage
from csconnect.model import ENTITIES


@dataclass(frozen=True)
class Asked:
    """What a snapshot was asked for; see `Lake.snapshot`."""

    until: date
    known: datetime | None
    homes: tuple[str, ...]
    match: Mapping[str, str]
    horizon_days: int
    connections: frozenset[str] | None = None


class Snapshot:
    """Tables in a DuckDB database of their own, spilled to disk, cut off from every file: ``connection``.

    Each entity is a table (or view) of its name with its canonical columns, ``_connection``, ``_known_at`` (not for usage) and, where
    csconnect writes, ``_owned``. Beside them stand ``account_link``, ``identity_finding`` and ``delivery`` (see `csconnect.lake.identity`).
    Close it when done: its database is a temporary folder.
    """

    def __init__(self, engine: Engine, asked: Asked, folder: Path) -> None:
        self.connection = engine
        self.until = asked.until
        self.known = asked.known
        self._folder = folder

    def table(self, name: str) -> pa.Table:
        """All rows of one of the snapshot's tables, as Arrow."""
        return self._query(sqltext.fill("SELECT * FROM {name}", name=sqltext.name(name)), name)

    def existing(self, entity: str, *, gone: bool = False) -> pa.Table:
        """What the CRMs hold of account, opportunity or task, for write-back.

        The columns of the entity with ``account_id`` as home key, and ``_connection``, ``_record`` (the bare id in that
        connection), ``_owned`` (JSON of our fields as they stood), ``_deleted`` and ``_known_at``. Accounts are the homes,
        which receive the writes; opportunities and tasks are those of every connection. With ``gone`` also records that
        were deleted in the CRM, with their last values.
        """
        if entity not in WRITTEN:
            raise DataError(
                "csconnect writes no records of this entity", where=entity, remedy=f"Use {', '.join(WRITTEN)}"
            )
        statement = sqltext.fill(
            """SELECT {columns}, _connection, substr(id, length(_connection) + 2) AS _record, _owned, _deleted, _known_at
            FROM work.{entity} WHERE {gone} OR NOT _deleted ORDER BY id""",
            columns=sqltext.names(columns(entity)),
            entity=sqltext.name(entity),
            gone="true" if gone else "false",
        )
        return self._query(statement, entity)

    def nameless(self) -> pa.Table:
        """Accounts that rows name and that are no customer we know (``unmatched``) or several (``ambiguous``): ``connection,
        account`` (its bare id there), ``reason``, ``rows`` (how many are left out), the most first."""
        statement = """SELECT connection, substr(account_id, length(connection) + 2) AS account, reason, rows
            FROM identity_finding ORDER BY rows DESC, connection, account"""
        return self._query(statement, "identity_finding")

    def close(self) -> None:
        """Drop the tables."""
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _query(self, statement: str, what: str) -> pa.Table:
        with translated(f"snapshot, table {what}"):
            return self.connection.sql(statement).to_arrow_table()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_snapshot(catalog: Catalog, asked: Asked, *, memory: str, threads: int | None, temp: Path | None) -> Snapshot:
    """Build the tables; takes a few seconds for millions of usage rows."""
    seen = catalog.as_known(asked.known).among(asked.connections)
    folder = Path(tempfile.mkdtemp(prefix="csconnect-", dir=temp))
    engine = open_engine(memory, threads, temp=folder / "spill", database=folder / "snapshot.duckdb")
    snapshot = Snapshot(engine, asked, folder)
    try:
        with translated(f"lake {catalog.root}"):
            run(engine, "PRAGMA disable_checkpoint_on_shutdown; BEGIN")
            _build(engine, seen, asked)
            run(engine, "COMMIT; DROP SCHEMA raw CASCADE; SET enable_external_access = false")
    except BaseException:
        snapshot.close()
        raise
    return snapshot


def _build(engine: Engine, catalog: Catalog, asked: Asked) -> None:
    run(engine, "CREATE SCHEMA raw; CREATE SCHEMA work")
    told = [entity for entity in ATTRIBUTES if entity == "account" or catalog.files(entity)]
    for entity in ATTRIBUTES:
        if entity in told:
            _load(engine, catalog, entity, asked)
        else:
            _make_empty(engine, entity)
    live = {entity: sqltext.fill("SELECT id FROM {live}", live=_live(entity)) for entity in ATTRIBUTES}
    merged = load_aliases(engine, catalog, asked.known, live)
    identity.load_rule(engine, asked.homes, asked.match)
    identity.link_accounts(engine)
    _drop_gone(engine)
    for entity in told:
        _home(engine, entity, merged)
    for entity in WRITTEN:
        _show_living(engine, entity)
    make_usage(engine, catalog, until=asked.until, known=asked.known, horizon_days=asked.horizon_days)
    identity.conclude(engine, catalog.through(asked.known), asked.until)


def _load(engine: Engine, catalog: Catalog, entity: str, asked: Asked) -> None:
    """``raw.<entity>``: the newest row of every record, of events only those that had happened."""
    source = facts(entity, catalog.paths(catalog.files(entity)), asked.known)
    happened = ENTITIES[entity].happened
    run(
        engine,
        sqltext.fill(
            "CREATE TABLE raw.{entity} AS SELECT * FROM {newest} WHERE {happened}",
            entity=sqltext.name(entity),
            newest=newest(source, ("_connection", "id")),
            happened=_had_happened(happened, asked.until) if happened else "true",
        ),
    )


def _make_empty(engine: Engine, entity: str) -> None:
    """The tables of what nobody delivers, as `_load` and `_home` would make them: that is most entities of most companies."""
    schema, written = fact_schema(entity), entity in WRITTEN
    kept = [*columns(entity), "_connection", *(("_owned", "_deleted") if written else ()), "_known_at"]
    homed = pa.schema([schema.field(name) for name in kept])
    run(engine, f"{bare_table(f'raw.{sqltext.name(entity)}', schema)}; {bare_table(_homed(entity), homed)}")


def _homed(entity: str) -> str:
    """The table of what has a home; of what we write it has the deleted rows too, and a view shows the others."""
    return f"work.{sqltext.name(entity)}" if entity in WRITTEN else sqltext.name(entity)


def _live(entity: str) -> str:
    return sqltext.fill("(SELECT * FROM raw.{entity} WHERE NOT _deleted)", entity=sqltext.name(entity))


def _had_happened(column: str, until: date) -> str:
    """An event without a date is not withheld: nothing says that it lies in the future."""
    return sqltext.fill(
        "({column} IS NULL OR {column}::DATE <= {until})", column=sqltext.name(column), until=sqltext.day(until)
    )


def _drop_gone(engine: Engine) -> None:
    """Forget deleted records, save the opportunities and tasks by which we see that a person deleted ours."""
    for entity in ATTRIBUTES:
        if entity not in WRITTEN or entity == "account":
            run(engine, sqltext.fill("DELETE FROM raw.{e} WHERE _deleted", e=sqltext.name(entity)))


_HOMED = """CREATE TABLE {table} AS SELECT {columns}, f._connection{extra} FROM {source} f {joins}
WHERE {kept} {one}"""


def _home(engine: Engine, entity: str, merged: set[str]) -> None:
    """The canonical table: merged ids replaced by survivors, account ids by homes, rows without a home left out."""
    pointers = references(entity)
    accounts = {column for column, to in pointers.items() if to == "account"}
    others = {column: to for column, to in pointers.items() if to != "account"}
    source = followed(entity, others, merged, f"raw.{sqltext.name(entity)}")
    if "account_id" in accounts:
        identity.note_names(engine, entity, _live(entity))
    picked = ", ".join(
        f"ref_{column}.home AS {sqltext.name(column)}" if column in accounts else f"f.{sqltext.name(column)}"
        for column in columns(entity)
    )
    joins = " ".join(
        f"LEFT JOIN account_ref ref_{column} ON ref_{column}.source = f.{column}" for column in sorted(accounts)
    )
    run(
        engine,
        sqltext.fill(
            _HOMED,
            table=_homed(entity),
            columns=picked,
            extra=", f._owned, f._deleted, f._known_at" if entity in WRITTEN else ", f._known_at",
            source=source,
            joins=joins,
            kept=_kept(entity, accounts),
            one="" if names_connection(entity) else _ONE_PER_ID,
        ),
    )


def _show_living(engine: Engine, entity: str) -> None:
    """The view of what we write, without the deleted rows by which we see that a person deleted ours."""
    shown = "CREATE VIEW {e} AS SELECT {columns}, _connection, _owned, _known_at FROM work.{e} WHERE NOT _deleted"
    run(engine, sqltext.fill(shown, e=sqltext.name(entity), columns=sqltext.names(columns(entity))))


# The same module named by two connections is one module; the newest word on it wins.
_ONE_PER_ID = "QUALIFY row_number() OVER (PARTITION BY f.id ORDER BY f._known_at DESC, f._connection) = 1"


def _kept(entity: str, accounts: set[str]) -> str:
    if entity == "account":
        return "f.id IN (SELECT account_id FROM account_link)"
    return "(f.account_id IS NULL OR ref_account_id.home IS NOT NULL)" if "account_id" in accounts else "true"
