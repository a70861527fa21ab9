"""YAML values that know where they stand, so that every complaint has ``file:line:col``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from csconnect.errors import MappingError
from csconnect.mapping.spec import Plain
from csconnect.mapping.words import suggest


@dataclass(frozen=True)
class Node:
    """A value, its name for messages, and its place."""

    value: Any
    name: str
    file: str
    line: int = 1
    col: int = 1

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"

    def fail(self, what: str, remedy: str = "") -> MappingError:
        return MappingError(what, where=self.where, remedy=remedy)

    def expected(self, shape: str) -> MappingError:
        return self.fail(f"'{self.name}' should be {shape}, but is {_shape(self.value)}")

    def unknown(self, what: str, known: Collection[str]) -> MappingError:
        return self.fail(f"There is no {what} '{self.value}'", remedy=suggest(str(self.value), known))

    def table(self) -> dict[str, Node]:
        """Entries by key; keys are read as the words they are, so ``null:`` and ``true:`` are texts here."""
        if not isinstance(self.value, dict):
            raise self.expected("a table of 'name: value'")
        return {_word(key): self._child(value, _word(key), key=key) for key, value in self.value.items()}

    def entries(self, known: Collection[str], what: str = "key") -> dict[str, Node]:
        """`table`, with keys out of ``known`` only."""
        table = self.table()
        for key in self.value:
            if _word(key) not in known:
                at = self._place("key", key)
                raise Node(_word(key), _word(key), self.file, *at).unknown(what, known)
        return table

    def items(self) -> list[Node]:
        if not isinstance(self.value, list):
            raise self.expected("a list")
        return [
            self._child(value, f"{self.name}, item {index + 1}", item=index) for index, value in enumerate(self.value)
        ]

    def listed(self) -> list[Node]:
        """The items of a list, or the single value itself."""
        return self.items() if isinstance(self.value, list) else [self]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.expected("a text")
        return str(self.value)

    def one_of(self, known: Collection[str], what: str) -> str:
        if not isinstance(self.value, str) or self.value not in known:
            raise self.unknown(what, known)
        return str(self.value)

    def whole(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.expected("a whole number")
        return int(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.expected("true or false")
        return bool(self.value)

    def scalar(self) -> Plain:
        """Any single value, freed of the classes the YAML reader wraps it in."""
        value = self.value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, datetime):
            return datetime.fromisoformat(value.isoformat())
        if isinstance(value, date):
            return value
        for kind in (str, int, float):
            if isinstance(value, kind):
                return kind(value)
        raise self.expected("a single value")

    def _child(self, value: Any, name: str, *, key: Any = None, item: int | None = None) -> Node:
        line, col = self._place("item", item) if item is not None else self._place("value", key)
        return Node(value, name, self.file, line, col)

    def _place(self, part: str, key: Any) -> tuple[int, int]:
        try:
            line, col = getattr(self.value.lc, part)(key)
        except (AttributeError, KeyError, TypeError):
            # A key that came in by '<<' has no place of its own here.
            return self.line, self.col
        return line + 1, col + 1


def _word(key: Any) -> str:
    if key is None:
        return "null"
    return ("true" if key else "false") if isinstance(key, bool) else str(key)


def _shape(value: Any) -> str:
    if value is None:
        return "empty"
    shapes = ((dict, "a table"), (list, "a list"), (str, "a text"), (bool, "true or false"), ((int, float), "a number"))
    return next((shape for kind, shape in shapes if isinstance(value, kind)), "something else")


def read_text(path: Path) -> str:
    """The text of one file; `MappingError` where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise MappingError(f"The file cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise MappingError(f"The file is not UTF-8 text (byte {error.start})", where=str(path)) from None


def parse_yaml(text: str, file: str) -> Node:
    """The document in ``text``; everything wrong with the YAML itself is a `MappingError` with its place."""
    try:
        value = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise MappingError(f"This is not YAML: {error.problem or error.context}", where=f"{file}{place}") from None
    except (
        YAMLError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        NotImplementedError,
        RecursionError,
    ) as error:
        # The reader lets some errors of Python through, for instance for the 45th day of a month.
        raise MappingError(f"This is not YAML that can be read: {type(error).__name__}", where=file) from None
    if not isinstance(value, (CommentedMap, CommentedSeq)):
        return Node(value, "the file", file)
    return Node(value, "the file", file, value.lc.line + 1, value.lc.col + 1)
