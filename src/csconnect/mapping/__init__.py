"""Mapping files: a system's records <-> canonical rows, in both directions (docs/mappings.md)."""

from csconnect.mapping.load import load_mappings, load_text, mapping_set
from csconnect.mapping.read import Mapped, Reject, entity_id, read_page
from csconnect.mapping.schema import json_schema
from csconnect.mapping.spec import Mapping, MappingSet, OwnedField, ReadField
from csconnect.mapping.write import compare_as, to_links, to_wire

__all__ = [
    "Mapped",
    "Mapping",
    "MappingSet",
    "OwnedField",
    "ReadField",
    "Reject",
    "compare_as",
    "entity_id",
    "json_schema",
    "load_mappings",
    "load_text",
    "mapping_set",
    "read_page",
    "to_links",
    "to_wire",
]
