"""One mapping file -> one `Mapping`, with every complaint at its line and column."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from csconnect.mapping.casts import TransformError
from csconnect.mapping.columns import cast_value
from csconnect.mapping.nodes import Node
from csconnect.mapping.owned import parse_close, parse_owned
from csconnect.mapping.spec import Mapping, ReadField
from csconnect.mapping.steps import Settings, parse_steps
from csconnect.mapping.vocabulary import FILE_KEYS, MAPPED, READ_KEYS, VERSION
from csconnect.model import ENTITIES
from csconnect.model.fields import FieldSpec, fields_of


def parse_mapping(node: Node, name: str, settings: Settings) -> Mapping:
    """The mapping in a file's document."""
    if node.value is None:
        raise node.fail("The file is empty", remedy="A mapping begins with 'mapping: 1'")
    table = node.entries(FILE_KEYS)
    for key in ("mapping", "entity", "object", "read"):
        if key not in table:
            raise node.fail(f"The file has no '{key}'")
    if table["mapping"].value != VERSION:
        raise table["mapping"].fail(
            "This version of csconnect reads mapping files of version 1", remedy="Write 'mapping: 1'"
        )
    entity = table["entity"].one_of(MAPPED, "entity")
    mapping = Mapping(
        name=name,
        entity=entity,
        object=table["object"].text(),
        read=_read(table["read"], entity, settings),
        where=table["where"].text() if "where" in table else "",
        version=table["version"].text() if "version" in table else None,
        optional="optional" in table and table["optional"].flag(),
        write=parse_owned(table["write"], entity) if "write" in table else {},
        closing=parse_close(table["close"], settings) if "close" in table else {},
        digest="",
        file=node.file,
    )
    if mapping.closing and (not mapping.write or entity == "account"):
        raise table["close"].fail(
            "'close' belongs to the records we create", remedy="Use it beside 'write' of opportunity or task"
        )
    return _digested(mapping)


def _digested(mapping: Mapping) -> Mapping:
    owned = sorted((owned.name, owned.to) for owned in mapping.write.values())
    reading = (mapping.entity, mapping.object, mapping.where, mapping.version, sorted(mapping.read.items()), owned)
    return replace(mapping, digest=hashlib.sha256(repr(reading).encode()).hexdigest()[:16])


def _read(node: Node, entity: str, settings: Settings) -> dict[str, ReadField]:
    specs = fields_of(ENTITIES[entity])
    read = {
        name: _field(item, specs[name], settings) for name, item in node.entries(specs, f"field of {entity}").items()
    }
    for name, spec in specs.items():
        if spec.required and name not in read:
            raise node.fail(f"{entity}.{name} is required, but not mapped")
    return read


def _field(node: Node, spec: FieldSpec, settings: Settings) -> ReadField:
    if isinstance(node.value, str):
        return ReadField(spec.name, (node.text(),), where=node.where)
    table = node.entries(READ_KEYS)
    if ("from" in table) == ("value" in table):
        raise node.fail(f"'{spec.name}' needs either 'from' or 'value'")
    if "value" in table:
        if len(table) > 1:
            raise node.fail(f"'{spec.name}' is a constant; nothing else can stand beside 'value'")
        return ReadField(spec.name, value=_constant(table["value"], spec), where=node.where)
    optional = "optional" in table and table["optional"].flag()
    default = _constant(table["default"], spec) if "default" in table else None
    if optional and spec.required and default is None:
        raise table["optional"].fail(f"'{spec.name}' is required, so it cannot be optional without a 'default'")
    paths = tuple(item.text() for item in table["from"].listed())
    if not paths:
        raise table["from"].expected("a field or a list of fields")
    steps = parse_steps(table["with"], settings) if "with" in table else ()
    return ReadField(spec.name, paths, steps, optional, default, where=node.where)


def _constant(node: Node, spec: FieldSpec) -> Any:
    values = [item.scalar() for item in node.listed()]
    try:
        result = cast_value(values if spec.many else values[0] if len(values) == 1 else values, spec)
    except TransformError as error:
        raise node.fail(f"'{node.name}' of {spec.name} is {error}") from None
    if result is None:
        raise node.expected("a value")
    words = [word for word in (result if spec.many else [result]) if spec.choices and word not in spec.choices]
    if words:
        raise Node(words[0], node.name, node.file, node.line, node.col).unknown(f"{spec.name}", spec.choices)
    return result
