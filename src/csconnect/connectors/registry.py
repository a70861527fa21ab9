"""Find plugins and collect what they contribute.

Each plugin is loaded on its own: one that is broken or misspelt is set aside with its reason and the others run (architecture,
decision 11; field trap 30). Callers see typed collections, never raw hooks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from csconnect.connectors.hookspecs import Hooks
from csconnect.connectors.protocols import Connector
from csconnect.errors import ConfigError
from csconnect.model.values import Plan, Receipt

GROUP = "csconnect"


@dataclass(frozen=True)
class PluginState:
    """One installed plugin: its entry point, its distribution, and why it does not run (empty when it does)."""

    name: str
    distribution: str
    version: str
    problem: str = ""


@dataclass
class Registry:
    """What all healthy plugins contribute."""

    plugins: list[PluginState] = field(default_factory=list)
    connectors: dict[str, Connector] = field(default_factory=dict)
    mappings: dict[str, list[Path]] = field(default_factory=dict)
    libraries: list[Path] = field(default_factory=list)
    manager: pluggy.PluginManager = field(default_factory=lambda: _manager())

    def connector(self, name: str) -> Connector:
        """The connector called ``name``; `ConfigError` with the installed ones otherwise."""
        if name not in self.connectors:
            known = ", ".join(sorted(self.connectors)) or "none"
            raise ConfigError(
                f"no connector {name!r} is installed",
                remedy=f"Installed: {known}; csconnect plugins says what does not load",
            )
        return self.connectors[name]

    def objections(self, plan: Plan) -> list[str]:
        """What plugins have against ``plan``."""
        return [text for text in self.manager.hook.csconnect_review_plan(plan=plan) if text]

    def finished(self, run: dict[str, Any], receipts: list[Receipt]) -> list[str]:
        """Tell plugins that a run ended; a sink that fails is reported, never raised."""
        problems = []
        for name, plugin in self.manager.list_name_plugin():
            hook = getattr(plugin, "csconnect_run_finished", None)
            if hook is None:
                continue
            try:
                hook(run=run, receipts=receipts)
            except Exception as error:  # one plugin's failure must not lose a finished run
                problems.append(f"{name}: {type(error).__name__}")
        return problems

    def add(self, plugin: Any, name: str, distribution: str = "", version: str = "") -> None:
        """Register one plugin object, or set it aside with its reason."""
        problem = ""
        try:
            self.manager.register(plugin, name)
            self.manager.check_pending()
            self._ask(plugin, "csconnect_register_connectors", self._add_connector)
            self._ask(
                plugin,
                "csconnect_register_mappings",
                lambda system, path: self.mappings.setdefault(system, []).append(path),
            )
            self._ask(plugin, "csconnect_register_signals", self.libraries.append)
        except Exception as error:  # isolation per plugin: the reason is shown, the others run
            problem = f"{type(error).__name__}: {error}"
            if self.manager.is_registered(plugin):
                self.manager.unregister(plugin)
        self.plugins.append(PluginState(name, distribution, version, problem))

    def _add_connector(self, connector: Connector) -> None:
        if connector.name in self.connectors:
            raise ConfigError(f"connector {connector.name!r} is already registered")
        if unknown := set(connector.asks) - connector.settings.model_fields.keys():
            raise ConfigError(f"connector {connector.name!r} asks for {sorted(unknown)}, which are no settings of it")
        self.connectors[connector.name] = connector

    @staticmethod
    def _ask(plugin: Any, hook: str, register: Any) -> None:
        implementation = getattr(plugin, hook, None)
        if implementation is not None:
            implementation(register)


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    return manager


def discover(points: list[EntryPoint] | None = None) -> Registry:
    """Load every plugin of the entry-point group ``csconnect``."""
    registry = Registry()
    for point in sorted(points if points is not None else entry_points(group=GROUP), key=lambda each: each.name):
        dist = point.dist
        about = (dist.metadata["Name"], dist.version) if dist else ("", "")
        try:
            plugin = point.load()
        except Exception as error:  # a plugin that cannot be imported must not stop the others
            registry.plugins.append(PluginState(point.name, *about, f"{type(error).__name__}: {error}"))
            continue
        registry.add(plugin, point.name, *about)
    return registry


@cache
def installed() -> Registry:
    """The plugins of this environment, found once per process."""
    return discover()
