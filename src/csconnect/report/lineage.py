"""The records behind a score, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from csconnect.report.screen import Screen
from csconnect.stages.lineage import Origin, Record

MOST = 5
"""Records of a signal on a screen; machines get all."""


def show_lineage(screen: Screen, origins: Sequence[Origin]) -> None:
    """Signal by signal: what it reads, and the newest of the account's records."""
    if screen.json:
        return
    for origin in origins:
        value = "no data" if origin.value is None else f"{origin.value:g}"
        read = "; ".join(f"{each.entity}({', '.join(each.fields)})" for each in origin.reads)
        screen.say("")
        screen.say(f"{origin.signal} = {value}, from {read}", "bold")
        if not origin.records:
            screen.say("  no record of this account", "dim")
            continue
        shown = origin.records[:MOST]
        screen.table(["RECORD", "FIELDS", "HAPPENED", "LEARNT"], [_line(record) for record in shown])
        if len(shown) < len(origin.records):
            screen.say(f"  … and {len(origin.records) - len(shown):,} more (--format json has all)", "dim")


def _line(record: Record) -> list[Any]:
    where = f"{record.connection} {' / '.join(record.objects) or record.entity} {record.id}".strip()
    fields = ", ".join(
        f"{'/'.join(theirs)} = {_moment(record.values[ours])}" if ours in record.values else "/".join(theirs)
        for ours, theirs in record.fields.items()
        if record.values.get(ours, "") is not None
    )
    if record.until is not None:
        return [where, f"{record.rows:,} rows: {fields}", f"{record.happened} to {record.until}", ""]
    return [where, fields, _moment(record.happened), _moment(record.known_at)]


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def lineage_data(origins: Sequence[Origin]) -> list[dict[str, Any]]:
    """The same for machines, with every record."""
    return [
        {
            "signal": origin.signal,
            "value": origin.value,
            "reads": {each.entity: {"fields": list(each.fields), "window": each.window} for each in origin.reads},
            "records": [_data(record) for record in origin.records],
        }
        for origin in origins
    ]


def _data(record: Record) -> dict[str, Any]:
    return {
        **{name: _plain(value) for name, value in vars(record).items() if name not in ("values", "fields")},
        "fields": {ours: list(theirs) for ours, theirs in record.fields.items()},
        "values": {name: _plain(value) for name, value in record.values.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
