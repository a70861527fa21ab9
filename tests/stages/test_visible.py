"""A field that an administrator shows to us later has values in old rows too: those were never told apart from nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from csconnect.stages.pull import pull
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace
from csconnect_emulator.ids import salesforce_id
from csconnect_emulator.salesforce import grant, hide_field
from csconnect_emulator.testing import RunningEmulator, launch

CONFIG = """\
version: 1
connections:
  crm:
    connector: salesforce
    home: true
    settings: {{instance_url: "{url}", auth: session, session_id: "file:session", ca_file: "{ca}"}}
"""


def segments(space: Workspace) -> list[str | None]:
    with judge(space, space.today) as judged:
        rows = judged.snapshot.table("account").to_pylist()
    return [row["segment"] for row in sorted(rows, key=lambda row: row["id"])]


def amounts(space: Workspace) -> list[Decimal | None]:
    with judge(space, space.today) as judged:
        return [row["amount"] for row in judged.snapshot.table("payment").to_pylist()]


def opened(folder: Path, emulator: RunningEmulator) -> Workspace:
    (folder / "session").write_text(str(emulator.credentials["salesforce"]["session_id"]))
    (folder / "csconnect.yaml").write_text(CONFIG.format(url=emulator.salesforce_url, ca=emulator.ca))
    return Workspace.load(folder / "csconnect.yaml", now=lambda: datetime.now(UTC))


def test_what_becomes_visible_is_read_in_old_rows_too(tmp_path: Path) -> None:
    with launch(tmp_path, systems=("salesforce",)) as emulator:
        shared = {"Name": "Acme", "Type": "Customer", "Tier__c": "Enterprise"}
        # The younger one moves the cursor far beyond the older.
        stamps = [{"Id": salesforce_id("001", n), "SystemModstamp": f"2026-0{n}-01T00:00:00.000+0000"} for n in (1, 2)]
        emulator.store.load("salesforce", "Account", [{**shared, **stamp} for stamp in stamps])
        hide_field(emulator.store, "Account", "Tier__c")
        with opened(tmp_path, emulator) as space:
            pull(space, "one")
            assert segments(space) == [None, None]
        grant(emulator.store, ["Account.Tier__c"])
        with opened(tmp_path, emulator) as space:
            pull(space, "two")
            assert segments(space) == ["enterprise", "enterprise"]
    emulator.store.close()


def test_an_optional_field_of_an_optional_object_too(tmp_path: Path) -> None:
    account, shown = salesforce_id("001", 1), "Payment__c.Amount__c"
    with launch(tmp_path, systems=("salesforce",)) as emulator:
        emulator.store.load("salesforce", "Account", [{"Id": account, "Name": "Acme", "Type": "Customer"}])
        paid = {"Account__c": account, "Due_On__c": "2026-01-31", "Amount__c": 1200.5}
        stamps = [{"Id": salesforce_id("a03", n), "SystemModstamp": f"2026-0{n}-01T00:00:00.000+0000"} for n in (1, 2)]
        emulator.store.load("salesforce", "Payment__c", [{**paid, **stamp} for stamp in stamps])
        hide_field(emulator.store, *shown.split("."))
        with opened(tmp_path, emulator) as space:
            pull(space, "one")
            assert amounts(space) == [None, None]
        grant(emulator.store, [shown])
        with opened(tmp_path, emulator) as space:
            pull(space, "two")
            assert amounts(space) == [Decimal("1200.5")] * 2
    emulator.store.close()
