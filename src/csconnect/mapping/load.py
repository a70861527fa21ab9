"""Folders of mapping files -> the mappings of one connection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from csconnect.errors import MappingError
from csconnect.mapping.nodes import parse_yaml, read_yaml
from csconnect.mapping.parse import parse_mapping
from csconnect.mapping.spec import Mapping as MappingFile
from csconnect.mapping.spec import MappingSet
from csconnect.mapping.steps import Settings
from csconnect.model import ENTITIES


def load_mappings(folders: Sequence[Path], settings: Settings | None = None) -> MappingSet:
    """All ``*.yaml`` of ``folders``; a file of a later folder replaces the one of the same name in an earlier one.

    ``settings`` are those under ``write_back`` of the connection, for ``$name``. Raises `MappingError` for the first thing that is
    wrong, with file, line and column.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise MappingError(
                "There is no such folder of mapping files", where=str(folder), remedy="Make it, or mend its path"
            )
        files |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    found = [parse_mapping(read_yaml(path), name, settings or {}) for name, path in files.items()]
    return mapping_set(found)


def load_text(text: str, name: str = "mapping", settings: Settings | None = None) -> MappingFile:
    """One mapping from the text of a file."""
    return parse_mapping(parse_yaml(text, f"{name}.yaml"), name, settings or {})


def mapping_set(mappings: Sequence[MappingFile]) -> MappingSet:
    """The mappings in the order in which entities are pulled; at most one of them writes an entity."""
    order = {entity: index for index, entity in enumerate(ENTITIES)}
    ordered = sorted(mappings, key=lambda mapping: (order[mapping.entity], mapping.name))
    writers: dict[str, MappingFile] = {}
    for mapping in ordered:
        if mapping.write and writers.setdefault(mapping.entity, mapping) is not mapping:
            raise MappingError(
                f"Two files write {mapping.entity}: '{writers[mapping.entity].name}' and '{mapping.name}'",
                where=mapping.file,
                remedy="Keep the 'write' section in one of them",
            )
    return MappingSet(tuple(ordered))
