"""A mapping back as the text of a file; `load_text` of it gives an equal mapping."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML

from csconnect.mapping.spec import Choose, FieldRef, Mapping, OwnedField, ReadField, Step
from csconnect.mapping.transforms import TRANSFORMS, Takes
from csconnect.mapping.vocabulary import VERSION
from csconnect.model.fields import fields_of


def dump_mapping(mapping: Mapping) -> str:
    """YAML of ``mapping``, settings already filled in."""
    document: dict[str, Any] = {"mapping": VERSION, "entity": mapping.entity, "object": mapping.object}
    document |= {"where": mapping.where} if mapping.where else {}
    document |= {"optional": True} if mapping.optional else {}
    document |= {"version": mapping.version} if mapping.version else {}
    kinds = {name: spec.kind for name, spec in fields_of(mapping.model).items()}
    document["read"] = {name: _read(item, kinds[name]) for name, item in mapping.read.items()}
    if mapping.write:
        document["write"] = {name: _write(owned) for name, owned in mapping.write.items()}
    if mapping.closing:
        document["close"] = {name: _plain(value) for name, value in mapping.closing.items()}
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.dump(document, stream)
    return stream.getvalue()


def _read(item: ReadField, kind: str) -> Any:
    if not item.paths:
        return {"value": _plain(item.value)}
    if len(item.paths) == 1 and not item.steps and not item.optional and item.default is None:
        return item.paths[0]
    entry: dict[str, Any] = {"from": list(item.paths) if len(item.paths) > 1 else item.paths[0]}
    entry |= {"with": [_step(step) for step in item.steps]} if item.steps else {}
    entry |= {"optional": True} if item.optional else {}
    return entry | ({"default": _plain(item.default)} if item.default is not None else {})


def _step(step: Step) -> Any:
    takes = TRANSFORMS[step.name].takes
    if takes is Takes.NOTHING:
        return step.name
    if takes is Takes.STEPS:
        return {step.name: [_step(inner) for inner in step.argument]}
    if isinstance(step.argument, Choose):
        entry = {step.name: {theirs: _plain(ours) for theirs, ours in step.argument.pairs.items()}}
        return entry | ({"else": _plain(step.argument.otherwise)} if step.argument.has_else else {})
    if takes is Takes.FRACTION:
        return {step.name: "/".join(format(part, "f") for part in step.argument)}
    return {step.name: _plain(step.argument)}


def _write(owned: OwnedField) -> dict[str, Any]:
    entry: dict[str, Any] = {"to": owned.to} if owned.to else {"link": owned.link}
    entry |= {"kind": str(owned.kind), "type": owned.type, "null": owned.null}
    parts = ("choices", "label", "help", "length", "scale")
    entry |= {part: True for part in ("optional", "extra") if getattr(owned, part)}
    return entry | {part: getattr(owned, part) for part in parts if getattr(owned, part) not in ({}, None)}


def _plain(value: Any) -> Any:
    if isinstance(value, FieldRef):
        return f"${value.path}"
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, str) else value
