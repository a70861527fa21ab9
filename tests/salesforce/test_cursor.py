"""The cursor: nothing twice, nothing lost, short text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.errors import DataError
from csconnect_salesforce.cursor import MOST_SEEN, Cursor, Overlap
from csconnect_salesforce.soql import instant, moment

START = datetime(2026, 7, 1, tzinfo=UTC)
WIDTH = timedelta(minutes=10)
EVENTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 90), st.booleans()), min_size=1, max_size=40)


def stamp(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_instants_survive_to_the_millisecond(at):
    assert moment(instant(at)) == at.replace(microsecond=at.microsecond // 1000 * 1000)


def note(overlap: Overlap, id: int, minutes: int, deleted: bool) -> bool:
    if deleted:
        return overlap.deleted(f"r{id}", stamp(minutes))
    return overlap.row(f"r{id}", stamp(minutes), {"v": minutes})


@given(EVENTS)
def test_everything_the_next_look_back_shows_again_is_known(events):
    events = sorted(events, key=lambda event: event[1])
    overlap = Overlap(WIDTH, None)
    for event in events:
        note(overlap, *event)
    text = overlap.cursor()
    rows = [minutes for _, minutes, deleted in events if not deleted]
    assert (text is None) == (not rows)
    if text is None:
        return
    cursor = Cursor.read(text)
    assert cursor.at == moment(stamp(max(rows)))
    again = Overlap(WIDTH, cursor)
    for id, minutes, deleted in {event[0]: event for event in events}.values():
        if moment(stamp(minutes)) >= min(cursor.at, cursor.gone) - WIDTH:
            assert not note(again, id, minutes, deleted)
        assert note(again, id, minutes + 1000, deleted)


def test_a_second_edit_within_the_same_second_is_news():
    overlap = Overlap(WIDTH, None)
    assert overlap.row("r", stamp(0), {"Name": "one"})
    assert not overlap.row("r", stamp(0), {"Name": "one"})
    assert overlap.row("r", stamp(0), {"Name": "two"})
    assert overlap.deleted("r", stamp(0))


def test_a_row_that_was_edited_while_we_read_does_not_move_the_cursor():
    overlap = Overlap(WIDTH, None, began=moment(stamp(10)))
    assert overlap.row("r", stamp(120), {})
    assert overlap.cursor() is None
    assert overlap.row("s", stamp(5), {})
    assert Cursor.read(overlap.cursor() or "").at == moment(stamp(5))


def test_a_pull_of_which_every_row_was_edited_meanwhile_still_ends_somewhere():
    overlap = Overlap(WIDTH, None, began=moment(stamp(10)))
    overlap.finish()
    assert overlap.cursor() is None
    overlap.row("r", stamp(120), {})
    overlap.finish()
    assert Cursor.read(overlap.cursor() or "").at == moment(stamp(10))


def test_what_is_out_of_scope_is_told_once_and_is_no_deletion():
    overlap = Overlap(WIDTH, None)
    overlap.row("r", stamp(0), {})
    assert overlap.outside("s", stamp(5))
    assert not overlap.outside("s", stamp(5))
    text = overlap.cursor()
    assert text is not None
    assert Cursor.read(text).gone == moment(stamp(0))


def test_a_pull_cut_off_does_not_take_changes_of_parents_for_read():
    cursor = Cursor(moment(stamp(0)), moment(stamp(0)))
    overlap = Overlap(WIDTH, cursor, began=moment(stamp(60)))
    overlap.row("r", stamp(30), {})
    cut = Cursor.read(overlap.cursor() or "")
    assert (cut.at, cut.parents) == (moment(stamp(30)), moment(stamp(0)))
    overlap.parents_read()
    assert Cursor.read(overlap.cursor() or "").parents == moment(stamp(60))


def test_a_bulk_edit_does_not_make_the_cursor_long():
    overlap = Overlap(WIDTH, None)
    for number in range(MOST_SEEN + 1):
        overlap.row(f"{number:018d}", stamp(0), number)
    text = overlap.cursor()
    assert text is not None
    assert len(text) < 200


@pytest.mark.parametrize("text", ["", "{}", "2026-07-01", '{"at": "x", "gone": "y"}', "[]"])
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(DataError, match="cursor"):
        Cursor.read(text)
