"""Score fields are re-asserted, passengers never cause a change (decisions 5 and 6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csconnect.errors import MappingError
from csconnect.model.values import Action, FieldKind
from csconnect.writeback import History, Options
from csconnect.writeback.diff_accounts import LEFT
from csconnect.writeback.diff_fields import DRIFT

TODAY = date(2026, 11, 22)


def test_a_new_score_is_one_update_with_its_passengers_and_what_stood_before(world):
    world.account("a1", csc_health=50, csc_band="Yellow", csc_scored_on="2026-11-21")
    (change,) = world.changes([world.score("a1", 30)])
    assert change.action is Action.UPDATE
    assert change.values == {"csc_health": 30, "csc_band": "Red", "csc_scored_on": "2026-11-22"}
    assert change.before == {"csc_health": 50, "csc_band": "Yellow", "csc_scored_on": "2026-11-21"}
    assert change.kinds["csc_scored_on"] is FieldKind.PASSENGER


def test_passengers_alone_change_nothing(world):
    world.account("a1", csc_health=54, csc_band="Yellow", csc_scored_on="2026-11-21", csc_coverage=60)
    assert world.changes([world.score("a1", 54, coverage=90, health_trend=-3)]) == []


@pytest.mark.parametrize("spelling", [54, 54.0, "54", "54.0", " 54 "])
def test_the_same_number_in_any_spelling_is_no_change(world, spelling):
    world.account("a1", csc_health=spelling, csc_band="Yellow")
    assert world.changes([world.score("a1", 54)]) == []


def test_a_date_with_a_time_of_midnight_is_the_same_date(world):
    world.account("a1", csc_health=54, csc_band="Yellow", csc_next_renewal="2027-02-14T00:00:00Z")
    assert world.changes([world.score("a1", 54, next_renewal=date(2027, 2, 14))]) == []


def test_an_unknown_score_clears_the_field_only_where_the_mapping_says_so(world):
    world.account("a1", csc_health=54, csc_band="Yellow", csc_arr="10.00")
    (change,) = world.changes([world.score("a1", None, arr=None)])
    assert change.values == {"csc_health": None, "csc_band": None, "csc_scored_on": "2026-11-22"}


def test_a_field_that_the_run_does_not_speak_of_is_left_alone(world):
    world.account("a1", csc_health=54, csc_band="Yellow", csc_arr="10.00")
    assert world.changes([world.score("a1", 54)]) == []


def test_a_persons_edit_is_marked_as_drift_and_put_back(world):
    world.account("a1", csc_health=90, csc_band="Yellow")
    history = History(written={("crm", "accounts", "a1", "csc_health"): 54})
    (change,) = world.changes([world.score("a1", 54)], history=history)
    assert change.rule == DRIFT
    assert "csc_health" in change.why
    assert change.values["csc_health"] == 54


def test_a_new_score_over_our_own_last_value_is_no_drift(world):
    world.account("a1", csc_health="54", csc_band="Yellow")
    history = History(written={("crm", "accounts", "a1", "csc_health"): 54})
    (change,) = world.changes([world.score("a1", 30)], history=history)
    assert change.rule == ""


def test_held_accounts_and_accounts_that_have_gone_are_left_alone(world):
    world.account("a1")
    desired = [world.score("a1"), world.score("gone")]
    assert world.changes(desired, options=Options(held={"crm:a1"})) == []
    assert [change.record_id for change in world.changes(desired)] == ["a1"]


def test_a_name_that_is_not_the_cores_is_an_error(world):
    world.account("a1")
    with pytest.raises(MappingError, match="helth"):
        world.changes([world.score("a1", 54, helth=1)])


def test_a_day_on_which_nothing_changed_plans_nothing(world):
    world.account("a1")
    world.apply(world.plan([world.score("a1", 54)]))
    tomorrow = TODAY + timedelta(days=1)
    assert world.changes([world.score("a1", 54, scored_on=tomorrow)], today=tomorrow) == []


def wrote(**values):
    return History(written={("crm", "accounts", "a1", name): value for name, value in values.items()})


def test_an_account_that_is_judged_no_more_loses_what_we_wrote_there(world):
    world.account("a1", csc_health="54", csc_band="Yellow", csc_scored_on="2026-11-21")
    (change,) = world.changes([], history=wrote(csc_health=54, csc_band="Yellow"))
    assert change.values == {"csc_health": None, "csc_band": None}, "the mapping does not clear the day"
    assert change.before == {"csc_health": "54", "csc_band": "Yellow"}
    assert change.rule == LEFT


def test_but_not_what_another_hand_put_there(world):
    world.account("a1", csc_health=77, csc_band="Yellow")
    (change,) = world.changes([], history=wrote(csc_health=54, csc_band="Yellow"))
    assert change.values == {"csc_band": None}
    assert world.changes([], history=wrote(csc_health=54)) == []
    assert world.changes([], history=History()) == [], "nor what this ledger knows nothing of"


def test_who_comes_back_is_told_again_and_that_is_no_drift(world):
    world.account("a1")
    world.apply(world.plan([world.score("a1", 54)]))
    world.apply(world.plan([], "r2", history=wrote(csc_health=54, csc_band="Yellow")))
    (change,) = world.changes([world.score("a1", 54)], history=wrote(csc_health=None, csc_band=None))
    assert (change.rule, change.before["csc_health"], change.values["csc_health"]) == ("", None, 54)
    world.apply(world.plan([world.score("a1", 54)], "r3"))
    assert world.changes([world.score("a1", 54)], history=wrote(csc_health=54, csc_band="Yellow")) == []


def test_what_a_system_answers_for_an_emptied_field_is_empty_however_it_is_spelt(world):
    world.account("a1", csc_health="", csc_band=" ")
    assert world.changes([], history=wrote(csc_health=None, csc_band=None)) == []


def test_and_only_once(world):
    world.account("a1", csc_band="Yellow", csc_arr="10.00")
    history = wrote(csc_band="Yellow", csc_arr="10.00")
    world.apply(world.plan([], history=history))
    assert world.changes([], history=history) == [], "what the mapping does not clear stays, and moves nothing"
    assert world.crm.tables["accounts"]["a1"].values["csc_band"] is None
