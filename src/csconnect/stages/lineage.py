"""From a score back to the records it is made from: system, object, fields, when it happened and when we learnt it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from csconnect.compute.reads import Reads, reads
from csconnect.errors import DataError
from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of
from csconnect.stages.explain import Explanation
from csconnect.stages.score import Judged
from csconnect.stages.workspace import Workspace

USAGE = ("usage_day", "usage_module_day")


@dataclass(frozen=True)
class Record:
    """One record of one system. ``objects`` are those of the system that the mapping reads this entity from, ``fields`` ours -> theirs
    (none: a constant, or the mapping is not there any more). Of usage ``rows`` of a span of days stand for many records."""

    connection: str
    entity: str
    id: str
    objects: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    values: dict[str, Any]
    happened: Any = None
    until: Any = None
    known_at: Any = None
    rows: int = 1


@dataclass(frozen=True)
class Origin:
    """Where one signal's value comes from: what it reads, and the account's records of that, the newest first."""

    signal: str
    value: float | None
    reads: list[Reads]
    records: list[Record]


def trace(workspace: Workspace, judged: Judged, found: Explanation, signal: str | None = None) -> list[Origin]:
    """The origins of the signals of an account's card (those that only overrides ask for included), or of ``signal`` alone."""
    names = found.card.needs()
    if signal is not None and signal not in names:
        near = difflib.get_close_matches(signal, names, 1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}"
        raise DataError(
            f"{signal!r} is no signal of this account's card", where="--lineage", remedy=remedy, code="E-SIGNAL"
        )
    values = {driver.signal: driver.value for driver in found.drivers}
    origins = []
    for name in [signal] if signal else names:
        read = reads(judged.signals[name])
        records = [record for each in read for record in _records(workspace, judged, found.account.id, each)]
        records.sort(key=lambda each: str(each.happened or each.known_at or ""), reverse=True)
        origins.append(Origin(name, values.get(name), read, records))
    return origins


def _records(workspace: Workspace, judged: Judged, account: str, read: Reads) -> list[Record]:
    """The account's records of one entity within the window; none for what belongs to no account, such as modules."""
    model = ENTITIES[read.entity]
    owner = "id" if read.entity == "account" else "account_id"
    if owner not in fields_of(model):
        return []
    where, values = f'"{owner}" = ?', [account]
    if model.happened and read.window is not None:
        first = judged.computed.as_of - timedelta(days=read.window)
        where += f' AND ("{model.happened}" IS NULL OR CAST("{model.happened}" AS DATE) >= DATE \'{first}\')'
    if read.entity in USAGE:
        return _usage(workspace, judged, read, where, values)
    happened = f'"{model.happened}"' if model.happened else "NULL"
    picked = "".join(f', "{name}"' for name in read.fields)
    query = f"""SELECT _connection, id AS _id, _known_at, {happened} AS _happened{picked}
        FROM "{read.entity}" WHERE {where} ORDER BY id"""  # noqa: S608
    rows = judged.snapshot.connection.sql(query, params=values).to_arrow_table().to_pylist()
    return [
        Record(
            row["_connection"],
            read.entity,
            str(row["_id"]).removeprefix(f"{row['_connection']}:"),
            *_origin(workspace, row["_connection"], read),
            {name: row[name] for name in read.fields},
            row["_happened"],
            known_at=row["_known_at"],
        )
        for row in rows
    ]


def _usage(workspace: Workspace, judged: Judged, read: Reads, where: str, values: list[str]) -> list[Record]:
    """Usage as one line a connection: millions of rows are nothing to read."""
    rows = judged.snapshot.connection.execute(
        f"""SELECT _connection, min(day), max(day), count(*) FROM "{read.entity}" WHERE {where}
        GROUP BY _connection ORDER BY _connection""",  # noqa: S608
        values,
    ).fetchall()
    return [
        Record(row[0], read.entity, "", *_origin(workspace, row[0], read), {}, row[1], until=row[2], rows=row[3])
        for row in rows
    ]


def _origin(workspace: Workspace, connection: str, read: Reads) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The system's objects and fields by the mapping; usage by module is counted from the rows of users."""
    if connection not in workspace.config.connections:
        return (), {}
    known = workspace.mappings(connection)
    mappings = known.of(read.entity) or (known.of("usage_day") if read.entity in USAGE else [])
    objects = tuple(dict.fromkeys(mapping.object for mapping in mappings))
    fields: dict[str, tuple[str, ...]] = {}
    for name in read.fields:
        paths = [path for each in mappings if name in each.read for path in each.read[name].paths]
        if paths:
            fields[name] = tuple(dict.fromkeys(paths))
    return objects, fields
