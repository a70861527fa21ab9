"""The manifest: what one run added to the lake. Publishing it, by an atomic rename, is what makes a run exist."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from csconnect.errors import DataError
from csconnect.lake.engine import translated


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FactFile(_Value):
    """One immutable Parquet file. ``path`` is relative to the lake; days are given for usage."""

    entity: str
    connection: str
    path: str
    rows: int
    size: int
    first_day: date | None = None
    last_day: date | None = None


class Count(_Value):
    """What became of one entity of one connection in a run.

    ``delivered`` rows came, ``written`` of them said something new, ``deleted`` records were found gone, and ``live`` is how
    many the connection has now (for usage: rows of all days).
    """

    delivered: int = 0
    written: int = 0
    deleted: int = 0
    live: int = 0


class Folded(_Value):
    """What a fold keeps of the manifests it replaces.

    ``through`` is the last sequence it contains; views as known before ``history_from`` are gone. ``since`` says when a
    connection first delivered an entity, ``told`` when it did so later, as far as a view can still ask: the first moment of
    every UTC day, of the newest day alone where history is gone. (Folds made before ``told`` was kept say nothing of it.)
    ``pulls`` names each connection's newest run.
    """

    through: int
    history_from: AwareDatetime | None
    since: dict[str, dict[str, AwareDatetime]]
    pulls: dict[str, str]
    told: dict[str, dict[str, tuple[AwareDatetime, ...]]] = {}


class Manifest(_Value):
    """Everything one run (or one fold) made of the lake: files *and* cursors, so that the two can never disagree."""

    format: Literal[1] = 1
    sequence: int
    run: str
    known_at: AwareDatetime
    parent: int | None
    files: tuple[FactFile, ...] = ()
    cursors: dict[str, dict[str, str]] = {}
    mappings: dict[str, dict[str, str]] = {}
    counts: dict[str, dict[str, Count]] = {}
    quarantine: FactFile | None = None
    """All records set aside as of this run, older ones that nobody mended included."""
    folded: Folded | None = None

    @property
    def file_name(self) -> str:
        return f"{self.sequence:010d}-{self.run}.json"

    def referenced(self) -> set[str]:
        """Paths of every file that a reader of this manifest needs."""
        extra = {self.quarantine.path} if self.quarantine else set()
        return {file.path for file in self.files} | extra


def publish_manifest(folder: Path, manifest: Manifest) -> None:
    """Make ``manifest`` visible, durably and all at once."""
    hidden = folder / f".{manifest.file_name}.tmp"
    with hidden.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    hidden.replace(folder / manifest.file_name)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifests(folder: Path) -> tuple[Manifest, ...]:
    """The manifests a reader needs, oldest first: the newest fold, if any, and every run after it, without a gap."""
    try:
        return _chain(folder)
    except FileNotFoundError:
        # A sweep took one away after we had listed it, so there is a fold that says the same.
        with translated(str(folder)):
            return _chain(folder)


def _chain(folder: Path) -> tuple[Manifest, ...]:
    kept: list[Manifest] = []
    for path in sorted(folder.glob("*.json"), reverse=True):
        manifest = _read(path)
        if kept and kept[-1].parent != manifest.sequence:
            break
        kept.append(manifest)
        if manifest.folded is not None or manifest.parent is None:
            return tuple(reversed(kept))
    if kept:
        raise DataError(
            f"the manifest before number {kept[-1].sequence} is missing",
            where=str(folder),
            remedy="Restore the folder from a backup, or move the lake away and pull again from the start",
            code="E-LAKE-GAP",
        )
    return ()


def _read(path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, ValidationError) as error:
        raise DataError(
            "this manifest cannot be read",
            where=str(path),
            remedy="Restore it from a backup, or move the lake away and pull again from the start; if a newer csconnect "
            "wrote it, use that version",
            code="E-LAKE-MANIFEST",
        ) from error


def known_text(moment: datetime) -> str:
    """An instant for people: minutes are enough."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
