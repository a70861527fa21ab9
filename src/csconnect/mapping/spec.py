"""What a mapping file says, as frozen values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from csconnect.errors import MappingError, MissingFieldError
from csconnect.mapping.words import did_you_mean, listed
from csconnect.model import ENTITIES, Entity
from csconnect.model.values.change import FieldKind, Scalar

Plain = str | int | float | bool | date | datetime | None
"""A scalar as YAML writes it."""


@dataclass(frozen=True)
class FieldRef:
    """``$Field``: another field of the same record, as a transform's parameter."""

    path: str


@dataclass(frozen=True)
class Choose:
    """Parameter of ``choose``: their word -> our value, and what an unknown word becomes, if anything."""

    pairs: dict[str, Plain]
    otherwise: Plain = None
    has_else: bool = False


@dataclass(frozen=True)
class Step:
    """One transform with its parameter; the parameter's shape is the transform's business."""

    name: str
    argument: Any = None

    def refs(self) -> Iterator[str]:
        """Other fields of the record that this step needs."""
        if isinstance(self.argument, FieldRef):
            yield self.argument.path
        if self.name == "each":
            for step in self.argument:
                yield from step.refs()


@dataclass(frozen=True)
class ReadField:
    """How one canonical field is read.

    ``paths`` are source fields of which the first with a value wins; none means that ``value`` is a constant. ``value`` and
    ``default`` are already of the canonical field's type.
    """

    name: str
    paths: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    optional: bool = False
    default: Any = None
    value: Any = None
    where: str = field(default="", compare=False, repr=False)
    """``file:line:col``."""

    def refs(self) -> tuple[str, ...]:
        return tuple(ref for step in self.steps for ref in step.refs())


@dataclass(frozen=True)
class OwnedField:
    """A field listed under ``write``: the core's name, the system's name, and how values travel and compare.

    Either ``to`` or ``link`` is set. ``choices`` is ours -> theirs. ``null`` is ``clear`` or ``keep``. ``length`` is in characters and
    ``scale`` in decimal places; None means no limit of ours.
    """

    name: str
    to: str | None
    kind: FieldKind
    type: str
    choices: dict[str, str] = field(default_factory=dict)
    null: str = "keep"
    link: str | None = None
    label: dict[str, str] = field(default_factory=dict)
    help: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    scale: int | None = None
    optional: bool = False
    """The system may lack it; then it is neither read nor written."""
    extra: bool = False
    """Only written where the configuration asks for it by name."""


@dataclass(frozen=True)
class Mapping:
    """One mapping file. ``digest`` changes when what it reads changes; then the entity is pulled anew."""

    name: str
    """The file's name without ``.yaml``."""
    entity: str
    object: str
    read: dict[str, ReadField]
    where: str = ""
    version: str | None = None
    optional: bool = False
    """The system may lack the object altogether."""
    write: dict[str, OwnedField] = field(default_factory=dict)
    closing: dict[str, Scalar | FieldRef] = field(default_factory=dict)
    """``close`` as written; a `FieldRef` is a setting that the connection does not have."""
    digest: str = field(default="", compare=False)
    file: str = field(default="", compare=False)

    @property
    def model(self) -> type[Entity]:
        return ENTITIES[self.entity]

    @property
    def close(self) -> dict[str, Scalar]:
        """System field -> value that withdraws a record we made; `MappingError` when a setting it names is not there."""
        values: dict[str, Scalar] = {}
        for name, value in self.closing.items():
            if isinstance(value, FieldRef):
                remedy = f"Set '{value.path}' under write_back of the connection"
                raise MappingError(f"'close' needs the setting '{value.path}'", where=self.file, remedy=remedy)
            values[name] = value
        return values

    def source_fields(self) -> tuple[str, ...]:
        """Every source path that reading needs, sorted: read fields, their parameters, owned fields, the version."""
        paths = {path for item in self.read.values() for path in (*item.paths, *item.refs())}
        paths |= {owned.to for owned in self.write.values() if owned.to}
        return tuple(sorted(paths | ({self.version} if self.version else set())))

    def optional_fields(self) -> frozenset[str]:
        """Those of `source_fields` whose absence alone is no error: optional ones, alternatives, and fields we provision."""
        needed = {
            path
            for item in self.read.values()
            if not item.optional
            for path in (*(item.paths if len(item.paths) == 1 else ()), *item.refs())
        }
        needed |= {owned.to for owned in self.write.values() if owned.to and not owned.label and not owned.optional}
        return frozenset(self.source_fields()) - needed - {self.version}

    def written_as(self, chosen: Collection[str] | None) -> Mapping:
        """The same mapping with those score fields only that are ``chosen`` by the core's names; None for all but extra ones. What a
        record needs to be ours (its business fields) stays."""
        kept = {
            name: owned
            for name, owned in self.write.items()
            if owned.kind is FieldKind.BUSINESS or (not owned.extra if chosen is None else name in chosen)
        }
        return self if len(kept) == len(self.write) else replace(self, write=kept)

    def written_where(self, available: Collection[str]) -> Mapping:
        """The same mapping without the optional owned fields that a system with ``available`` fields lacks."""
        kept = {
            name: owned
            for name, owned in self.write.items()
            if not (owned.optional and owned.to and owned.to not in available)
        }
        return self if len(kept) == len(self.write) else replace(self, write=kept)

    def fields_for(self, available: Collection[str]) -> tuple[str, ...]:
        """The source paths to ask a system for that has ``available`` fields; `MissingFieldError` when a needed one is not there.

        A path over a relation (``Contract.AccountId``) is left to the system to judge.
        """
        for item in self.read.values():
            for group in (item.paths, *((ref,) for ref in item.refs())):
                if group and not item.optional and not any(is_there(path, available) for path in group):
                    raise missing(self, item, group, available)
        needed = set(self.source_fields()) - self.optional_fields()
        return tuple(path for path in self.source_fields() if path in needed or is_there(path, available))


def is_there(path: str, available: Collection[str]) -> bool:
    """Whether a path is among a system's fields, as far as its describe can tell."""
    return path in available or "." in path


def missing(mapping: Mapping, item: ReadField, paths: Sequence[str], available: Collection[str]) -> MissingFieldError:
    """The error for a read field none of whose sources exists."""
    field_text = " or ".join(f"'{path}'" for path in paths)
    return MissingFieldError(
        f"'{mapping.object}' has no field {field_text}, which {mapping.entity}.{item.name} is read from",
        where=item.where or mapping.file,
        remedy=f"{did_you_mean(paths[0], available)}Make it visible to csconnect's user, map another field, or say "
        f"'optional: true'. There are: {listed(available)}",
    )


@dataclass(frozen=True)
class MappingSet:
    """All mappings of one connection, in the order in which entities are pulled."""

    mappings: tuple[Mapping, ...] = ()

    def __iter__(self) -> Iterator[Mapping]:
        return iter(self.mappings)

    def __len__(self) -> int:
        return len(self.mappings)

    def of(self, entity: str) -> list[Mapping]:
        """The mappings that deliver ``entity``, by file name."""
        return [mapping for mapping in self.mappings if mapping.entity == entity]

    def writer(self, entity: str) -> Mapping | None:
        """The mapping through which ``entity`` is written back, if any."""
        return next((mapping for mapping in self.of(entity) if mapping.write), None)
