"""Who has which part in the decision chain, and who came and went (book §1.3.4, §7.2.1; decks 001:1280)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from csconnect.compute.measure import measure
from csconnect.model.enums import ContactRole

AS_OF = date(2026, 11, 22)


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def person(name: str, *roles: str, made: int | None = 900, left: int | None = None, **rest: Any) -> dict[str, Any]:
    """A contact that was made and left so many days ago."""
    return {
        "id": f"sf:{name}",
        "account_id": "sf:1",
        "name": name,
        "roles": list(roles),
        "created_at": None if made is None else datetime.combine(day(made), time(12), UTC),
        "left_on": None if left is None else day(left),
        **rest,
    }


def change(role: str, what: str, ago: int, who: str | None = None) -> dict[str, Any]:
    return {
        "id": f"sf:{role}{what}{ago}{who}",
        "account_id": "sf:1",
        "contact_id": who and f"sf:{who}",
        "role": role,
        "change": what,
        "changed_on": day(ago),
    }


@pytest.fixture
def events(facts, library):
    """``events(contact=..., role_change=...)``: the rows of ``role_event`` as ``(role, change, days ago, contact)``."""

    def found(**rows: list[dict[str, Any]]) -> list[tuple[str, str, int, str | None]]:
        connection = facts({"account": [{"id": "sf:1", "name": "Acme"}], **rows})
        for name in ("contact_role", "role_event"):
            connection.execute(f"CREATE TABLE {name} AS {library.rollups[name].sql(AS_OF, grace_days=90)}")
        rows_of_it = connection.sql("SELECT role, change, day, contact_id FROM role_event ORDER BY ALL").fetchall()
        return [(role, what, (AS_OF - on).days, who) for role, what, on, who in rows_of_it]

    return found


def test_the_roll_up_knows_every_part_of_the_model(facts, library):
    """SQL that every engine understands cannot open a list, so the parts stand in the query; this holds them to the model."""
    connection = facts({"contact": [person("all", *ContactRole)]})
    found = connection.sql(library.rollups["contact_role"].sql(AS_OF, grace_days=90)).fetchall()
    assert {row[1] for row in found} == set(ContactRole)
    assert len(found) == len(ContactRole)


def test_a_contact_who_leaves_ends_each_part_once(events):
    gone = person("li", "champion", "key_user", left=5)
    assert events(contact=[gone]) == [("champion", "left", 5, "sf:li"), ("key_user", "left", 5, "sf:li")]
    assert events(contact=[gone | {"left_on": day(-1)}]) == []


@pytest.mark.parametrize(
    ("what", "ago", "who", "events_told"),
    [
        ("left", 8, "li", 1),
        ("lost", 8, "li", 1),  # gave it up, and left some days later
        ("left", 8, None, 1),  # names nobody
        ("left", 35, "li", 1),
        ("left", 36, "li", 2),
        ("left", 8, "wu", 2),  # somebody else
        ("gained", 8, "li", 2),
    ],
)
def test_what_both_sources_tell_is_one_event(events, what, ago, who, events_told):
    contacts = [person("li", "champion", left=5)]
    assert len(events(contact=contacts, role_change=[change("champion", what, ago, who)])) == events_told


def test_a_newer_contact_of_the_same_part_gained_it_but_an_import_gains_nothing(events):
    older, newer = person("old", "administrator", made=400), person("new", "administrator", made=7)
    assert events(contact=[older, newer]) == [("administrator", "gained", 7, "sf:new")]
    assert events(contact=[older | {"created_at": newer["created_at"]}, newer]) == []
    assert events(contact=[newer]) == []
    told = [change("administrator", "gained", 3, "new")]
    assert events(contact=[older, newer], role_change=told) == [("administrator", "gained", 3, "sf:new")]


CHANGED = ["administrator_changed", "decision_maker_changed", "department_head_changed"]


@pytest.mark.parametrize("signal", CHANGED)
def test_a_handover_is_one_change_however_it_is_told(judge, signal):
    role = signal.removesuffix("_changed")
    old, new = person("old", role, left=20), person("new", role, made=10)
    told = [change(role, "left", 21, "old"), change(role, "gained", 9, "new")]
    assert judge(signal, "contact", contact=[old, new]) == 1
    assert judge(signal, "contact role_change", contact=[old, new], role_change=told) == 1
    assert judge(signal, "role_change", role_change=told) == 1
    assert judge(signal, "contact", contact=[old]) == 1
    assert judge(signal, "contact", contact=[old, person("second", role, left=1), new]) == 2


@pytest.mark.parametrize(("ago", "changes"), [(0, 1), (89, 1), (90, 0), (-1, 0)])
def test_a_change_counts_for_ninety_days(judge, ago, changes):
    assert judge("decision_maker_changed", "contact", contact=[person("boss", "decision_maker", left=ago)]) == changes


@pytest.mark.parametrize("signal", CHANGED)
def test_one_who_comes_beside_another_has_taken_over_where_only_one_can_hold_the_part(judge, signal):
    """Nobody told that the old decision maker is gone; but a second department head is a second department."""
    role = signal.removesuffix("_changed")
    beside = [person("old", role), person("new", role, made=10)]
    assert judge(signal, "contact", contact=beside) == (0 if role == "department_head" else 1)


def test_the_first_of_a_part_changes_nothing(judge):
    first = change("decision_maker", "gained", 5, "boss")
    assert judge("decision_maker_changed", "role_change", role_change=[first]) == 0
    boss = person("boss", "decision_maker", made=8)
    anonymous = change("decision_maker", "gained", 5)
    assert judge("decision_maker_changed", "role_change", contact=[boss], role_change=[anonymous]) == 0


@pytest.mark.parametrize("signal", [*CHANGED, "champion_left"])
def test_nothing_changed_is_known_only_where_the_part_is_known_or_changes_are_told(judge, signal):
    role = "champion" if signal == "champion_left" else signal.removesuffix("_changed")
    assert judge(signal, "contact", contact=[person("other", "user")]) is None
    assert judge(signal, "contact", contact=[person("holder", role)]) == 0
    assert judge(signal, "contact role_change", contact=[person("other", "user")]) == 0


def test_a_champion_lost_is_counted_once_and_a_new_one_does_not_undo_it(judge):
    contacts = [person("li", "champion", left=5), person("wu", "champion", made=2)]
    told = [change("champion", "lost", 60, "li"), change("champion", "left", 5, "li")]
    assert judge("champion_left", "contact", contact=contacts, role_change=told) == 1
    assert judge("champion_left", "contact", contact=[person("wu", "champion", made=2)]) == 0


FIVE = ["decision_maker", "champion", "administrator", "department_head", "key_user"]


def test_coverage_counts_parts_not_people(judge):
    both = person("li", "decision_maker", "champion", "buyer")
    assert judge("role_coverage", "contact", contact=[both, person("wu", "champion")]) == 2
    assert judge("role_coverage", "contact", contact=[person(role, role) for role in FIVE]) == 5
    assert judge("role_coverage", "contact", contact=[person("x", "it")]) == 0


def test_who_left_covers_nothing_from_that_day_and_who_came_later_not_yet(judge):
    """A day of the past is judged by who was there then."""
    contacts = [
        person("a", "champion", left=0),
        person("b", "key_user", left=-1),
        person("c", "buyer", "administrator", made=-1),
    ]
    assert judge("role_coverage", "contact", contact=contacts) == 1
    assert judge("champions", "contact", contact=contacts) == 0
    assert judge("champions", "contact", as_of=day(1), contact=contacts) == 1
    assert judge("role_coverage", "contact", contact=[person("a", "champion", made=None)]) == 1


@pytest.mark.parametrize("signal", ["role_coverage", "champions", "opponents"])
def test_contacts_without_any_part_do_not_say_that_a_part_is_missing(judge, signal):
    assert judge(signal, "contact", contact=[person("li"), person("wu")]) is None
    assert judge(signal, "contact") == 0
    assert judge(signal, "touchpoint", contact=[person("li", "user")]) is None


def test_champions_and_opponents_are_people(judge):
    contacts = [
        person("a", "champion", "key_user"),
        person("b", "champion", supportive=True),
        person("c", "opponent", "it", supportive=False),
        person("d", "buyer", supportive=False),
        person("e", "opponent", left=3),
    ]
    assert judge("champions", "contact", contact=contacts) == 2
    assert judge("opponents", "contact", contact=contacts) == 2
    assert judge("opponents", "contact", contact=contacts[:2]) == 0


@pytest.mark.parametrize(("changed", "left"), [("decision_maker", 0), ("champion", 1)])
def test_scenarios_of_the_book(facts, library, changed, left):
    """The decision maker changed (HIGH) and only the champion left (LIGHT) are told apart by the two signals (book §7.2.1)."""
    contacts = [person("boss", "decision_maker"), person("li", "champion")]
    contacts = [row | {"left_on": day(30)} if changed in row["roles"] else row for row in contacts]
    connection = facts({"account": [{"id": "sf:1", "name": "Acme"}], "contact": contacts})
    measure(connection, [library.signals[name] for name in ("decision_maker_changed", "champion_left")], AS_OF)
    found = dict(connection.sql("SELECT signal, value FROM measured").fetchall())
    assert found == {"decision_maker_changed": 1 - left, "champion_left": left}
