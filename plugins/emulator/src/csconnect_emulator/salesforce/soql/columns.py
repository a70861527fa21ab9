"""Field paths to SQL: which column, over which joins, and of what kind its values are."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import SF_PREFIXES
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.errors import HINT, ApiError
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.soql.tree import Path
from csconnect_emulator.store import RecordStore

KINDS = {
    "id": "id",
    "reference": "id",
    "lookup": "id",
    "boolean": "boolean",
    "double": "number",
    "int": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "multipicklist": "multi",
}
STAMPS = {"SystemModstamp": "modified", "LastModifiedDate": "modified", "CreatedDate": "created"}


def kind_of(field: FieldDef) -> str:
    """id, boolean, number, date, datetime, stamp (a datetime kept by the store), multi or text."""
    return "stamp" if field.name in STAMPS else KINDS.get(field.type, "text")


def is_reference(field: FieldDef) -> bool:
    return bool(field.reference_to)


@dataclass(frozen=True)
class Column:
    """The SQL of one field path."""

    sql: str
    field: FieldDef
    kind: str


class Columns:
    """Resolves the paths of one statement over one object and collects the joins they need."""

    def __init__(self, store: RecordStore, access: Access, object: str, alias: str, name: str = "t") -> None:
        self._store = store
        self._access = access
        self._aliases = {alias.lower(), object.lower()} - {""}
        self.object = object
        self.name = name
        self._joins: dict[tuple[str, ...], tuple[str, str]] = {}

    @property
    def source(self) -> str:
        """The FROM clause, complete only after every path has been resolved."""
        joins = " ".join(sql for _, sql in self._joins.values())
        return f"{self._store.table(SYSTEM, self.object)} {self.name} {joins}"

    def strip(self, path: Path) -> tuple[str, ...]:
        """The parts of a path without the statement's own alias or object name in front."""
        parts = path.parts
        if len(parts) > 1 and parts[0].lower() in self._aliases and not self._relation(self.object, parts[0]):
            parts = parts[1:]
        return parts

    def resolve(self, path: Path) -> Column:
        """The column of a path; INVALID_FIELD when the user can see no such field."""
        *parents, last = self.strip(path)
        object, name = self.object, self.name
        for depth, part in enumerate(parents, 1):
            link = self.relation(object, part)
            key = _value(name, link)
            if len(link.reference_to) > 1:
                return self._polymorphic(link, key, last)
            object = link.reference_to[0]
            joined = tuple(p.lower() for p in parents[:depth])
            if joined not in self._joins:
                alias = f"{self.name}{len(self._joins)}"
                table = self._store.table(SYSTEM, object)
                self._joins[joined] = (alias, f"LEFT JOIN {table} {alias} ON {alias}.id = {key}")
            name = self._joins[joined][0]
        field = self._access.field(object, last)
        return Column(_value(name, field), field, kind_of(field))

    def relation(self, object: str, name: str) -> FieldDef:
        """The reference field behind a parent relationship's name."""
        found = self._relation(object, name)
        if found is None:
            raise ApiError(
                "INVALID_FIELD",
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
                f" relationship, be sure to append the '__r' after the custom relationship name. {HINT}",
            )
        return found

    def _relation(self, object: str, name: str) -> FieldDef | None:
        wanted = name.lower()
        fields = self._access.visible(object).values()
        return next((f for f in fields if f.relationship.lower() == wanted and is_reference(f)), None)

    def _polymorphic(self, link: FieldDef, key: str, last: str) -> Column:
        """``What.Name`` and ``What.Type``: a parent of several kinds shows only what its generic "Name" object has."""
        if last.lower() == "type":
            cases = " ".join(f"WHEN '{SF_PREFIXES[o]}' THEN '{o}'" for o in link.reference_to)
            return Column(f"CASE substr({key}, 1, 3) {cases} END", FieldDef("Type"), "text")
        if last.lower() == "id":
            return Column(key, FieldDef("Id", type="id"), "id")
        if last.lower() != "name":
            raise ApiError("INVALID_FIELD", f"No such column '{last}' on entity 'Name'. {HINT}")
        named = [o for o in link.reference_to if "name" in self._access.visible(o)]
        name = self._store.column("Name")
        reads = [f"(SELECT {name} FROM {self._store.table(SYSTEM, o)} WHERE id = {key})" for o in named]  # noqa: S608
        return Column(f"coalesce({', '.join(reads)}, NULL)", FieldDef("Name"), "text")


def _value(name: str, field: FieldDef) -> str:
    if field.name in STAMPS:
        return f"{name}.{STAMPS[field.name]}"
    if field.name in ("Id", "IsDeleted"):
        return f"{name}.{'id' if field.name == 'Id' else 'deleted'}"
    return RecordStore.column(field.name, name)
