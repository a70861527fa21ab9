"""Guards stop what is too much, caps hold back the rest, a reason lifts only what asks for one (decision 19)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.errors import GuardError
from csconnect.model.values import Action
from csconnect.writeback import Guards, guard, require_clear, stops


@pytest.fixture
def changes(world):
    """Ten accounts: two of them change their band, eight get their first; one task and one renewal each."""
    ids = [f"a{number}" for number in range(10)]
    for id in ids[:2]:
        world.account(id, csc_health=90, csc_band="Green")
    for id in ids[2:]:
        world.account(id)
    return world.changes(
        [want for id in ids for want in (world.score(id, 30), world.task(id), world.renewal(id, f"k{id}"))]
    )


def names(guarded):
    return [item.name for item in guarded.guards]


def test_nothing_out_of_the_ordinary_passes_untouched(world, changes):
    guarded = guard(changes, world.writers, accounts=10, pulls={"account": (10, 10), "ticket": (0, 0), "term": (0, 5)})
    assert guarded.guards == ()
    assert list(guarded.changes) == changes


@pytest.mark.parametrize(
    ("before", "after", "speaks"), [(100, 80, False), (100, 79, True), (262800, 0, True), (5, 9, False)]
)
def test_a_pull_that_shrank_stops_everything_until_there_is_a_reason(world, changes, before, after, speaks):
    pulls = {"usage_day": (before, after)}
    guarded = guard(changes, world.writers, accounts=10, pulls=pulls)
    assert (names(guarded) == ["pull-shrank"]) is speaks
    assert bool(guarded.changes) is not speaks
    if speaks:
        assert f"{before:,} to {after:,}" in guarded.guards[0].measured
        assert "--because" in guarded.guards[0].remedy
        assert guarded.guards[0].stopped == len(changes)
        with pytest.raises(GuardError) as caught:
            require_clear(guarded.guards)
        assert caught.value.exit_code == 4
        assert caught.value.error_code == "E-PULL-SHRANK"
        lifted = guard(changes, world.writers, accounts=10, pulls=pulls, because="export moved")
        assert list(lifted.changes) == changes
        assert "export moved" in lifted.guards[0].remedy
        assert stops(lifted.guards) == []


def test_bands_that_move_are_counted_and_first_bands_are_not(world, changes):
    assert names(guard(changes, world.writers, accounts=10)) == []
    guarded = guard(changes, world.writers, accounts=9)
    assert names(guarded) == ["bands-moved"]
    assert guarded.changes == ()
    assert guard(changes, world.writers, accounts=9, because="new scorecard").changes
    assert names(guard(changes, world.writers, accounts=0)) == ["bands-moved"], "a filter that lets nobody in"


def test_the_first_run_writes_only_account_fields(world, changes):
    guarded = guard(changes, world.writers, accounts=10, first_run=True)
    assert {change.entity for change in guarded.changes} == {"account"}
    assert [(item.name, item.stopped) for item in guarded.guards] == [("switched-off", 10), ("switched-off", 10)]
    assert "'task: true'" in guarded.guards[1].remedy


@pytest.mark.parametrize(
    ("switch", "first_run", "there"),
    [
        (True, True, True),
        (None, True, False),
        (False, True, False),
        (True, False, True),
        (None, False, True),
        (False, False, False),
    ],
)
def test_switches(world, changes, switch, first_run, there):
    guarded = guard(changes, world.writers, Guards(tasks=switch, opportunities=True), accounts=10, first_run=first_run)
    entities = {change.entity for change in guarded.changes}
    assert "opportunity" in entities
    assert ("task" in entities) is there


@given(data=st.data(), most=st.integers(0, 5))
def test_no_owner_gets_more_new_work_than_the_cap_and_the_soonest_come_first(worlds, data, most):
    world = worlds()
    owners = data.draw(st.lists(st.tuples(st.sampled_from(["u1", "u2", ""]), st.integers(1, 28)), max_size=12))
    desired = []
    for number, (owner, day) in enumerate(owners):
        task = world.task(f"a{number}", due_on=date(2026, 12, day))
        task.links["owner_id"] = owner
        desired.append(task)
    changes = world.changes(desired)
    guarded = guard(changes, world.writers, Guards(new_tasks=most))
    for owner in {"u1", "u2", ""}:
        due = sorted(day for who, day in owners if who == owner)
        kept = [change for change in guarded.changes if (change.values.get("owner") or "") == owner]
        assert sorted(int(change.values["due_on"][-2:]) for change in kept) == due[:most]
    held = sum(item.stopped for item in guarded.guards)
    assert len(guarded.changes) + held == len(changes)


def test_a_cap_holds_back_only_creates_and_is_not_lifted_by_a_reason(world):
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    changes = world.changes([world.task("a1", stage="2"), world.task("a2")])
    guarded = guard(changes, world.writers, Guards(new_tasks=0), because="whatever")
    assert [change.action for change in guarded.changes] == [Action.UPDATE]
