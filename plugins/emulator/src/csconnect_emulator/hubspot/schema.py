"""The portal's data: which objects there are, their default properties, pipelines and association types.

`schema.yaml` says what a fresh portal holds; `install` writes it into the store, where provisioning adds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.hubspot.definition import Option, Property
from csconnect_emulator.store import RecordStore

SYSTEM = "hubspot"
_FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "date": "date",
    "datetime": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
    "phone_number": "phonenumber",
}


@dataclass(frozen=True)
class ObjectType:
    """An object as the API addresses it. ``scopes`` lack their ``.read`` or ``.write``; any one of them is enough."""

    name: str
    id: str
    singular: str
    labels: tuple[str, str]
    scopes: tuple[str, ...]
    schema_scopes: tuple[str, ...]
    display: str
    defaults: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    pipeline: tuple[str, str] | None = None
    readonly: bool = False
    custom: bool = False

    @property
    def answered(self) -> tuple[str, ...]:
        """The properties that every answer carries, asked for or not."""
        return (*self.defaults, "createdate", self.modified, "hs_object_id")

    @property
    def group(self) -> str:
        """The default property group."""
        return f"{self.singular.replace('_', '')}information"

    def names(self) -> set[str]:
        """Everything this object is called in paths; compared in lower case."""
        return {self.name, self.singular, self.id}


@dataclass(frozen=True)
class LinkType:
    """A kind of association in one direction. ``key`` is how the store labels such links: empty for the unlabelled."""

    id: int
    label: str | None
    category: str = "HUBSPOT_DEFINED"
    key: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"category": self.category, "typeId": self.id, "label": self.label}


@dataclass(frozen=True)
class Schema:
    """`schema.yaml`, read."""

    objects: Mapping[str, ObjectType]
    properties: Mapping[str, tuple[Property, ...]]
    pipelines: Mapping[str, list[dict[str, Any]]]
    links: Mapping[tuple[str, str], tuple[LinkType, ...]] = field(default_factory=dict)


@cache
def packaged() -> Schema:
    """The schema of a fresh portal."""
    raw = YAML(typ="safe").load(files(__package__).joinpath("schema.yaml").read_text("utf-8"))
    objects = {name: _object_type(name, given) for name, given in raw["objects"].items()}
    properties = {
        name: tuple(_properties(objects[name], raw["common"], given)) for name, given in raw["objects"].items()
    }
    return Schema(objects, properties, raw["pipelines"], _links(raw))


def _object_type(name: str, given: Mapping[str, Any]) -> ObjectType:
    plain = {key: value for key, value in given.items() if key not in ("properties", "custom")}
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    return ObjectType(name=name, **values)


def _properties(kind: ObjectType, common: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Property]:
    for part, own in ((common, False), (given["properties"], False), (given.get("custom", {}), True)):
        for name, spec in part.items():
            if name != "hs_lastmodifieddate" or kind.modified == name:
                yield _property(kind, name, spec, custom=own)


def _property(kind: ObjectType, name: str, spec: Any, *, custom: bool) -> Property:
    full: Any = {"type": "enumeration", "options": spec} if isinstance(spec, list) else spec
    full = {"type": full} if isinstance(full, str) else full
    return Property(
        name=name,
        label=full.get("label") or name.removeprefix("hs_").replace("_", " ").capitalize(),
        type=full["type"],
        field_type=full.get("field") or _FIELD_TYPES[full["type"]],
        group=kind.group,
        options=tuple(Option(str(v), str(v), display_order=i) for i, v in enumerate(full.get("options", []))),
        unique=bool(full.get("unique")),
        read_only=bool(full.get("readonly")),
        hubspot_defined=not custom,
        external=bool(full.get("external")),
        indexed=bool(full.get("indexed")),
    )


def _links(raw: Mapping[str, Any]) -> dict[tuple[str, str], tuple[LinkType, ...]]:
    out: dict[tuple[str, str], tuple[LinkType, ...]] = {}
    for part, label, key in (("associations", None, ""), ("primary", "Primary", "primary")):
        for one, other, there, back in raw[part]:
            for pair, number in (((one, other), there), ((other, one), back)):
                known = out.get(pair, ())
                if number not in {kind.id for kind in known}:
                    out[pair] = (LinkType(number, label, key=key), *known)
    return out


def to_field(prop: Property) -> FieldDef:
    """A property as the store keeps it."""
    rest = {
        "field_type": prop.field_type,
        "group": prop.group,
        "description": prop.description,
        "options": [[o.value, o.label, o.description, o.display_order, o.hidden] for o in prop.options],
        "external": prop.external,
        "hidden": prop.hidden,
        "form_field": prop.form_field,
        "display_order": prop.display_order,
        "archived": prop.archived,
        "created": prop.created,
        "updated": prop.updated,
        "indexed": prop.indexed,
    }
    return FieldDef(
        prop.name,
        label=prop.label,
        type=prop.type,
        custom=not prop.hubspot_defined,
        writable=not prop.read_only,
        unique=prop.unique,
        choices=tuple(option.value for option in prop.options),
        extra=rest,
    )


def from_field(given: FieldDef) -> Property:
    """The property that the store keeps as ``given``."""
    rest = dict(given.extra)
    options = rest.pop("options", [[choice, choice, "", -1, False] for choice in given.choices])
    return Property(
        name=given.name,
        label=given.label,
        type=given.type,
        options=tuple(Option(*option) for option in options),
        unique=given.unique,
        read_only=not given.writable,
        hubspot_defined=not given.custom,
        **rest,
    )


def install(store: RecordStore) -> None:
    """Make a fresh portal in the store: objects, pipelines, account and credentials, each only when it is not there."""
    schema = packaged()
    for name, properties in schema.properties.items():
        store.define(SYSTEM, name, {prop.name: to_field(prop) for prop in properties})
    store.define(
        SYSTEM, "owners", {name: FieldDef(name, name) for name in ("email", "firstName", "lastName", "userId")}
    )
    for key, value in _settings(schema).items():
        if store.get_meta(key) is None:
            store.set_meta(key, value)


def _settings(schema: Schema) -> dict[str, Any]:
    token = "pat-eu1-00000000-0000-4000-8000-000000000001"  # noqa: S105
    return {
        "hubspot.account": {
            "portalId": 148_000_001,
            "name": "澜图科技",
            "accountType": "STANDARD",
            "timeZone": "Asia/Shanghai",
            "utcOffset": "+08:00",
            "utcOffsetMilliseconds": 28_800_000,
            "companyCurrency": "CNY",
            "additionalCurrencies": ["USD"],
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        },
        "hubspot.keys": {token: {"scopes": ["*"]}},
        "hubspot.apps": {"csconnect-demo": {"secret": "demo-secret", "scopes": ["*"]}},
        "hubspot.refresh": {"demo-refresh": {"client_id": "csconnect-demo", "scopes": ["*"]}},
        "hubspot.credentials": {
            "token": token,
            "client_id": "csconnect-demo",
            "client_secret": "demo-secret",
            "refresh_token": "demo-refresh",
        },
        "hubspot.pipelines": dict(schema.pipelines),
    }
