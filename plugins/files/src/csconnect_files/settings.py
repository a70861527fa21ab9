"""What a connection of type ``files`` needs to be told."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator


class FilesSettings(BaseModel):
    """Settings of a connection of type ``files``.

    ``tables`` gives each object of the mapping files its file, folder or glob, or a list of those, relative to ``root``. A table
    of one file is a snapshot: what a newer one no longer holds is gone. A table of several files (``usage/*.parquet``) grows by
    parts: only parts that are new or changed are read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tables: dict[str, str | list[str]]
    """Name of a table -> file, folder, pattern or a list of those; csv, tsv, csv.gz and parquet."""
    root: Path = Path()
    """Folder that the tables' paths start from; the core fills in the configuration file's."""
    encoding: str = "utf-8"
    """Of CSV files, by Python's name, such as ``gb18030``, ``cp1252`` or ``utf-16``."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """Between the columns of CSV files; ``.tsv`` files have tabs anyway."""
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."
    """With ``,`` a CSV cell that is a number as it is written there (``1.234,50``) is read as 1234.50."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError:
            raise ValueError("no such encoding; common ones are utf-8, utf-16, gb18030, cp1252") from None
