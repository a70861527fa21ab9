"""``write`` and ``close`` of a mapping file -> owned fields."""

from __future__ import annotations

from csconnect.mapping.casts import to_text
from csconnect.mapping.nodes import Node
from csconnect.mapping.spec import FieldRef, OwnedField
from csconnect.mapping.steps import Settings
from csconnect.mapping.vocabulary import NULLS, OWNED, TYPES, WRITE_KEYS, OwnedName
from csconnect.mapping.words import listed
from csconnect.model.values.change import FieldKind, Scalar

_LENGTH = {"text": 255}
_SCALE = {"money": 2, "number": 4}


def parse_owned(node: Node, entity: str) -> dict[str, OwnedField]:
    """The ``write`` section of an entity."""
    if entity not in OWNED:
        raise node.fail(f"csconnect writes nothing to {entity}", remedy=f"It writes to {listed(OWNED)}")
    names = OWNED[entity]
    fields = {
        name: _owned(item, name, names[name]) for name, item in node.entries(names, f"owned field of {entity}").items()
    }
    if not fields:
        raise node.expected("a table of owned fields")
    if entity != "account" and not ("key" in fields and fields["key"].to):
        raise node.fail(f"Records of {entity} that we create need their 'key' field", remedy="Add 'key: {to: ...}'")
    taken: dict[str, str] = {}
    for name, owned in fields.items():
        if owned.to and taken.setdefault(owned.to, name) != name:
            raise node.table()[name].fail(f"'{owned.to}' is written twice, as {taken[owned.to]} and as {name}")
    return fields


def _owned(node: Node, name: str, known: OwnedName) -> OwnedField:
    table = node.entries(WRITE_KEYS)
    if ("to" in table) == ("link" in table):
        raise node.fail(f"'{name}' needs either 'to' or 'link'")
    type_ = table["type"].one_of(TYPES, "type") if "type" in table else known.type
    kinds = [str(kind) for kind in FieldKind]
    kind = FieldKind(table["kind"].one_of(kinds, "kind")) if "kind" in table else known.kind
    if "link" in table and known.type != "reference":
        raise table["link"].fail(f"'{name}' is not a reference, so it cannot be a link")
    return OwnedField(
        name=name,
        to=table["to"].text() if "to" in table else None,
        kind=kind,
        type=type_,
        choices=_choices(table["choices"], known) if "choices" in table else {},
        null=table["null"].one_of(NULLS, "null policy") if "null" in table else "keep",
        link=table["link"].text() if "link" in table else None,
        label=_languages(table.get("label")),
        help=_languages(table.get("help")),
        length=_positive(table["length"]) if "length" in table else _LENGTH.get(type_),
        scale=_places(table["scale"]) if "scale" in table else _SCALE.get(type_),
        optional=table["optional"].flag() if "optional" in table else False,
        extra=table["extra"].flag() if "extra" in table else False,
    )


def _choices(node: Node, known: OwnedName) -> dict[str, str]:
    table = node.entries(known.words, "choice") if known.words else node.table()
    missing = [word for word in known.words if word not in table]
    if missing:
        raise node.fail(f"'choices' says nothing for {listed(missing)}")
    choices = {ours: to_text(item.scalar()) for ours, item in table.items() if item.value is not None}
    if len(choices) < len(table) or len(set(choices.values())) < len(choices):
        raise node.fail("Every choice needs a word of its own")
    return choices


def _languages(node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    if isinstance(node.value, str):
        return {"en": node.text()}
    return {language: item.text() for language, item in node.table().items()}


def _positive(node: Node) -> int:
    if node.whole() < 1:
        raise node.expected("a number above zero")
    return node.whole()


def _places(node: Node) -> int:
    if not 0 <= node.whole() <= 10:
        raise node.expected("a number from 0 to 10")
    return node.whole()


def parse_close(node: Node, settings: Settings) -> dict[str, Scalar | FieldRef]:
    """The ``close`` section; a setting that the connection does not have stays a reference."""
    return {name: _closing(item, settings) for name, item in node.table().items()}


def _closing(node: Node, settings: Settings) -> Scalar | FieldRef:
    value = node.scalar()
    if isinstance(value, str) and value.startswith("$"):
        return settings.get(value[1:], FieldRef(value[1:]))
    return value if value is None or isinstance(value, (str, int, float, bool)) else to_text(value)
