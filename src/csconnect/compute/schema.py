"""The tables that signals may read, and their columns, as sqlglot wants to know them."""

from __future__ import annotations

from functools import cache

from csconnect.model import ENTITIES
from csconnect.model.fields import FieldSpec, fields_of

_SQL = {
    "text": "VARCHAR",
    "choice": "VARCHAR",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
}

DELIVERY = {"account_id": "VARCHAR", "entity": "VARCHAR", "through": "DATE"}
"""``delivery``: which entities somebody delivers for an account, so that "none" can be told from "unknown", and the last day about
which they were told (null where nobody can say), so that "none lately" can be told from "the source fell silent"."""


@cache
def table_columns() -> dict[str, dict[str, str]]:
    """Table -> column -> SQL type, for every canonical entity and ``delivery``."""
    tables = {
        name: {spec.name: _sql_type(spec) for spec in fields_of(entity).values()} for name, entity in ENTITIES.items()
    }
    return tables | {"delivery": DELIVERY}


def _sql_type(spec: FieldSpec) -> str:
    base = f"DECIMAL(38, {spec.scale})" if spec.kind == "decimal" else _SQL[spec.kind]
    return f"{base}[]" if spec.many else base
