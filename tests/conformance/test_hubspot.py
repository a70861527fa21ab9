"""The HubSpot connector against the emulated portal, over real sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.protocols import Capabilities
from csconnect.mapping import MappingSet, load_mappings
from csconnect.testing.source_kit import SourceKit
from csconnect.testing.target_kit import TargetKit
from csconnect_emulator.associations import Link
from csconnect_emulator.bench import EmulatorBench
from csconnect_emulator.testing import RunningEmulator
from csconnect_hubspot.connection import HubSpot
from csconnect_hubspot.settings import HubSpotSettings

MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "hubspot"], {"void_stage": "withdrawn"})
CAPABILITIES = Capabilities(writes=True, write_batch=100, write_threads=2, lookup_batch=100)
WRONG = "pat-na1-a-token-that-opens-nothing"
BEHIND = datetime.now(UTC) - datetime(2026, 11, 22, tzinfo=UTC)
"""How far our clock is behind: the API version has an end, after which check() rightly warns, and the tests have none."""
FAST = {"calls_per_10_seconds": 1_000_000, "searches_per_second": 1_000_000}
NEW = {
    "account": {"lifecyclestage": "customer"},
    "opportunity": {"pipeline": "default", "dealstage": "appointmentscheduled"},
    "task": {"hs_task_status": "NOT_STARTED", "hs_task_priority": "MEDIUM", "hs_timestamp": "2027-01-31T12:00:00Z"},
}


class HubSpotBench(EmulatorBench):
    system = "hubspot"
    writes = r"/batch/(create|update)$"
    bad = {"csc_health_band": "purple"}
    given = {"opportunity": {"stage": "appointmentscheduled", "pipeline": "default", "kind": "renewal"}}
    mappings: MappingSet = MAPPINGS

    def open(self, **settings: Any) -> HubSpot:
        token = self.emulator.credentials["hubspot"]["token"]
        self.secrets = (token, WRONG)
        given = {"base_url": self.emulator.hubspot_url, "token": token, **FAST, **settings}
        return HubSpot(HubSpotSettings(**given), replace(self.context(), now=lambda: datetime.now(UTC) - BEHIND))

    def create(self, entity: str, values: Mapping[str, str]) -> str:
        fields = {**NEW[entity], self.label_field(entity): values.get("name") or values["subject"]}
        table = self.mapping(entity).object
        id = self.insert(entity, str(self.store.next_number("hubspot", table)), fields)
        if "account_id" in values:
            self.store.associations.add("hubspot", [Link(table, id, "companies", values["account_id"])])
        return id

    def denied(self) -> HubSpot:
        return self.open(token=WRONG)


@pytest.fixture
def bench(hubspot_emulator: RunningEmulator) -> HubSpotBench:
    return HubSpotBench(hubspot_emulator)


class TestSource(SourceKit):
    capabilities, bench_class = CAPABILITIES, HubSpotBench
    entities = ("account", "opportunity", "task")


class TestTarget(TargetKit):
    capabilities, bench_class = CAPABILITIES, HubSpotBench
    entities = ("account", "opportunity", "task")
