"""A connection to a freshly started emulator."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from csconnect.connectors.protocols import Context, PullRequest
from csconnect.model.values import Action, Change, Page
from csconnect_emulator import salesforce
from csconnect_emulator.faults import Fault
from csconnect_emulator.ids import salesforce_id
from csconnect_emulator.server import RunningEmulator
from csconnect_emulator.store import RecordStore
from csconnect_salesforce.plugin import SalesforceConnection
from csconnect_salesforce.settings import SalesforceSettings


@dataclass
class Org:
    """The emulator's org with the hands a test needs."""

    emulator: RunningEmulator
    slept: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _open: list[SalesforceConnection] = field(default_factory=list)

    def settings(self, **options: Any) -> SalesforceSettings:
        known = self.emulator.credentials["salesforce"]
        given = {
            "instance_url": self.emulator.salesforce_url,
            "ca_file": self.emulator.ca,
            "client_id": known["client_id"],
            "client_secret": SecretStr(known["client_secret"]),
        }
        return SalesforceSettings.model_validate({**given, **options})

    def connect(self, org: str = "", **options: Any) -> SalesforceConnection:
        context = Context("crm", org=org, sleep=self.slept.append, note=self.notes.append)
        self._open.append(SalesforceConnection(self.settings(**options), context))
        return self._open[-1]

    def load(self, object: str, *rows: dict[str, Any]) -> None:
        self.emulator.store.load("salesforce", object, rows)

    def get(self, object: str, id: str) -> dict[str, Any]:
        record = self.emulator.store.get("salesforce", object, id)
        return record.data if record else {}

    def all(self, object: str) -> list[dict[str, Any]]:
        return [record.data for record in self.emulator.store.query("salesforce", object)]

    def edit(self, object: str, id: str, **fields: Any) -> None:
        self.emulator.store.update("salesforce", object, id, fields)

    def fault(self, **rule: Any) -> None:
        self.emulator.state.faults.add(Fault(**rule))

    def log(self, part: str = "") -> list[tuple[str, str, int]]:
        entries = self.emulator.state.log.entries()
        return [(e["method"], e["path"], e["status"]) for e in entries if part in e["path"]]

    def disconnect(self) -> None:
        for each in self._open:
            each.close()

    def stop(self) -> None:
        self.emulator.stop()
        self.emulator.store.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the certificates and an org that was set up once; each test works on a copy."""
    made = tmp_path_factory.mktemp("emulator")
    template = RecordStore(made / "template.db")
    salesforce.install(template)
    template.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    template.close()
    return made


@pytest.fixture(scope="session")
def closing() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Emulators take a moment to stop; no test has to wait for that."""
    with ThreadPoolExecutor(2) as pool:
        stopped: list[Future[None]] = []
        yield lambda stop: stopped.append(pool.submit(stop))
        for each in stopped:
            each.result()


@pytest.fixture
def org(folder: Path, tmp_path: Path, closing: Callable[[Callable[[], None]], None]) -> Iterator[Org]:
    copy = Path(shutil.copy(folder / "template.db", tmp_path / "org.db"))
    running = Org(RunningEmulator(RecordStore(copy), folder, systems=("salesforce",)).start())
    yield running
    running.disconnect()
    closing(running.stop)


@pytest.fixture(scope="session")
def account_id() -> Callable[[int], str]:
    return lambda number: salesforce_id("001", number)


@pytest.fixture(scope="session")
def make_id() -> Callable[[str, int], str]:
    return salesforce_id


@pytest.fixture(scope="session")
def update() -> Callable[..., Change]:
    """``update(id, Field=value)``: a change of one account."""

    def make(id: str | None, object: str = "Account", account: str = "", **values: Any) -> Change:
        return Change(
            connection="crm",
            action=Action.UPDATE,
            entity="account",
            object=object,
            record_id=id,
            account=account,
            values=values,
        )

    return make


@pytest.fixture(scope="session")
def drained() -> Callable[..., tuple[list[dict[str, Any]], dict[str, str | None], str | None]]:
    """``drained(connection, object, fields, cursor)`` -> rows, tombstones (id -> survivor), last cursor."""

    def drain(
        connection: SalesforceConnection,
        object: str,
        fields: tuple[str, ...],
        cursor: str | None = None,
        where: str = "",
    ) -> tuple[list[dict[str, Any]], dict[str, str | None], str | None]:
        pages: list[Page] = list(connection.pull(PullRequest(object, fields, cursor=cursor, where=where)))
        rows = [row for page in pages for row in page.rows]
        gone = {tombstone.id: tombstone.merged_into for page in pages for tombstone in page.tombstones}
        last = next((page.cursor for page in reversed(pages) if page.cursor), None)
        return rows, gone, last

    return drain


@pytest.fixture(scope="session")
def at() -> Callable[[str], str]:
    """An instant as Salesforce writes it."""
    return lambda text: datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
