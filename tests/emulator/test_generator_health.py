"""The company is believable: what the shipped scorecard says of its customers looks like a real vendor's book of business, and
tells those who are about to leave from the others exactly when there is something to see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, variance
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from csconnect.compute.score import score
from csconnect.library.load import load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect_emulator.generator import Causes, World, generate, write_usage
from csconnect_emulator.generator.export_rows import PER_ACCOUNT, modules
from csconnect_emulator.generator.exports import FILES

AS_OF = date(2026, 11, 22)
LOST = ("churned", "won_back")
READ = ("accounts", "terms", "touchpoints", "surveys", "goals", "advocacy")
Book = dict[int, dict[str, Any]]
"""Account number -> its row of the scores, and under ``share`` what each signal earned."""


@contextmanager
def facts_of(world: World, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The canonical tables of a world as the lake would show them: touchpoints and the like are delivered for everybody,
    usage for those whom the usage export names."""
    write_usage(world, folder, world.first_day, world.as_of)
    with duckdb.connect() as db:
        for name, entity in ENTITIES.items():
            db.register("blank", arrow_schema(entity).empty_table())
            db.execute(f'CREATE TABLE "{name}" AS FROM blank')
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for customer in world.customers():
            for name in READ:
                rows[name] += PER_ACCOUNT[name](customer)
        for name, found in (*rows.items(), ("modules", list(modules(world)))):
            schema = pa.schema([field.with_nullable(True) for field in arrow_schema(ENTITIES[FILES[name]])])
            db.register("told", pa.Table.from_pylist(found, schema))
            db.execute(f'INSERT INTO "{FILES[name]}" FROM told')
        db.execute(
            f"""INSERT INTO usage_day SELECT min(account.id), user_hash, day, any_value(u.modules), sum(logins), sum(events)
            FROM '{folder}/*.parquet' AS u JOIN account ON match_key = tenant_id
            GROUP BY tenant_id, user_hash, day HAVING count(*) = 1"""
        )
        db.execute(
            """INSERT INTO usage_module_day SELECT account_id, module, day, count(DISTINCT "user")
            FROM (SELECT *, unnest(modules) AS module FROM usage_day) GROUP BY ALL"""
        )
        db.execute(
            """CREATE TABLE delivery AS SELECT account_id, unnest(['usage_day', 'usage_module_day']) AS entity, NULL::DATE AS through
            FROM (SELECT DISTINCT account_id FROM usage_day)"""
        )
        db.execute(
            "INSERT INTO delivery SELECT id, unnest(['touchpoint', 'survey', 'goal', 'advocacy']), NULL FROM account"
        )
        yield db


def book(world: World, db: duckdb.DuckDBPyConnection, day: date) -> Book:
    """The real card on ``day``; only accounts with a score."""
    library = load_library()
    scores = score(db, library.card("weekly_health"), library.signals, day)
    numbers = {next(PER_ACCOUNT["accounts"](customer))["id"]: customer.n for customer in world.customers()}
    found = {numbers[row["account_id"]]: {**row, "share": {}} for row in scores.accounts.to_pylist() if row["band"]}
    for row in scores.drivers.to_pylist():
        if numbers[row["account_id"]] in found and row["share"] is not None:
            found[numbers[row["account_id"]]]["share"][row["signal"]] = row["share"]
    return found


@pytest.fixture(scope="module")
def world() -> World:
    return generate(700, 400, 3, AS_OF)


@pytest.fixture(scope="module")
def facts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with facts_of(world, tmp_path_factory.mktemp("usage")) as db:
        yield db


def _shares(found: Book) -> dict[str, float]:
    return {band: count / len(found) for band, count in Counter(row["band"] for row in found.values()).items()}


def _believable(shares: dict[str, float]) -> None:
    """A vendor's usual book is 12 to 18 % red and 25 to 32 % yellow; a few points more for the luck of a small world."""
    assert 0.105 < shares["red"] < 0.195
    assert 0.235 < shares["yellow"] < 0.335
    assert shares["green"] > 0.5


def test_bands_are_those_of_a_believable_vendor(world: World, facts: duckdb.DuckDBPyConnection) -> None:
    found = book(world, facts, AS_OF)
    _believable(_shares(found))
    for system in ("salesforce", "hubspot"):
        mine = {n: row for n, row in found.items() if world.customer(n).profile.system == system}
        assert 0.42 < _shares(mine)["green"] < 0.7


@pytest.mark.parametrize(("seed", "days"), [(7, 365), (1, 200)])
def test_bands_depend_on_neither_seed_nor_days(seed: int, days: int, tmp_path: Path) -> None:
    other = generate(500, days, seed, AS_OF)
    with facts_of(other, tmp_path) as db:
        found = book(other, db, AS_OF)
        _believable(_shares(found))
        acme, school = found[0], found[1]
    assert acme["band"] in ("red", "yellow")
    assert sum(share < 0.6 for share in acme["share"].values()) >= 3
    assert school["score"] >= 84


def test_healthy_customers_do_what_healthy_customers_do(world: World, facts: duckdb.DuckDBPyConnection) -> None:
    """Those with a good fit, no trouble and a year behind them earn most of the points of every signal."""
    shares: dict[str, list[float]] = defaultdict(list)
    for n, row in book(world, facts, AS_OF).items():
        customer = world.customer(n)
        since = customer.life.spans[0][0] if customer.life.spans else AS_OF
        steady = customer.life.served(AS_OF) and since < AS_OF - timedelta(days=365)
        fine = customer.profile.fit > 0.6 and customer.profile.depth > 1 and customer.life.trouble(AS_OF) is None
        for signal, share in row["share"].items() if steady and fine else ():
            shares[signal].append(share)
    means = {signal: fmean(values) for signal, values in shares.items()}
    assert len(shares["nps"]) > 100
    assert means.pop("new_users") > 0.3
    assert 0.65 <= means.pop("login_frequency") <= 0.9  # 0.7 is three to four days a week, 1 is every working day
    assert means.pop("internal_promotion") > 0.65
    assert min(means.values()) > 0.8


def test_who_left_long_ago_is_not_scored(world: World, facts: duckdb.DuckDBPyConnection) -> None:
    found = book(world, facts, AS_OF)
    ends = {
        customer.n: max((order.end for order in customer.life.orders if not order.broken), default=AS_OF)
        for customer in world.customers()
    }
    assert sum(end < AS_OF - timedelta(days=90) for end in ends.values()) > 50
    assert all(ends[n] >= AS_OF - timedelta(days=90) for n in found)


def _before_the_end(world: World, facts: duckdb.DuckDBPyConnection) -> dict[bool, list[int]]:
    """Lost -> the scores of accounts in the last 60 days of a period; lines that end together share their fate."""
    lost = {(t.account_number, t.end): t.fate in LOST for t in world.truth if t.product_line == "CRM"}
    found: dict[bool, list[int]] = {True: [], False: []}
    for back in range(60, 301, 60):
        day = AS_OF - timedelta(days=back)
        scores = book(world, facts, day)
        for (n, end), gone in lost.items():
            if day < end <= day + timedelta(days=60) and n in scores:
                found[gone].append(scores[n]["score"])
    assert min(len(scores) for scores in found.values()) > 30
    return found


def _t(found: dict[bool, list[int]]) -> float:
    """Welch's t between losers and the others."""
    error = sum(variance(scores) / len(scores) for scores in found.values())
    return float(abs(fmean(found[True]) - fmean(found[False])) / error**0.5)


def test_scores_drop_before_the_losses_that_have_a_cause(world: World, facts: duckdb.DuckDBPyConnection) -> None:
    found = _before_the_end(world, facts)
    assert fmean(found[True]) < fmean(found[False]) - 10
    assert _t(found) > 5
    assert any(score >= 80 for score in found[True]), "some who look healthy leave"
    assert any(score < 60 for score in found[False]), "some who look ill stay"


def test_without_causes_scores_say_nothing_about_losses(tmp_path: Path) -> None:
    null = generate(900, 400, 5, AS_OF, Causes.none())
    with facts_of(null, tmp_path) as db:
        found = _before_the_end(null, db)
    assert abs(fmean(found[True]) - fmean(found[False])) < 4
    assert _t(found) < 2.6
