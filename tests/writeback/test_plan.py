"""A plan is refused when it is missing, altered or stale (decision 9)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.errors import PlanAlteredError, PlanError, PlanStaleError
from csconnect.model.values import Action, Change, Plan
from csconnect.writeback import check_plan, load_plan, make_plan, parse_plan, save_plan

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def plan(world):
    world.account("a1")
    changes = world.changes([world.score("a1"), world.task("a1")])
    made_at = world.plan([]).made_at
    return make_plan(
        changes,
        run_id="run-1",
        made_at=made_at,
        as_of=made_at.date(),
        config_hash="c",
        orgs={"crm": "org-1"},
        pulls={"crm": "run-1"},
        targets={"crm": world.crm},
    )


def checked(plan, **other):
    known = {"config_hash": "c", "orgs": {"crm": "org-1"}, "latest_pulls": {"crm": "run-1"}, "now": plan.made_at}
    check_plan(plan, **{**known, **other})


def test_a_fresh_plan_passes_and_forecasts_its_calls(plan, world):
    checked(plan)
    checked(plan, now=plan.made_at + timedelta(hours=24))
    assert plan.calls == {"crm": 6}


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"config_hash": "d"}, "configuration"),
        ({"orgs": {"crm": "org-2"}}, "another org"),
        ({"orgs": {}}, "another org"),
        ({"latest_pulls": {"crm": "run-2"}}, "pulled again"),
        ({"latest_pulls": {}}, "pulled again"),
        ({"held": {"crm:a1"}}, "on hold"),
    ],
)
def test_a_stale_plan_is_refused_with_its_reason(plan, other, word):
    with pytest.raises(PlanStaleError, match=word) as caught:
        checked(plan, **other)
    assert "csconnect plan" in caught.value.remedy


def test_an_old_plan_and_one_from_the_future_are_refused(plan):
    with pytest.raises(PlanStaleError, match=r"24\.0 hours old"):
        checked(plan, now=plan.made_at + timedelta(hours=24, seconds=1))
    with pytest.raises(PlanStaleError, match="future"):
        checked(plan, now=plan.made_at - timedelta(hours=1))
    checked(plan, now=plan.made_at + timedelta(hours=47), ttl=timedelta(hours=48))


@pytest.mark.parametrize(
    "update", [{"changes": ()}, {"config_hash": "d"}, {"fingerprint": ""}, {"orgs": {}}, {"run_id": "run-2"}]
)
def test_an_altered_plan_is_refused_everywhere(plan, world, update, tmp_path):
    altered = plan.model_copy(update=update)
    with pytest.raises(PlanAlteredError):
        checked(altered)
    with pytest.raises(PlanAlteredError):
        world.apply(altered)
    save_plan(altered, tmp_path / "plan.json")
    with pytest.raises(PlanAlteredError):
        load_plan(tmp_path / "plan.json")
    assert world.crm.pushes == 0


def test_any_edit_of_the_file_is_found(plan, tmp_path):
    path = tmp_path / "plan.json"
    save_plan(plan, path)
    assert load_plan(path) == plan
    document = json.loads(path.read_text())
    document["changes"][0]["values"]["csc_health"] = 100
    path.write_text(json.dumps(document))
    with pytest.raises(PlanAlteredError, match=r"plan\.json"):
        load_plan(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_what_is_no_plan_is_refused(text, tmp_path):
    with pytest.raises(PlanAlteredError):
        parse_plan(text)


def test_no_plan_at_all(tmp_path):
    with pytest.raises(PlanError, match="no plan"):
        load_plan(tmp_path / "none.json")


def test_a_plan_is_saved_whole_or_not_at_all(plan, tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    save_plan(plan, path)

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        save_plan(plan.model_copy(update={"changes": ()}), path)
    assert load_plan(path) == plan
    assert [item.name for item in tmp_path.iterdir()] == ["plan.json"]


def test_two_changes_of_one_record_are_refused(world):
    change = Change(
        connection="crm", action=Action.UPDATE, entity="account", object="accounts", record_id="a1", values={"x": 1}
    )
    with pytest.raises(PlanError, match="Two changes"):
        make_plan(
            [change, change], run_id="r", made_at=world.plan([]).made_at, as_of=world.plan([]).as_of, config_hash="c"
        )


@given(values=st.lists(st.dictionaries(st.text(max_size=5), scalars, max_size=3), max_size=4), order=st.randoms())
def test_a_plan_survives_being_saved_and_its_order_does_not_depend_on_how_it_was_made(worlds, values, order):
    changes = [
        Change(
            connection="crm", action=Action.UPDATE, entity="account", object="o", record_id=str(n), values=v, before=v
        )
        for n, v in enumerate(values)
    ]
    made_at = worlds().plan([]).made_at
    plan = make_plan(changes, run_id="r", made_at=made_at, as_of=made_at.date(), config_hash="c")
    assert parse_plan(plan.model_dump_json()) == plan
    order.shuffle(changes)
    assert make_plan(changes, run_id="r", made_at=made_at, as_of=made_at.date(), config_hash="c") == plan
    assert isinstance(plan, Plan)
