"""The systems that ``record.py`` records: the emulator, freshly started for each test, or an org of your own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from ruamel.yaml import YAML

from csconnect.connectors.http import resolve_secret
from csconnect.connectors.protocols import Context, WantedField
from csconnect_emulator import salesforce as salesforce_dialect
from csconnect_emulator.associations import Link
from csconnect_emulator.clock import Clock
from csconnect_emulator.store import RecordStore
from csconnect_emulator.testing import RunningEmulator, launch
from csconnect_hubspot.connection import HubSpot
from csconnect_hubspot.settings import HubSpotSettings
from csconnect_salesforce.plugin import SalesforceConnection
from csconnect_salesforce.settings import SalesforceSettings

NAME = "csconnect-cassette-recorder"
SYSTEMS = ("salesforce", "hubspot")
TLS = frozenset({"salesforce"})
SECRETS = {
    "salesforce": ("client_secret", "session_id"),
    "hubspot": ("token", "client_secret", "refresh_token"),
}
WAYS = {
    "app": ("client_id", "client_secret"),
    "jwt": ("client_id", "username"),
    "session": ("session_id",),
    "key": ("token",),
    "oauth": ("client_id", "client_secret", "refresh_token"),
}
PROVISIONED_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def wanted(system: str) -> list[WantedField]:
    """The few fields of ours that the recorded tests write."""
    account, task, opportunity = (
        ("Account", "Task", "Opportunity") if system == "salesforce" else ("companies", "tasks", "deals")
    )
    score, key = ("CSC_Health_Score__c", "CSC_Key__c") if system == "salesforce" else ("csc_health_score", "csc_key")
    return [
        WantedField(account, score, "integer", {"en": "Health score"}, {"en": "0 worst, 100 best"}),
        WantedField(opportunity, key, "key", {"en": "csconnect key"}, {"en": "Do not edit"}),
        WantedField(task, key, "key", {"en": "csconnect key"}, {"en": "Do not edit"}),
    ]


@dataclass
class Emulated:
    """A fresh emulator with our fields in it, and a person's hands on its records."""

    system: str
    emulator: RunningEmulator

    def given(self, way: str) -> dict[str, Any]:
        """Address and credentials for one of the conftest's ways to sign in."""
        known = self.emulator.credentials[self.system]
        named = {name: known[name] for name in WAYS[way]}
        if self.system == "hubspot":
            return {"base_url": self.emulator.hubspot_url, **named}
        address = {"instance_url": self.emulator.salesforce_url, "ca_file": self.emulator.ca}
        return {**address, **named, **({"auth": way} if way in {"jwt", "session"} else {})}

    def seed(self, object: str, rows: list[dict[str, Any]]) -> None:
        self.emulator.store.load(self.system, object, rows)

    def edit(self, object: str, id: str, values: dict[str, Any]) -> None:
        self.emulator.store.update(self.system, object, id, values)

    def delete(self, object: str, id: str) -> None:
        self.emulator.store.delete(self.system, object, id)

    def link(self, origin: str, id: str, to: str, other: str) -> None:
        self.emulator.store.associations.add(self.system, [Link(origin, id, to, other, "")])

    def trust(self, public_pem: str) -> None:
        salesforce_dialect.register_key(self.emulator.store, public_pem)

    def limit(self, **limits: int) -> None:
        self.emulator.state.limits[self.system].update(limits)

    def wait(self, seconds: float) -> None:
        self.emulator.state.clock.advance(seconds)

    def close(self) -> None:
        self.emulator.stop()
        self.emulator.store.close()


@dataclass
class Sandbox:
    """An org of your own: nothing is done in it but what the connector does; prepare it by hand."""

    settings: dict[str, Any]

    def given(self, way: str) -> dict[str, Any]:
        return self.settings

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        """The org stays as it is."""

    def __getattr__(self, name: str) -> Any:
        raise pytest.UsageError(f"{name}: prepare a sandbox by hand; only the emulator is prepared by the tests")


@dataclass(eq=False)
class EmulatorRecorder:
    """Registered with pytest under `NAME`; each test gets an emulator of its own."""

    folder: Path
    hosts: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    _images: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Before any cassette is open, or the making of our fields would be recorded with every test.
        for system in SYSTEMS:
            with self._started(system, PROVISIONED_AT) as emulator:
                connect(system, Emulated(system, emulator)).provision(wanted(system), apply=True)
                self._images[system] = emulator.store.image()
                self.secrets |= {str(emulator.credentials[system][name]) for name in SECRETS[system]}
            emulator.store.close()

    def live(self, system: str, start: datetime) -> Emulated:
        emulator = self._started(system, start)
        self.hosts.add(urlsplit(emulator.state.urls[system]).netloc)
        return Emulated(system, emulator)

    def _started(self, system: str, start: datetime) -> RunningEmulator:
        clock = Clock()
        clock.set(start, frozen=True)
        if system not in self._images:
            return launch(self.folder / ".tls", systems=(system,), tls=TLS & {system}, clock=clock)
        store = RecordStore(clock=clock, image=self._images[system])
        return RunningEmulator(store, self.folder / ".tls", systems=(system,), tls=TLS & {system}).start()


@dataclass(eq=False)
class SandboxRecorder:
    """Registered with pytest under `NAME`; ``orgs`` has the settings of each system."""

    folder: Path
    orgs: dict[str, dict[str, Any]]
    hosts: set[str] = field(default_factory=set)

    @property
    def secrets(self) -> set[str]:
        values = [value for settings in self.orgs.values() for value in settings.values()]
        return {value.get_secret_value() for value in values if isinstance(value, SecretStr)}

    def live(self, system: str, start: datetime) -> Sandbox:
        settings = self.orgs[system]
        base = (
            settings["instance_url"] if system == "salesforce" else settings.get("base_url", "https://api.hubapi.com")
        )
        self.hosts.add(urlsplit(base).netloc)
        return Sandbox(settings)


def connect(system: str, emulated: Emulated) -> Any:
    if system == "salesforce":
        return SalesforceConnection(SalesforceSettings.model_validate(emulated.given("app")), Context("record"))
    return HubSpot(HubSpotSettings(**emulated.given("key")), Context("record"))


def orgs_of(file: Path) -> dict[str, dict[str, Any]]:
    """``{system: settings}`` from a YAML file in which secrets are references (``env:NAME`` or ``file:PATH``)."""
    given: dict[str, dict[str, Any]] = YAML(typ="safe").load(file)
    for settings in given.values():
        for name in {"client_secret", "token", "refresh_token", "private_key", "session_id"} & set(settings):
            settings[name] = resolve_secret(settings[name], environ=os.environ, root=file.parent, where=name)
    return given
