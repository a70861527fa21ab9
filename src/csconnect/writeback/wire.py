"""Between the core's names and the CRM's: one `Writer` per connection and entity, and what "the same value" means on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from csconnect.mapping.spec import Mapping as MappingFile
from csconnect.mapping.spec import MappingSet, OwnedField
from csconnect.mapping.write import compare_as, to_links, to_wire
from csconnect.model.values import Change, Scalar
from csconnect.writeback.values import Desired

WRITTEN_ENTITIES = ("account", "opportunity", "task")


@dataclass(frozen=True, eq=False)
class Writer:
    """The write section of one mapping file of one connection."""

    connection: str
    mapping: MappingFile

    @property
    def entity(self) -> str:
        return self.mapping.entity

    @property
    def target_object(self) -> str:
        return self.mapping.object

    @cached_property
    def fields(self) -> dict[str, OwnedField]:
        """Owned fields by the system's name; links are not among them."""
        return {owned.to: owned for owned in self.mapping.write.values() if owned.to}

    @property
    def key_field(self) -> str | None:
        """The system's field that carries our key."""
        return self.field_of("key")

    def field_of(self, name: str) -> str | None:
        """The system's field for the core's ``name``, if the mapping has one."""
        owned = self.mapping.write.get(name)
        return owned.to if owned else None

    def wire(self, desired: Desired) -> dict[str, Scalar]:
        """Values and field-like links of ``desired`` in the system's words; what the mapping leaves out is left out."""
        return to_wire(self.mapping, {**desired.links, **desired.values})

    def links(self, desired: Desired) -> dict[str, str]:
        """Relations that the system keeps apart from fields: its object name -> bare id."""
        return to_links(self.mapping, desired.links)

    def same(self, field: str, one: Scalar, other: Scalar) -> bool:
        """Whether two wire values of ``field`` mean the same, whatever way the system spells them."""
        owned = self.fields.get(field)
        if owned is None:
            return _plain(one) == _plain(other)
        return bool(compare_as(owned, one) == compare_as(owned, other))


class Writers:
    """The writers of a run, found by connection and entity."""

    def __init__(self, writers: Iterable[Writer] = ()) -> None:
        self._writers = {(writer.connection, writer.entity): writer for writer in writers}

    @classmethod
    def of(cls, mappings: Mapping[str, MappingSet]) -> Writers:
        """Writers of every connection (name -> its mappings) that writes anything."""
        return cls(
            Writer(connection, mapping)
            for connection, known in mappings.items()
            for entity in WRITTEN_ENTITIES
            if (mapping := known.writer(entity)) is not None
        )

    def get(self, connection: str, entity: str) -> Writer | None:
        return self._writers.get((connection, entity))

    def of_change(self, change: Change) -> Writer | None:
        return self.get(change.connection, change.entity)

    def __iter__(self) -> Iterator[Writer]:
        return iter(self._writers.values())


def _plain(value: Scalar) -> Scalar:
    """For fields that only ``close`` names, whose type no mapping tells."""
    return value if value is None or isinstance(value, bool) else str(value).strip() or None
