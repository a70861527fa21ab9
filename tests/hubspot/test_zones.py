"""The day of an instant is the one the portal's people see: at the edges of zones and quarters it is another in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.mapping import load_mappings
from csconnect.mapping.read import read_page
from csconnect.model.values import Action, Change
from csconnect_hubspot.spelling import local, spell
from csconnect_hubspot.zones import zone_of

MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "hubspot"], {"void_stage": "withdrawn"})
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def live_in(emulated: Any, zone: str, offset: str) -> None:
    account = emulated.store.get_meta("hubspot.account")
    emulated.store.set_meta("hubspot.account", {**account, "timeZone": zone, "utcOffset": offset})
    emulated.hub = emulated.connect()


def close_days(emulated: Any) -> dict[str, date]:
    mapping = MAPPINGS.of("opportunity")[0]
    available = set(emulated.hub.describe("deals").fields)
    pulled = emulated.pull("deals", *mapping.fields_for(available))
    rows = [row for page in pulled.pages for row in read_page(mapping, page, "hub", available).batch.to_pylist()]
    return {row["name"]: row["close_on"] for row in rows}


def test_the_last_afternoon_of_a_quarter_is_not_the_next_quarter(emulated: Any) -> None:
    emulated.load("deals", {"id": "1", "dealname": "late", "closedate": "2026-04-01T00:30:00Z"})
    emulated.load("deals", {"id": "2", "dealname": "early", "closedate": "2026-03-31T20:00:00.000Z"})
    live_in(emulated, "America/Phoenix", "-07:00")
    assert close_days(emulated) == {"late": date(2026, 3, 31), "early": date(2026, 3, 31)}
    live_in(emulated, "Asia/Shanghai", "+08:00")
    assert close_days(emulated) == {"late": date(2026, 4, 1), "early": date(2026, 4, 1)}


@pytest.mark.parametrize(
    "zone", [("Pacific/Kiritimati", "+14:00"), ("Pacific/Auckland", "+13:00"), ("Etc/GMT+12", "-12:00")]
)
def test_a_day_that_we_write_is_read_back_as_that_day_at_the_ends_of_the_world(
    emulated: Any, zone: tuple[str, str]
) -> None:
    live_in(emulated, *zone)
    key = {"name": "csc_key", "label": "k", "type": "string", "fieldType": "text", "groupName": "dealinformation"}
    emulated.hub.portal.post(emulated.hub.portal.paths.properties("deals"), {**key, "hasUniqueValue": True})
    change = Change(
        connection="hub", action=Action.CREATE, entity="opportunity", object="deals", key="k1", key_field="csc_key",
        values={"csc_key": "k1", "dealname": "ours", "closedate": "2026-03-31", "dealstage": "contractsent"},
    )  # fmt: skip
    (made,) = emulated.hub.push([change])
    assert made.record_id
    assert close_days(emulated) == {"ours": date(2026, 3, 31)}


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), OFFSETS)
def test_a_day_survives_writing_and_reading_in_every_zone(day: date, zone: timezone) -> None:
    written = spell(day.isoformat(), "datetime", zone)
    assert local(written, zone)[:10] == day.isoformat()
    # Where the portal's people agree, so does everybody who takes the day in UTC.
    if timedelta(hours=-12) <= (zone.utcoffset(None) or timedelta()) < timedelta(hours=12):
        assert written[:10] == day.isoformat()


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)), OFFSETS)
def test_the_instant_itself_stays_what_it_was(moment: datetime, zone: timezone) -> None:
    assert datetime.fromisoformat(local(moment.isoformat(), zone)) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-03-31", "2026-03-31T10:00:00"])
def test_what_is_no_instant_is_left_alone(text: str) -> None:
    assert local(text, timezone(timedelta(hours=5))) == text


def test_a_zone_that_this_machine_does_not_know_is_taken_by_its_offset() -> None:
    lost = {"timeZone": "Atlantis/Capital", "utcOffset": "-09:30"}
    assert zone_of(lost).utcoffset(None) == timedelta(hours=-9, minutes=-30)
    assert (
        datetime(2026, 7, 1, tzinfo=UTC).astimezone(zone_of({"timeZone": "US/Eastern", "utcOffset": "-04:00"})).hour
        == 20
    )
    for nothing in ({}, {"utcOffset": "x"}, {"timeZone": "../etc", "utcOffset": None}):
        assert zone_of(nothing) is UTC
