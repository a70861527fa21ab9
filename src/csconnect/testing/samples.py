"""Values to write: for each type of owned field the ordinary ones and those that systems get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from csconnect.mapping import OwnedField
from csconnect.mapping.vocabulary import OWNED
from csconnect.testing.desk import owned_fields
from csconnect.writeback import Writer

TEXTS = (
    "plain",
    'it\'s "quoted" \\ back\\slashed',
    "<b>bold</b> & &amp; %20 {x} ${y} ?z#",
    "客户健康分下降：登录减少",
    "👍🏽 thumbs 🇨🇳 flags 👩‍👩‍👧 families",
    "café ≠ cafe\u0301 ﬁ ß İ",
    "=1+1",
    "null",
    "0",
    "false",
    "2026-01-31",
    "' OR '1'='1",
    "a;b;c",
)
"""One line each."""
DATES = tuple(date.fromisoformat(day) for day in ("2024-02-29", "2025-12-31", "2026-01-01", "2026-03-31", "2099-06-30"))
AMOUNTS = tuple(map(Decimal, ("0", "0.01", "0.10", "1234.50", "99999999.99", "1000000")))
_SMALL = {"health_trend": st.integers(-100, 100)}


def values_of(writer: Writer, entity: str, fixed: Mapping[str, object]) -> st.SearchStrategy[dict[str, object]]:
    """Any values for the owned fields of an entity by the core's names; some are left out, some empty, ``fixed`` are not touched."""
    strategies = {
        name: value_of(entity, name, owned) for name, owned in owned_fields(writer) if name not in {*fixed, "status"}
    }
    return st.fixed_dictionaries({}, optional=strategies)


def value_of(entity: str, name: str, owned: OwnedField) -> st.SearchStrategy[object]:
    """A value for one owned field. Fields with words of their own (bands, levels, kinds) get one of these."""
    words = list(owned.choices) or list(OWNED[entity][name].words)
    strategy: st.SearchStrategy[object]
    if words:
        strategy = st.sampled_from(words)
    elif name in ("stage", "kind", "currency", "pipeline"):
        strategy = st.sampled_from({"stage": ["1", "2"], "kind": ["renewal"], "currency": ["USD"]}.get(name, [""]))
    else:
        strategy = _SMALL[name] if name in _SMALL else _of_type(owned)
    return strategy if owned.null != "clear" else st.none() | strategy


def _of_type(owned: OwnedField) -> st.SearchStrategy[object]:
    match owned.type:
        case "integer":
            return st.integers(0, 100)
        case "number" | "money":
            return st.sampled_from(AMOUNTS) | st.decimals(0, 10**8, places=min(owned.scale or 2, 2))
        case "date":
            return st.sampled_from(DATES) | st.dates(date(2000, 1, 1), date(2100, 12, 31))
        case "boolean":
            return st.booleans()
    return texts(owned)


def texts(owned: OwnedField) -> st.SearchStrategy[str]:
    """Texts without spaces at their ends, which systems drop; with line ends for a long text."""
    letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
    line = st.text(letters, max_size=20).map(str.strip)
    if owned.type == "long_text":
        line = st.lists(line | st.sampled_from(TEXTS), max_size=3).map("\n".join).map(str.strip)
    return (st.sampled_from(TEXTS) | line).filter(bool)


def longest(owned: OwnedField) -> str:
    """A text of exactly the length that the field must hold."""
    return ("0123456789" * 26)[: min(owned.length or 255, 255)]
