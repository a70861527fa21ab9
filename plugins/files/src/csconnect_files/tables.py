"""The files behind a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from csconnect.errors import DataError, MissingFieldError
from csconnect_files import csvfile, parquetfile
from csconnect_files.settings import FilesSettings

_CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_PARQUET = (".parquet", ".pq")
_EDGE = 64 * 1024
_SMALL = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file of a table. ``name`` is its path relative to ``root`` where it lies there."""

    path: Path
    name: str
    settings: FilesSettings

    @property
    def is_parquet(self) -> bool:
        return self.path.name.lower().endswith(_PARQUET)

    @property
    def dialect(self) -> csvfile.Dialect:
        tabs = ".tsv" in self.path.suffixes
        return csvfile.Dialect(
            self.settings.encoding, "\t" if tabs else self.settings.delimiter, self.settings.decimal == ","
        )

    @cached_property
    def columns(self) -> dict[str, str]:
        """Column -> its type's name; empty for a file without even a header."""
        if self.is_parquet:
            return parquetfile.columns(self.path, self.name)
        return dict.fromkeys(csvfile.header(self.path, self.name, self.dialect), "text")

    def rows(self) -> int:
        """How many rows the file holds; of CSV, the number of lines."""
        return parquetfile.rows(self.path, self.name) if self.is_parquet else csvfile.lines(self.path, self.name)

    def is_empty(self) -> bool:
        """Whether it holds not a single row. Only small files are looked into: a header is never large."""
        return self.path.stat().st_size <= _SMALL and self.rows() == 0

    def fingerprint(self) -> str:
        """Changes when the file does: size, time of change, and a hash of its first and last 64 KiB."""
        try:
            state = self.path.stat()
            with self.path.open("rb") as file:
                edges = file.read(_EDGE)
                file.seek(max(state.st_size - _EDGE, 0))
                edges += file.read(_EDGE)
        except OSError as error:
            raise DataError(f"The file cannot be read: {error.strerror}", where=self.name) from None
        text = f"{state.st_size} {state.st_mtime_ns} {self.settings.encoding} {self.settings.delimiter} {self.settings.decimal} "
        return hashlib.sha256(text.encode() + edges).hexdigest()[:24]


def parts_of(settings: FilesSettings, table: str) -> list[Part]:
    """The files of a table in the order of their names.

    Raises `MissingFieldError` for a table that the settings do not name and `DataError` when none of its files is there.
    """
    if table not in settings.tables:
        raise MissingFieldError(
            f"The connection has no table '{table}'",
            remedy=f"Name its file under 'tables'. There are: {', '.join(sorted(settings.tables)) or 'none'}",
        )
    patterns = settings.tables[table]
    found: dict[Path, None] = {}
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        found |= dict.fromkeys(_files(settings.root, pattern))
    if not found:
        raise DataError(
            f"There is no file for the table '{table}'",
            where=str(patterns),
            remedy="Deliver the export, or mend the path under 'tables'; csv, tsv, csv.gz and parquet files are read",
        )
    return sorted((Part(path, _name(path, settings.root), settings) for path in found), key=lambda part: part.name)


def _files(root: Path, pattern: str) -> list[Path]:
    path = root / pattern
    if path.is_dir():
        return [file for file in path.iterdir() if _is_data(file)]
    if path.is_file():
        return [path]
    base = Path(path.anchor) if Path(pattern).is_absolute() else root
    relative = str(path.relative_to(path.anchor)) if Path(pattern).is_absolute() else pattern
    return [file for file in base.glob(relative) if _is_data(file)]


def _is_data(file: Path) -> bool:
    # Half-delivered files are customarily hidden or carry another suffix until they are whole.
    name = file.name.lower()
    return file.is_file() and not name.startswith((".", "_")) and name.endswith(_CSV + _PARQUET)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
