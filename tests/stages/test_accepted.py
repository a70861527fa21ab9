"""A pull that shrank stops every run until the rows come back or a person gives a reason, not only the first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from csconnect.errors import GuardError
from csconnect.stages.pull import pull
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

CONFIG = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    write_back: {account: true}
    settings: {tables: {accounts: accounts.csv, terms: terms.csv, touchpoints: touchpoints.csv}}
"""
TOUCHPOINTS = [f"P{number},A1,meeting,2026-10-{number:02}T09:00:00Z,true,5" for number in range(1, 11)]


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "csconnect.yaml").write_text(CONFIG)
    (tmp_path / "accounts.csv").write_text("id,name,is_customer\nA1,Acme,true\n")
    (tmp_path / "terms.csv").write_text(
        "id,account_id,start,end,amount,currency\nT1,A1,2026-02-01,2027-02-01,100,USD\n"
    )
    _touchpoints(tmp_path, TOUCHPOINTS)
    with Workspace.load(tmp_path / "csconnect.yaml", now=lambda: datetime(2026, 11, 22, tzinfo=UTC)) as opened:
        yield opened


def _touchpoints(folder: Path, rows: list[str]) -> None:
    header = "id,account_id,kind,happened_at,executive,replied_within_hours"
    (folder / "touchpoints.csv").write_text("\n".join([header, *rows]) + "\n")


def test_what_shrank_stops_again_until_there_is_a_reason(space: Workspace) -> None:
    assert sync(space).exit_code == 2
    _touchpoints(space.config.root, TOUCHPOINTS[:2])
    for again in (True, True, False):  # the last: plan from the lake alone, without another pull
        with pytest.raises(GuardError, match="crm/touchpoint fell from 10 to 2 rows"):
            sync(space, fetch=again)
    assert sync(space, because="a clean-up").exit_code == 2
    assert sync(space).exit_code == 2


def test_rows_that_come_back_need_no_reason(space: Workspace) -> None:
    sync(space)
    _touchpoints(space.config.root, TOUCHPOINTS[:2])
    with pytest.raises(GuardError):
        sync(space)
    _touchpoints(space.config.root, TOUCHPOINTS)
    assert sync(space).exit_code == 2


def test_a_pull_alone_does_not_make_it_right(space: Workspace) -> None:
    sync(space)
    _touchpoints(space.config.root, TOUCHPOINTS[:2])
    pull(space, space.ledger.start_run("pull", space.today).id)
    with pytest.raises(GuardError):
        sync(space, fetch=False)


def test_the_guard_does_not_wear_out(space: Workspace) -> None:
    """A timer that runs every ten minutes over a weekend is stopped hundreds of times; the next run must be stopped as well."""
    sync(space)
    for _ in range(120):
        run = space.ledger.start_run("sync", space.today)
        space.ledger.finish_run(run.id, "E-PULL-SHRANK")
        space.ledger.finish_run(space.ledger.start_run("pull", space.today).id, "done")
    _touchpoints(space.config.root, TOUCHPOINTS[:2])
    pull(space, space.ledger.start_run("pull", space.today).id)
    with pytest.raises(GuardError):
        sync(space)


def test_customers_that_a_filter_lost_stop_the_run_though_nothing_would_change(
    space: Workspace, tmp_path: Path
) -> None:
    sync(space)
    text = (tmp_path / "csconnect.yaml").read_text()
    filtered = text.replace("    home: true\n", "    home: true\n    customers: {field: name, values: [Acmee]}\n")
    (tmp_path / "csconnect.yaml").write_text(filtered)
    with Workspace.load(tmp_path / "csconnect.yaml", now=space.now) as misspelt:
        for _ in range(2):
            with pytest.raises(GuardError, match="crm/customer fell from 1 to 0 rows"):
                sync(misspelt)
        assert sync(misspelt, because="we let them go").exit_code == 0
        assert sync(misspelt).exit_code == 0
