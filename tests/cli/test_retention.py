"""``csconnect retention`` and ``csconnect renewals`` on a small company whose figures one can reckon by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from csconnect.cli.main import run

CONFIG = """\
version: 1
dangers: null
renewals: {start_days: {}}
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, terms: terms.csv, fx: fx.csv}}
"""
ACCOUNTS = [
    "id,name,is_customer,segment",
    "A1,Acme,true,enterprise",
    "A2,Bolt,true,micro",
    "A3,Crow,true,",
    "A4,Dove,true,micro",
]
TERMS = [
    "id,account_id,nature,signed_on,start,end,months,amount,currency",
    "T1,A1,new,2024-12-01,2025-01-01,2026-01-01,12,1000,USD",
    "T2,A1,renewal,2025-12-01,2026-01-01,2027-01-01,12,1200,USD",
    "T3,A2,new,2025-02-01,2025-03-01,2026-03-01,12,500,USD",
    "T4,A3,new,2024-05-01,2024-06-01,2026-10-01,28,2800,EUR",
    "T5,A4,new,2026-04-01,2026-05-01,2027-05-01,12,700,USD",
]
RATES = ["id,currency,base,rate,on", "R1,EUR,USD,1.5,2025-12-15", "R2,EUR,USD,2.0,2026-09-15"]
DAY = "2026-11-22"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """``company("retention", ...)``: exit code, what stood on stdout (of JSON its value) and on stderr."""
    for name, lines in (("accounts", ACCOUNTS), ("terms", TERMS), ("fx", RATES)):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "csconnect.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> tuple[int, Any, str]:
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, json.loads(out) if code == 0 and "json" in arguments else out, err

    assert ran("pull")[0] == 0
    return ran


def told(company: Any, *arguments: str) -> dict[str, Any]:
    code, found, err = company(*arguments, "--as-of", DAY, "--format", "json")
    assert (code, err) == (0, "")
    return found


def test_a_year_in_one_currency(company):
    """Due: Crow's term of 28 months at EUR 1,200 a year, worth 2,400 on the day it ended, and Bolt's; Acme's first fell due the year
    before, its second is due on the last day."""
    found = told(company, "retention", "--period", "2026", "--currency", "usd")
    (due,) = found["due"]
    assert {name: due[name] for name in ("due_customers", "renewed_customers", "open_customers", "lost_customers")} == {
        "due_customers": 3,
        "renewed_customers": 0,
        "open_customers": 2,
        "lost_customers": 1,
    }
    assert due["due_arr"] == "4100.00"
    (opening,) = found["opening"]
    assert (opening["opening_customers"], opening["churned_customers"], opening["deferred_customers"]) == (3, 1, 1)
    assert (opening["opening_arr"], opening["closing_arr"]) == ("3500.00", "1200.00"), (
        "Crow's at the rate of the opening"
    )
    assert opening["ndr"] == pytest.approx(1200 / 3500)


def test_currencies_are_never_added_up(company):
    found = told(company, "retention", "--period", "2026")
    assert [(row["currency"], row["due_arr"]) for row in found["due"]] == [("EUR", "1200.00"), ("USD", "1700.00")]


def test_cells_of_a_dimension_add_up_and_nobody_is_dropped(company):
    rows = told(company, "retention", "--period", "2026", "--by", "segment", "--currency", "USD")["due"]
    cells = {row["value"]: row["due_customers"] for row in rows if row["dimension"] == "segment"}
    assert cells == {"enterprise": 1, "micro": 1, "unknown": 1}


def test_what_people_see(company):
    code, out, err = company("retention", "--period", "2026", "--currency", "USD", "--by-month", "--as-of", DAY)
    assert (code, err) == (0, "")
    assert "So far: what is open on 2026-11-22 is not decided yet" in out
    assert "Deferred customers (1) are neither retained nor churned." in out
    assert "2026-09" in out


def test_a_period_that_has_not_begun_has_no_opening_yet(company):
    code, out, _ = company("retention", "--period", "2028", "--as-of", DAY)
    assert code == 0
    assert "Nothing falls due in 2028." in out
    assert "2028 has not begun" in out


def test_the_fiscal_year_of_the_day_is_the_default(company):
    Path("csconnect.yaml").write_text(CONFIG + "retention: {fiscal_year_starts: 4, currency: USD}\n", "utf-8")
    assert told(company, "retention")["period"] == {"name": "2026", "start": "2026-04-01", "end": "2027-04-01"}


def test_a_year_that_is_over_says_what_a_customer_is_worth(company):
    """Of three in July 2025 one is gone a year later. Crow's euros had no rate then: the other two are worth 1,500 a year."""
    Path("csconnect.yaml").write_text(
        CONFIG + "retention: {fiscal_year_starts: 7, currency: USD, acquisition_cost: 900}\n", "utf-8"
    )
    found = told(company, "retention", "--period", "2025")
    (opening,) = found["opening"]
    assert (opening["opening_customers"], opening["churned_customers"], opening["opening_arr"]) == (3, 1, "1500.00")
    assert found["economics"] == {"clt": 3.0, "ltv": "2250.00", "cac": "900", "ltv_cac": 2.5, "healthy": False}
    code, out, _ = company("retention", "--period", "2025", "--as-of", DAY)
    assert code == 0
    assert "a customer stays 3.0 years and is worth 2,250 USD: 2.5 times what winning one costs, not more than" in out
    assert told(company, "retention", "--period", "2026")["economics"] is None, "it is not over"
    assert told(company, "retention", "--period", "2025-Q2")["economics"] is None, "it is no year"


def test_the_funnel_starts_from_what_runs_today(company):
    found = told(company, "retention", "funnel", "30", "10", "20", "--years", "1", "--currency", "USD")
    assert [year["base"] for year in found["years"]] == ["1900.00", "2660.00"]
    code, out, _ = company("retention", "funnel", "30", "10", "20", "--currency", "USD", "--as-of", DAY)
    assert code == 0
    assert "NDR 110.0%; the base grows by 437.8% in 5 years." in out


def test_healthy_arr_adds_up(company):
    """Nobody's health is known here: all of it is said to be unknown, none of it healthy."""
    found = told(company, "retention", "waterfall", "--currency", "USD")
    assert found["healthy_arr"]["rate"] == {"part": "0", "base": "1900.00", "value": 0.0}
    assert found["healthy_arr"]["unknown"] == "1900.00"
    code, out, _ = company("retention", "waterfall", "--currency", "USD", "--as-of", DAY)
    assert code == 0
    assert "0.0 % of all ARR; 1,900 of it unknown" in out


def test_the_due_list(company):
    rows = told(company, "renewals")["renewals"]
    assert [(row["account"], row["last_day"], row["days"], row["state"]) for row in rows] == [
        ("Crow", "2026-09-30", -53, "deferred"),
        ("Acme", "2026-12-31", 39, "due"),
    ]
    assert rows[1]["due_arr"] == "1200.00"
    ahead = told(company, "renewals", "--within", "200")["renewals"]
    assert [row["account"] for row in ahead] == ["Crow", "Acme", "Dove"]
    assert [row["account"] for row in told(company, "renewals", "--state", "churned")["renewals"]] == ["Bolt"]
    assert [row["account"] for row in told(company, "renewals", "--mismatch")["renewals"]] == ["Crow"]
    code, out, _ = company("renewals", "--as-of", DAY)
    assert code == 0
    assert "2 renewals on 2026-11-22 · 1,200 EUR, 1,200 USD a year" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--period", "next"), "'next' is no period"),
        (("--by", "colour"), "no dimension 'colour'"),
        (("waterfall",), "orders are in EUR, USD"),
        (("funnel", "30", "20", "0", "--currency", "XYZ"), "no amount can be converted into XYZ"),
    ],
)
def test_what_cannot_be_said_is_one_sentence(company, arguments, says):
    code, out, err = company("retention", *arguments, "--as-of", DAY)
    assert (code != 0, out, err.count("\n")) == (True, "", 1)
    assert says in err


def test_what_is_under_contract(company):
    """Three run on the day: 1,200 and 700 USD a year, and the 1,200 EUR of Crow have ended; Bolt's 500 USD have too."""
    found = told(company, "retention", "contracted", "--by", "segment")
    (whole,) = [row for row in found["contracted"] if row["dimension"] == "all" and row["currency"] == "USD"]
    assert (whole["customers"], whole["arr"], whole["mrr"], whole["tcv"]) == (2, "1900.00", "158.33", "1900.00")
    # of 2026: Acme's 1,200, two of twelve months of Bolt's 500, eight of Dove's 700
    assert whole["acv"] == "1750.00"
    code, out, _ = company("retention", "contracted", "--currency", "USD", "--as-of", DAY)
    assert code == 0
    assert "ACV 2026" in out
    assert "1,900" in out


def test_what_is_left_of_each_months_customers(company):
    found = told(company, "retention", "cohorts", "--currency", "USD")
    rows = {(row["start_month"], row["months_since"]): (row["customers"], row["arr"]) for row in found["cohorts"]}
    assert rows["2025-01", 0] == (1, "1000.00")
    assert rows["2025-01", 12] == (1, "1200.00"), "the renewal brought more"
    assert ("2025-03", 12) not in rows, "Bolt left when its year was over"
    assert not any(start == "2024-06" for start, _ in rows), "24 months back are told"
    code, out, _ = company("retention", "cohorts", "--currency", "USD", "--as-of", DAY)
    assert code == 0
    assert "120.0 %" in out
    assert company("retention", "cohorts", "--months", "1", "--as-of", DAY)[1].startswith("Nobody became a customer")


def test_options_of_the_group_are_not_passed_over_in_silence(company):
    code, out, err = company("retention", "--period", "2025", "waterfall")
    assert (code, out) == (1, "")
    assert "Write --period after 'waterfall'." in err


ADJUSTMENTS = [
    "id,account_id,term_id,side,arr_delta,currency,waived,decided_on,status",
    "J1,A2,T3,due,-100,USD,,2026-02-10,Approved",
    "J2,A2,T3,due,-9000,USD,,2026-02-11,approved",
    "J3,A2,T9,due,-1,USD,,2026-02-11,approved",
    "J4,A2,T3,due,-1,USD,,2026-02-11,refused",
]
LOST = [
    "id,account_id,kind,status,close_on,closed_at,lost_symptom,lost_cause,lost_manageable,lost_voluntary",
    "O1,A2,renewal,lost,2026-02-20,2026-02-20T09:00:00Z,Competitor,Need_Unmet,true,yes",
]


@pytest.fixture
def with_more(company: Any) -> Any:
    """The same company where adjustments and opportunities are delivered too."""
    for name, lines in (("adjustments", ADJUSTMENTS), ("opportunities", LOST)):
        Path(f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    more = "fx: fx.csv, adjustments: adjustments.csv, opportunities: opportunities.csv"
    Path("csconnect.yaml").write_text(CONFIG.replace("fx: fx.csv", more), "utf-8")
    assert company("pull")[0] == 0
    return company


def test_the_finance_book_beside_the_business_book(with_more):
    found = told(with_more, "retention", "--period", "2026", "--currency", "USD", "--book", "both")
    assert [(row["book"], row["due_arr"]) for row in found["due"]] == [("business", "4100.00"), ("finance", "4000.00")]
    assert {row["book"] for row in found["due_by_month"]} == {"business", "finance"}
    left_out = [
        {"id": f"crm:{key}", "side": "due", "fate": fate} for key, fate in (("J2", "below_zero"), ("J3", "unmatched"))
    ]
    assert found["adjustments"] == {"counts": 1, "below_zero": 1, "unmatched": 1, "left_out": left_out}
    code, out, _ = with_more("retention", "--period", "2026", "--book", "finance", "--by-month", "--as-of", DAY)
    assert code == 0
    assert "DUE IN 2026, FINANCE BOOK" in out
    assert "DUE IN 2026 " not in out
    assert (
        "Adjustments that count: 1. Left out: 1 would take a line below zero; 1 fit no line (csconnect quality"
        in " ".join(out.split())
    )


def test_without_adjustments_there_is_no_finance_book(company):
    found = told(company, "retention", "--period", "2026", "--book", "finance")
    assert (found["due"], found["due_by_month"], found["adjustments"]) == (None, None, None)
    found = told(company, "retention", "--period", "2026", "--book", "both")
    assert {row["book"] for row in found["due"]} == {"business"}
    code, out, _ = company("retention", "--period", "2026", "--book", "both", "--as-of", DAY)
    assert code == 0
    assert "There is no finance book: no connection delivers adjustments" in out
    assert "adjustments" not in told(company, "retention", "--period", "2026")


def test_delivered_and_none_of_them_approved_is_the_business_book(with_more):
    asked = [row.lower().replace("approved", "requested").upper() for row in ADJUSTMENTS[1:]]
    Path("adjustments.csv").write_text("\n".join([ADJUSTMENTS[0], *asked]) + "\n", "utf-8")
    assert with_more("pull")[0] == 0
    _, out, _ = with_more("retention", "--period", "2026", "--book", "finance", "--as-of", DAY)
    assert "No adjustment is approved: the finance book is the business book." in out


def test_why_customers_left_stands_under_the_opening_base(with_more):
    found = told(with_more, "retention", "--period", "2026", "--currency", "USD")
    said = {(row["reason"], row["value"]): (row["customers"], row["arr"]) for row in found["left"]}
    assert said == {
        ("symptom", "competitor"): (1, "500.00"),
        ("cause", "need_unmet"): (1, "500.00"),
        ("manageable", "yes"): (1, "500.00"),
        ("voluntary", "yes"): (1, "500.00"),
    }
    (opening,) = found["opening"]
    assert opening["amount_churn_rate_voluntary"] == pytest.approx(500 / 3500)
    _, out, _ = with_more("retention", "--period", "2026", "--currency", "USD", "--as-of", DAY)
    assert "reason given: competitor" in out
    assert "Of their own choice: logo churn 33.3 %, ARR 14.3 %, of the opening." in " ".join(out.split())


def test_what_nobody_told_is_said_to_be_untold(company):
    _, out, _ = company("retention", "--period", "2026", "--currency", "USD", "--as-of", DAY)
    assert "Why 1 customer left was not told: no lost renewal names a reason." in " ".join(out.split())


def test_a_rate_in_percent_that_cannot_be_is_refused_in_percent(company):
    code, out, err = company("retention", "funnel", "30", "120", "0", "--currency", "USD")
    assert (code, out) == (1, "")
    assert "120.0 is not in the range 0<=x<=100" in err
