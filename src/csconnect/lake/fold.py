"""Folding: many runs' files become one per entity and connection (usage: one per month), and no view changes. Statements stay whole:
each version of a month is a row of its own, not news about an older one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from csconnect.lake import sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import MEMORY, Engine, open_engine, run, translated
from csconnect.lake.manifest import Folded, Manifest, publish_manifest
from csconnect.lake.scan import facts, newest
from csconnect.lake.schema import ALIAS, ATTRIBUTES, DAY, ROLLUP, STATED, USAGE, fact_schema
from csconnect.lake.sink import Sink
from csconnect.lake.usage import winners

_KEYS = {
    **dict.fromkeys(ATTRIBUTES, ("_connection", "id")),
    ALIAS: ("_connection", "entity", "old_id"),
    DAY: ("_connection", "day"),
}


def fold_catalog(catalog: Catalog, last: Manifest, *, keep_history: bool, temp: Path) -> Manifest:
    """Write folded files and publish the manifest that puts them in place of all earlier ones."""
    root = catalog.root
    run = f"fold-{last.sequence + 1}"
    with translated(f"folding {root}"):
        engine = open_engine(MEMORY, temp=temp)
        try:
            sink = Sink(root, run)
            for entity in (*ATTRIBUTES, ALIAS, DAY, *STATED, USAGE, ROLLUP):
                for connection in sorted({file.connection for file in catalog.files(entity)}):
                    _fold(engine, catalog, sink, entity, connection, keep_history=keep_history)
        finally:
            engine.close()
        manifest = _manifest(catalog, last, sink, run, keep_history=keep_history)
        publish_manifest(root / "manifests", manifest)
    return manifest


def _fold(engine: Engine, catalog: Catalog, sink: Sink, entity: str, connection: str, *, keep_history: bool) -> None:
    if entity in (USAGE, ROLLUP):
        _fold_usage(engine, catalog, sink, entity, connection, keep_history=keep_history)
        return
    source = facts(entity, catalog.paths(catalog.files(entity, connection)))
    kept = source if keep_history or entity in STATED else newest(source, _KEYS[entity])
    sink.write(engine, entity, connection, _select(entity, kept))


def _fold_usage(
    engine: Engine, catalog: Catalog, sink: Sink, entity: str, connection: str, *, keep_history: bool
) -> None:
    """Month by month, from the files that hold days of the month: bounded memory, and readers can still skip months."""
    days = run(
        engine,
        sqltext.fill(
            """SELECT min(day), max(day) FROM {source} GROUP BY date_trunc('month', day) ORDER BY 1""",
            source=facts(DAY, catalog.paths(catalog.files(DAY, connection))),
        ),
    )
    for first, last in days:
        files = [file for file in catalog.usage_files(entity, first, last) if file.connection == connection]
        source = facts(entity, catalog.paths(files))
        where = sqltext.fill(
            "(SELECT * FROM {source} WHERE day BETWEEN {first} AND {last})",
            source=source,
            first=sqltext.day(first),
            last=sqltext.day(last),
        )
        if not keep_history:
            where = sqltext.fill(
                "(SELECT u.* FROM {where} u SEMI JOIN {winners} w USING (_connection, day, _known_at))",
                where=where,
                winners=winners(catalog, connection=connection),
            )
        sink.write(engine, entity, connection, _select(entity, where), (first, last))


def _select(entity: str, source: str) -> str:
    return sqltext.fill(
        "SELECT {columns} FROM {source}", columns=sqltext.names(fact_schema(entity).names), source=source
    )


def _manifest(catalog: Catalog, last: Manifest, sink: Sink, run: str, *, keep_history: bool) -> Manifest:
    first = catalog.manifests[0].folded
    kept_from = first.history_from if first else None
    connections = {c for m in catalog.manifests for c in (*m.cursors, *m.mappings)}
    return Manifest(
        sequence=last.sequence + 1,
        run=run,
        known_at=last.known_at,
        parent=last.sequence,
        files=tuple(sink.files),
        cursors={c: catalog.cursors(c) for c in sorted(connections)},
        mappings={c: catalog.digests(c) for c in sorted(connections)},
        counts=catalog.counts(),
        quarantine=last.quarantine,
        folded=Folded(
            through=last.sequence,
            history_from=kept_from if keep_history else last.known_at,
            since=catalog.since(),
            pulls=catalog.pulls(),
            told=_told(catalog, keep_history=keep_history),
        ),
    )


def _told(catalog: Catalog, *, keep_history: bool) -> dict[str, dict[str, tuple[datetime, ...]]]:
    kept = None if keep_history else -1
    return {
        connection: {entity: tuple(moments[kept:]) for entity, moments in entities.items()}
        for connection, entities in catalog.told().items()
    }
