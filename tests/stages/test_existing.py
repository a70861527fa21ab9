"""What write-back is told of the records that are there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from csconnect.stages.existing import existing_records
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

CONFIG = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, tasks: tasks.csv}}
"""


def closings(folder: Path, day: date, *, fetch: bool) -> dict[str, date | None]:
    def now() -> datetime:
        return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    with Workspace.load(folder / "csconnect.yaml", now=now) as space:
        sync(space, fetch=fetch, because="one of two tasks is deleted")
        with judge(space, space.today) as judged:
            return {
                item.record_id: item.closed_on or item.seen_on
                for item in existing_records(judged.snapshot)
                if item.entity == "task"
            }


def test_a_task_that_does_not_say_when_it_was_closed_was_closed_when_that_was_first_seen(tmp_path: Path) -> None:
    """Not for ever today: it would keep its reason silent for as long as it lies there."""
    (tmp_path / "csconnect.yaml").write_text(CONFIG)
    (tmp_path / "accounts.csv").write_text("id,name,is_customer\nA1,Acme,true\n")
    tasks = tmp_path / "tasks.csv"
    tasks.write_text("id,account_id,subject,status,closed_at\nT1,A1,Call,done,\nT2,A1,Call,done,2026-10-01T08:00:00Z\n")
    first = date(2026, 11, 1)
    said = {"T1": first, "T2": date(2026, 10, 1)}
    assert closings(tmp_path, first, fetch=True) == said
    assert closings(tmp_path, date(2026, 11, 20), fetch=True) == said
    tasks.write_text("id,account_id,subject,status,closed_at\nT2,A1,Call,done,2026-10-01T08:00:00Z\n")
    assert closings(tmp_path, date(2026, 11, 22), fetch=True) == said | {"T1": date(2026, 11, 22)}, (
        "deleted on that day"
    )
