"""Owned values on the wire, and their comparison."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.errors import MappingError
from csconnect.mapping import compare_as, load_text, to_links, to_wire
from csconnect.mapping.spec import OwnedField
from csconnect.mapping.write import wire_value
from csconnect.model.values.change import FieldKind

ACCOUNT = load_text(
    """
mapping: 1
entity: account
object: Account
read: {id: Id, name: Name}
write:
  health_score: {to: Score__c, null: clear}
  health_band: {to: Band__c, choices: {green: Healthy, yellow: Watch, red: At risk}}
  because: {to: Why__c, length: 20}
  arr: {to: ARR__c}
  next_renewal: {to: Next__c}
  coverage: {to: Coverage__c}
"""
)
TASK = load_text(
    """
mapping: 1
entity: task
object: tasks
read: {id: id}
write:
  key: {to: csc_key}
  account_id: {link: companies}
  owner_id: {to: owner}
  subject: {to: subject}
"""
)


def owned(type: str, **rest: Any) -> OwnedField:
    scale = {"money": 2, "number": 4}.get(type)
    return OwnedField("because", "F", FieldKind.SCORE, type, **{"scale": scale, **rest})


def test_values_travel_as_the_system_wants_them() -> None:
    values = {
        "health_score": Decimal(54),
        "health_band": "red",
        "because": "Logins fell by half since May",
        "arr": Decimal("1234.5"),
        "next_renewal": date(2026, 11, 22),
        "stickiness": "L3",
    }
    assert to_wire(ACCOUNT, values) == {
        "Score__c": 54,
        "Band__c": "At risk",
        "Why__c": "Logins fell by half…",
        "ARR__c": "1234.50",
        "Next__c": "2026-11-22",
    }


def test_empty_values_are_kept_or_cleared_as_the_field_says() -> None:
    assert to_wire(ACCOUNT, {"health_score": None, "health_band": None, "because": ""}) == {"Score__c": None}
    assert to_wire(ACCOUNT, {}) == {}


def test_keys_of_records_travel_bare_whatever_the_fields_type() -> None:
    values = {"key": "sf:800:2026-01-01", "account_id": "hs:17", "owner_id": "hs:9"}
    assert to_wire(TASK, values) == {"csc_key": "sf:800:2026-01-01", "owner": "9"}
    assert to_links(TASK, values) == {"companies": "17"}
    texts = load_text(
        "mapping: 1\nentity: task\nobject: t\nread: {id: i}\nwrite: {key: {to: k}, account_id: {to: a, type: text}}\n"
    )
    assert to_wire(texts, values) == {"k": "sf:800:2026-01-01", "a": "17"}


def test_mistakes_of_ours_are_named() -> None:
    with pytest.raises(MappingError, match="Did you mean 'health_score'"):
        to_wire(ACCOUNT, {"health_scor": 1})
    with pytest.raises(MappingError, match="'choices' does not list"):
        to_wire(ACCOUNT, {"health_band": "purple"})
    with pytest.raises(MappingError, match="cannot be sent as integer"):
        to_wire(ACCOUNT, {"health_score": "high"})


@pytest.mark.parametrize(
    ("type", "same"),
    [
        ("integer", ["54", 54, 54.0, "54.00", Decimal(54)]),
        ("number", ["0.1", 0.1, Decimal("0.10000"), "0.10000000001"]),
        ("money", ["1234.5", 1234.5, "1234.50", Decimal("1234.500")]),
        ("date", ["2026-11-22", "2026-11-22T00:00:00Z", date(2026, 11, 22), 1795305600000, "1795305600000"]),
        ("boolean", ["true", True, "True", 1]),
        ("text", ["a\nb", "a\r\nb", "a  \nb\n ", "a\rb"]),
        ("long_text", ["x", "x \r\n"]),
        ("choice", ["Red", " Red "]),
        ("key", ["k:1", "k:1 "]),
        ("integer", [None, "", "  "]),
        ("text", [None, "", "\n"]),
    ],
)
def test_spellings_of_one_value_are_equal(type: str, same: list[Any]) -> None:
    assert {compare_as(owned(type), wire) for wire in same} == {compare_as(owned(type), same[0])}


@pytest.mark.parametrize(
    ("type", "one", "other"),
    [
        ("integer", 54, "54.5"),
        ("integer", 54, "about 54"),
        ("integer", 0, None),
        ("money", "1.00", "1.01"),
        ("date", "2026-11-22", "2026-11-23T00:00:00Z"),
        ("text", "a b", "a  b"),
        ("text", " a", "a"),
        ("boolean", False, None),
        ("choice", "red", "Red"),
    ],
)
def test_different_values_differ(type: str, one: Any, other: Any) -> None:
    assert compare_as(owned(type), one) != compare_as(owned(type), other)


OURS = {
    "integer": st.integers(-(10**9), 10**9),
    "number": st.floats(-1e9, 1e9),
    "money": st.decimals(-(10**12), 10**12, places=4),
    "date": st.dates(date(1900, 1, 1)),
    "boolean": st.booleans(),
    "text": st.text(st.characters(exclude_categories=["Cs"])),
    "long_text": st.text(st.characters(exclude_categories=["Cs"])),
    "choice": st.text(min_size=1),
    "key": st.text(min_size=1),
    "reference": st.text(min_size=1),
}


def respelled(wire: Any, type: str) -> Any:
    """How a CRM might give back what it was given."""
    if type in ("integer", "number", "money") and wire is not None:
        return str(wire) if isinstance(wire, int) else float(wire)
    if type == "date":
        return f"{wire}T00:00:00.000Z"
    if type in ("text", "long_text") and wire is not None:
        return wire.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").rstrip(" \n\r") or None
    return str(wire).lower() if isinstance(wire, bool) else wire


@settings(deadline=None)
@given(type=st.sampled_from(sorted(OURS)), data=st.data())
def test_what_was_written_compares_equal_to_what_is_read_back(type: str, data: st.DataObject) -> None:
    field = owned(type, length=20 if type == "text" else None)
    wire = wire_value(field, data.draw(OURS[type]))
    assert compare_as(field, respelled(wire, type)) == compare_as(field, wire)
    # Sending again what compares equal changes nothing.
    assert wire_value(field, wire) == wire
    assert wire is None or isinstance(wire, (str, int, float, bool))


@settings(deadline=None)
@given(
    type=st.sampled_from(sorted(OURS)), wire=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
)
def test_anything_can_be_compared(type: str, wire: Any) -> None:
    value = compare_as(owned(type), wire)
    assert hash(value) == hash(compare_as(owned(type), wire)) or value != value
