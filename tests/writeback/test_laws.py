"""Laws 1, 2, 3 and 5 over random worlds, random desires and random misbehaviour."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.connectors.protocols import Capabilities
from csconnect.errors import CsconnectError, PlanError
from csconnect.model.values import Action, Outcome
from csconnect.testing.memory import Hostility, MemorySystem
from csconnect.writeback import check_owned
from csconnect.writeback.keys import split_key

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

IDS = ("a1", "a2", "a3", "a4")
scores = st.none() | st.integers(0, 100)
stored = st.none() | st.integers(0, 100) | st.integers(0, 100).map(str) | st.sampled_from(["", "n/a", 54.0])
maybe = st.booleans()


@dataclass(frozen=True)
class Case:
    """Choices from which a world and what is desired of it are made."""

    stored: dict[str, object]
    scores: dict[str, int | None]
    tasks: dict[str, str]
    renewals: frozenset[str]
    human_renewals: frozenset[str]
    stale_tasks: frozenset[str]
    as_text: bool
    unique_keys: bool
    write_batch: int
    threads: int


cases = st.builds(
    Case,
    stored=st.dictionaries(st.sampled_from(IDS), stored),
    scores=st.dictionaries(st.sampled_from(IDS), scores),
    tasks=st.dictionaries(st.sampled_from(IDS), st.sampled_from("123")),
    renewals=st.frozensets(st.sampled_from(IDS)),
    human_renewals=st.frozensets(st.sampled_from(IDS)),
    stale_tasks=st.frozensets(st.sampled_from(IDS)),
    as_text=maybe,
    unique_keys=maybe,
    write_batch=st.integers(1, 4),
    threads=st.integers(1, 3),
)


def build(worlds, case):
    """The world of a case: accounts, older tasks of ours, and things that people made."""
    able = Capabilities(writes=True, write_batch=case.write_batch, write_threads=case.threads, lookup_batch=3)
    world = worlds(crm=MemorySystem(capabilities=able, as_text=case.as_text, unique_keys=case.unique_keys))
    for id in IDS:
        world.account(id, csc_health=case.stored.get(id), ref=id)
    world.apply(world.plan([world.task(id, "old_rule") for id in case.stale_tasks], "run-0"))
    for id in case.human_renewals:
        world.crm.put("opportunities", {"contract": f"k-{id}", "stage": "second", "amount": "5", "name": "by hand"})
    world.crm.put("tasks", {"subject": "by hand", "status": "todo"})
    return world


def desired(world, case):
    return [
        *(world.score(id, score, because=f"because {score}") for id, score in case.scores.items()),
        *(world.task(id, stage=stage) for id, stage in case.tasks.items()),
        *(world.renewal(id, f"k-{id}") for id in case.renewals),
    ]


def touched(before, after):
    """(object, id, field) that differ between two states, new records as a whole."""
    found = set()
    for object, rows in after.items():
        for id, (values, links) in rows.items():
            old_values, old_links = before[object].get(id, ({}, {}))
            found |= {(object, id, name) for name in values if values[name] != old_values.get(name)}
            found |= {(object, id, "links")} if links != old_links else set()
    return found


@relaxed
@given(case=cases)
def test_law_1_apply_touches_exactly_the_plan_and_the_next_plan_is_empty(worlds, case):
    world = build(worlds, case)
    before = world.crm.state()
    plan = world.plan(desired(world, case))
    result = world.apply(plan)
    assert result.complete
    ids = {receipt.change_id: receipt.record_id for receipt in result.receipts}
    wanted = {(change.object, ids[change.id], name) for change in plan.changes for name in change.values}
    wanted |= {(change.object, ids[change.id], "links") for change in plan.changes if change.links}
    assert touched(before, world.crm.state()) == wanted
    assert world.plan(desired(world, case)).changes == ()


@relaxed
@given(case=cases)
def test_law_1_apply_twice_is_apply_once(worlds, case):
    world = build(worlds, case)
    plan = world.plan(desired(world, case))
    world.apply(plan)
    once, pushes = world.crm.state(), world.crm.pushes
    assert world.apply(plan).complete
    assert (world.crm.state(), world.crm.pushes) == (once, pushes)
    world.journal.entries.clear()  # even without any memory of the first time
    assert all(receipt.outcome is Outcome.UNCHANGED for receipt in world.apply(plan).receipts)
    assert (world.crm.state(), world.crm.pushes) == (once, pushes)


@relaxed
@given(case=cases, at=st.integers(1, 60), again=st.integers(1, 60))
def test_law_2_a_crash_anywhere_even_twice_changes_nothing_in_the_end(worlds, crash, case, at, again):
    world = build(worlds, case)
    twin = world.twin()
    plan = world.plan(desired(world, case))
    twin.apply(plan)
    for when in (at, again):
        steps = iter(range(1, 10**6))

        def step(name, when=when, steps=steps):
            if next(steps) >= when:
                raise crash(name)

        world.crm.hostility.step = world.journal.step = step
        with contextlib.suppress(crash):
            world.apply(plan)
        world.crm.hostility.step = world.journal.step = lambda name: None
    assert world.apply(plan).complete
    assert world.shape() == twin.shape()
    assert world.journal.pending("run-1") == []
    assert world.plan(desired(world, case)).changes == ()
    assert world.undo().applied.complete
    twin.undo()
    assert world.shape() == twin.shape()


@relaxed
@given(case=cases, lost=st.sets(st.integers(1, 6)), broken=st.dictionaries(st.integers(1, 6), st.integers(0, 3)))
def test_law_2_lost_answers_and_half_batches_come_right_when_applied_again(worlds, case, lost, broken):
    world = build(worlds, case)
    twin = world.twin()
    plan = world.plan(desired(world, case))
    twin.apply(plan)
    first = world.crm.pushes
    world.crm.hostility.lose_answer = lambda push: push - first in lost
    world.crm.hostility.break_after = lambda push: broken.get(push - first)
    for _ in range(8):
        result = world.apply(plan)
        if result.complete:
            break
    assert result.complete
    assert world.shape() == twin.shape()
    assert world.journal.pending("run-1") == []


edits = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(["csc_health", "csc_because", "name"])), max_size=4)


@relaxed
@given(case=cases, edits=edits, moved=maybe)
def test_law_3_undo_restores_what_nobody_changed_closes_ours_and_touches_nothing_else(worlds, case, edits, moved):
    world = build(worlds, case)
    before = world.crm.state()
    result = world.apply(world.plan(desired(world, case)))
    for id, name in edits:
        world.crm.put("accounts", {name: "a person wrote this"}, id)
    ours = {id for id in world.crm.tables["opportunities"] if id not in before["opportunities"]}
    if moved:
        for id in ours:
            world.crm.put("opportunities", {"stage": "second"}, id)
    applied = world.crm.state()
    undone = world.undo()
    after = world.crm.state()
    assert undone.applied.complete
    for id in IDS:
        kept = {name for edited, name in edits if edited == id}
        for name in {*applied["accounts"][id][0], *before["accounts"][id][0]}:
            source = applied if name in kept else before
            assert world.writers.get("crm", "account").same(
                name, after["accounts"][id][0].get(name), source["accounts"][id][0].get(name)
            ), (id, name)
    assert all(after["opportunities"][id][0]["stage"] == ("second" if moved else "withdrawn") for id in ours)
    for id, (values, links) in before["tasks"].items():
        assert after["tasks"][id] == (values, links)
    assert all(after["tasks"][id][0]["status"] == "done" for id in set(after["tasks"]) - set(before["tasks"]))
    allowed = {(change.object, change.record_id) for change in undone.plan.changes}
    assert {(object, id) for object, id, _ in touched(applied, after)} <= allowed
    assert set(world.journal.held) == {change.account for change in result_changes(world, result)}


def result_changes(world, result):
    written = {receipt.change_id for receipt in result.receipts if receipt.outcome is Outcome.WRITTEN}
    return [change for change, receipt in world.journal.receipts("run-1") if receipt.change_id in written and change]


@relaxed
@given(case=cases, at=st.integers(1, 60))
def test_law_3_undo_can_be_killed_and_done_again_and_twice_is_once(worlds, crash, case, at):
    world = build(worlds, case)
    world.apply(world.plan(desired(world, case)))
    twin = world.twin()
    twin.undo()
    steps = iter(range(1, 10**6))

    def step(name):
        if next(steps) >= at:
            raise crash(name)

    world.crm.hostility.step = world.journal.step = step
    with contextlib.suppress(crash):
        world.undo()
    world.crm.hostility.step = world.journal.step = lambda name: None
    world.undo()
    assert world.shape() == twin.shape()
    assert world.journal.held == twin.journal.held
    assert world.journal.pending("run-1~undo") == []
    pushes = world.crm.pushes
    assert world.undo().plan.changes == ()
    assert world.crm.pushes == pushes


@relaxed
@given(case=cases)
def test_law_5_only_owned_fields_and_keyed_records_are_ever_written(worlds, case):
    world = build(worlds, case)
    before = world.crm.state()
    world.apply(world.plan(desired(world, case)))
    world.undo()
    after = world.crm.state()
    owned = {"accounts": "account", "opportunities": "opportunity", "tasks": "task"}
    for object, id, name in touched(before, after):
        writer = world.writers.get("crm", owned[object])
        assert name in writer.fields or name in writer.mapping.closing or name == "links"
        assert object == "accounts" or split_key(after[object][id][0]["csc_key"])


@pytest.mark.parametrize(
    ("entity", "update"),
    [
        ("account", {"values": {"name": "ours now"}}),
        ("account", {"values": {}, "links": {"accounts": "a2"}}),
        ("account", {"action": Action.CLOSE}),
        ("account", {"action": Action.CREATE, "record_id": None}),
        ("account", {"object": "tasks"}),
        ("account", {"connection": "other"}),
        ("account", {"entity": "contact"}),
        ("task", {"key": None}),
        ("task", {"key_field": None}),
        ("task", {"key": "another"}),
        ("task", {"links": {"owners": "u1"}}),
        ("task", {"record_id": "t1"}),
        ("task", {"action": Action.UPDATE, "values": {"status": "done"}}),
        ("task", {"values": {"subject": "no key"}}),
        ("opportunity", {"values": {"probability": 100}}),
    ],
)
def test_law_5_anything_else_raises_before_any_call(world, entity, update):
    world.account("a1")
    plan = world.plan([world.score("a1"), world.task("a1"), world.renewal("a1")])
    good = {change.entity: change for change in plan.changes}
    bad = good[entity].model_copy(update=update)
    with pytest.raises(PlanError) as caught:
        check_owned([bad], world.writers)
    assert caught.value.error_code == "E-NOT-OURS"
    mixed = type(plan).of(
        [*plan.changes, bad], run_id="r", made_at=plan.made_at, as_of=date(2026, 1, 1), config_hash=""
    )
    calls = world.crm.calls()
    with pytest.raises(PlanError):
        world.apply(mixed)
    assert world.crm.calls() == calls


@relaxed
@given(
    case=cases, refused=st.sets(st.sampled_from(IDS)), meddled=st.sets(st.sampled_from(IDS)), fails=st.integers(1, 30)
)
def test_law_7_trouble_is_told_in_the_result_and_never_raised(worlds, case, refused, meddled, fails):
    world = build(worlds, case)
    plan = world.plan(desired(world, case))
    calls = iter(range(1, 10**6))

    def fail(step):
        if next(calls) == fails:
            return CsconnectError("no") if fails % 2 else RuntimeError("secret words of a vendor")
        return None

    world.crm.hostility = Hostility(
        refuse=lambda change: "RULE" if change.account.partition(":")[2] in refused else "",
        fail=fail,
    )
    for id in meddled:
        world.crm.put("accounts", {"csc_health": 101}, id)
    result = world.apply(plan)
    for receipt in result.receipts:
        change = next(change for change in plan.changes if change.id == receipt.change_id)
        bare = change.account.partition(":")[2]
        if receipt.outcome is Outcome.WRITTEN and "csc_health" in change.values:
            assert bare not in meddled
            assert bare not in refused
    assert "secret" not in repr(result) + "".join(map(str, result.stopped.values()))
