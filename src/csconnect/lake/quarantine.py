"""Records set aside: what did not fit, until a newer run delivers the same record and it does.

Every run's manifest names one file with all entries open as of that run, so the list is never pieced together.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from csconnect.lake import sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, run
from csconnect.lake.manifest import FactFile
from csconnect.lake.scan import facts
from csconnect.lake.schema import QUARANTINE, USAGE, fact_schema, key
from csconnect.lake.sink import Sink
from csconnect.lake.stage import ORDINAL

_FIELDS = ("entity", "source_id", "field", "value_class", "reason")
_STAGED = pa.schema(
    [*(pa.field(name, pa.string()) for name in ("_connection", *_FIELDS)), pa.field(ORDINAL, pa.int64())]
)


class Rejected(Protocol):
    """A record that did not fit; ``source_id`` is the canonical id without the connection before it."""

    @property
    def entity(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def value_class(self) -> str: ...
    @property
    def reason(self) -> str: ...


class RejectStage:
    """Rejects on their way into the lake, written as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: Any = None

    def append(self, connection: str, rejects: Iterable[Rejected], ordinal: int) -> int:
        """Add ``rejects``; returns how many there were."""
        rows = [
            {"_connection": connection, ORDINAL: ordinal + place, **{name: getattr(reject, name) for name in _FIELDS}}
            for place, reject in enumerate(rejects)
        ]
        if rows:
            if self._writer is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._writer = pq.ParquetWriter(self.path, _STAGED)
            self._writer.write_table(pa.Table.from_pylist(rows, schema=_STAGED))
        self.rows += len(rows)
        return len(rows)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def open_quarantine(engine: Engine, catalog: Catalog, staged: RejectStage, known_at: str) -> None:
    """Make the table ``quarantine``: entries of earlier runs (ordinal -1) and of this one, not yet settled."""
    last = catalog.last
    old = catalog.paths([last.quarantine]) if last and last.quarantine else []
    columns = sqltext.names(fact_schema(QUARANTINE).names)
    run(
        engine,
        sqltext.fill(
            "CREATE TEMP TABLE quarantine AS SELECT {columns}, -1::BIGINT AS {ordinal} FROM {source}",
            columns=columns,
            ordinal=ORDINAL,
            source=facts(QUARANTINE, old),
        ),
    )
    if staged.rows:
        run(
            engine,
            sqltext.fill(
                """INSERT INTO quarantine BY NAME
                SELECT *, {known_at} AS _known_at FROM read_parquet({path}, hive_partitioning = false)""",
                known_at=known_at,
                path=sqltext.text(str(staged.path)),
            ),
        )
        # A record that failed again is listed with its newest reasons only.
        run(
            engine,
            """DELETE FROM quarantine q WHERE _ordinal < 0 AND EXISTS (
                SELECT 1 FROM quarantine n WHERE n._ordinal >= 0 AND n._connection = q._connection
                AND n.entity = q.entity AND n.source_id = q.source_id)""",
        )


def rejected_ids(connection: str, entity: str) -> str:
    """SQL for the canonical ids of ``entity`` that this run set aside."""
    return sqltext.fill(
        """(SELECT {id} AS id FROM quarantine
            WHERE _ordinal >= 0 AND _connection = {connection} AND entity = {entity})""",
        id=_id(connection, entity),
        connection=sqltext.text(connection),
        entity=sqltext.text(entity),
    )


def settle(engine: Engine, connection: str, entity: str, *, everything: bool) -> None:
    """Strike out entries that the rows delivered in this run (table ``marked``: id, last ordinal) have mended.

    With ``everything`` the run delivered all there is, so whatever it did not set aside itself is mended or gone. Usage
    rows have no id: the newest delivery speaks for the connection.
    """
    mended = "_ordinal < 0" if everything or entity == USAGE else "false"
    if entity != USAGE:
        mended += sqltext.fill(
            " OR EXISTS (SELECT 1 FROM marked m WHERE m.id = {id} AND m.last > _ordinal)",
            id=_id(connection, entity),
        )
    run(
        engine,
        sqltext.fill(
            "DELETE FROM quarantine WHERE _connection = {connection} AND entity = {entity} AND ({mended})",
            connection=sqltext.text(connection),
            entity=sqltext.text(entity),
            mended=mended,
        ),
    )


def write_quarantine(engine: Engine, sink: Sink) -> FactFile | None:
    """Write the entries that are still open."""
    columns = sqltext.names(fact_schema(QUARANTINE).names)
    select = sqltext.fill("SELECT {columns} FROM quarantine ORDER BY ALL", columns=columns)
    return sink.write_unlisted(engine, QUARANTINE, "all", select)


def _id(connection: str, entity: str) -> str:
    return sqltext.text(key(connection, entity, "")) + " || source_id"
