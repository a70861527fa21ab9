"""One open task for one reason: escalation, snooze, closing when the reason goes (decision 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.model.values import Action
from csconnect.writeback import History, Options, State, diff
from csconnect.writeback.keys import rule_of, split_key, task_stem, with_sequence

TODAY = date(2026, 11, 22)


@pytest.fixture
def made(world):
    """A world in which the task of a1 stands, open."""
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    (world.task_id,) = world.crm.tables["tasks"]
    return world


def closed(world, day):
    world.crm.put("tasks", {"status": "done", "closed_at": f"{day}T10:00:00Z"}, world.task_id)


def test_a_task_is_made_once_and_linked_to_its_account(made):
    values, links = made.crm.state()["tasks"][made.task_id]
    assert links == {"accounts": ["a1"]}
    assert split_key(values["csc_key"]) == (made.task("a1").key, 1)
    assert made.changes([made.task("a1")]) == []


def test_different_subjects_of_one_rule_are_different_tasks(made):
    changes = made.changes([made.task("a1"), made.task("a1", about="t1"), made.task("a1", about="t2")])
    assert [change.action for change in changes] == [Action.CREATE] * 2


def test_a_new_stage_escalates_and_renews_the_words_but_not_owner_and_status(made):
    made.crm.put("tasks", {"owner": "someone", "status": "doing"}, made.task_id)
    (change,) = made.changes([made.task("a1", stage="2", subject="now urgent", urgency="high")])
    assert change.action is Action.UPDATE
    assert change.values == {"csc_stage": "2", "subject": "now urgent", "urgency": "H"}


def test_words_alone_do_not_escalate(made):
    assert made.changes([made.task("a1", subject="other words", urgency="high")]) == []


def test_the_reason_gone_closes_it_and_says_so(made):
    (change,) = made.changes([])
    assert change.action is Action.CLOSE
    assert change.values["status"] == "done"
    assert change.values["body"].startswith(Options().gone_note)
    assert change.values["body"].endswith("why, what first")
    assert change.rule == "usage_drop"
    made.apply(made.plan([], run_id="run-2"))
    assert made.changes([]) == []


def test_an_account_that_was_not_judged_keeps_its_tasks(made):
    assert made.changes([], options=Options(scope={"crm:other"})) == []
    (item,) = [item for item in made.existing() if item.entity == "task"]
    ours = History(made={("crm", item.key): TODAY})
    assert made.changes([], options=Options(scope={"crm:other"}), history=ours), "this ledger made it"
    assert made.changes([], options=Options(scope={"crm:a1"}))


def test_a_persons_own_task_is_never_closed(world):
    world.account("a1")
    world.crm.put("tasks", {"subject": "call them", "status": "todo"})
    world.crm.put("tasks", {"subject": "a note", "status": "todo", "csc_key": "my own words"})
    assert world.changes([]) == []


@pytest.mark.parametrize(("days", "silent"), [(0, True), (27, True), (28, False), (90, False)])
def test_a_task_that_a_person_closed_is_silent_for_the_snooze_and_then_comes_with_the_next_number(made, days, silent):
    closed(made, TODAY)
    changes = made.changes([made.task("a1")], today=TODAY + timedelta(days=days))
    assert [change.key for change in changes] == ([] if silent else [with_sequence(made.task("a1").key, 2)])


def test_a_deleted_task_is_silent_from_the_day_it_was_deleted(made):
    (there,) = [item for item in made.existing() if item.entity == "task"]
    made.crm.remove("tasks", made.task_id)
    gone = replace(there, status=State.GONE, closed_on=TODAY - timedelta(days=3))
    made.existing = lambda: [gone]
    assert made.changes([made.task("a1")]) == []
    assert made.changes([made.task("a1")], today=TODAY + timedelta(days=25))[0].key.endswith("|2")


def test_a_task_that_vanished_without_a_trace_is_silent_from_the_day_we_made_it(made):
    made.crm.remove("tasks", made.task_id)
    history = History(made={("crm", with_sequence(made.task("a1").key, 1)): TODAY})
    assert made.changes([made.task("a1")], history=history) == []
    (change,) = made.changes([made.task("a1")], history=history, today=TODAY + timedelta(days=28))
    assert change.key.endswith("|2")


def test_a_task_that_we_closed_ourselves_is_not_snoozed(made):
    closed(made, TODAY)
    history = History(withdrawn={("crm", "tasks", made.task_id)})
    (change,) = made.changes([made.task("a1")], history=history)
    assert change.key.endswith("|2")


def test_a_clone_that_a_person_made_does_not_make_two_tasks_escalate(made):
    made.crm.put("tasks", dict(made.crm.tables["tasks"][made.task_id].values))
    assert len(made.changes([made.task("a1", stage="2")])) == 1


text = st.text(max_size=300)


@given(account=text, rule=text, subject=text, number=st.integers(1, 10**6))
def test_keys_come_apart_again_and_fit_the_field(account, rule, subject, number):
    stem = task_stem(account, rule, subject)
    key = with_sequence(stem, number)
    assert split_key(key) == (stem, number)
    assert len(key) <= 255
    if len(stem) < 200:
        assert rule_of(key) == rule


@given(one=st.tuples(text, text, text), other=st.tuples(text, text, text))
def test_different_reasons_have_different_keys(one, other):
    assert (task_stem(*one) == task_stem(*other)) == (one == other)


@given(st.text(max_size=40))
def test_what_a_person_types_into_the_key_field_is_hardly_ever_a_key(typed):
    parts = split_key(typed)
    assert parts is None or (typed.count("|") == 3 and typed.rsplit("|", 1)[1].isdecimal())


def test_one_closed_nobody_knows_when_keeps_quiet_from_the_day_it_was_seen_so(world):
    """Not for ever."""
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    (there,) = [item for item in world.existing() if item.entity == "task"]
    quiet = Options(snooze_days=30)

    def planned(seen):
        closed = replace(there, status=State.DONE, closed_on=None, seen_on=seen)
        return diff([world.task("a1")], [closed], world.writers, today=TODAY, options=quiet)

    assert planned(TODAY - timedelta(days=29)) == []
    assert planned(None) == []
    assert [change.action for change in planned(TODAY - timedelta(days=30))] == [Action.CREATE]
