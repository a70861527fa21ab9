"""Which score fields are written is the admin's choice, by csconnect's names."""

from __future__ import annotations

from pathlib import Path

import pytest

from csconnect.errors import ConfigError
from csconnect.stages.provision import export
from csconnect.stages.workspace import Workspace

CONFIG = """\
version: 1
connections:
  crm:
    connector: {system}
    home: true
    settings: {settings}
    write_back:
      opportunity: true
      settings: {{stage: Prospecting, void_stage: Withdrawn}}
      fields: {fields}
"""
SETTINGS = {
    "salesforce": "{instance_url: 'https://x.example', client_id: c, client_secret: 'env:S'}",
    "hubspot": "{token: 'env:S'}",
    "files": "{tables: {accounts: accounts.csv, opportunities: opportunities.csv}}",
}


def written(folder: Path, system: str, fields: str, entity: str) -> set[str]:
    (folder / "csconnect.yaml").write_text(
        CONFIG.format(system=system, settings=SETTINGS[system], fields=fields), "utf-8"
    )
    with Workspace.load(folder / "csconnect.yaml") as workspace:
        mapping = workspace.mappings("crm").writer(entity)
        whole = workspace.whole_mappings("crm").writer(entity)
        assert whole is not None
        said = set(mapping.write) if mapping else set()
        assert said <= set(whole.write), "an undo must know what was written under another choice"
        return said


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S", "not used: nothing is called")


@pytest.mark.parametrize("system", SETTINGS)
def test_extra_fields_are_written_where_they_are_named(tmp_path, system):
    extra = {"renewal_state", "due_on", "due_arr", "flags", "outlook"}
    usual = written(tmp_path, system, "{}", "opportunity")
    assert usual & extra == set()
    assert {"key", "name", "amount"} <= usual
    assert written(tmp_path, system, "{opportunity: [flags, due_on]}", "opportunity") == usual | {"flags", "due_on"}


@pytest.mark.parametrize("system", SETTINGS)
def test_an_account_says_what_is_chosen_and_nothing_else(tmp_path, system):
    usual = written(tmp_path, system, "{}", "account")
    assert {"health_score", "arr", "scorecard"} <= usual
    assert usual & {"renewal_state", "renewal_due_arr"} == set()
    chosen = "{account: [health_score, renewal_state]}"
    assert written(tmp_path, system, chosen, "account") == {"health_score", "renewal_state"}
    assert written(tmp_path, system, "{account: []}", "account") == set()


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        ("{account: [helth_score]}", "crm: write_back.fields.account", "Did you mean 'health_score'?"),
        ("{opportunity: [amount]}", "crm: write_back.fields.opportunity", "There are: due_arr"),
    ],
)
def test_a_field_that_cannot_be_chosen_is_named(tmp_path, fields, where, said):
    with pytest.raises(ConfigError) as caught:
        written(tmp_path, "salesforce", fields, "account" if "account" in fields else "opportunity")
    assert caught.value.where == where
    assert said in str(caught.value)


def test_what_is_not_chosen_is_not_provisioned_either(tmp_path):
    def files(fields: str) -> set[str]:
        written(tmp_path, "salesforce", fields, "account")
        with Workspace.load(tmp_path / "csconnect.yaml") as workspace:
            return {name for name in export(workspace, "crm") if "CSC_" in name}

    usual, more = files("{}"), files("{opportunity: [flags]}")
    assert not any("Renewal_Flags" in name for name in usual)
    assert {name for name in more if "Renewal_Flags" in name}
