"""One portal: the store seen through HubSpot's eyes. Types by any of their names, properties, and records as JSON."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.hubspot import moments
from csconnect_emulator.hubspot.definition import Property, spell
from csconnect_emulator.hubspot.errors import invalid, not_found
from csconnect_emulator.hubspot.schema import SYSTEM, LinkType, ObjectType, from_field, packaged, to_field
from csconnect_emulator.hubspot.search_sql import STAMPS
from csconnect_emulator.store import Record, RecordStore

T = TypeVar("T")


class Portal:
    """What handlers work on. ``limits`` has the keys of `rates.DEFAULTS`."""

    def __init__(self, store: RecordStore, limits: dict[str, int]) -> None:
        self.store = store
        self.limits = limits
        self._seen: dict[str, tuple[Mapping[str, FieldDef], dict[str, Property]]] = {}

    # object types

    def kinds(self) -> list[ObjectType]:
        """The vendor's objects, then the custom ones."""
        custom = self.store.get_meta("hubspot.custom", {})
        return [*packaged().objects.values(), *(_custom(name, given) for name, given in custom.items())]

    def kind(self, name: str) -> ObjectType:
        """The object called ``name``: plural, singular, upper case or type id; 400 when there is none."""
        wanted = name.lower()
        for kind in (packaged().objects.get(wanted), *self.kinds()):
            if kind is not None and wanted in kind.names():
                return kind
        raise invalid(f"Unable to infer object type from: {name}", context={"objectType": [name]})

    # properties

    def properties(self, kind: ObjectType) -> dict[str, Property]:
        """The properties that are not archived, by name."""
        given = self.store.fields(SYSTEM, kind.name)
        seen = self._seen.get(kind.name)
        if seen is None or seen[0] is not given:
            found = (from_field(field) for field in given.values())
            seen = (given, {prop.name: prop for prop in found if not prop.archived})
            self._seen[kind.name] = seen
        return seen[1]

    def save_property(self, kind: ObjectType, prop: Property) -> Property:
        self.store.add_field(SYSTEM, kind.name, to_field(prop))
        return prop

    # associations

    def link_types(self, one: ObjectType, other: ObjectType) -> tuple[LinkType, ...]:
        """The kinds of association from ``one`` to ``other``, the unlabelled one among them."""
        known = packaged().links.get((one.name, other.name))
        if known is None:
            # Numbers for pairs the vendor's page does not list; the same at every start.
            known = (LinkType(10_000 + zlib.crc32(f"{one.name}>{other.name}".encode()) % 80_000, None),)
        made = self.store.get_meta("hubspot.labels", {}).get(f"{one.name}>{other.name}", [])
        return (*known, *(LinkType(m["id"], m["label"], "USER_DEFINED", m["key"]) for m in made))

    # records

    def now(self) -> int:
        """Milliseconds of the emulator's clock."""
        return self.store.clock.micros() // 1000

    def values(self, kind: ObjectType, record: Record, names: Iterable[str]) -> dict[str, str | None]:
        """The values of the properties named and of the defaults; names that are no property are left out."""
        known = self.properties(kind)
        wanted = dict.fromkeys([*kind.answered, *names])
        return {name: _value(record, known[name]) for name in sorted(wanted) if name in known}

    def to_json(self, kind: ObjectType, record: Record, names: Iterable[str] = ()) -> dict[str, Any]:
        """A record as every object endpoint answers it."""
        body: dict[str, Any] = {
            "id": record.id,
            "properties": self.values(kind, record, names),
            "createdAt": moments.iso(record.created // 1000),
            "updatedAt": moments.iso(record.modified // 1000),
            "archived": record.deleted,
        }
        if record.deleted:
            body["archivedAt"] = moments.iso(record.modified // 1000)
        return body

    def find(self, kind: ObjectType, id: str, id_property: str | None, archived: bool = False) -> Record:
        """The record with that id, or with that value of a unique property; 404 when there is none."""
        if not id_property or id_property == "hs_object_id":
            found = self.store.get(SYSTEM, kind.name, id, include_deleted=archived)
        else:
            found = self.by_key(kind, id_property, [id], archived).get(id.lower())
        if found is None or found.deleted != archived:
            raise not_found()
        return found

    def by_key(
        self, kind: ObjectType, id_property: str, keys: Sequence[str], archived: bool = False
    ) -> dict[str, Record]:
        """Lower-case value of a unique property -> record; 400 when the property is not unique."""
        prop = self.properties(kind).get(id_property)
        if prop is None or not prop.unique:
            raise invalid(
                f"Property '{id_property}' is not a unique identifier property of {kind.singular}",
                context={"idProperty": [id_property]},
            )
        expression = f"{self.store.column(id_property)} COLLATE NOCASE"
        marks = ", ".join("?" * len(keys))
        where = f"{expression} IN ({marks}) AND deleted = {int(archived)}"
        found = self.store.query(SYSTEM, kind.name, where, list(keys), include_deleted=archived)
        return {str(record.data[id_property]).lower(): record for record in found}


def _value(record: Record, prop: Property) -> str | None:
    if prop.name == "hs_object_id":
        return record.id
    if prop.name in STAMPS:
        return moments.iso((record.created if STAMPS[prop.name] == "created" else record.modified) // 1000)
    text = spell(record.data.get(prop.name))
    # Loaded rows may spell a whole second with its fraction; written ones never do.
    return text.replace(".000Z", "Z") if text and prop.type == "datetime" else text


def _custom(name: str, given: Mapping[str, Any]) -> ObjectType:
    """A custom object as `custom_objects` made it."""
    return ObjectType(
        name=name,
        id=given["id"],
        singular=given["name"],
        labels=(given["labels"]["singular"], given["labels"]["plural"]),
        scopes=("crm.objects.custom",),
        schema_scopes=("crm.schemas.custom",),
        display=given["display"],
        defaults=(given["display"],) if given["display"] else (),
        searched=tuple(given["searchable"]),
        required=tuple(given["required"]),
        custom=True,
    )


def shuffle(items: Sequence[T], ids: Sequence[str]) -> list[T]:
    """The items in another order than given, always the same for the same ids, as batch answers come (recorded)."""
    order = sorted(range(len(items)), key=lambda i: zlib.crc32(ids[i].encode()))
    if len(items) > 1 and order == list(range(len(items))):
        order = [*order[1:], order[0]]
    return [items[i] for i in order]
