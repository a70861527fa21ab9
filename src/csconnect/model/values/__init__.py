"""The value types that travel between floors: frozen, free of behaviour, free of any system's vocabulary."""

from csconnect.model.values.change import Action, Change, FieldKind, Outcome, Receipt, Record, Scalar
from csconnect.model.values.finding import Finding, Level
from csconnect.model.values.page import Cursor, Page, Tombstone, Unreadable
from csconnect.model.values.plan import Guarding, Plan

__all__ = [
    "Action",
    "Change",
    "Cursor",
    "FieldKind",
    "Finding",
    "Guarding",
    "Level",
    "Outcome",
    "Page",
    "Plan",
    "Receipt",
    "Record",
    "Scalar",
    "Tombstone",
    "Unreadable",
]
