"""The Salesforce connector against the emulated org, over real sockets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.protocols import Capabilities
from csconnect.mapping import MappingSet, load_mappings
from csconnect.testing.source_kit import SourceKit
from csconnect.testing.target_kit import TargetKit
from csconnect_emulator.bench import EmulatorBench
from csconnect_emulator.ids import SF_PREFIXES, salesforce_id
from csconnect_emulator.testing import RunningEmulator
from csconnect_salesforce.plugin import CONNECTOR

MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "salesforce"], {"void_stage": "Withdrawn"})
CAPABILITIES = Capabilities(writes=True, write_batch=200, write_threads=4, lookup_batch=200)
WRONG = "a-secret-that-opens-nothing"
NEW = {
    "account": {"Type": "Customer"},
    "opportunity": {"StageName": "Prospecting", "CloseDate": "2027-01-31"},
    "task": {"Status": "Not Started", "Priority": "Normal"},
}
PARENT = {"opportunity": "AccountId", "task": "WhatId"}


class SalesforceBench(EmulatorBench):
    system = "salesforce"
    kept_by_system = frozenset({"CreatedById", "LastModifiedById"})
    writes = r"composite/sobjects(/\w+/\w+)?$"
    bad = {"CSC_Health_Band__c": "x" * 300}
    given = {"opportunity": {"stage": "Prospecting", "kind": "renewal"}}
    mappings: MappingSet = MAPPINGS

    def open(self, **settings: Any) -> Any:
        given = {
            "instance_url": self.emulator.salesforce_url,
            "ca_file": self.emulator.ca,
            **{name: self.emulator.credentials["salesforce"][name] for name in ("client_id", "client_secret")},
        }
        self.secrets = (given["client_secret"], WRONG)
        return CONNECTOR.open(CONNECTOR.settings(**{**given, **settings}), self.context())

    def create(self, entity: str, values: Mapping[str, str]) -> str:
        fields = {**NEW[entity], self.label_field(entity): values.get("name") or values["subject"]}
        fields |= {PARENT[entity]: values["account_id"]} if "account_id" in values else {}
        table = self.mapping(entity).object
        return self.insert(
            entity, salesforce_id(SF_PREFIXES[table], self.store.next_number("salesforce", table)), fields
        )

    def denied(self) -> Any:
        return self.open(client_secret=WRONG)


@pytest.fixture
def bench(salesforce_emulator: RunningEmulator) -> SalesforceBench:
    return SalesforceBench(salesforce_emulator)


class TestSource(SourceKit):
    capabilities, bench_class = CAPABILITIES, SalesforceBench
    entities = ("account", "opportunity", "task")


class TestTarget(TargetKit):
    capabilities, bench_class = CAPABILITIES, SalesforceBench
    entities = ("account", "opportunity", "task")
