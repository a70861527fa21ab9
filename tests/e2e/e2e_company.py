"""A folder with a configuration, and the two systems it leads to, looked at from all sides."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from e2e_processes import Nursery, Process, Ran, bare_environ

from csconnect.ledger import Ledger
from csconnect_emulator.clock import Clock
from csconnect_emulator.faults import Fault
from csconnect_emulator.server import RunningEmulator
from csconnect_emulator.store import RecordStore

TODAY = datetime.now(UTC).date()
"""The day of the whole session, passed to every command that takes one: a run across midnight tells one story too."""

NORTHWIND = """\
  northwind:
    connector: salesforce
    home: true
    language: en
    customers: {field: Type, values: [Customer]}
    settings:
      instance_url: env:SF_URL
      auth: client_credentials
      client_id: env:SF_CLIENT_ID
      client_secret: env:SF_CLIENT_SECRET
      ca_file: env:SF_CA
"""
"""The connection to the Salesforce org, up to where a test says what may be written."""

CONFIG = (
    """\
version: 1
guards:
  tasks_per_owner: 500
  opportunities_per_owner: 500
connections:
"""
    + NORTHWIND
    + """\
    write_back:
      account: true
      opportunity: true
      task: true
      settings: {stage: Prospecting, void_stage: Withdrawn}
  lantu:
    connector: hubspot
    home: true
    language: zh
    customers: {field: lifecyclestage, values: [customer]}
    settings:
      base_url: env:HS_URL
      token: env:HS_TOKEN
      searches_per_second: 1000
    write_back:
      account: true
      opportunity: true
      task: true
      settings: {pipeline: default, stage: appointmentscheduled, void_stage: withdrawn}
  usage:
    connector: files
    match: id
    settings:
      tables:
        usage: files/usage/*.parquet
        modules: files/modules.csv
        goals: files/goals.csv
        advocacy: files/advocacy.csv
        readings: files/readings.csv
        role_changes: files/role_changes.csv
        payments: files/payments.csv
        quotas: files/quotas.csv
        commitments: files/commitments.csv
        projects: files/projects.csv
        concerns: files/concerns.csv
        needs: files/needs.csv
        consumption: files/consumption.csv
"""
)

READS = re.compile(r"^GET |(/search|/batch/read|POST .*/composite/sobjects/\w+)$")
"""Calls that change nothing, for all that some are sent as POST."""
VOLATILE = (
    "Id",
    "SystemModstamp",
    "LastModifiedDate",
    "CreatedDate",
    "CompletedDateTime",
    "LastStageChangeDate",
    "LastModifiedById",
    "hs_task_completion_date",
    "hs_object_id",
    "createdate",
)

Crm = dict[tuple[str, str, str], dict[str, Any]]
"""(object, "key" or "id", its value) -> fields."""


@dataclass
class Company:
    """A folder with a configuration, and the running systems it leads to."""

    folder: Path
    emulator: RunningEmulator
    nursery: Nursery

    @property
    def config(self) -> Path:
        return self.folder / "csconnect.yaml"

    @property
    def secrets(self) -> dict[str, str]:
        login = self.emulator.credentials
        return {
            "SF_CLIENT_ID": login["salesforce"]["client_id"],
            "SF_CLIENT_SECRET": login["salesforce"]["client_secret"],
            "HS_TOKEN": login["hubspot"]["token"],
        }

    def environ(self) -> dict[str, str]:
        urls = {"SF_URL": self.emulator.salesforce_url, "HS_URL": self.emulator.hubspot_url}
        return {**bare_environ(self.folder), **urls, **self.secrets, "SF_CA": str(self.emulator.ca)}

    def start(self, *arguments: str, **environ: str) -> Process:
        """``csconnect -c ... ARGUMENTS`` as a process of its own; upper-case keywords are environment variables."""
        return self.nursery.start(self.folder, {**self.environ(), **environ}, "-c", "csconnect.yaml", *arguments)

    def __call__(self, *arguments: str, **environ: str) -> Ran:
        return self.start(*arguments, **environ).ended()

    def daily(self, verb: str, *arguments: str, day: date = TODAY) -> Ran:
        """A command that takes ``--as-of``."""
        return self(verb, *arguments, "--as-of", day.isoformat())

    def edit_config(self, *pairs: tuple[str, str]) -> None:
        """Replace texts of the configuration; each must be there."""
        text = self.config.read_text("utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        self.config.write_text(text, "utf-8")

    def copy(self, folder: Path) -> Company:
        """A company that begins as this one stands, in ``folder``, its own systems running."""
        shutil.copytree(self.folder, folder)
        store = RecordStore(clock=Clock(), image=self.emulator.store.image())
        return Company(folder, RunningEmulator(store, folder).start(), self.nursery)

    def close(self) -> None:
        """Stop its systems."""
        self.emulator.stop()
        self.emulator.store.close()

    # what the systems saw and hold

    def forget(self) -> None:
        """Start the request log anew."""
        self.emulator.state.log.clear()

    def calls(self, system: str = "") -> list[str]:
        """``METHOD path`` of every request since `forget`, signing in left out."""
        log = self.emulator.state.log.entries()
        wanted = [entry for entry in log if system in ("", entry["system"]) and "oauth" not in entry["path"]]
        return [f"{entry['method']} {entry['path']}" for entry in wanted]

    def writes(self) -> list[str]:
        """Those calls that may change something."""
        return writes_among(self.calls())

    def fault(self, **rule: Any) -> Fault:
        """Play a fault; the rule counts its strikes."""
        made = Fault.read(rule)
        self.emulator.state.faults.add(made)
        return made

    def record(self, system: str, name: str, **where: Any) -> dict[str, Any]:
        """The one record whose fields are as told, with its ``id``."""
        found = [
            {"id": record.id, **record.data}
            for record in self.emulator.store.query(system, name)
            if all(record.data.get(key) == value for key, value in where.items())
        ]
        assert len(found) == 1, (name, where, len(found))
        return found[0]

    def hand_edit(self, system: str, name: str, id: str, **fields: Any) -> None:
        """A person changes a record."""
        store, derive = self.emulator.store, self.emulator.state.derive.get(system)
        record = store.get(system, name, id)
        assert record is not None
        store.update(system, name, id, derive(name, record.data, fields) if derive else fields)

    def unlike(self, other: Company) -> list[tuple[Any, ...]]:
        """Where the systems of two companies differ (`differences`)."""
        return differences(self.crm(), other.crm())

    def crm(self) -> Crm:
        """(object, "key" or "id", its value) -> fields, of every record that csconnect may touch.

        Ids and stamps are left out, so that two companies can be compared; a key that stands twice fails.
        """
        state: Crm = {}
        tables = {"salesforce": ("Account", "Opportunity", "Task"), "hubspot": ("companies", "deals", "tasks")}
        for system, names in tables.items():
            for name in names:
                for record in self.emulator.store.query(system, name):
                    key = record.data.get("CSC_Key__c") or record.data.get("csc_key")
                    place = (name, "key" if key else "id", key or record.id)
                    assert place not in state, f"{place} stands twice"
                    state[place] = {k: v for k, v in record.data.items() if not _volatile(k)}
                    if system == "hubspot" and key:
                        links = self.emulator.store.associations.of("hubspot", name, [record.id], "companies")
                        state[place]["-> companies"] = links.get(record.id)
        return state

    def ours(self) -> Crm:
        """The records that csconnect made."""
        return {place: fields for place, fields in self.crm().items() if place[1] == "key"}

    # what csconnect keeps

    def ledger(self) -> Ledger:
        return Ledger.open(f"sqlite:///{self.folder / '.csconnect' / 'ledger.db'}")

    def lake(self) -> dict[str, str]:
        """What the lake publishes: manifest -> hash of its text."""
        found = (self.folder / ".csconnect" / "lake").rglob("*.json")
        return {str(path.name): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def leaks(self, *texts: str, secrets: Iterable[str] = ()) -> list[str]:
        """Where a secret stands that should stand nowhere: in ``texts``, or in a file that csconnect wrote."""
        secrets = [*secrets, *(value for name, value in self.secrets.items() if name != "SF_CLIENT_ID")]
        secrets.append(self.emulator.credentials["salesforce"]["session_id"].split("!")[-1])
        found = [text for text in texts if any(secret in text for secret in secrets)]
        for path in self.folder.rglob("*"):
            if (
                path.is_file()
                and path != self.config
                and "files" not in path.parts
                and _holds(path, [each.encode() for each in secrets])
            ):
                found.append(str(path))
        return found


def writes_among(calls: Iterable[str]) -> list[str]:
    """The calls that may change something."""
    return [call for call in calls if not READS.search(call)]


def differences(one: Crm, other: Crm) -> list[tuple[Any, ...]]:
    """(object, "key" or "id", its value, field, one's value, other's value), where two states differ; a record that only one has
    differs in the field ``*``."""
    found: list[tuple[Any, ...]] = []
    for place in sorted(one.keys() | other.keys()):
        if place not in one or place not in other:
            found.append((*place, "*", place in one, place in other))
            continue
        left, right = one[place], other[place]
        names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        found += [(*place, name, left.get(name), right.get(name)) for name in names]
    return found


def _volatile(name: str) -> bool:
    return name in VOLATILE or name.endswith("lastmodifieddate") or name.startswith(("hs_date_", "hs_v2_date"))


def _holds(path: Path, secrets: list[bytes]) -> bool:
    if any(secret in path.read_bytes() for secret in secrets):
        return True
    if path.suffix != ".parquet":
        return False
    chunks = (chunk for column in pq.read_table(path).columns for chunk in column.chunks)
    buffers = (buffer.to_pybytes() for chunk in chunks for buffer in chunk.buffers() if buffer is not None)
    return any(secret in data for data in buffers for secret in secrets)
