"""Folders of mapping files -> the mappings of one connection.

What the text of a file was found to say is kept for the life of the process: connections of one system read the same files, and so do
the commands of one test. A text that does not hold is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from csconnect.errors import MappingError
from csconnect.mapping.nodes import Node, parse_yaml, read_text
from csconnect.mapping.parse import parse_mapping
from csconnect.mapping.spec import Mapping as MappingFile
from csconnect.mapping.spec import MappingSet
from csconnect.mapping.steps import Settings
from csconnect.model import ENTITIES
from csconnect.model.values.change import Scalar


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
    said = tuple((key, type(value), value) for key, value in (settings or {}).items())  # 1 is no True
    found = [_parsed(read_text(path), str(path), name, said) for name, path in files.items()]
    return mapping_set(found)


@lru_cache(maxsize=500)
def _parsed(text: str, file: str, name: str, settings: tuple[tuple[str, type, Scalar], ...]) -> MappingFile:
    return parse_mapping(_read(text, file), name, {key: value for key, _, value in settings})


@lru_cache(maxsize=500)
def _read(text: str, file: str) -> Node:
    """Nine tenths of the work, and the same whatever the settings are."""
    return parse_yaml(text, file)


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
