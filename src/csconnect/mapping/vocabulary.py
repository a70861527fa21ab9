"""The closed lists of the file format: its keys and the fields that csconnect owns."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect.model import ENTITIES
from csconnect.model.enums import Band, DangerLevel, TermState, Urgency
from csconnect.model.values.change import FieldKind

VERSION = 1

FILE_KEYS = ("mapping", "entity", "object", "where", "optional", "version", "read", "write", "close")
READ_KEYS = ("from", "with", "optional", "default", "value")
WRITE_KEYS = ("to", "link", "kind", "type", "choices", "null", "label", "help", "length", "scale", "optional", "extra")
TYPES = ("text", "long_text", "integer", "number", "money", "date", "choice", "boolean", "key", "reference")
NULLS = ("clear", "keep")

MAPPED = tuple(name for name in ENTITIES if name != "usage_module_day")
"""Entities that a file can deliver; the roll-up of usage is made by the core."""


@dataclass(frozen=True)
class OwnedName:
    """What the core writes under this name: its usual kind and type, and the words of a choice."""

    type: str
    kind: FieldKind
    words: tuple[str, ...] = ()


_STATES = tuple(str(state) for state in TermState)
_SCORE, _BUSINESS, _PASSENGER = FieldKind.SCORE, FieldKind.BUSINESS, FieldKind.PASSENGER

OWNED: dict[str, dict[str, OwnedName]] = {
    "account": {
        "health_score": OwnedName("integer", _SCORE),
        "health_band": OwnedName("choice", _SCORE, tuple(str(band) for band in Band)),
        "health_trend": OwnedName("integer", _PASSENGER),
        "because": OwnedName("text", _PASSENGER),
        "coverage": OwnedName("integer", _PASSENGER),
        "stickiness": OwnedName("choice", _SCORE, tuple(f"L{level}" for level in range(6))),
        "danger_level": OwnedName("choice", _SCORE, tuple(str(level) for level in DangerLevel)),
        "danger_causes": OwnedName("text", _SCORE),
        "next_renewal": OwnedName("date", _SCORE),
        "arr": OwnedName("money", _SCORE),
        "renewal_state": OwnedName("choice", _SCORE, _STATES),
        "renewal_due_arr": OwnedName("money", _SCORE),
        "scored_on": OwnedName("date", _PASSENGER),
        "scorecard": OwnedName("text", _PASSENGER),
    },
    "opportunity": {
        "key": OwnedName("key", _BUSINESS),
        "name": OwnedName("text", _BUSINESS),
        "account_id": OwnedName("reference", _BUSINESS),
        "contract_id": OwnedName("reference", _BUSINESS),
        "owner_id": OwnedName("reference", _BUSINESS),
        "stage": OwnedName("text", _BUSINESS),
        "pipeline": OwnedName("text", _BUSINESS),
        "record_type": OwnedName("reference", _BUSINESS),
        "kind": OwnedName("text", _BUSINESS),
        "amount": OwnedName("money", _BUSINESS),
        "currency": OwnedName("text", _BUSINESS),
        "close_on": OwnedName("date", _BUSINESS),
        "why": OwnedName("long_text", _BUSINESS),
        "renewal_state": OwnedName("choice", _SCORE, _STATES),
        "due_on": OwnedName("date", _SCORE),
        "due_arr": OwnedName("money", _SCORE),
        "flags": OwnedName("text", _SCORE),
        "outlook": OwnedName("integer", _SCORE),
    },
    "task": {
        "key": OwnedName("key", _BUSINESS),
        "account_id": OwnedName("reference", _BUSINESS),
        "owner_id": OwnedName("reference", _BUSINESS),
        "subject": OwnedName("text", _PASSENGER),
        "body": OwnedName("long_text", _PASSENGER),
        "due_on": OwnedName("date", _PASSENGER),
        "urgency": OwnedName("choice", _PASSENGER, tuple(str(word) for word in Urgency)),
        "stage": OwnedName("text", _SCORE),
        "status": OwnedName("choice", _BUSINESS, ("open", "done")),
    },
}
"""Entity -> the core's names of what it writes (docs/mappings.md, last section)."""
