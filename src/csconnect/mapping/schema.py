"""The JSON Schema of mapping files, so that an editor completes and checks them (docs/mappings.md is the prose)."""

from __future__ import annotations

import json
from typing import Any

from csconnect.mapping.transforms import FIELD_ALLOWED, TRANSFORMS, Takes
from csconnect.mapping.vocabulary import MAPPED, NULLS, OWNED, TYPES, VERSION
from csconnect.model import ENTITIES
from csconnect.model.fields import FieldSpec, fields_of
from csconnect.model.values.change import FieldKind

_NAME = {"type": "string", "minLength": 1}
_SCALAR = {"$ref": "#/$defs/scalar"}
_LANGUAGES = {"anyOf": [_NAME, {"type": "object", "additionalProperties": _NAME}]}
_SHAPES: dict[Takes, dict[str, Any]] = {
    Takes.TEXT: _NAME,
    Takes.INTEGER: {"type": "integer"},
    Takes.FRACTION: {"type": ["number", "string"]},
    Takes.DATE: {"type": "string"},
    Takes.INSTANT: {"type": "string"},
    Takes.SCALAR: _SCALAR,
    Takes.SCALARS: {"type": "array", "items": _SCALAR},
    Takes.PAIR: {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    Takes.CHOICES: {"type": "object", "additionalProperties": _SCALAR},
    Takes.STEPS: {"$ref": "#/$defs/steps"},
}


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12; entities, fields and transforms are those of this version."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "csconnect mapping file",
        "type": "object",
        "required": ["mapping", "entity", "object", "read"],
        "additionalProperties": False,
        "properties": {
            "mapping": {"const": VERSION},
            "entity": {"enum": list(MAPPED)},
            "object": _NAME,
            "where": _NAME,
            "optional": {"type": "boolean"},
            "version": _NAME,
            "read": {"type": "object"},
            "write": {"type": "object"},
            "close": {"type": "object", "additionalProperties": _SCALAR},
        },
        "allOf": [_entity(name) for name in MAPPED],
        "$defs": {
            "scalar": {"type": ["string", "number", "boolean", "null"]},
            "source": _source(),
            "field": {"anyOf": [_NAME, {"$ref": "#/$defs/source"}, _constant({})]},
            "steps": {"type": "array", "items": {"anyOf": _steps()}},
            "owned": _owned(),
        },
    }


def schema_text() -> str:
    """The schema as it is committed in ``mappings/schema.json``."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def _entity(name: str) -> dict[str, Any]:
    specs = fields_of(ENTITIES[name])
    read = {
        "type": "object",
        "additionalProperties": False,
        "required": [spec.name for spec in specs.values() if spec.required],
        "properties": {spec.name: _field(spec) for spec in specs.values()},
    }
    then: dict[str, Any] = {"properties": {"read": read, "write": _write(name) if name in OWNED else False}}
    return {"if": {"properties": {"entity": {"const": name}}, "required": ["entity"]}, "then": then}


def _field(spec: FieldSpec) -> dict[str, Any]:
    if not spec.choices or spec.many:
        return {"$ref": "#/$defs/field"}
    return {"anyOf": [_NAME, {"$ref": "#/$defs/source"}, _constant({"enum": [str(word) for word in spec.choices]})]}


def _constant(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": ["value"], "properties": {"value": value}}


def _source() -> dict[str, Any]:
    paths = {"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 1}]}
    properties = {"from": paths, "with": {"$ref": "#/$defs/steps"}, "optional": {"type": "boolean"}, "default": {}}
    return {"type": "object", "additionalProperties": False, "required": ["from"], "properties": properties}


def _steps() -> list[dict[str, Any]]:
    bare = [name for name, transform in TRANSFORMS.items() if transform.takes is Takes.NOTHING]
    return [{"enum": bare}, *(_step(name) for name, each in TRANSFORMS.items() if each.takes is not Takes.NOTHING)]


def _step(name: str) -> dict[str, Any]:
    takes = TRANSFORMS[name].takes
    shape = _SHAPES[takes]
    if takes in FIELD_ALLOWED:
        shape = {"anyOf": [shape, {"type": "string", "pattern": r"^\$.+"}]}
    properties = {name: shape} | ({"else": _SCALAR} if name == "choose" else {})
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": properties}


def _write(entity: str) -> dict[str, Any]:
    required = [] if entity == "account" else ["key"]
    properties = {name: _owned_name(owned.words) for name, owned in OWNED[entity].items()}
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _owned_name(words: tuple[str, ...]) -> dict[str, Any]:
    if not words:
        return {"$ref": "#/$defs/owned"}
    choices = {"required": list(words), "propertyNames": {"enum": list(words)}}
    return {"$ref": "#/$defs/owned", "properties": {"choices": choices}}


def _owned() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "oneOf": [{"required": ["to"]}, {"required": ["link"]}],
        "properties": {
            "to": _NAME,
            "link": _NAME,
            "kind": {"enum": [str(kind) for kind in FieldKind]},
            "type": {"enum": list(TYPES)},
            "choices": {"type": "object", "additionalProperties": _SCALAR},
            "null": {"enum": list(NULLS)},
            "label": _LANGUAGES,
            "help": _LANGUAGES,
            "extra": {"type": "boolean"},
            "length": {"type": "integer", "minimum": 1},
            "scale": {"type": "integer", "minimum": 0, "maximum": 10},
            "optional": {"type": "boolean"},
        },
    }
