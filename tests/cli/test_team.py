"""``csconnect retention team`` and ``csconnect expansions`` on a small company of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from csconnect.cli.main import run

CONFIG = """\
version: 1
dangers: null
connections:
  crm:
    connector: files
    home: true
    settings:
      tables:
        accounts: accounts.csv
        owners: owners.csv
        terms: terms.csv
        touchpoints: touchpoints.csv
        opportunities: opportunities.csv
        needs: needs.csv
        consumption: consumption.csv
"""
FILES = {
    "accounts": ["id,name,is_customer,segment,owner_id", "A1,Acme,true,enterprise,mei", "A2,Bolt,true,strategic,ann"],
    "owners": ["id,name,active", "mei,Mei Lin,true", "ann,Ann Ray,true"],
    "terms": [
        "id,account_id,product_line,start,end,months,amount,currency",
        "T1,A1,CRM,2026-01-01,2027-06-01,17,17000,USD",
        "T2,A2,CRM,2026-01-01,2027-06-01,17,34000,USD",
    ],
    "touchpoints": [
        "id,account_id,happened_at,kind",
        "P1,A1,2026-11-01T09:00:00Z,call",
        "P2,A2,2026-10-01T09:00:00Z,call",
    ],
    "opportunities": [
        "id,account_id,kind,status,origin,amount,currency,close_on,name",
        "O1,A1,expansion,won,CSM,600,USD,2026-03-01,Seats",
        "O2,A1,expansion,won,sales,400,USD,2026-04-01,Storage",
        "O3,A2,expansion,won,,50,USD,2026-04-01,Seats",
        "O4,A2,expansion,open,,70,USD,2027-04-01,More seats",
    ],
    "needs": [
        "id,account_id,kind,product_line,stated_on,closed_on",
        "N1,A1,upgrade,,2026-11-02,",
        "N2,A2,new_product,Service,2026-11-02,",
        "N3,A2,upgrade,,2026-03-02,2026-05-01",
    ],
    "consumption": ["id,account_id,day,amount,currency", "C1,A2,2026-10-01,1500.25,USD", "C2,A2,2026-11-01,9,USD"],
}
DAY = "2026-11-22"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """``company("retention", ...)``: what stood on stdout, of JSON its value."""
    for name, lines in FILES.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "csconnect.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> Any:
        code = run(list(arguments))
        out, err = capsys.readouterr()
        assert code == 0, err
        return json.loads(out) if "json" in arguments else out

    ran("pull")
    return ran


def test_each_csm_has_a_row_of_what_is_told(company: Any) -> None:
    told = company("retention", "team", "--as-of", DAY, "--format", "json")
    assert (told["as_of"], told["period"]["name"], told["currency"]) == (DAY, "2026", None)
    assert told["reach"] == [
        {"csm": "all", "name": None, "customers": 2, "touched": 1, "reach_rate": 0.5, "untold": 0},
        {"csm": "crm:ann", "name": "Ann Ray", "customers": 1, "touched": 0, "reach_rate": 0.0, "untold": 0},
        {"csm": "crm:mei", "name": "Mei Lin", "customers": 1, "touched": 1, "reach_rate": 1.0, "untold": 0},
    ]
    shares = {
        row["csm"]: (row["won_amount"], row["csm_amount"], row["csm_expansion_share"]) for row in told["expansion"]
    }
    assert shares == {
        "all": ("1050.00", "600.00", 0.6),
        "crm:ann": ("50.00", "0.00", None),
        "crm:mei": ("1000.00", "600.00", 0.6),
    }
    assert told["consumption"][0] == {
        "csm": "all", "name": None, "currency": "USD", "month": "2026-10", "customers": 1, "contract_mrr": "2000.00",
        "consumed_mrr": "1500.25", "untold": 0,
    }  # fmt: skip


def test_people_read_a_table(company: Any) -> None:
    shown = company("retention", "team", "--as-of", DAY)
    rows = {line.split("  ")[0].strip(): line.split() for line in shown.splitlines()}
    assert rows["Mei Lin"][2:] == ["1", "1", "100.0", "%", "USD", "1,000", "600", "60.0", "%", "–", "–"]
    assert rows["Ann Ray"][2:] == ["0", "1", "0.0", "%", "USD", "50", "0", "–", "2,000", "1,500"]
    assert "MRR of prepaid customers in 2026-10." in shown
    assert "expansions won in 2025-Q1" in company("retention", "team", "--period", "2025-Q1", "--as-of", DAY)


def test_csms_are_called_by_their_names(company: Any) -> None:
    for table in ((), ("contracted",)):
        shown = company("retention", *table, "--by", "csm", "--as-of", DAY)
        assert "csm: Mei Lin" in shown
        assert "crm:mei" not in shown
    told = company("retention", "--by", "csm", "--as-of", DAY, "--format", "json")
    assert told["csms"] == {"crm:ann": "Ann Ray", "crm:mei": "Mei Lin"}
    assert {row["value"] for row in told["opening"]} == {"all", *told["csms"]}


@pytest.mark.parametrize("command", ["renewals", "expansions"])
def test_an_owner_is_named_by_name_key_or_id(company: Any, command: str) -> None:
    for said in ("MEI LIN", "crm:mei", "mei"):
        shown = company(command, "--as-of", "2027-05-20", "--owner", said)
        assert "Acme" in shown
        assert "Bolt" not in shown


@pytest.mark.parametrize("command", ["renewals", "expansions"])
def test_an_empty_word_names_nobody(company: Any, command: str, capsys: Any) -> None:
    assert run([command, "--owner", "", "--as-of", DAY]) == 1
    assert "E-OWNER" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["renewals", "expansions"])
def test_who_is_nobodys_name_is_no_empty_list(company: Any, command: str, capsys: Any) -> None:
    assert run([command, "--owner", "Mei Lim", "--as-of", DAY]) == 1
    said = capsys.readouterr().err
    assert "nobody here is called 'Mei Lim'. Did you mean 'Mei Lin'? Known: Ann Ray, Mei Lin. (E-OWNER)" in said


def test_a_need_is_listed_with_what_holds_it_back(company: Any) -> None:
    told = company("expansions", "--as-of", DAY, "--format", "json")
    assert (told["as_of"], told["enabled"]) == (DAY, False)
    unknown = ["stickiness_unknown", "score_unknown"]
    assert [
        (row["account"], row["product_line"], row["reasons"], row["needs"], row["held_by"], row["opportunity"])
        for row in told["expansions"]
    ] == [
        ("Acme", None, ["need"], ["upgrade"], unknown, None),
        ("Bolt", "Service", ["need"], ["new_product"], [*unknown, "open_already"], "More seats"),
    ]


def test_people_read_who_and_why_not(company: Any) -> None:
    shown = company("expansions", "--as-of", DAY)
    assert "wants a larger edition" in shown
    assert "no: stickiness unknown, health unknown" in shown
    assert "2 reasons to ask on 2026-11-22, 0 that nothing holds back · expansion.enabled is off" in shown
    assert "Bolt" not in company("expansions", "--as-of", DAY, "--owner", "mei lin")
    assert company("expansions", "--as-of", DAY, "--passed").startswith("Nobody to ask")
    assert ", 1 not shown" in company("expansions", "--as-of", DAY, "--limit", "1")
