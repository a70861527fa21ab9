"""Explanations and tasks: short, stable, in two languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.calendar import working_day, working_days_after
from csconnect.compute.explain import Driver, because, lift, weakest
from csconnect.compute.playbooks import red_account, renewal_task
from csconnect.model.enums import TermState, Urgency

drivers = st.lists(
    st.builds(
        Driver,
        st.sampled_from(["usage", "outcomes"]),
        st.sampled_from(["nps", "core_module_use", "executive_met", "goal_progress", "unheard_of"]),
        st.none() | st.floats(0, 100).map(lambda v: round(v, 1)),
        st.just(10.0),
        st.just(10.0),
        st.integers(0, 1000),
    ),
    max_size=8,
    unique_by=lambda driver: driver.signal,
)


@pytest.mark.parametrize("language", ["en", "zh"])
@given(drivers=drivers, band=st.sampled_from(["red", "yellow", "green", None]))
def test_because_fits_the_field_and_never_flickers(library, language, drivers, band):
    words = library.phrases[language]
    text = because(drivers, band, words)
    assert len(text) <= 255
    assert text == because(list(reversed(drivers)), band, words)
    if band is None or not any(driver.known for driver in drivers):
        assert text == ""


def test_because_names_the_greatest_loss_first(library):
    found = [
        Driver("usage", "core_module_use", 25.0, 15, 15, 400),
        Driver("relationship", "executive_met", 0.0, 10, 10, 0),
        Driver("relationship", "nps", 9.0, 10, 10, 1000),
    ]
    assert (
        because(found, "red", library.phrases["en"])
        == "25% of the core modules in use; no executive met in four months."
    )
    assert because(found, "red", library.phrases["zh"]) == "核心模块使用率 25%；四个月内未见高层。"


def test_both_languages_know_every_signal_and_every_template(library):
    english, chinese = library.phrases["en"], library.phrases["zh"]
    card = library.card("weekly_health").signal_weights().keys()
    assert english.drivers.keys() == chinese.drivers.keys() >= card
    assert english.tasks.keys() == chinese.tasks.keys()


def test_lift_finds_what_would_change_the_band():
    found = [
        Driver("d", "a", 1.0, 15, 15, 400),
        Driver("d", "b", 1.0, 10, 10, 500),
        Driver("d", "c", 1.0, 75, 75, 4500),
    ]
    assert [driver.signal for driver in weakest(found)] == ["c", "a", "b"]
    assert [driver.signal for driver in lift(found, 54, 60)] == ["c"]
    assert lift(found, 54, 101) == []


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 30))
def test_working_days(day, count):
    assert working_day(day).weekday() < 5
    assert 0 <= (working_day(day) - day).days <= 2
    after = working_days_after(day, count)
    assert count == 0 or after.weekday() < 5
    assert sum((day + timedelta(days=n)).weekday() < 5 for n in range(1, (after - day).days + 1)) == count


AS_OF = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("state", "days", "stage", "urgency"),
    [
        (TermState.DUE, 90, "renewal_due_90", Urgency.NORMAL),
        (TermState.DUE, 31, "renewal_due_90", Urgency.NORMAL),
        (TermState.DUE, 30, "renewal_due_30", Urgency.HIGH),
        (TermState.DEFERRED, -5, "renewal_overdue", Urgency.HIGH),
    ],
)
def test_the_renewal_task_escalates(state, days, stage, urgency):
    task = renewal_task("sf:1", "sf:t", state, AS_OF + timedelta(days=days), AS_OF)
    assert (task.stage, task.urgency) == (stage, urgency)
    assert task.due_on > AS_OF
    assert task.due_on.weekday() < 5


@pytest.mark.parametrize("state", [TermState.NOT_DUE, TermState.RENEWED, TermState.CHURNED, TermState.WON_BACK])
def test_other_states_ask_for_nothing(state):
    assert renewal_task("sf:1", "sf:t", state, AS_OF, AS_OF) is None


def test_a_red_account_is_acted_on_within_two_working_days():
    assert red_account("sf:1", date(2026, 11, 20)).due_on == date(2026, 11, 24)
