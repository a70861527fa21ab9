"""The scopes that docs/hubspot.md asks for are enough, and each of them is needed (as far as the emulator knows)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from csconnect.cli.main import run
from csconnect_emulator.testing import RunningEmulator, launch

TOKEN = "pat-eu1-scoped"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "hubspot.md"
SCOPES = re.findall(r"^\| `([a-z_.]+)` \|", PAGE.read_text("utf-8").split("| scope | for |")[1], re.MULTILINE)
SCOPES = SCOPES[: next((place for place, scope in enumerate(SCOPES) if scope.startswith("csc_")), len(SCOPES))]
READING = [scope for scope in SCOPES if not scope.endswith(".write")]
WRITING = [scope for scope in SCOPES if scope.endswith(".write")]
CONFIG = """\
version: 1
connections:
  hubspot:
    connector: hubspot
    home: true
    customers: {{field: lifecyclestage, values: [customer]}}
    settings: {{base_url: "{url}", token: env:SCOPED_KEY}}
    write_back:
      opportunity: true
      task: true
      settings: {{pipeline: default, stage: appointmentscheduled, void_stage: withdrawn}}
"""


@contextmanager
def _portal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningEmulator]:
    """A portal with one customer, whose only term falls due in sixty days."""
    monkeypatch.setenv("SCOPED_KEY", TOKEN)
    with launch(folder, systems=("hubspot",), tls=frozenset()) as emulator:
        today = datetime.now(UTC).date()
        company = _create(emulator, "companies", {"name": "Acme", "lifecyclestage": "customer"})
        deal = {"dealname": "Acme 1", "dealstage": "closedwon", "pipeline": "default", "deal_nature": "new",
                "term_start": str(today - timedelta(300)), "term_end": str(today + timedelta(60)), "amount": "100"}  # fmt: skip
        made = _create(emulator, "deals", deal)
        path = f"/crm/objects/2026-03/deals/{made}/associations/default/companies/{company}"
        _call(emulator, "PUT", path)
        (folder / "csconnect.yaml").write_text(CONFIG.format(url=emulator.hubspot_url), "utf-8")
        yield emulator
    emulator.store.close()


def _create(emulator: RunningEmulator, object: str, properties: dict[str, str]) -> str:
    return str(_call(emulator, "POST", f"/crm/objects/2026-03/{object}", {"properties": properties})["id"])


def _call(emulator: RunningEmulator, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {emulator.credentials['hubspot']['token']}"}
    answer = requests.request(method, emulator.hubspot_url + path, json=body, headers=headers, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def _grant(emulator: RunningEmulator, scopes: list[str]) -> None:
    keys = emulator.store.get_meta("hubspot.keys")
    emulator.store.set_meta("hubspot.keys", {**keys, TOKEN: {"scopes": scopes}})


def _goes_well(folder: Path) -> bool:
    """Whether the whole story does, up to an empty second plan; it ends where it does not."""
    lines = ("provision --apply", "check", "sync --apply", "sync")
    return all(run(["-c", str(folder / "csconnect.yaml"), *line.split()]) == 0 for line in lines)


def test_the_page_lists_scopes_to_read_and_to_write() -> None:
    assert len(READING) == 8, "the page says that the first eight are enough to read"
    assert SCOPES[:8] == READING
    assert WRITING


def test_the_scopes_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _portal(tmp_path, monkeypatch) as emulator:
        _grant(emulator, SCOPES)
        assert _goes_well(tmp_path)
        made = [_call(emulator, "GET", f"/crm/objects/2026-03/{object}")["results"] for object in ("deals", "tasks")]
        assert [len(records) for records in made] == [2, 1], "a renewal deal and its task were made"


def test_each_scope_to_read_is_asked_for_by_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _portal(tmp_path, monkeypatch) as emulator:
        _grant(emulator, WRITING)
        capsys.readouterr()
        run(["-c", str(tmp_path / "csconnect.yaml"), "check", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["hubspot"]
    asked = [finding["remedy"] for finding in found if finding["code"] == "E-SCOPE"]
    assert [scope for scope in READING if not any(scope in remedy for remedy in asked)] == []


@pytest.mark.parametrize("scope", WRITING)
def test_each_scope_to_write_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    with _portal(tmp_path, monkeypatch) as emulator:
        _grant(emulator, [other for other in SCOPES if other != scope])
        assert not _goes_well(tmp_path)
