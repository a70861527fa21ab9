"""Plugins: each loaded on its own; a broken one is set aside with its reason (field trap 30)."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from csconnect.connectors.hookspecs import hookimpl
from csconnect.connectors.protocols import Connector
from csconnect.connectors.registry import Registry, discover
from csconnect.errors import ConfigError
from csconnect.model.values import Plan


class Nothing(BaseModel):
    pass


def connector(name: str) -> Connector:
    return Connector(name, name.title(), Nothing, lambda settings, context: None)


def plugin(**hooks):
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def empty() -> Registry:
    return discover([])


def test_the_shipped_plugins_load():
    found = discover()
    assert not [plugin for plugin in found.plugins if plugin.problem]
    assert {"salesforce", "hubspot", "files"} <= found.connectors.keys()


def test_an_import_error_disables_only_its_plugin():
    broken = EntryPoint("broken", "no_such_module_at_all", "csconnect")
    found = discover([broken])
    assert [(state.name, "No module" in state.problem) for state in found.plugins] == [("broken", True)]


def test_a_misspelt_hook_is_noticed():
    registry = empty()
    registry.add(plugin(csconnect_register_conectors=lambda register: register(connector("toy"))), "typo")
    assert "csconnect_register_conectors" in registry.plugins[0].problem
    assert not registry.connectors


def test_a_raising_hook_does_not_lose_the_others():
    def fail(register):
        raise RuntimeError("no licence")

    registry = empty()
    registry.add(plugin(csconnect_register_connectors=fail), "bad")
    registry.add(plugin(csconnect_register_connectors=lambda register: register(connector("toy"))), "good")
    assert "no licence" in registry.plugins[0].problem
    assert registry.connectors.keys() == {"toy"}
    with pytest.raises(ConfigError, match="toy"):
        registry.connector("tooy")


def test_two_connectors_of_one_name_are_refused():
    registry = empty()
    for name in ("first", "second"):
        registry.add(plugin(csconnect_register_connectors=lambda register: register(connector("toy"))), name)
    assert not registry.plugins[0].problem
    assert "already registered" in registry.plugins[1].problem


def test_plugins_may_object_to_a_plan_and_hear_of_runs(plan: Plan):
    heard = []

    def broken_sink(run, receipts):
        raise OSError

    registry = empty()
    registry.add(plugin(csconnect_review_plan=lambda plan: "not on Fridays"), "reviewer")
    registry.add(plugin(csconnect_run_finished=lambda run, receipts: heard.append(run)), "sink")
    registry.add(plugin(csconnect_run_finished=broken_sink), "broken")
    assert registry.objections(plan) == ["not on Fridays"]
    assert registry.finished({"run_id": "1"}, []) == ["broken: OSError"]
    assert heard == [{"run_id": "1"}]


@pytest.fixture
def plan() -> Plan:
    from datetime import UTC, date, datetime

    return Plan.of((), run_id="1", made_at=datetime(2026, 11, 22, tzinfo=UTC), as_of=date(2026, 11, 22), config_hash="")


def test_a_connector_that_asks_for_what_is_no_setting_is_set_aside_with_the_reason():
    found = empty()
    asking = Connector("crm", "Crm", Nothing, lambda settings, context: None, asks=("url",))
    found.add(plugin(csconnect_register_connectors=lambda register: register(asking)), "crm")
    assert "asks for ['url']" in found.plugins[0].problem
    assert not found.connectors
