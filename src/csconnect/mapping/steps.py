"""``with:`` of a mapping file -> steps with checked parameters."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from csconnect.mapping.casts import TransformError, to_date, to_decimal, to_instant, to_text
from csconnect.mapping.nodes import Node
from csconnect.mapping.spec import Choose, FieldRef, Step
from csconnect.mapping.transforms import FIELD_ALLOWED, TRANSFORMS, Takes
from csconnect.model.values.change import Scalar

Settings = Mapping[str, Scalar]


def parse_steps(node: Node, settings: Settings) -> tuple[Step, ...]:
    """The steps of a ``with`` list."""
    return tuple(_step(item, settings) for item in node.items())


def _step(node: Node, settings: Settings) -> Step:
    if isinstance(node.value, str):
        name = node.one_of(TRANSFORMS, "transform")
        if TRANSFORMS[name].takes is not Takes.NOTHING:
            raise node.fail(f"'{name}' needs a parameter: {_example(name)}")
        return Step(name)
    if not isinstance(node.value, dict):
        raise node.expected("a transform, such as 'strip' or '{prefix: text}'")
    table = node.entries((*TRANSFORMS, "else"), "transform")
    names = [key for key in table if key != "else"]
    if len(names) != 1 or ("else" in table and names != ["choose"]):
        raise node.fail("A step holds one transform", remedy="Only 'choose' may have 'else' beside it")
    name = names[0]
    if TRANSFORMS[name].takes is Takes.NOTHING:
        raise node.fail(f"'{name}' takes no parameter", remedy=f"Write just '{name}'")
    return Step(name, _argument(TRANSFORMS[name].takes, table[name], settings, table.get("else")))


def _example(name: str) -> str:
    return f"{{{name}: {_EXAMPLES[TRANSFORMS[name].takes]}}}"


_EXAMPLES = {
    Takes.TEXT: '"text"',
    Takes.INTEGER: "30",
    Takes.FRACTION: "0.001",
    Takes.DATE: "$EndDate",
    Takes.INSTANT: "$ClosedDate",
    Takes.SCALAR: "value",
    Takes.SCALARS: "[one, two]",
    Takes.PAIR: "[from, to]",
    Takes.CHOICES: "{theirs: ours}",
    Takes.STEPS: "[strip, lower]",
}


def _argument(takes: Takes, node: Node, settings: Settings, otherwise: Node | None) -> Any:
    if takes in FIELD_ALLOWED and isinstance(node.value, str) and len(node.value) > 1 and node.value.startswith("$"):
        return FieldRef(node.value[1:])
    match takes:
        case Takes.STEPS:
            return parse_steps(node, settings)
        case Takes.CHOICES:
            return _choose(node, settings, otherwise)
        case Takes.SCALARS:
            return tuple(word for item in node.items() if (word := _word(item, settings)) is not None)
        case Takes.SCALAR:
            return _word(node, settings)
        case Takes.PAIR:
            return _pair(node)
        case Takes.TEXT:
            return node.text()
        case Takes.INTEGER:
            return node.whole()
        case Takes.FRACTION:
            return _fraction(node)
    try:
        return to_date(node.scalar()) if takes is Takes.DATE else to_instant(node.scalar())
    except TransformError as error:
        raise node.fail(f"'{node.name}' is {error}", remedy="Or name another field of the record: $Field") from None


def _choose(node: Node, settings: Settings, otherwise: Node | None) -> Choose:
    pairs = {}
    for theirs, ours in node.table().items():
        word = _setting(theirs[1:], settings) if theirs.startswith("$") else theirs
        if word is not None:
            pairs[word] = ours.scalar()
    return Choose(pairs, otherwise.scalar() if otherwise else None, otherwise is not None)


def _word(node: Node, settings: Settings) -> str | None:
    value = node.scalar()
    if isinstance(value, str) and value.startswith("$"):
        return _setting(value[1:], settings)
    return None if value is None else to_text(value)


def _setting(name: str, settings: Settings) -> str | None:
    value = settings.get(name)
    return None if value is None else to_text(value)


def _pair(node: Node) -> tuple[str, str]:
    items = node.items()
    if len(items) != 2 or not all(isinstance(item.value, str) for item in items) or not items[0].value:
        raise node.expected("a list of two texts: what to replace, and by what")
    return str(items[0].value), str(items[1].value)


def _fraction(node: Node) -> tuple[Decimal, Decimal]:
    above, _, below = to_text(node.scalar() if node.value is not None else "").partition("/")
    try:
        fraction = to_decimal(above), to_decimal(below or "1")
    except TransformError:
        raise node.expected("a number or a fraction such as 1/3600000") from None
    if not fraction[1]:
        raise node.fail("A fraction cannot have zero below the line")
    return fraction
