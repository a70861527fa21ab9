"""HubSpot's answers as its documents (and a few public recordings) show them, and what our connector makes of each."""

from __future__ import annotations

from typing import Any

import pytest

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.connectors.protocols import PullRequest
from csconnect.errors import AuthError, QuotaReservedError, RateLimitedError, ScopeError, UnreachableError
from csconnect.model.values import Action, Change, Outcome

CURSOR = '{"mode":"done","since":"2026-11-02T12:00:00Z","start":"2026-11-02T12:00:00Z","swept":"2026-11-02T12:00:00Z","after":""}'


@pytest.fixture
def hub(hubspot: Any) -> Any:
    return hubspot.connect("key")


def task(number: int) -> Change:
    key = f"risk-{number}"
    return Change(
        connection="hub",
        action=Action.CREATE,
        entity="task",
        object="tasks",
        key=key,
        key_field="csc_key",
        values={"csc_key": key, "hs_task_subject": "Call", "hs_timestamp": "2026-11-30"},
        links={"companies": "77"},
    )


def score(id: str, value: Any) -> Change:
    return Change(
        connection="hub",
        action=Action.UPDATE,
        entity="account",
        object="companies",
        record_id=id,
        values={"csc_health_score": value},
    )


def rows(hub: Any, *fields: str, cursor: str | None = None) -> list[dict[str, Any]]:
    return [row for page in hub.pull(PullRequest("companies", fields, cursor=cursor)) for row in page.rows]


def test_daily_limit(hub: Any, hubspot: Any) -> None:
    with pytest.raises(QuotaReservedError, match="this day are used up"):
        hub.describe("companies")
    assert hubspot.slept == []


def test_search_limit(hub: Any, hubspot: Any) -> None:
    assert rows(hub, "name", cursor=CURSOR) == [{"name": "Two"}]
    assert hubspot.slept == [1.0]
    told, since = 650_000 - 648_999, 1
    assert hub.portal.quota.left() == 650_000 * 8 // 10 - told - since


def test_multi_status(hub: Any) -> None:
    receipts = hub.push([score("1", 71), score("2", 12), score("3", "many")])
    assert [(receipt.outcome, receipt.record_id, receipt.code) for receipt in receipts] == [
        (Outcome.WRITTEN, "1", ""),
        (Outcome.GONE, "2", "OBJECT_NOT_FOUND"),
        (Outcome.REFUSED, "3", "INVALID_INTEGER"),
    ]


def test_missing_scopes(hub: Any) -> None:
    with pytest.raises(ScopeError) as caught:
        hub.describe("companies")
    assert "crm.schemas.companies.read" in caught.value.remedy


def test_migration(hub: Any, hubspot: Any) -> None:
    assert "name" in hub.describe("companies").fields
    assert hubspot.slept == [90.0]


def test_migration_for_long(hub: Any, hubspot: Any) -> None:
    with pytest.raises(RateLimitedError, match="another data centre"):
        hub.describe("companies")
    assert hubspot.slept == []


def test_locked_record(hub: Any, hubspot: Any) -> None:
    assert "name" in hub.describe("companies").fields
    assert hubspot.slept == [2.0]


def test_key_refused(hub: Any) -> None:
    with pytest.raises(AuthError) as caught:
        hub.describe("companies")
    assert "service key" in caught.value.remedy


def test_values_text_or_null(hub: Any) -> None:
    assert rows(hub, "name", "annualrevenue", "csc_health_score") == [
        {"name": "One", "annualrevenue": "1200000.50", "csc_health_score": "71"},
        {"name": "二号", "annualrevenue": None, "csc_health_score": None},
    ]


def test_shuffled_results(hub: Any) -> None:
    batch = [task(number) for number in (1, 2, 3)]
    receipts = hub.push(batch)
    assert [(receipt.change_id, receipt.outcome, receipt.record_id) for receipt in receipts] == [
        (change.id, Outcome.WRITTEN, id) for change, id in zip(batch, ("501", "502", "503"), strict=True)
    ]


def test_key_taken(hub: Any) -> None:
    (receipt,) = hub.push([task(1)])
    assert (receipt.outcome, receipt.record_id, receipt.code) == (Outcome.UNCHANGED, "501", "CONFLICT")


def test_lost_create(hub: Any, hubspot: Any) -> None:
    with pytest.raises(UnreachableError) as caught:
        hub.push([task(1)])
    assert caught.value.error_code == UNKNOWN_OUTCOME
    assert hubspot.slept == []


def test_ten_secondly_limit(hub: Any, hubspot: Any) -> None:
    assert "name" in hub.describe("companies").fields
    assert hubspot.slept == [10.0]


def test_list_pages(hub: Any) -> None:
    assert rows(hub, "name") == [{"name": "One"}, {"name": "Two"}]


def test_token_expired_and_renewed(hubspot: Any) -> None:
    assert "name" in hubspot.connect("oauth").describe("companies").fields


def test_nothing_associated(hub: Any) -> None:
    """``toObjectId`` is a number in older documents and text in newer ones; the labelled company is the primary one."""
    pulled = hub.pull(PullRequest("tickets", ("subject", "associations.companies")))
    assert [row for page in pulled for row in page.rows] == [
        {"subject": "One", "associations.companies": "99"},
        {"subject": "Two", "associations.companies": None},
    ]
