"""What owners are called, and whom a person means who asks for the work of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csconnect.errors import DataError
from csconnect.mapping.words import suggest

if TYPE_CHECKING:
    import duckdb


def owner_names(facts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Key of an owner -> what the CRM calls the person."""
    return dict(facts.sql("SELECT id, name FROM owner WHERE name IS NOT NULL").fetchall())


def owner_keys(facts: duckdb.DuckDBPyConnection, said: str) -> frozenset[str]:
    """The keys of the owners whom ``said`` means: a name, a key, or an id in its own system, in whatever case. Several people may
    have one name. `DataError` with the nearest names where nobody is called so."""
    people = facts.execute(
        """SELECT someone.id, owner.name FROM (SELECT id FROM owner UNION SELECT owner_id FROM account) AS someone
        LEFT JOIN owner ON owner.id = someone.id WHERE someone.id IS NOT NULL"""
    ).fetchall()
    wanted = said.strip().casefold()
    called = ((key, {part.casefold() for part in (key, key.partition(":")[2], name) if part}) for key, name in people)
    found = frozenset(key for key, words in called if wanted in words)
    if not found:
        names = {name or key for key, name in people}
        raise DataError(f"nobody here is called {said!r}", remedy=suggest(said, names), code="E-OWNER")
    return found
