"""The exports: every row fits the canonical model, except those the world lists as broken."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of
from csconnect_emulator.generator import World, generate, write_files, write_side_files, write_truth
from csconnect_emulator.generator.exports import FILES, HUBSPOT_SIDE
from csconnect_emulator.generator.usage import GHOST

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(200, 120, 3, AS_OF)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_files(world, folder)
    return folder


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _typed(entity: str, row: dict[str, str]) -> dict[str, Any]:
    many = {name for name, spec in fields_of(ENTITIES[entity]).items() if spec.many}
    return {name: text.split(";") if name in many else text for name, text in row.items() if text}


@pytest.mark.parametrize("name", FILES)
def test_columns_are_the_canonical_fields_and_rows_fit_the_model(world: World, folder: Path, name: str) -> None:
    entity = ENTITIES[FILES[name]]
    rows = _read(folder / f"{name}.csv")
    assert rows
    assert list(rows[0]) == list(fields_of(entity))
    keys = [tuple(row[key] for key in entity.key_fields) for row in rows]
    assert len(set(keys)) == len(keys)
    refused = set()
    for row in rows:
        try:
            entity.model_validate(_typed(FILES[name], row))
        except ValidationError:
            refused.add(row["id"])
    kinds = ("Order", "deals") if name == "terms" else ("Account", "companies")
    broken = {one.id for one in world.broken if one.object in kinds and one.why in ("bad_choice", "unknown_currency")}
    strange = {one.id for one in world.broken if one.why == "unknown_currency" and one.object == "Account"}
    allowed = {row["id"] for row in rows} & broken
    if name in ("lines", "payments"):
        allowed = {row["id"] for row in rows if row["account_id"] in strange}
    assert refused == (allowed if name in ("accounts", "terms", "lines", "payments") else set())


def test_every_account_reference_resolves(folder: Path) -> None:
    tables = {name: _read(folder / f"{name}.csv") for name in FILES}
    ids = {name: {row["id"] for row in rows} for name, rows in tables.items()}
    wanted = {
        "account_id": "accounts", "contract_id": "contracts", "term_id": "terms", "product_id": "products", "owner_id": "owners",
        "contact_id": "contacts", "parent_id": "accounts", "reports_to_id": "contacts",
    }  # fmt: skip
    for rows in tables.values():
        for row in rows:
            for column in wanted.keys() & row.keys():
                assert not row[column] or row[column] in ids[wanted[column]]


def test_terms_carry_the_recurring_sum_of_their_own_lines(folder: Path) -> None:
    lines = _read(folder / "lines.csv")
    for term in _read(folder / "terms.csv"):
        mine = [line for line in lines if line["term_id"] == term["id"] and line["nature"] in ("new", "renewal")]
        assert float(term["amount"]) == pytest.approx(
            sum(float(x["amount"]) for x in mine if x["billing"] == "recurring")
        )


def test_only_the_listed_terms_end_before_they_start(world: World, folder: Path) -> None:
    backwards = {row["id"] for row in _read(folder / "terms.csv") if row["end"] <= row["start"]}
    assert backwards == {one.id for one in world.broken if one.why == "broken_term"}


def test_rates_cover_every_month_of_every_currency(folder: Path) -> None:
    rates = _read(folder / "fx.csv")
    assert {row["currency"] for row in rates} == {"USD", "EUR", "GBP", "CNY", "JPY"}
    yuan = [float(row["rate"]) for row in rates if row["currency"] == "CNY"]
    assert len(yuan) == 49
    assert len(set(yuan)) > 40
    assert all(0.11 < rate < 0.18 for rate in yuan)


def test_side_files_name_hubspot_customers_by_their_match_key(world: World, tmp_path: Path) -> None:
    write_side_files(world, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"modules.csv", "readings.csv", "usage"} | {
        f"{name}.csv" for name in HUBSPOT_SIDE
    }
    keys = {customer.profile.key for customer in world.customers("hubspot")}
    for name in HUBSPOT_SIDE:
        rows = _read(tmp_path / f"{name}.csv")
        assert {row["tenant_id"] for row in rows} <= keys
        assert rows[0].keys().isdisjoint({"account_id", "contact_id", "contract_id"})
    assert len({row["tenant_id"] for row in _read(tmp_path / "goals.csv")}) > 20
    assert len(list((tmp_path / "usage").glob("*.parquet"))) == 5


def test_readings_of_everybody_name_the_tenants_that_usage_names(world: World, tmp_path: Path) -> None:
    write_side_files(world, tmp_path)
    with duckdb.connect() as db:
        told = db.execute(
            f"SELECT DISTINCT tenant_id FROM '{tmp_path}/usage/*.parquet' WHERE tenant_id <> '{GHOST}'"
        ).fetchall()
    readings = _read(tmp_path / "readings.csv")
    metered = {row["tenant_id"] for row in readings}
    assert metered <= {key for (key,) in told}
    assert len(metered) > 0.9 * len(told), "only who has not seen the first of a month has none"
    assert all(world.first_day.isoformat() <= row["day"] < AS_OF.isoformat() for row in readings)


def test_truth_is_written_as_it_is_told(world: World, tmp_path: Path) -> None:
    write_truth(world, tmp_path / "truth.csv")
    rows = _read(tmp_path / "truth.csv")
    assert [(row["term_id"], row["outcome"], row["cause"]) for row in rows] == [
        (truth.term_id, truth.outcome, truth.cause) for truth in world.truth
    ]
