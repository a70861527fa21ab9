"""The parts that need no network: conditions, cursors, spelling, names, error bodies, settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from csconnect.errors import DataError, MappingError
from csconnect_hubspot.cursor import Position
from csconnect_hubspot.derived import derived, full_name
from csconnect_hubspot.paths import Paths
from csconnect_hubspot.problem import Problem, Refused
from csconnect_hubspot.settings import HubSpotSettings
from csconnect_hubspot.spelling import spell
from csconnect_hubspot.where import Condition

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "record", "met"),
    [
        ("", {}, True),
        ("hs_is_closed_won=true", {"hs_is_closed_won": "true"}, True),
        ("hs_is_closed_won = true", {"hs_is_closed_won": None}, False),
        ("kind in (a, b)", {"kind": "b"}, True),
        ("kind IN (a,b) AND won=true", {"kind": "a", "won": "false"}, False),
        ("kind in (a,b) and won=true", {"kind": "a", "won": "true"}, True),
        ("kind!=test", {"kind": None}, True),
        ("kind!=test", {"kind": "test"}, False),
        ("name='a AND b'", {"name": "a"}, None),
        ("name='two words'", {"name": "two words"}, True),
    ],
)
def test_conditions_hold_or_are_refused(text: str, record: dict[str, str | None], met: bool | None) -> None:
    if met is None:
        with pytest.raises(MappingError, match="not understood"):
            Condition.of(text)
    else:
        assert Condition.of(text).holds(record) is met


@pytest.mark.parametrize("text", ["amount > 5", "in (a)", "a=1 OR", "a in (b", "=x"])
def test_other_languages_are_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(MappingError, match="property in"):
        Condition.of(text + " AND b c")


def test_a_first_pull_lists_then_changes_then_a_sweep_after_a_week() -> None:
    first = Position.begin(None, NOW, WEEK)
    assert (first.mode, first.since) == ("list", None)
    second = Position.begin(first.done(), NOW + timedelta(hours=1), WEEK)
    assert (second.mode, second.since, second.swept) == ("changes", NOW, NOW)
    third = Position.begin(second.done(), NOW + WEEK, WEEK)
    assert (third.mode, third.since) == ("list", NOW + timedelta(hours=1))


instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(start=instants, later=instants, after=st.text(st.characters(codec="ascii"), max_size=12))
def test_an_interrupted_pull_goes_on_where_it_was(start: datetime, later: datetime, after: str) -> None:
    for position in (
        Position.begin(None, start, WEEK),
        Position.begin(Position.begin(None, start, WEEK).done(), start + timedelta(days=1), WEEK),
    ):
        resumed = Position.begin(position.at(after), later, WEEK)
        assert (resumed.mode, resumed.after, resumed.since) == (position.mode, after, position.since)
        assert resumed.done() == position.done()


@given(first=instants, second=instants)
def test_a_clock_that_is_set_back_never_moves_the_cursor_back(first: datetime, second: datetime) -> None:
    done = Position.begin(Position.begin(None, first, WEEK).done(), second, timedelta(days=99_999)).done()
    since = Position.read(done).since
    assert since is not None
    assert since == max(first, second)


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "3", '{"mode":"done","since":"2026","start":1,"swept":1,"after":""}']
)
def test_a_foreign_cursor_says_so(text: str) -> None:
    with pytest.raises(DataError, match="not written by this connector"):
        Position.begin(text, NOW, WEEK)


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        (None, "number", ""),
        (True, "bool", "true"),
        (54.0, "number", "54"),
        (1e21, "number", "1000000000000000000000"),
        (0.1, "number", "0.1"),
        (12, "number", "12"),
        ("2026-11-22", "date", "2026-11-22"),
        ("2026-11-22", "datetime", "2026-11-22T12:00:00Z"),
        ("2026-11-22T08:30:00Z", "datetime", "2026-11-22T08:30:00Z"),
        ("2026-11-22T08:30:00-07:00", "datetime", "2026-11-22T15:30:00Z"),
        ("2026-11-22T08:30:00-07:00", "string", "2026-11-22T08:30:00-07:00"),
        ("soon", "datetime", "soon"),
        (None, "datetime", ""),
        ("2026-11-22", "string", "2026-11-22"),
    ],
)
def test_values_are_spelled_as_hubspot_wants_them(value: Any, type: str, text: str) -> None:
    assert spell(value, type) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_their_spelling(value: float) -> None:
    text = spell(value, "number")
    assert Decimal(text) == Decimal(repr(value))
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Ada", "Lovelace", "Ada Lovelace"),
        ("伟", "张", "张伟"),
        (None, "Lovelace", "Lovelace"),
        (" ", "", "a@b.example"),
        ("Zoë", None, "Zoë"),
    ],
)
def test_names_are_put_together_in_the_order_of_their_script(first: str | None, last: str | None, name: str) -> None:
    assert full_name(first, last, "a@b.example") == name


def test_a_deal_is_open_or_won_or_ended_in_a_stage_in_every_pipeline() -> None:
    outcome, closed_at = derived("deals")["dealstage.outcome"].value, derived("deals")["dealstage.closed_at"].value
    won = {"dealstage": "7", "hs_is_closed": "true", "hs_is_closed_won": "true", "closedate": "2026-01-01T00:00:00Z"}
    assert outcome(won) == "won"
    assert outcome({**won, "hs_is_closed_won": "false"}) == "7"
    assert outcome({"dealstage": "1", "hs_is_closed": None}) == "open"
    assert closed_at(won) == "2026-01-01T00:00:00Z"
    assert closed_at({**won, "hs_is_closed": "false"}) is None


def test_paths_cannot_be_left_by_a_name() -> None:
    paths = Paths("2026-03")
    assert paths.objects("deals", "batch", "read") == "/crm/objects/2026-03/deals/batch/read"
    assert paths.objects("//evil.example/x") == "/crm/objects/2026-03/%2F%2Fevil.example%2Fx"
    with pytest.raises(DataError):
        paths.objects("..")


def test_scopes_are_found_in_both_shapes_of_context() -> None:
    listed = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["b", "a"]}}]}
    spelled = {"errors": [{"context": "{missingScopes=[crm.a.read, crm.b.read]}"}]}
    quoted = {"context": '{"missingScopes": ["crm.a.read"]}'}
    assert Problem.of(listed).scopes == ("a", "b")
    assert Problem.of(spelled).scopes == ("crm.a.read", "crm.b.read")
    assert Problem.of(quoted).scopes == ("crm.a.read",)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["errors", "context", "message", "category", "subCategory", "ids", "code", "policyName"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_error_body_can_break_its_reading(body: object) -> None:
    problem = Problem.of(body)
    assert isinstance(str(Refused.of(400, problem)), str)


@pytest.mark.parametrize(
    "given_settings",
    [
        {},
        {"client_id": "a", "client_secret": "b"},
        {"token": "a", "client_id": "b", "client_secret": "c", "refresh_token": "d"},
        {"token": "a", "client_id": "b"},
        {"token": "a", "version": "v3"},
        {"token": "a", "unknown": 1},
    ],
)
def test_settings_that_cannot_work_are_refused_without_their_values(given_settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        HubSpotSettings.model_validate({**given_settings, **({"token": "s3cret"} if "token" in given_settings else {})})
    assert "s3cret" not in str(caught.value)


def test_no_secret_in_the_repr_of_settings() -> None:
    settings = HubSpotSettings(client_id="id", client_secret="s3cret", refresh_token="r3fresh")
    assert "s3cret" not in repr(settings)
    assert "r3fresh" not in repr(settings)
