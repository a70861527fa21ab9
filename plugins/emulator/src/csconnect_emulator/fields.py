"""What the emulator knows of a field, and which names of a row are not fields but the record's own stamps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from csconnect_emulator.clock import to_micros


@dataclass(frozen=True)
class FieldDef:
    """One field or property. ``type`` is the vendor's own word (``string``, ``picklist``, ``enumeration`` ...)."""

    name: str
    label: str = ""
    type: str = "string"
    custom: bool = False
    writable: bool = True
    unique: bool = False
    external_id: bool = False
    choices: tuple[str, ...] = ()
    length: int | None = None
    scale: int = 0
    required: bool = False
    restricted: bool = False
    """Only the listed choices are accepted."""
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    """The name under which the parent is reached (``Owner`` of ``OwnerId``)."""
    children: str = ""
    """The name under which the parent reaches us (``Contacts``)."""
    default: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What only one vendor knows of a field."""

    @property
    def indexed(self) -> bool:
        """Whether look-ups by this field must not read the whole table."""
        return self.unique or self.external_id or self.type == "reference" or bool(self.extra.get("indexed"))

    def dump(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, default=dict)

    @classmethod
    def read(cls, text: str) -> FieldDef:
        raw = json.loads(text)
        raw["choices"] = tuple(raw["choices"])
        raw["reference_to"] = tuple(raw["reference_to"])
        return cls(**raw)


@dataclass(frozen=True)
class Stamps:
    """The names under which a system's rows carry what the store keeps in columns of its own."""

    id: str
    created: tuple[str, ...]
    modified: tuple[str, ...]
    deleted: str


STAMPS = {
    "salesforce": Stamps("Id", ("CreatedDate",), ("SystemModstamp", "LastModifiedDate"), "IsDeleted"),
    "hubspot": Stamps(
        "id", ("createdate", "createdAt"), ("hs_lastmodifieddate", "lastmodifieddate", "updatedAt"), "archived"
    ),
}


def micros(value: object) -> int | None:
    """An instant in microseconds UTC from a datetime, a count of microseconds or ISO text; None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        return value
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("+0000", "+00:00"))
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def plain(value: object) -> object:
    """What JSON has no word for: dates and instants as ISO text, decimals as numbers."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


@dataclass
class Split:
    """A row taken apart: the record's own stamps, and its fields."""

    id: str
    created: int | None
    modified: int | None
    deleted: bool
    data: dict[str, Any]


def split(system: str, row: Mapping[str, Any]) -> Split:
    """Take a row apart. Nulls are not kept: a field without value is a field that is absent."""
    names = STAMPS[system]
    stamps = {names.id, names.deleted, *names.created, *names.modified}
    created = next((m for n in names.created if (m := micros(row.get(n))) is not None), None)
    modified = next((m for n in names.modified if (m := micros(row.get(n))) is not None), None)
    data = {k: v for k, v in row.items() if k not in stamps and v is not None}
    return Split(str(row[names.id]), created, modified, bool(row.get(names.deleted)), data)
