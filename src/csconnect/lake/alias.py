"""Merged records: from when on an id is another name of its survivor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from csconnect.lake import sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, run
from csconnect.lake.publish import Publication
from csconnect.lake.scan import facts, newest
from csconnect.lake.schema import ALIAS, fact_schema

_COLUMNS = ("_connection", "entity", "old_id", "survivor_id")


def publish_aliases(publication: Publication, aliases: Sequence[tuple[str, str, str, str]]) -> None:
    """Write the merges that say something new: (connection, entity, old id, survivor's id), the last word of a run wins."""
    engine, catalog = publication.engine, publication.catalog
    last = {alias[:3]: alias for alias in aliases}
    for connection in sorted({alias[0] for alias in last.values()}):
        rows = [dict(zip(_COLUMNS, alias, strict=True)) for alias in last.values() if alias[0] == connection]
        engine.register("merged", pa.Table.from_pylist(rows, schema=pa.schema([(n, pa.string()) for n in _COLUMNS])))
        known = facts(ALIAS, catalog.paths(catalog.files(ALIAS, connection)))
        publication.sink.write(
            engine,
            ALIAS,
            connection,
            sqltext.fill(
                """SELECT entity, old_id, survivor_id, _connection, {moment} AS _known_at
                FROM merged ANTI JOIN {known} k USING (_connection, entity, old_id, survivor_id)""",
                moment=publication.moment,
                known=newest(known, ("_connection", "entity", "old_id")),
            ),
        )
        engine.unregister("merged")


def load_aliases(engine: Engine, catalog: Catalog, known: datetime | None, live: dict[str, str]) -> set[str]:
    """Make the table ``alias`` (entity, old_id, survivor_id), chains followed to their end.

    ``live`` gives, by entity, SQL for the ids that exist: an id that came back to life is nobody's other name. Merges in a
    circle have no survivor and are left out. Returns the entities that have aliases.
    """
    source = facts(ALIAS, catalog.paths(catalog.files(ALIAS)), known)
    names = sqltext.names(n for n in fact_schema(ALIAS).names if n != "_known_at")
    run(
        engine,
        sqltext.fill(
            "CREATE TEMP TABLE merge AS SELECT {names} FROM {newest}",
            names=names,
            newest=newest(source, ("_connection", "entity", "old_id")),
        ),
    )
    entities = {entity for (entity,) in run(engine, "SELECT DISTINCT entity FROM merge")}
    for entity in sorted(entities & live.keys()):
        run(
            engine,
            sqltext.fill(
                "DELETE FROM merge WHERE entity = {entity} AND old_id IN ({live})",
                entity=sqltext.text(entity),
                live=live[entity],
            ),
        )
    run(
        engine,
        """CREATE TEMP TABLE alias AS
        WITH RECURSIVE chain(entity, old_id, survivor_id) AS (
            SELECT entity, old_id, survivor_id FROM merge
            UNION
            SELECT c.entity, c.old_id, m.survivor_id
            FROM chain c JOIN merge m ON m.entity = c.entity AND m.old_id = c.survivor_id
        )
        SELECT c.* FROM chain c ANTI JOIN merge m ON m.entity = c.entity AND m.old_id = c.survivor_id""",
    )
    return entities


def followed(entity: str, pointers: dict[str, str], merged: set[str], source: str) -> str:
    """SQL for ``source`` with its pointers to merged records replaced by their survivors."""
    moved = {column: to for column, to in pointers.items() if to in merged}
    joins = " ".join(
        sqltext.fill(
            "LEFT JOIN alias {a} ON {a}.entity = {to} AND {a}.old_id = f.{column}",
            a=sqltext.name(f"alias_{column}"),
            to=sqltext.text(to),
            column=sqltext.name(column),
        )
        for column, to in moved.items()
    )
    replaced = ", ".join(
        f"coalesce({sqltext.name(f'alias_{column}')}.survivor_id, f.{sqltext.name(column)}) AS {sqltext.name(column)}"
        for column in moved
    )
    if not moved:
        return source
    return sqltext.fill(
        "(SELECT f.* REPLACE ({replaced}) FROM {source} f {joins})", replaced=replaced, source=source, joins=joins
    )
