"""A change is split without a remainder, and what judges can be kept as text and be read back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.assign import CardRule, Cards
from csconnect.compute.change import BandChanges, Moved, because_of, split
from csconnect.compute.explain import Driver
from csconnect.compute.judgement import Judgement, parse_judgement
from csconnect.compute.score import score
from csconnect.errors import CardError

AS_OF = date(2026, 11, 22)


def driver(signal: str, hundredths: int) -> Driver:
    return Driver("d", signal, 1.0, 10.0, 10.0, hundredths)


drivers = st.dictionaries(st.sampled_from(["a", "b", "c", "start", "limits"]), st.integers(-4000, 9000)).map(
    lambda parts: [driver(name, hundredths) for name, hundredths in parts.items()]
)


def total(parts: list[Driver]) -> int:
    return sum(part.hundredths for part in parts)


@given(then_old=drivers, now_old=drivers, now_new=drivers)
def test_the_parts_add_up_to_the_change_of_the_score(then_old, now_old, now_new):
    found = split(then_old, now_old, now_new)
    assert found.score.customer == total(now_old) - total(then_old)
    assert found.score.configuration == total(now_new) - total(now_old)
    assert found.score.total == total(now_new) - total(then_old)
    assert found.signals.keys() == {part.signal for part in (*then_old, *now_old, *now_new)}
    for name, part in found.signals.items():
        by_name = [next((d.hundredths for d in each if d.signal == name), 0) for each in (then_old, now_old, now_new)]
        assert part == Moved(by_name[1] - by_name[0], by_name[2] - by_name[1])


@given(then=drivers, now=drivers)
def test_without_a_change_of_configuration_all_is_the_customers(then, now):
    found = split(then, now, now)
    assert {part.configuration for part in found.signals.values()} <= {0}
    assert found.score.total == total(now) - total(then)


def test_bands_change_because_of_the_card_where_the_old_one_would_have_left_them():
    before = {"a": "green", "b": "green", "c": "red", "d": "yellow"}
    old = {"a": "green", "b": "red", "c": "red", "d": "yellow"}
    now = {"a": "red", "b": "red", "c": "yellow", "d": "yellow", "new": "green"}
    assert because_of(before, old, now) == BandChanges(card=2, customers=1)


@pytest.fixture
def judgement(library) -> Judgement:
    weekly = library.card("weekly_health")
    other = weekly.model_copy(update={"scorecard": "other", "coverage": 20})
    cards = Cards(
        weekly, (CardRule(other, {"segment": ["smb", "mid"], "stage": ["live"]}),), library.rollups["lifecycle"]
    )
    return Judgement(cards, library.signals, 45)


def test_it_comes_back_from_its_text_as_it_was(judgement):
    back = parse_judgement(judgement.document(), "then")
    assert (back.digest, back.grace_days, back.cards.stamp) == (judgement.digest, 45, judgement.cards.stamp)
    assert list(back.cards.by_name) == ["other", "weekly_health"], "in the order in which they are tried"
    assert back.cards.reckons_stage is not None
    for name in judgement.cards.needs():
        one, other = judgement.signals[name], back.signals[name]
        assert one.sql(AS_OF) == other.sql(AS_OF)
        assert [each.name for each in one.rollups] == [each.name for each in other.rollups]
        assert (one.header.freshness, one.header.decimals) == (other.header.freshness, other.header.decimals)


def test_it_judges_as_it_did(judgement, facts):
    rows = {
        "account": [{"id": "sf:1", "name": "Acme", "data_quality": 80}, {"id": "sf:2", "name": "B", "segment": "smb"}],
        "survey": [{"id": "s", "account_id": "sf:1", "kind": "nps", "score": 9, "answered_on": date(2026, 11, 1)}],
        "delivery": [{"account_id": f"sf:{n}", "entity": entity} for n in (1, 2) for entity in ("goal", "touchpoint")],
    }
    connection = facts(rows)
    back = parse_judgement(judgement.document(), "then")
    one, other = (
        score(connection, each.cards, each.signals, AS_OF, grace_days=each.grace_days) for each in (judgement, back)
    )
    assert one.accounts.num_rows == 2
    assert one.accounts.equals(other.accounts)
    assert one.drivers.equals(other.drivers)


def test_only_what_judges_counts(judgement, library):
    signals = dict(library.signals)
    for name, signal in signals.items():
        signals[name] = type(signal)(
            name,
            signal.header.model_copy(update={"words": {}, "title": {"en": "Other"}, "unit": "x"}),
            signal.query,
            signal.text,
            signal.rollups,
            "elsewhere",
        )
    cards = Cards(
        judgement.cards.default.model_copy(update={"cases": [], "about": "a story"}),
        judgement.cards.rules,
        judgement.cards.stage,
    )
    assert Judgement(cards, signals, 45).digest == judgement.digest
    assert Judgement(judgement.cards, library.signals, 46).digest != judgement.digest
    assert Judgement(Cards(judgement.cards.default), library.signals, 45).digest != judgement.digest


@pytest.mark.parametrize(
    ("find", "put", "says"),
    [
        ("FROM touchpoint", "FROM no_such_table", "no table 'no_such_table'"),
        ('"green": 80.0', '"green": 50.0', "card other: bands: yellow must start below green"),
        ('"format": 1', '"format": 9', "format 9"),
        ('"grace_days"', '"other"', "cannot be read"),
        ("{", "", "cannot be read"),
        ('"signals": {"login_frequency": "/', '"signals": {"renamed": "/', "the signal login_frequency is missing"),
    ],
)
def test_what_cannot_be_read_any_more_is_said_in_one_sentence(judgement, find, put, says):
    text = judgement.document()
    assert find in text
    with pytest.raises(CardError) as caught:
        parse_judgement(text.replace(find, put), "what judged on 2026-10-01")
    assert str(caught.value).startswith("what judged on 2026-10-01")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
