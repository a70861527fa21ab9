"""Undo restores where our value stands, withdraws what we made, holds the accounts, and says what it left (law 3)."""

from __future__ import annotations

import contextlib

from csconnect.writeback import History, Options, plan_undo
from csconnect.writeback.keys import with_sequence


def whys(undone):
    return {(left.field, left.why) for left in undone.left}


def test_a_value_that_a_person_changed_stays_and_is_told(world):
    world.account("a1", csc_health=10, csc_band="Red")
    world.apply(world.plan([world.score("a1")]))
    world.crm.put("accounts", {"csc_health": 77}, "a1")
    undone = world.undo()
    values = world.crm.tables["accounts"]["a1"].values
    assert (values["csc_health"], values["csc_band"], values["csc_scored_on"]) == (77, "Red", None)
    assert whys(undone) == {("csc_health", "somebody changed it since")}
    assert undone.held == ("crm:a1",)


def test_another_spelling_of_our_value_is_still_our_value(world):
    world.account("a1", csc_health=10)
    world.apply(world.plan([world.score("a1")]))
    world.crm.put("accounts", {"csc_health": "54.0"}, "a1")
    world.undo()
    assert world.crm.tables["accounts"]["a1"].values["csc_health"] == 10


def test_a_task_that_closed_itself_is_opened_again(world):
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    world.apply(world.plan([], "run-2"))
    (id,) = world.crm.tables["tasks"]
    assert world.crm.tables["tasks"][id].values["status"] == "done"
    world.undo("run-2")
    values = world.crm.tables["tasks"][id].values
    assert (values["status"], values["body"]) == ("todo", "why, what first")


def test_a_task_that_a_person_began_is_left_to_them(world):
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    (id,) = world.crm.tables["tasks"]
    world.crm.put("tasks", {"status": "doing"}, id)
    assert "somebody works with it" in str(whys(world.undo()))
    assert world.crm.tables["tasks"][id].values["status"] == "doing"


def test_what_is_gone_or_no_longer_ours_is_left_and_told(world):
    world.account("a1")
    world.apply(world.plan([world.score("a1"), world.task("a1"), world.renewal("a1")]))
    world.crm.remove("accounts", "a1")
    world.crm.put("tasks", {"csc_key": "mine now"}, *world.crm.tables["tasks"])
    world.crm.remove("opportunities", *world.crm.tables["opportunities"])
    undone = world.undo()
    assert undone.plan.changes == ()
    assert {why for _, why in whys(undone)} == {
        "the record does not exist any more",
        "the record does not carry our key any more",
    }


def test_looking_at_an_undo_writes_nothing(world):
    world.account("a1")
    world.apply(world.plan([world.score("a1"), world.task("a1")]))
    before, entries = world.crm.state(), list(world.journal.entries)
    plan, left, held = plan_undo(
        "run-1",
        {"crm": world.crm},
        world.journal,
        world.writers,
        made_at=world.plan([]).made_at,
        as_of=world.plan([]).as_of,
    )
    assert (len(plan.changes), left, held) == (2, (), ("crm:a1",))
    assert (world.crm.state(), world.journal.entries, world.journal.held) == (before, entries, {})


def test_undone_accounts_are_held_until_released_and_then_everything_comes_back(world):
    world.account("a1")
    desired = [world.score("a1"), world.task("a1"), world.renewal("a1")]
    world.apply(world.plan(desired))
    world.undo()
    assert world.changes(desired, options=Options(held=world.journal.held)) == []
    places = {("crm", object, id) for object in ("tasks", "opportunities") for id in world.crm.tables[object]}
    again = world.changes(desired, history=History(withdrawn=places))
    assert {change.key for change in again if change.key} == {
        with_sequence(want.key, 2) for want in desired if want.key
    }
    assert len(again) == 3


def test_an_undo_can_itself_be_undone(world):
    world.account("a1", csc_health=10, csc_band="Red")
    world.apply(world.plan([world.score("a1")]))
    applied = world.shape()
    world.undo()
    world.undo("run-1~undo")
    assert world.shape() == applied


def test_an_undone_plan_can_be_applied_and_undone_again(world):
    world.account("a1", csc_health=10, csc_band="Red")
    before, plan = world.shape(), world.plan([world.score("a1")])
    world.apply(plan)
    applied = world.shape()
    world.undo()
    undone = world.shape()
    assert world.apply(plan).complete
    assert world.shape() == applied
    assert world.undo().applied.complete
    assert world.shape() == undone != before  # only the date field is now empty where it was absent


def test_what_never_got_through_is_not_undone(world, crash):
    world.account("a1")
    plan = world.plan([world.score("a1"), world.task("a1")])

    def die(step):
        if step == "row":
            raise crash

    world.crm.hostility.step = die
    with contextlib.suppress(crash):
        world.apply(plan)
    world.crm.hostility.step = lambda step: None
    undone = world.undo()
    assert undone.plan.changes == ()
    assert undone.left == ()


def test_runs_undone_in_the_wrong_order_say_which_one_comes_first(world):
    """A value that a later run of ours wrote is nobody's edit."""
    world.account("a1", csc_health=10)
    world.apply(world.plan([world.score("a1", 54)]))
    world.apply(world.plan([world.score("a1", 81)], "run-2"))
    assert ("csc_health", "run run-2 wrote to the record since: undo that run, then this one again") in whys(
        world.undo("run-1")
    )
    assert not world.undo("run-2").left
    assert not world.undo("run-1").left
    assert world.crm.tables["accounts"]["a1"].values["csc_health"] == 10
