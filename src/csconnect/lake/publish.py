"""What a run really says: of the rows it was given, those that differ from what the lake knows already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from csconnect.lake import quarantine, sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, one, run
from csconnect.lake.manifest import Count
from csconnect.lake.scan import facts, newest, nothing
from csconnect.lake.schema import OWN, columns, fact_schema
from csconnect.lake.sink import Sink
from csconnect.lake.stage import Stage


@dataclass(frozen=True)
class Publication:
    """One run being published: the lake before it, the engine, where files go, and the instant of the run."""

    engine: Engine
    catalog: Catalog
    sink: Sink
    known_at: datetime

    @property
    def moment(self) -> str:
        return sqltext.instant(self.known_at)


# The newest version of a record wins, then the one that came last; a deletion counts when no row came after it.
_MARKED = """CREATE OR REPLACE TEMP TABLE marked AS SELECT
    id,
    arg_max(_ordinal, {{'v': coalesce(_version, ''), 'o': _ordinal}}) FILTER (NOT _deleted) AS best,
    max(_ordinal) AS last,
    coalesce(max(_ordinal) FILTER (_deleted), -1) > coalesce(max(_ordinal) FILTER (NOT _deleted), -1) AS gone
FROM {staged} GROUP BY id"""

_KNOWN = """CREATE OR REPLACE TEMP TABLE known AS
SELECT id, arg_max(_digest, _known_at) AS digest, arg_max(_deleted, _known_at) AS dead FROM {facts} GROUP BY id"""

_NEWS = """CREATE OR REPLACE TEMP TABLE news AS
SELECT * FROM (
    SELECT s.id, s._ordinal, m.gone, {digest} AS digest
    FROM {staged} s JOIN marked m ON s._ordinal = m.best
) n LEFT JOIN (SELECT id, digest AS old_digest, dead FROM known) k USING (id)
WHERE (old_digest IS NULL AND NOT gone) OR old_digest <> digest OR dead <> gone"""

_LOST = """CREATE OR REPLACE TEMP TABLE lost AS
SELECT id FROM known k WHERE NOT dead AND (
    EXISTS (SELECT 1 FROM marked m WHERE m.id = k.id AND m.best IS NULL)
    OR ({complete} AND NOT EXISTS (SELECT 1 FROM marked m WHERE m.id = k.id)
        AND NOT EXISTS (SELECT 1 FROM {rejected} r WHERE r.id = k.id))
)"""

_FACTS = """SELECT {row}, n.digest AS _digest FROM {staged} s JOIN news n ON s._ordinal = n._ordinal
UNION ALL
SELECT {old} FROM {newest} f SEMI JOIN lost USING (id)"""


def publish_records(publication: Publication, stage: Stage, *, complete: bool) -> Count:
    """Write what ``stage`` says anew about its entity; with ``complete``, records that did not come are deleted."""
    engine, entity, connection = publication.engine, stage.entity, stage.connection
    known = publication.catalog.paths(publication.catalog.files(entity, connection))
    source, staged = facts(entity, known), _staged(stage)
    run(engine, sqltext.fill(_MARKED, staged=staged))
    run(engine, sqltext.fill(_KNOWN, facts=source))
    run(engine, sqltext.fill(_NEWS, staged=staged, digest=_digest(entity)))
    rejected = quarantine.rejected_ids(connection, entity)
    run(engine, sqltext.fill(_LOST, complete="true" if complete else "false", rejected=rejected))
    quarantine.settle(engine, connection, entity, everything=complete)
    written = publication.sink.write(engine, entity, connection, _rows(publication, stage, staged, source))
    return _count(engine, stage.delivered, written.rows if written else 0)


def publish_stated(publication: Publication, entity: str, rows: pa.Table) -> None:
    """Write what csconnect itself states; nobody delivered it, so nothing counts it and nothing is compared."""
    engine = publication.engine
    engine.register("stated", rows)
    select = sqltext.fill("SELECT *, {known_at} AS _known_at FROM stated", known_at=publication.moment)
    publication.sink.write(engine, entity, OWN, select)
    engine.unregister("stated")


def _rows(publication: Publication, stage: Stage, staged: str, source: str) -> str:
    stamped = {
        "_connection": sqltext.text(stage.connection),
        "_known_at": publication.moment,
        "_deleted": "n.gone",
    }
    names = [name for name in fact_schema(stage.entity).names if name != "_digest"]
    row = ", ".join(f"{stamped.get(name, 's.' + sqltext.name(name))} AS {sqltext.name(name)}" for name in names)
    stamped["_deleted"] = "true"
    old = ", ".join(
        f"{stamped.get(name, 'f.' + sqltext.name(name))} AS {sqltext.name(name)}" for name in [*names, "_digest"]
    )
    return sqltext.fill(_FACTS, row=row, old=old, staged=staged, newest=newest(source, ("_connection", "id")))


def _staged(stage: Stage) -> str:
    if stage.rows:
        return sqltext.fill("read_parquet({path}, hive_partitioning = false)", path=sqltext.text(str(stage.path)))
    return nothing(stage.schema)


def _digest(entity: str) -> str:
    """SQL for what counts as a change of a row ``s``: its canonical columns and our own fields, not its version."""
    parts = ", ".join(f"{sqltext.name(name)} := s.{sqltext.name(name)}" for name in (*columns(entity), "_owned"))
    return f"md5(to_json(struct_pack({parts}))::VARCHAR)"


def _count(engine: Engine, delivered: int, written: int) -> Count:
    statement = """SELECT
        (SELECT count(*) FROM known WHERE NOT dead),
        (SELECT count(*) FROM news WHERE NOT gone AND coalesce(dead, true)),
        (SELECT count(*) FROM news WHERE gone AND NOT coalesce(dead, true)) + (SELECT count(*) FROM lost)"""
    before, born, deleted = one(engine, statement)
    return Count(delivered=delivered, written=written, deleted=deleted, live=before + born - deleted)
