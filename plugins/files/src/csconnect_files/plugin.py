"""Registers the connector ``files``."""

from __future__ import annotations

from collections.abc import Callable

from csconnect.connectors.hookspecs import hookimpl
from csconnect.connectors.protocols import Connector
from csconnect_files.settings import FilesSettings
from csconnect_files.source import FilesSource

CONNECTOR = Connector(
    name="files",
    title="CSV and Parquet files",
    settings=FilesSettings,
    open=FilesSource,
    mappings="files",
    asks=("tables",),
)


@hookimpl
def csconnect_register_connectors(register: Callable[[Connector], None]) -> None:
    """Offer the connector."""
    register(CONNECTOR)
