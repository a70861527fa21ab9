"""A running portal, and the two ways to talk to it: bare requests, and the vendor's own client."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from csconnect_emulator.clock import Clock
from csconnect_emulator.testing import RunningEmulator, launch
from hubspot import HubSpot

OBJECTS = "/crm/objects/2026-03"


@dataclass
class Portal:
    """One emulator, with a session that carries its service key."""

    emulator: RunningEmulator
    session: requests.Session

    @property
    def token(self) -> str:
        return str(self.emulator.credentials["hubspot"]["token"])

    @property
    def limits(self) -> dict[str, int]:
        return self.emulator.state.limits["hubspot"]

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, self.emulator.hubspot_url + path, json=body, timeout=10, **more)

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON of an answer that must be a full success."""
        answer = self.call(method, path, body, **more)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else None

    def make(self, kind: str, **properties: Any) -> str:
        return str(self.ok("POST", f"{OBJECTS}/{kind}", {"properties": properties})["id"])

    def settle(self) -> None:
        """Wait, on the emulator's clock, until search knows every record."""
        self.emulator.state.clock.advance(2)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One server for the tests of a module; each makes records of its own."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with (
        launch(folder, systems=("hubspot",), tls=frozenset(), clock=Clock()) as emulator,
        requests.Session() as session,
    ):
        session.trust_env = False
        portal = Portal(emulator, session)
        session.headers["Authorization"] = f"Bearer {portal.token}"
        emulator.state.limits["hubspot"]["enforced"] = 0
        yield portal
    emulator.store.close()


@pytest.fixture
def portal(shared: Portal) -> Iterator[Portal]:
    """The module's portal, its limits put back afterwards."""
    before = dict(shared.limits)
    yield shared
    shared.limits.clear()
    shared.limits.update(before)
    shared.emulator.state.faults.clear()


@pytest.fixture
def client(portal: Portal) -> Iterator[HubSpot]:
    """The vendor's client, plain: only its host is set."""
    made = HubSpot(access_token=portal.token, host=portal.emulator.hubspot_url)
    yield made
    del made
    gc.collect()
