"""Rows as the core wants them: one plain dict a record, with the paths over relations looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from csconnect.connectors.protocols import ObjectSchema
from csconnect_hubspot.associations import chunks, related
from csconnect_hubspot.derived import derived
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.properties import RELATION, is_relation, require
from csconnect_hubspot.reading import RawRecord, by_values, changed, modified_property
from csconnect_hubspot.spelling import local

TOP_LEVEL = {
    "id": "id",
    "hs_object_id": "id",
    "createdAt": "createdAt",
    "updatedAt": "updatedAt",
    "archived": "archived",
}


class RowMaker:
    """Turns answers about ``object`` into rows with exactly ``fields``.

    A field is a property, a top-level part of the record (``id``), a derived path, or a path over a relation:
    ``associations.deals`` is the id of the primary (else the lowest) associated deal, ``associations.deals.amount`` that
    deal's property, ``associations.deals.associations.companies`` its company.
    """

    def __init__(self, portal: Portal, object: str, fields: Iterable[str], *, also: Iterable[str] = ()) -> None:
        self.portal, self.object = portal, object
        self.fields = tuple(dict.fromkeys(fields))
        schema = portal.schema(object)
        own = [name for name in dict.fromkeys((*self.fields, *also)) if not is_relation(name) and name not in TOP_LEVEL]
        require(schema, own, where=portal.context.connection)
        self.properties = _properties(schema, own, object)
        stamp = modified_property(object)  # tells versions apart by its text, and must not change with the season
        moments = (name for name in self.properties if name != stamp and name in schema.fields)
        self._moments = frozenset(name for name in moments if schema.fields[name].type == "datetime")
        self._relations = _by_relation(self.fields)

    def rows(self, records: Sequence[RawRecord]) -> list[dict[str, Any]]:
        own = [name for name in self.fields if not is_relation(name)]
        rows = [
            {name: self._value(record, properties, name) for name in own} for record, properties in self._read(records)
        ]
        for other, paths in self._relations.items():
            firsts = self._firsts(records, other)
            beyond = self._beyond(other, [path for path in paths if path], firsts.values())
            for record, row in zip(records, rows, strict=True):
                id = firsts.get(str(record["id"]))
                for path in paths:
                    name = f"{RELATION}{other}" + (f".{path}" if path else "")
                    row[name] = (beyond.get(id or "") or {}).get(path) if path else id
        return rows

    def moved(self, since: datetime) -> Iterator[list[RawRecord]]:
        """Pages of the records that show a property of an associated record which changed at or after ``since``.

        Their own stamp stands still when that happens.
        """
        for ids in chunks(self._showing(since)):
            yield by_values(self.portal, self.object, self.properties, ids)

    def _showing(self, since: datetime) -> Iterator[str]:
        for other, paths in self._relations.items():
            beyond = [path for path in paths if path]
            ids: list[str] = []
            if any(not is_relation(path) for path in beyond):
                pages = changed(self.portal, other, ("hs_object_id",), since)
                ids += (str(record["id"]) for page in pages for record in page)
            ids += RowMaker(self.portal, other, beyond)._showing(since) if beyond else ()
            for many in related(self.portal, other, self.object, ids).values():
                yield from many

    def _read(self, records: Iterable[RawRecord]) -> Iterator[tuple[RawRecord, Mapping[str, Any]]]:
        return ((record, self._local(record.get("properties") or {})) for record in records)

    def _value(self, record: RawRecord, properties: Mapping[str, Any], name: str) -> Any:
        made = derived(self.object).get(name)
        if made is not None:
            return made.value(properties)
        if name in TOP_LEVEL and properties.get(name) is None:
            return record.get(TOP_LEVEL[name])
        return properties.get(name)

    def _local(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Instants as the portal's own clocks show them: their day is a day of the portal, not of UTC."""
        known = {name: text for name in self._moments if (text := properties.get(name))}
        if not known:
            return properties
        zone = self.portal.identity().zone
        return {**properties, **{name: local(str(text), zone) for name, text in known.items()}}

    def _firsts(self, records: Sequence[RawRecord], other: str) -> dict[str, str]:
        ids = [str(record["id"]) for record in records]
        return {id: many[0] for id, many in related(self.portal, self.object, other, ids).items()} if ids else {}

    def _beyond(self, other: str, paths: list[str], ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Rows of the associated records, by id."""
        if not paths:
            return {}
        maker = RowMaker(self.portal, other, paths)
        records = by_values(self.portal, other, maker.properties, ids)
        return {str(record["id"]): row for record, row in zip(records, maker.rows(records), strict=True)}


def _properties(schema: ObjectSchema, own: Iterable[str], object: str) -> tuple[str, ...]:
    """What to ask for: the parts of derived paths in their place, and the ids of merged records where the object has them."""
    asked: list[str] = []
    for name in own:
        made = derived(object).get(name)
        asked += made.parts if made else (name,)
    if "hs_merged_object_ids" in schema.fields:
        asked.append("hs_merged_object_ids")
    return tuple(dict.fromkeys(asked))


def _by_relation(fields: Iterable[str]) -> dict[str, list[str]]:
    """Relation -> the paths beyond it, "" for the associated id itself."""
    relations: dict[str, list[str]] = {}
    for name in fields:
        if is_relation(name):
            other, _, path = name.removeprefix(RELATION).partition(".")
            relations.setdefault(other, []).append(path)
    return relations
