"""Where renewals begin and end is looked up before anything is written: a misspelt stage would refuse every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from csconnect.model.values import Finding, Level
from csconnect.stages.check import check
from csconnect.stages.workspace import Workspace
from csconnect_emulator.testing import launch

CONFIG = """\
version: 1
connections:
  crm:
    connector: salesforce
    home: true
    settings: {{instance_url: "{url}", auth: session, session_id: "file:session", ca_file: "{ca}"}}
    write_back: {{opportunity: {on}, settings: {{stage: "{stage}", void_stage: "{void}"}}}}
"""
Checking = Callable[..., list[Finding]]


@pytest.fixture
def openings(tmp_path: Path) -> Iterator[Checking]:
    """Findings about stages, given ``stage``, ``void`` and whether opportunities are switched on."""
    with launch(tmp_path, systems=("salesforce",)) as emulator:
        (tmp_path / "session").write_text(str(emulator.credentials["salesforce"]["session_id"]))

        def checking(stage: str, void: str, on: str = "true") -> list[Finding]:
            told = CONFIG.format(url=emulator.salesforce_url, ca=emulator.ca, stage=stage, void=void, on=on)
            (tmp_path / "csconnect.yaml").write_text(told)
            with Workspace.load(tmp_path / "csconnect.yaml", now=lambda: datetime.now(UTC)) as space:
                return [one for one in check(space, "crm") if "write_back.settings" in one.where]

        yield checking
    emulator.store.close()


def test_a_stage_that_the_crm_does_not_have_is_an_error_with_what_was_meant(openings: Checking) -> None:
    assert openings("Prospecting", "Withdrawn") == []
    (stage, void) = openings("Prospectin", "withdrawn")
    assert (stage.level, stage.where) == (Level.ERROR, "crm: write_back.settings.stage")
    assert "Prospectin" in stage.what
    assert "Prospecting" in stage.remedy
    assert (void.where, "Withdrawn" in void.remedy) == ("crm: write_back.settings.void_stage", True)


def test_where_no_opportunity_is_made_stages_do_not_matter(openings: Checking) -> None:
    assert openings("Prospectin", "withdrawn", on="false") == []
