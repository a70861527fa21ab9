"""The embedded engine: one way to open DuckDB, so that every answer is the same on every machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from csconnect.errors import CsconnectError, DataError

Engine: TypeAlias = duckdb.DuckDBPyConnection

MEMORY = "600MB"

# UTC, so that a day is the same day everywhere; no Python variables and no downloads, so that a query means only what it
# says. The order of rows is never promised: a query that needs one sorts, and nothing is kept in memory for it.
_SETTINGS = {
    "TimeZone": "UTC",
    "Calendar": "gregorian",
    "default_null_order": "nulls_last",
    "default_order": "asc",
    "preserve_insertion_order": False,
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_progress_bar": False,
}


def open_engine(
    memory: str = MEMORY, threads: int | None = None, temp: Path | None = None, database: Path | None = None
) -> Engine:
    """A DuckDB connection with the settings that make results deterministic and memory bounded.

    ``memory`` is DuckDB's spelling of a size (``600MB``); what does not fit spills to ``temp`` (default: beside the
    database, or DuckDB's own choice). ``threads`` defaults to the machine's cores. ``database`` is a file; without it
    tables live in memory.
    """
    with translated("the embedded engine"):
        engine = duckdb.connect(str(database) if database else ":memory:")
        for setting, value in _SETTINGS.items():
            engine.execute(f"SET {setting} = ?", [value])
        engine.execute("SET memory_limit = ?", [memory])
        if threads is not None:
            engine.execute("SET threads = ?", [threads])
        if temp is not None:
            engine.execute("SET temp_directory = ?", [str(temp)])
    return engine


def run(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """All rows of ``statement``, fetched to the end: an answer left half read blocks the connection."""
    rows: list[tuple[Any, ...]] = engine.execute(statement).fetchall()
    return rows


def one(engine: Engine, statement: str) -> tuple[Any, ...]:
    """The single row of ``statement``."""
    (row,) = run(engine, statement)
    return row


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the engine's and the file system's errors into a `DataError` about ``where``.

    The engine's own words are kept only for files: other messages may quote a record's values.
    """
    try:
        yield
    except CsconnectError:
        raise
    except duckdb.OutOfMemoryException as error:
        raise DataError(
            "the engine needs more memory than it may use",
            where=where,
            remedy="Raise memory: in csconnect.yaml, or close other programs",
            code="E-LAKE-MEMORY",
        ) from error
    except (duckdb.IOException, duckdb.InvalidInputException, OSError) as error:
        raise DataError(
            f"a file cannot be read or written ({_first_line(error)})",
            where=where,
            remedy="Check free space and permissions; restore a damaged file from a backup, or move the lake's folder "
            "away and pull again from the start",
            code="E-LAKE-FILE",
        ) from error
    except duckdb.Error as error:
        raise DataError(
            f"the engine refused a statement ({type(error).__name__})",
            where=where,
            remedy="Please report this with the version of csconnect",
            code="E-LAKE-ENGINE",
        ) from error


def _first_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    if lines and "{" in lines[0]:  # the engine wraps the system's words in JSON, and cuts it short
        return os.strerror(errno.ENOSPC) if "No space left" in str(error) else lines[0].partition("{")[0].rstrip(" :")
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")
