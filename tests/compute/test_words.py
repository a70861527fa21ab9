"""Explanations and tasks: short, stable, in two languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.calendar import working_day, working_days_after
from csconnect.compute.explain import Driver, because
from csconnect.compute.playbooks import red_account, renewal_task
from csconnect.errors import CardError
from csconnect.library.load import load_library
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
        == "25% of the core modules in use; no meeting with an executive in four months."
    )
    assert because(found, "red", library.phrases["zh"]) == "核心模块使用率 25%；近四个月没有与客户高层会面。"


@pytest.mark.parametrize(
    ("signal", "value", "english", "chinese"),
    [
        ("login_frequency", 0.0, "nobody has been active for four weeks", "近四周无人使用"),
        ("login_frequency", 1.0, "a typical user is active one day a week", "一般用户每周使用 1 天"),
        ("login_frequency", 1.75, "a typical user is active 1.8 days a week", "一般用户每周使用 1.8 天"),
        ("new_users", 1.0, "one new user in four weeks", "近四周新增用户 1 人"),
        ("new_users", 1200.0, "1,200 new users in four weeks", "近四周新增用户 1,200 人"),
        ("value_recognition", 1.0, "spoke up for us once in the past year", "近一年主动分享成果 1 次"),
        ("executive_met", 2.0, "2 meetings with an executive in four months", "近四个月与客户高层会面 2 次"),
        ("nps", 0.0, "latest NPS answer 0 of 10", "最近一次 NPS 评分 0 分"),
        ("core_module_use", 1.0, "1% of the core modules in use", "核心模块使用率 1%"),
    ],
)
def test_a_clause_is_right_for_none_one_and_many(library, signal, value, english, chinese):
    assert library.phrases["en"].driver(signal, value) == english
    assert library.phrases["zh"].driver(signal, value) == chinese


def test_a_green_account_is_told_what_holds_it_up(library):
    found = [
        Driver("usage", "login_frequency", 5.0, 10, 10, 1000, 1.0),
        Driver("relationship", "executive_met", 1.0, 10, 10, 1000, 1.0),
        Driver("relationship", "nps", 3.0, 10, 10, 0, 0.0),
    ]
    assert (
        because(found, "green", library.phrases["en"])
        == "Strong: one meeting with an executive in four months; a typical user is active 5 days a week."
    )
    assert (
        because(found, "green", library.phrases["zh"]) == "优势：近四个月与客户高层会面 1 次；一般用户每周使用 5 天。"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_say_the_windows_that_are_measured(library, language):
    """Four weeks are 28 days, three months 90, four months 120, a year 365: a signal of another window wants other words."""
    said = {
        28: ("four weeks", "四周"),
        90: ("three months", "三个月"),
        120: ("four months", "四个月"),
        365: ("year", "一年"),
    }
    place = ["en", "zh"].index(language)
    for name, words in library.phrases[language].drivers.items():
        window = library.signals[name].header.window
        for days, spelt in said.items():
            for text in (words.some, words.one or "", words.none):
                assert days == window or spelt[place] not in text, (name, text)


def test_both_languages_know_every_signal_and_every_template(library):
    english, chinese = library.phrases["en"], library.phrases["zh"]
    card = library.card("weekly_health").signal_weights().keys()
    assert english.drivers.keys() == chinese.drivers.keys() >= card
    assert english.tasks.keys() == chinese.tasks.keys()


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


@pytest.mark.parametrize(
    ("found", "due"), [(date(2026, 11, 19), date(2026, 11, 20)), (date(2026, 11, 20), date(2026, 11, 23))]
)
def test_a_red_account_is_contacted_within_24_hours_of_working_time(found, due):
    """Decks 004:596."""
    assert red_account("sf:1", found).due_on == due


SIGNAL = """/*
title: {en: Urgent tickets, zh: 紧急工单}
unit: tickets
window: 90
polarity: down
entities: [ticket]
source: ours
*/
SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS value FROM ticket WHERE ticket.account_id IS NOT NULL GROUP BY ticket.account_id
"""


@pytest.fixture
def own(tmp_path):
    """Writes the files of a library of one's own and loads it on top of the shipped one."""

    def loaded(**files):
        for name, text in {"signals/urgent_tickets.sql": SIGNAL, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return load_library([tmp_path])

    return loaded


def test_one_sentence_for_one_signal_is_enough(own, library):
    """A whole copy of the shipped phrases would grow old, and two plugins would undo each other's."""
    added = '{language: zh, drivers: {urgent_tickets: {some: "紧急工单 {value} 个", none: 没有紧急工单, first: 处理}, nps: {none: 零分}}}'
    words, shipped = own(**{"phrases/zh.yaml": added}).phrases["zh"], library.phrases["zh"]
    assert words.driver("urgent_tickets", 2.0) == "紧急工单 2 个"
    assert words.driver("nps", 0.0) == "零分"
    assert words.driver("nps", 3.0) == shipped.driver("nps", 3.0)
    assert (words.tasks, words.join) == (shipped.tasks, shipped.join)


def test_a_signal_without_words_is_called_by_its_title_in_the_readers_language(own):
    phrases = own().phrases
    assert phrases["zh"].driver("urgent_tickets", 2.0) == "紧急工单 2"
    assert phrases["en"].driver("urgent_tickets", 0.0) == "Urgent tickets 0"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"phrases/zh.yaml": "{language: zh, drivers: {nps: {som: x}}}"}, "drivers.nps.som: extra inputs"),
        ({"phrases/zh.yaml": "{language: zh, drivers: {urgent_tickets: {some: x}}}"}, "urgent_tickets.none: field req"),
        ({"phrases/de.yaml": "{language: de}"}, "all that phrases/en.yaml has"),
        ({"phrases/zh.yaml": "[nothing]"}, "phrases do not fit"),
    ],
)
def test_words_that_do_not_fit_are_named(own, file, said):
    with pytest.raises(CardError) as caught:
        own(**file)
    assert said in str(caught.value)
    assert next(iter(file)) in str(caught.value)
