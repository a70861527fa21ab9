"""``csconnect retention month`` and ``forecast``: a month closed by one sync, an order that comes by a later one, and what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from csconnect.cli.main import run
from csconnect.report.forecast import show_forecast
from csconnect.report.month import FACTS, FIGURES, REASONS
from csconnect.report.screen import Screen
from csconnect.stages.forecast import ForecastErrors
from csconnect.stages.workspace import Workspace

CONFIG = """\
version: 1
dangers: null
retention: {currency: USD}
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, owners: owners.csv, terms: terms.csv, opportunities: deals.csv}}
"""
ACCOUNTS = ["id,name,is_customer,segment,owner_id", "A1,Acme,true,enterprise,A1", "A2,Bolt,true,micro,A1"]
OWNERS = ["id,name,active", "A1,Mei Lin,true"]
"""Systems number accounts and people each for themselves: hers is the number of an account."""
TERMS = [
    "id,account_id,nature,signed_on,start,end,months,amount,currency",
    "T1,A1,new,2025-10-01,2025-10-20,2026-10-20,12,1200,USD",
    "T2,A2,new,2026-02-01,2026-03-01,2027-03-01,12,500,USD",
]
LATE = "T4,A1,renewal,2026-10-18,2026-10-20,2027-10-20,12,1300,USD"
DEALS = "id,account_id,kind,status,amount,currency,months,close_on,closed_at"
OPEN = "D1,A1,renewal,open,1430,USD,12,2026-10-18,"
WON = "D1,A1,renewal,won,2600,USD,24,2026-10-18,2026-10-18T09:00:00Z"

Ran = tuple[int, str, str]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """``company(day, *arguments, terms=, deals=)``: exit code, stdout and stderr of the command as run that day over those files."""
    monkeypatch.chdir(tmp_path)
    load = Workspace.load.__func__

    def ran(day: date, *arguments: str, terms: list[str] = TERMS, deals: str = OPEN) -> Ran:
        for name, lines in (("accounts", ACCOUNTS), ("owners", OWNERS), ("terms", terms), ("deals", [DEALS, deals])):
            Path(f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        Path("csconnect.yaml").write_text(CONFIG, "utf-8")
        now = datetime.combine(day, datetime.min.time(), UTC)
        monkeypatch.setattr(
            Workspace, "load", classmethod(lambda cls, path, **rest: load(cls, path, **{"now": lambda: now, **rest}))
        )
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return ran


@pytest.fixture
def closed(company: Any) -> Callable[..., Ran]:
    """October, closed on 2 November; an order signed in time comes on the 20th."""
    code, out, _ = company(date(2026, 11, 2), "sync")
    assert code in (0, 2)
    assert "2026-08 and 2026-09 and 2026-10 closed" in out
    return company


def test_a_late_order_restates_visibly(closed):
    before = closed(date(2026, 11, 3), "retention", "month", "2026-10")[1]
    assert "2026-10 as stated on 2026-11-02" in before
    assert "restated" not in before
    code, out, _ = closed(date(2026, 11, 20), "sync", terms=[*TERMS, LATE])
    assert code in (0, 2)
    assert "2026-10 restated (csconnect retention month 2026-10 --changes)" in out
    code, after, err = closed(date(2026, 11, 21), "retention", "month", "2026-10")
    assert (code, err) == (0, "")
    assert after.startswith(before.rstrip("\n")), "the first statement stands there as it was"
    assert "restated 2026-11-20: amount due 108.3 % (was 0.0 %)" in after
    assert "1 account: an order became known later" in after
    assert "Acme" not in after
    listed = closed(date(2026, 11, 21), "retention", "month", "2026-10", "--changes")[1]
    assert [line.split() for line in listed.splitlines() if line.startswith("Acme") and "state" in line] == [
        ["Acme", "–", "USD", "state", "open", "renewed", "an", "order", "became", "known", "later"]
    ]


def test_the_same_for_machines(closed):
    closed(date(2026, 11, 20), "sync", terms=[*TERMS, LATE])

    def told(*more: str) -> dict[str, Any]:
        code, out, _ = closed(date(2026, 11, 21), "retention", "month", "2026-10", "--format", "json", *more)
        assert code == 0
        found: dict[str, Any] = json.loads(out)
        return found

    found = told()
    first, second = found["versions"]
    assert (first["version"], first["stated_on"], first["as_of"], first["currency"]) == (
        1,
        "2026-11-02",
        "2026-11-01",
        "USD",
    )
    assert [row["renewed_arr"] for row in (first["due"][0], second["due"][0])] == ["0.00", "1300.00"]
    (one,) = found["restatements"]
    assert "changes" not in one
    assert (one["version"], one["stated_on"], one["accounts"], one["reasons"]) == (
        2,
        "2026-11-20",
        1,
        {"late_order": 1},
    )
    assert {"basis": "due", "name": "renewal_rate_count_due", "currency": "USD", "before": 0.0, "after": 1.0} in one[
        "figures"
    ]
    (change,) = told("--changes")["restatements"][0]["changes"]
    assert (change["account"], change["reason"]) == ("Acme", "late_order")
    assert (change["before"]["renewed_arr"], change["after"]["renewed_arr"]) == ("0.00", "1300.00")


def test_people_and_customers_are_called_by_their_own_names(closed):
    closed(date(2026, 11, 20), "sync", terms=[*TERMS, LATE])
    out = closed(date(2026, 11, 21), "retention", "month", "2026-10", "--by", "csm", "--changes")[1]
    assert "csm: Mei Lin, USD" in out
    assert {line.split()[0] for line in out.splitlines() if "became known later" in line} == {"1", "Acme"}


def test_cells_of_a_month(closed):
    out = closed(date(2026, 11, 3), "retention", "month", "2026-10", "--by", "tier", "--base", "opening")[1]
    assert "segment: micro, USD" in out
    assert "DUE IN" not in out
    code, _, err = closed(date(2026, 11, 3), "retention", "month", "2026-10", "--by", "region")
    assert code == 1
    assert "a statement does not tell 'region' apart" in err


def test_what_is_no_month(company):
    for month in ("2026", "2026-Q4", "2026-13", "October"):
        code, out, err = company(date(2026, 11, 3), "retention", "month", month)
        assert (code, out) == (1, "")
        assert f"'{month}' is no" in err
        assert "a month as 2026-" in err


def test_a_month_of_which_nothing_was_stated(closed):
    code, out, _ = closed(date(2026, 11, 3), "retention", "month", "2026-11")
    assert code == 0
    assert "Nothing was stated of 2026-11. Statements are there of 2026-08 to 2026-10." in out
    code, out, _ = closed(date(2026, 11, 3), "retention", "month", "2026-11", "--format", "json")
    assert json.loads(out) == {"month": "2026-11", "versions": [], "restatements": []}


def test_a_lake_of_which_nothing_was_stated(company):
    company(date(2026, 11, 2), "pull")
    assert "There is none yet." in company(date(2026, 11, 2), "retention", "month", "2026-10")[1]


def test_how_right_a_forecast_was(company):
    """1,430 were hoped for; 1,300 a year came, for two years."""
    said = company(date(2026, 10, 1), "retention", "forecast")[1]
    assert "No open renewal was noted yet" in said
    company(date(2026, 10, 4), "sync")
    said = company(date(2026, 10, 5), "retention", "forecast")[1]
    assert "Open renewals are noted since 2026-10-04 (1 times)." in said
    order = LATE.replace("2027-10-20,12,1300", "2028-10-20,24,2600")
    company(date(2026, 11, 2), "sync", terms=[*TERMS, order], deals=WON)
    code, out, err = company(date(2026, 11, 2), "retention", "forecast", terms=[*TERMS, order], deals=WON)
    assert (code, err) == (0, "")
    (line,) = [each.split() for each in out.splitlines() if each.startswith("all")]
    assert line == ["all", "USD", "1", "0", "1,430", "1,300", "+10.0", "%"]
    found = json.loads(company(date(2026, 11, 2), "retention", "forecast", "--format", "json", deals=WON)[1])
    (renewal,) = found["before_close"]["renewals"]
    assert (renewal["day"], renewal["closed_on"], renewal["error"], renewal["hit"]) == (
        "2026-10-04",
        "2026-10-18",
        0.1,
        False,
    )
    assert found["before_quarter_end"] == {}


def test_every_reason_figure_and_fact_has_words():
    from csconnect.compute.restated import FACTS as COMPARED
    from csconnect.compute.restated import HEADLINES, Reason

    assert set(REASONS) == {reason.value for reason in Reason}
    assert set(FIGURES) == {name for _, name in HEADLINES}
    assert set(FACTS) == set(COMPARED)


def test_a_quarter_is_shown_by_its_name(capsys):
    from decimal import Decimal as D

    from csconnect.compute.forecast_error import Forecast, summed

    one = Forecast("o", "a", "u", "USD", date(2026, 12, 14), date(2026, 12, 31), D(90), D(100))
    found = ForecastErrors(date(2027, 1, 2), date(2026, 10, 1), 9, [], [], {"2026-Q4": summed([one])}, [], {"u": "Mei"})
    show_forecast(Screen(), found)
    out = capsys.readouterr().out
    assert "TWO WEEKS BEFORE THE END OF 2026-Q4" in out
    assert [line.split()[-2:] for line in out.splitlines() if line.startswith(("all", "Mei"))] == [["-10.0", "%"]] * 2
