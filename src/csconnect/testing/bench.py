"""What a connector author gives the conformance kit: the connector, its mappings, and hands behind its back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from csconnect.mapping import Mapping as MappingFile
from csconnect.mapping import MappingSet
from csconnect.model.values import Change, Scalar


class Bench(ABC):
    """A system with a connector on it, as a test sees both.

    The *hands* (`create`, `edit`, `read` ...) reach the system without the connector: they play the people who work in it, and the
    witness who saw what really happened. They may go to a local server, a vendor's sandbox or a file; a sandbox's own API called
    plainly is fine. Records of earlier tests may lie about; the kit looks only at those it made.

    Hands below the line are optional. The kit leaves out the tests that need a hand which a bench does not define.
    """

    connection: ClassVar[str] = "crm"
    """Name of the connection that plans write to."""
    secrets: tuple[str, ...] = ()
    """Everything that must never be shown: tokens, passwords, keys."""
    given: Mapping[str, Mapping[str, object]] = {}
    """What the system asks of every new record besides what the kit fills in: entity -> value by the core's name of the field,
    for instance ``{"opportunity": {"stage": "Prospecting", "owner_id": "005..."}}``."""

    @property
    @abstractmethod
    def mappings(self) -> MappingSet:
        """The mapping files of the connector, with the settings (``$name``) that their ``write`` and ``close`` need:
        ``load_mappings([folder], {"void_stage": "void"})``."""

    @abstractmethod
    def open(self) -> Any:
        """A fresh connector on the system: a `Source`, a `Target`, or both. The kit closes what it opens.

        ``Context(self.connection, sleep=lambda seconds: None)`` spares the tests the waits of a rate budget.
        """

    @abstractmethod
    def create(self, entity: str, values: Mapping[str, str]) -> str:
        """A person makes a record; returns its bare id.

        ``values`` has the canonical ``name`` (``subject`` of tasks and tickets) and, of all but accounts, ``account_id``; what else
        the canonical entity requires (``opened_at`` of a ticket) and the mapping's ``where`` asks for is up to you.
        """

    @abstractmethod
    def edit(self, entity: str, id: str, fields: Mapping[str, Scalar]) -> None:
        """A person changes fields, named and spelt as the system does."""

    @abstractmethod
    def read(self, entity: str, id: str) -> Mapping[str, object] | None:
        """The record's fields that have a value, as the system keeps them; None when it is gone.

        Without what the system keeps by itself: stamps, versions, who changed it last.
        """

    @abstractmethod
    def state(self) -> object:
        """Anything that differs as soon as a record, a relation or a field definition does: counts and newest stamps will do."""

    @abstractmethod
    def heard(self) -> Sequence[str]:
        """The calls the system has counted since it started, oldest first: an address (or any name) each, log-ins left out."""

    # ---------------------------------------------------------------------------------------------------------------------

    def delete(self, entity: str, id: str) -> None:
        """A person deletes a record."""
        raise self._missing("delete")

    def merge(self, entity: str, loser: str, winner: str) -> None:
        """A person merges ``loser`` into ``winner``."""
        raise self._missing("merge")

    def leave(self, entity: str, id: str) -> None:
        """A person changes a record so that it no longer meets the ``where`` of its mapping; `create` makes those that do."""
        raise self._missing("leave")

    def still(self) -> AbstractContextManager[None]:
        """Inside, all edits bear one timestamp, also those made after a pull."""
        raise self._missing("still")

    def wait(self, seconds: float) -> None:
        """Time passes in the system, at once: what is edited afterwards bears a stamp that is so much later."""
        raise self._missing("wait")

    def spoil(self, change: Change) -> Change:
        """The same change with a value that the system refuses for this one record."""
        raise self._missing("spoil")

    def lose_answer(self) -> AbstractContextManager[None]:
        """Inside, the next write is carried out in full and then its answer is lost."""
        raise self._missing("lose_answer")

    def denied(self) -> Any:
        """A connector whose credentials the system does not accept; they are among `secrets`."""
        raise self._missing("denied")

    # ---------------------------------------------------------------------------------------------------------------------

    @classmethod
    def hands(cls) -> frozenset[str]:
        """The optional hands that this class defines."""
        names = ("delete", "merge", "leave", "still", "wait", "spoil", "lose_answer", "denied")
        return frozenset(name for name in names if getattr(cls, name) is not getattr(Bench, name))

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """`open`, and close again where the connector can be closed."""
        connector = self.open()
        try:
            yield connector
        finally:
            if hasattr(connector, "close"):
                connector.close()

    def mapping(self, entity: str) -> MappingFile:
        """The mapping through which ``entity`` is written, else the first that reads it."""
        found = self.mappings.writer(entity) or next(iter(self.mappings.of(entity)), None)
        if found is None:
            raise AssertionError(f"The bench's mappings deliver no {entity}. Write next: a mapping file for it.")
        return found

    def label_field(self, entity: str) -> str:
        """The system's field for the name (subject) of a record; the one that the kit's people edit."""
        read = self.mapping(entity).read
        return read[label_name(read)].paths[0]

    def id_field(self, entity: str) -> str:
        """The system's field for the bare id."""
        return self.mapping(entity).read["id"].paths[0]

    def parent_field(self, entity: str) -> str:
        """The system's field, or path, for the account that a record belongs to."""
        return self.mapping(entity).read["account_id"].paths[0]

    def make(self, entity: str, label: str, account: str = "") -> str:
        """`create` with the least that is needed; an account is made for a record that needs one."""
        read = self.mapping(entity).read
        values = {label_name(read): label} if label_name(read) in read else {}
        if "account_id" in read:
            values["account_id"] = account or self.make("account", f"for {label}")
        return self.create(entity, values)

    def label(self, entity: str, id: str) -> object:
        """What the system keeps as the record's name; None when it is gone."""
        found = self.read(entity, id)
        return None if found is None else found.get(self.label_field(entity))

    def _missing(self, hand: str) -> AssertionError:
        return AssertionError(
            f"{type(self).__name__} has no '{hand}'. Write next: Bench.{hand}, or leave the test out."
        )


def label_name(read: Mapping[str, object]) -> str:
    """The canonical field by which people know a record of an entity with these fields."""
    return "name" if "name" in read else "subject"
