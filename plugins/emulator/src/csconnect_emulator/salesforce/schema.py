"""Reads ``schema.yaml`` and says which objects the data API shows and which only the Tooling API."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from csconnect_emulator.fields import FieldDef

SYSTEM = "salesforce"
TOOLING_ONLY = frozenset({"CustomField"})
DEFINITIONS = ("EntityDefinition", "FieldDefinition", "CustomField")
ACTIVITIES = ("Task", "Event")
CURRENCIES = ("USD", "EUR", "CNY", "GBP", "JPY")
_SPEC = re.compile(r"^(?P<type>\w+)(?:\((?P<args>[^)]*)\))?(?P<rest>.*)$")


@cache
def definitions() -> dict[str, dict[str, FieldDef]]:
    """Object -> field name -> definition, system fields first."""
    raw = YAML(typ="safe").load((files(__package__) / "schema.yaml").read_text(encoding="utf-8"))
    found = {name: {f.name: f for f in [*_system(), *(_field(k, v) for k, v in raw[name].items())]} for name in raw}
    # A custom field of an activity is a field of both kinds (made on "Activity").
    shared = {f.name: f for name in ACTIVITIES for f in found[name].values() if f.custom}
    for name in ACTIVITIES:
        found[name] = {**found[name], **shared}
    return found


def _system() -> list[FieldDef]:
    """What every record carries; the stamps are kept by the store itself."""
    stamp = {"type": "datetime", "writable": False}
    return [
        FieldDef("Id", "Record ID", "id", writable=False, length=18),
        FieldDef("IsDeleted", "Deleted", "boolean", writable=False),
        FieldDef("CreatedDate", "Created Date", **stamp),  # type: ignore[arg-type]
        FieldDef("LastModifiedDate", "Last Modified Date", **stamp),  # type: ignore[arg-type]
        FieldDef("SystemModstamp", "System Modstamp", **stamp),  # type: ignore[arg-type]
        _user("CreatedById", "Created By ID", "CreatedBy"),
        _user("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
    ]


def _user(name: str, label: str, relationship: str) -> FieldDef:
    return FieldDef(name, label, "lookup", writable=False, reference_to=("User",), relationship=relationship, length=18)


def _field(name: str, spec: str) -> FieldDef:
    match = _SPEC.match(spec)
    if match is None:
        raise ValueError(f"schema.yaml: {name}: {spec}")
    kind, args, rest = match["type"], match["args"] or "", match["rest"]
    rest, default = _cut(rest, " = ")
    rest, choices = _cut(rest, " in ")
    words = rest.split()
    if choices and choices.split()[-1] in _FLAGS:
        choices, words = _strip_flags(choices, words)
    extra: dict[str, Any] = {word: True for word in ("auto", "create", "indexed") if word in words}
    numbers = [] if kind == "reference" or not args else [int(n) for n in args.split(",")]
    values = tuple(choices.split("|")) if choices else ()
    if kind == "currencycode":
        kind, values, default = "picklist", CURRENCIES, CURRENCIES[0]
    return FieldDef(
        name,
        label_of(name, kind),
        kind,
        custom=name.endswith("__c"),
        writable="readonly" not in words,
        unique="unique" in words,
        external_id="external" in words,
        choices=values,
        length=numbers[0] if numbers else (18 if kind == "reference" else None),
        scale=numbers[1] if len(numbers) > 1 else (2 if kind == "currency" else 0),
        required="required" in words,
        restricted="restricted" in words or bool(default and kind == "picklist" and values == CURRENCIES),
        reference_to=tuple(args.split("|")) if kind == "reference" else (),
        relationship=words[words.index("as") + 1] if "as" in words else "",
        children=words[words.index("children") + 1] if "children" in words else "",
        default={"true": True, "false": False}.get(default, default or None),
        extra=extra,
    )


_FLAGS = frozenset({"required", "unique", "external", "readonly", "restricted", "create", "indexed", "auto"})


def _cut(text: str, mark: str) -> tuple[str, str]:
    before, _, after = text.partition(mark)
    return before, after.strip()


def _strip_flags(choices: str, words: list[str]) -> tuple[str, list[str]]:
    """Flags may stand after the list of values, whose last value may itself hold spaces."""
    parts, words = choices.split(), list(words)
    while parts and parts[-1] in _FLAGS:
        words.append(parts.pop())
    return " ".join(parts), words


def label_of(name: str, kind: str = "") -> str:
    """The label of a field as the vendor's defaults go: ``AccountId`` is "Account ID", ``Left_On__c`` "Left On"."""
    text = re.sub(r"__c$", "", name).replace("_", " ")
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r" Id$", " ID", text) if kind in ("reference", "lookup") else text
