"""What a connector can do, as a table for its author's README."""

from __future__ import annotations

from typing import Any

from csconnect.connectors.protocols import Capabilities, Source, Target


def capability_table(connector: Any) -> str:
    """A Markdown table of the capabilities of an opened connector, from what it says of itself."""
    able: Capabilities = connector.capabilities
    reads, writes = able.reads and isinstance(connector, Source), able.writes and isinstance(connector, Target)
    rows = [("Reads", _yes(reads)), ("Writes back", _yes(writes))]
    if reads:
        rows.append(("After the first pull", "only what changed" if able.incremental else "everything, each time"))
        rows.append(("Deleted and merged records", "reported" if able.tombstones else "seen in full pulls only"))
    if writes:
        rows += [
            ("Creates", ", ".join(sorted(able.creates)) or "nothing; updates accounts only"),
            ("Withdraws what it created", _yes(able.closes)),
            ("Changes in one call", f"up to {able.write_batch}, {able.write_threads} at a time"),
            ("Live look-ups in one call", f"up to {able.lookup_batch}"),
        ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]) + "\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
