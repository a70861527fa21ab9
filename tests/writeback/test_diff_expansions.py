"""An expansion is asked for once; what people have open or have just ended is respected (decisions 5, 8 and 10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csconnect.model.values import Action
from csconnect.writeback import Desired, History, Options, State
from csconnect.writeback.keys import expansion_stem, renewal_stem, split_key, with_sequence

TODAY = date(2026, 11, 22)


def expansion(id: str, line: str | None = None) -> Desired:
    values = {"name": f"{id} expansion", "stage": "first", "kind": "expansion", "close_on": date(2027, 2, 20)}
    stem = expansion_stem(f"crm:{id}", line)
    return Desired("opportunity", f"crm:{id}", "crm", values, rule="expansion", key=stem, links={"account_id": id})


def test_the_key_names_account_and_line_and_never_looks_like_a_renewal():
    stem = expansion_stem("crm:001", "CRM|x")
    assert split_key(with_sequence(stem, 3)) == (stem, 3)
    assert len({stem, expansion_stem("crm:001", None), renewal_stem("crm:001", TODAY)}) == 3


def test_one_is_made_and_then_no_more(world):
    world.account("a1")
    plan = world.plan([expansion("a1")])
    (change,) = plan.changes
    assert (change.action, change.rule, change.key) == (Action.CREATE, "expansion", "expansion|crm:a1||1")
    assert (change.values["kind"], change.values["account"]) == ("expansion", "a1")
    assert "amount" not in change.values  # nobody can tell it, so nothing is sent
    world.apply(plan)
    assert world.changes([expansion("a1")]) == []
    assert world.changes([]) == []  # the reason has gone: what becomes of it is the salesperson's


def test_a_renewal_and_an_expansion_do_not_see_each_other(world):
    world.account("a1")
    world.apply(world.plan([world.renewal("a1"), expansion("a1")]))
    assert len(world.crm.tables["opportunities"]) == 2
    assert world.changes([world.renewal("a1"), expansion("a1")]) == []


def test_one_thing_at_a_time_whatever_the_line(world):
    world.account("a1")
    wanted = [expansion("a1", "Service"), expansion("a1", "CRM")]
    (change,) = world.changes(wanted)
    assert change.key == "expansion|crm:a1|CRM|1"
    world.apply(world.plan(wanted))
    assert world.changes(wanted) == []


@pytest.mark.parametrize(
    ("there", "makes"),
    [
        ({"stage": "second", "kind": "expansion"}, False),
        ({"stage": "second", "kind": "renewal"}, True),
        ({"stage": "second"}, True),
        ({"stage": "lost", "kind": "expansion", "closed_at": "2026-11-20T00:00:00Z"}, False),
        ({"stage": "won", "kind": "expansion", "closed_at": "2026-10-26T00:00:00Z"}, False),
        ({"stage": "lost", "kind": "expansion", "closed_at": "2026-10-25T00:00:00Z"}, True),
    ],
    ids=["open", "renewal", "unknown", "just-lost", "won-27-days-ago", "lost-28-days-ago"],
)
def test_what_people_have_counts(world, there, makes):
    world.account("a1")
    world.crm.put("opportunities", {"account": "a1", **there})
    assert bool(world.changes([expansion("a1")])) is makes


def test_a_person_s_no_is_respected_and_the_next_has_the_next_number(world):
    world.account("a1")
    world.apply(world.plan([expansion("a1")]))
    (id,) = world.crm.tables["opportunities"]
    world.crm.put("opportunities", {"stage": "lost", "closed_at": "2026-11-22T10:00:00Z"}, id)
    later = [TODAY + timedelta(days=days) for days in (0, 27)]
    assert [world.changes([expansion("a1")], today=day) for day in later] == [[], []]
    (change,) = world.changes([expansion("a1")], today=TODAY + timedelta(days=28))
    assert change.key == "expansion|crm:a1||2"
    assert world.changes([expansion("a1")], today=TODAY + timedelta(days=28), options=Options(snooze_days=40)) == []


def test_one_that_is_not_seen_again_is_not_made_again_at_once(world):
    """Deleted without a trace, or not pulled yet: the ledger knows the day on which it was made."""
    world.account("a1")
    history = History(made={("crm", "expansion|crm:a1||1"): TODAY - timedelta(days=3)})
    assert world.changes([expansion("a1")], history=history) == []
    (change,) = world.changes([expansion("a1")], history=history, today=TODAY + timedelta(days=25))
    assert change.key == "expansion|crm:a1||2"


def test_undo_withdraws_it_and_what_csconnect_withdrew_asks_for_no_silence(world):
    world.account("a1")
    world.apply(world.plan([expansion("a1")]))
    world.undo()
    (item,) = [item for item in world.existing() if item.entity == "opportunity"]
    assert item.status is State.VOID
    history = History(withdrawn={("crm", "opportunities", item.record_id)})
    (change,) = world.changes([expansion("a1")], history=history)
    assert change.key == "expansion|crm:a1||2"


def test_a_run_that_was_killed_makes_no_second_one(world, crash):
    world.account("a1")
    plan = world.plan([expansion("a1")])

    def step(name):
        if name == "before receipt":
            raise crash

    world.journal.step = step
    with pytest.raises(crash):
        world.apply(plan)
    world.journal.step = lambda name: None
    world.apply(plan)
    assert len(world.crm.tables["opportunities"]) == 1
    assert world.changes([expansion("a1")]) == []
