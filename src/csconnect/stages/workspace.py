"""Everything a run needs, opened on demand from one configuration file and closed together."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, get_args

from pydantic import BaseModel, ValidationError

from csconnect.config import Config, ConnectionConfig, load_config
from csconnect.config.load import REFERENCES, secret_fields
from csconnect.connectors.http.secrets import resolve_secret
from csconnect.connectors.protocols import Context, Source, Target
from csconnect.connectors.registry import Registry, installed
from csconnect.errors import ConfigError, WrongOrgError

if TYPE_CHECKING:
    from csconnect.compute.assign import Cards
    from csconnect.compute.danger import Dangers
    from csconnect.lake import Lake
    from csconnect.ledger import Ledger
    from csconnect.library.load import Library
    from csconnect.mapping import MappingSet

PACKAGED = "csconnect.mappings"


class Workspace(AbstractContextManager["Workspace"]):
    """A configuration come to life.

    ``note`` receives one-line news of long work. ``now`` is the only clock of a run.
    """

    def __init__(
        self,
        config: Config,
        *,
        registry: Registry | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.config = config
        self.registry = registry or installed()
        self.now = now
        self.note = note
        self._open: dict[str, Any] = {}

    @classmethod
    def load(cls, path: Path, **rest: Any) -> Self:
        """The workspace of the configuration file at ``path``."""
        registry = rest.pop("registry", None) or installed()
        return cls(load_config(path, registry), registry=registry, **rest)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for system in self._open.values():
            system.close()
        self._open.clear()
        if "ledger" in self.__dict__:
            self.ledger.close()

    @property
    def today(self) -> date:
        return self.now().date()

    @cached_property
    def lake(self) -> Lake:
        from csconnect.lake import Lake

        return Lake(self.config.path(self.config.lake), memory=self.config.memory)

    @cached_property
    def ledger(self) -> Ledger:
        from csconnect.ledger import Ledger

        return Ledger.open(self.config.ledger_url, now=self.now)

    @cached_property
    def library(self) -> Library:
        from csconnect.compute.phrases import spoken_as
        from csconnect.library.load import load_library

        own = [self.config.path(self.config.library)] if self.config.library else []
        library = load_library([*self.registry.libraries, *own])
        spoken = {"language": self.config.language} | {
            f"{name}: language": each.language for name, each in self.config.connections.items() if each.language
        }
        for where, language in spoken.items():
            if spoken_as(language) not in library.phrases:
                remedy = f"Known: {', '.join(sorted(library.phrases))}; phrases/{language}.yaml in your library adds it"
                raise ConfigError(f"nothing can be said in {language!r}", where=where, remedy=remedy)
        return library

    @cached_property
    def cards(self) -> Cards:
        """The cards in force, in the order in which they are tried."""
        from csconnect.compute.assign import CardRule, Cards

        rules = tuple(CardRule(self.library.card(each.card), each.when.named()) for each in self.config.scorecards)
        return Cards(self.library.card(self.config.scorecard), rules, self.library.rollups.get("lifecycle"))

    @property
    def dangers(self) -> Dangers | None:
        """The causes of danger in force, if any are."""
        return self.library.causes(self.config.dangers) if self.config.dangers else None

    def connection(self, name: str) -> ConnectionConfig:
        """The settings of connection ``name``; `ConfigError` with the known names otherwise."""
        if name not in self.config.connections:
            raise ConfigError(f"no connection {name!r}", remedy=f"Known: {', '.join(self.config.connections)}")
        return self.config.connections[name]

    def system(self, name: str) -> Any:
        """The opened connector of connection ``name``: a `Source`, a `Target` or both."""
        if name not in self._open:
            settings = self.connection(name)
            connector = self.registry.connector(settings.connector)
            values = resolve_settings(connector.settings, settings.settings, self.config.root, where=name)
            if "withdrawn_stage" in connector.settings.model_fields and "void_stage" in settings.write_back.settings:
                # said once, under write_back: a connector that tells outcomes apart must know our way of withdrawing
                values.setdefault("withdrawn_stage", settings.write_back.settings["void_stage"])
            context = Context(connection=name, org=settings.org, now=self.now, note=self.note)
            self._open[name] = connector.open(_validated(connector.settings, values, name), context)
        return self._open[name]

    def source(self, name: str) -> Source:
        """The reading half of ``name``."""
        system = self.system(name)
        if not isinstance(system, Source):
            raise ConfigError("this connector cannot be read from", where=name)
        return system

    def org(self, name: str) -> str:
        """The id of the org behind ``name``; `WrongOrgError` where another is pinned, whoever wrote the connector."""
        found, known_as, _ = self.source(name).org()
        pinned = self.connection(name).org
        if pinned and found != pinned:
            raise WrongOrgError(
                f"this is {known_as} ({found}), but the connection is pinned to {pinned}",
                where=name,
                remedy="Use credentials of the pinned org, or pin this one if the change is meant",
            )
        return found

    def target(self, name: str) -> Target:
        """The writing half of ``name``."""
        system = self.system(name)
        if not isinstance(system, Target):
            raise ConfigError(
                "this connector cannot be written to",
                where=name,
                remedy="The plan shows what a CRM would be told; connect one to apply it",
            )
        return system

    def writable(self, name: str) -> bool:
        """Whether ``name`` can be written to; for a folder of exports a plan can still be made, and read."""
        return isinstance(self.system(name), Target)

    def mappings(self, name: str) -> MappingSet:
        """The mapping files of ``name``: the packaged ones, plugins' and its own, with its scope filter and its choice of fields put in."""
        if f"mappings:{name}" not in self.__dict__:
            from csconnect.mapping import MappingSet
            from csconnect.stages.answers import chosen

            connection = self.connection(name)
            made = tuple(chosen(mapping, connection, name) for mapping in self.whole_mappings(name))
            self.__dict__[f"mappings:{name}"] = MappingSet(made)
        found: MappingSet = self.__dict__[f"mappings:{name}"]
        return found

    def whole_mappings(self, name: str) -> MappingSet:
        """The same with every field that could be written, for what was written under another choice."""
        if f"whole:{name}" not in self.__dict__:
            self.__dict__[f"whole:{name}"] = self._load_mappings(name)
        found: MappingSet = self.__dict__[f"whole:{name}"]
        return found

    def _load_mappings(self, name: str) -> MappingSet:
        from csconnect.mapping import MappingSet, load_mappings
        from csconnect.stages.answers import answered

        connection = self.connection(name)
        system = self.registry.connector(connection.connector).mappings or connection.connector
        folders = [*packaged_mappings(system), *self.registry.mappings.get(system, [])]
        if connection.mappings:
            folders.append(self.config.path(connection.mappings))
        words = {key: str(value) for key, value in connection.write_back.settings.items()}
        loaded = load_mappings(folders, words)
        _require_known("entities", connection.entities or (), {mapping.entity for mapping in loaded}, name)
        _require_known("tables", connection.settings.get("tables") or (), {mapping.object for mapping in loaded}, name)
        kept = [m for m in loaded if connection.entities is None or m.entity in connection.entities]
        return MappingSet(tuple(answered(mapping, connection, name) for mapping in kept))


def packaged_mappings(system: str) -> list[Path]:
    """The folder of mapping files that ships with csconnect for ``system``, if there is one."""
    spec = find_spec(PACKAGED)
    places = spec.submodule_search_locations if spec else None
    folders = [Path(place) / system for place in places or ()]
    return [folder for folder in folders if folder.is_dir()]


def resolve_settings(model: type[Any], settings: dict[str, Any], root: Path, *, where: str = "") -> dict[str, Any]:
    """Settings with their references (``env:NAME``, ``file:PATH``) read, secret or not, and ``root`` filled in where a connector
    wants it; ``where`` is the connection to name when a reference leads nowhere."""
    secrets = secret_fields(model)
    values = {
        name: _resolved(value, root, secret=name in secrets, where=f"{where}: {name}" if where else name)
        for name, value in settings.items()
    }
    for name in values.keys() & _paths(model):
        if isinstance(values[name], str):
            values[name] = root / values[name]  # as the file says it, wherever the command is run from
    if "root" in model.model_fields:
        values.setdefault("root", root)
    return values


def _paths(model: type[Any]) -> set[str]:
    """The settings of ``model`` that are files or folders."""
    fields = model.model_fields.items()
    return {name for name, info in fields if Path in (info.annotation, *get_args(info.annotation))}


def _require_known(setting: str, named: Iterable[str], known: Collection[str], where: str) -> None:
    """Raise `ConfigError` for what no mapping reads: it would be passed over without a word."""
    for each in named:
        if each not in known:
            close = difflib.get_close_matches(each, known, 1)
            raise ConfigError(
                f"no mapping reads {each!r}",
                where=f"{where}: {setting}",
                remedy=(f"Did you mean {close[0]!r}? " if close else "") + f"Known: {', '.join(sorted(known))}",
            )


def _validated(model: type[BaseModel], values: dict[str, Any], where: str) -> BaseModel:
    """What stands behind a reference is known only now, so it is checked only now; its text is not repeated."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{name}: {message}" if name else message,
            where=where,
            remedy="Look at the settings of this connection and at what their env: and file: references lead to",
        ) from None


def _resolved(value: Any, root: Path, *, secret: bool, where: str) -> Any:
    if not isinstance(value, str) or not (secret or value.startswith(REFERENCES)):
        return value
    found = resolve_secret(value, environ=os.environ, root=root, where=where)
    return found if secret else found.get_secret_value()
