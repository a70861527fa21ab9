"""Bringing a ledger up to date when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from csconnect.errors import DataError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest revision in ``migrations/versions``; a test compares it with what alembic finds."""


def migrate(connection: Connection) -> None:
    """Run the missing migrations in the caller's transaction; a ledger that is up to date costs one query."""
    if inspect(connection).has_table("alembic_version"):
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if current == HEAD:
            return
        if current is not None and current not in _known():
            raise DataError(
                f"the ledger was brought to revision {current} by a newer csconnect",
                where=connection.engine.url.render_as_string(hide_password=True),
                remedy="Use that version, or restore the ledger from a backup of this one's time",
                code="E-LEDGER",
            )
    # Alembic takes a while to import, and most openings need it not.
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _known() -> frozenset[str]:
    """The revisions that this version brings along."""
    versions = Path(__file__).parent / "migrations" / "versions"
    return frozenset(path.name[1:].partition("_")[0] for path in versions.glob("v*_*.py"))


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the migrations in this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
