"""Values as the REST API wants them: numbers as numbers, booleans as booleans, dates as ISO text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from csconnect.model.values.change import Scalar
from csconnect_salesforce.ids import checked_name

NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})


def on_the_wire(values: Mapping[str, Scalar], described: Mapping[str, Mapping[str, Any]]) -> dict[str, Scalar]:
    """``values`` spelled by the types of the describe; a field that it lacks is sent as it is and refused by Salesforce."""
    return {
        checked_name(name): spelled(value, str(described.get(name, {}).get("type", "")))
        for name, value in values.items()
    }


def spelled(value: Scalar, type: str) -> Scalar:
    """One value. Decimals travel as text in the core; a text that is no number is left for Salesforce to refuse."""
    if value is None or value == "":
        return None
    if type in NUMBERS and isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        return int(number) if number == number.to_integral_value() else float(number)
    if type == "boolean" and isinstance(value, str):
        return value.strip().lower() == "true"
    return value
