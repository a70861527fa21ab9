"""Usage: it falls before the losses that it causes, it says nothing in the null control, and it can be repeated."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from csconnect_emulator.generator import Causes, World, generate, write_usage
from csconnect_emulator.generator import usage as usage_module
from csconnect_emulator.generator.dice import mix32
from csconnect_emulator.generator.offer import MODULES

AS_OF = date(2026, 11, 22)
LOST = ("churned", "won_back")


@pytest.fixture(scope="module")
def world() -> World:
    return generate(1000, 500, 11, AS_OF)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usage")
    write_usage(world, folder, world.first_day, AS_OF)
    return folder


def _late_over_early(world: World, folder: Path) -> dict[tuple[str, bool], list[float]]:
    """Per (cause, lost): rows in the last month of a term over rows in the month five months earlier."""
    first = world.first_day + timedelta(days=185)
    terms = [t for t in world.truth if first <= t.end <= AS_OF and (t.end - t.start).days > 330]
    with duckdb.connect() as db:
        db.execute("CREATE TABLE terms (tenant TEXT, done DATE, cause TEXT, lost BOOLEAN)")
        db.executemany(
            "INSERT INTO terms VALUES (?, ?, ?, ?)", [(t.match_key, t.end, t.cause, t.fate in LOST) for t in terms]
        )
        sql = f"""
            SELECT cause, lost, count(*) FILTER (day >= done - 30) AS late, count(*) FILTER (day < done - 150) AS early
            FROM terms JOIN '{folder}/*.parquet' ON tenant_id = tenant AND day >= done - 180 AND day < done
            GROUP BY tenant, done, cause, lost HAVING early > 20"""
        found: dict[tuple[str, bool], list[float]] = {}
        for cause, lost, late, early in db.execute(sql).fetchall():
            found.setdefault((cause, lost), []).append(late / early)
    return found


def test_usage_falls_before_the_losses_that_it_causes(world: World, folder: Path) -> None:
    ratios = _late_over_early(world, folder)
    assert len(ratios["usage_decay", True]) >= 10
    assert median(ratios["usage_decay", True]) < 0.35
    assert 0.85 < median(ratios["", False]) < 1.15
    assert 0.8 < median(ratios["chance", True]) < 1.25


def test_in_the_null_control_usage_is_the_same_for_losers(tmp_path: Path) -> None:
    world = generate(900, 420, 5, AS_OF, Causes.none())
    write_usage(world, tmp_path, world.first_day, AS_OF)
    ratios = _late_over_early(world, tmp_path)
    assert set(ratios) == {("", False), ("chance", True)}
    assert abs(median(ratios["", False]) - median(ratios["chance", True])) < 0.12


def test_files_are_monthly_and_have_the_promised_columns(world: World, folder: Path) -> None:
    files = sorted(path.name for path in folder.glob("*"))
    assert files[0] == "usage-2025-07.parquet"
    assert files[-1] == "usage-2026-11.parquet"
    assert len(files) == 17
    schema = pq.read_schema(folder / files[0])
    assert schema.names == ["tenant_id", "user_hash", "day", "modules", "logins", "events"]
    assert schema.field("day").type == pa.date32()
    assert pa.types.is_list(schema.field("modules").type)
    with duckdb.connect() as db:
        sql = f"SELECT min(day), max(day), count(*), count(DISTINCT (tenant_id, user_hash, day)) FROM '{folder}/*.parquet'"
        first, last, rows, distinct = db.execute(sql).fetchall()[0]  # type: ignore[misc]
    assert (first, last) == (world.first_day, AS_OF - timedelta(days=1))
    assert rows == distinct
    assert 1.5 < rows / world.accounts / world.days < 4


def test_who_uses_it(world: World, folder: Path) -> None:
    with duckdb.connect() as db:
        sql = f"SELECT tenant_id, max(day), count(DISTINCT user_hash) FROM '{folder}/*.parquet' GROUP BY 1"
        found = {tenant: (last, users) for tenant, last, users in db.execute(sql).fetchall()}
        named = db.execute(f"SELECT DISTINCT unnest(modules) FROM '{folder}/*.parquet'").fetchall()
    profiles = {n: world.customer(n).profile for n in range(world.accounts)}
    keys = {profile.key for profile in profiles.values() if profile.key}
    assert found.keys() - keys == {usage_module.GHOST}
    assert not any(profile.key in found for profile in profiles.values() if "no_usage" in profile.traits)
    assert profiles[9].kind == "test"
    assert profiles[9].key in found
    assert found[profiles[23].key or ""][0] < AS_OF - timedelta(days=20)
    users = sorted(count for _, count in found.values())
    assert users[len(users) // 2] <= 12
    assert users[-1] >= 100
    assert {name for (name,) in named} == {module.id for module in MODULES}


def test_churned_accounts_stop(world: World, folder: Path) -> None:
    gone = {t.match_key: t.end for t in world.truth if t.outcome == "churned" and t.fate == "churned"}
    alive = {t.match_key for t in world.truth if t.outcome == "open"}
    with duckdb.connect() as db:
        last = dict(db.execute(f"SELECT tenant_id, max(day) FROM '{folder}/*.parquet' GROUP BY 1").fetchall())
    over = [key for key in gone.keys() - alive if key in last]
    assert len(over) > 20
    assert all(last[key] < gone[key] for key in over)


def test_a_row_depends_on_neither_window_nor_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = generate(40, 120, 11, AS_OF)
    write_usage(world, tmp_path / "wide", world.first_day, AS_OF)
    monkeypatch.setattr(usage_module, "_MACROS", usage_module._MACROS + "SET threads = 1;")
    write_usage(world, tmp_path / "again", world.first_day, AS_OF)
    write_usage(world, tmp_path / "narrow", date(2026, 9, 1), date(2026, 10, 1))
    wide = {path.name: pq.read_table(path) for path in (tmp_path / "wide").glob("*")}
    assert all(pq.read_table(tmp_path / "again" / name).equals(table) for name, table in wide.items())
    narrow = [path.name for path in (tmp_path / "narrow").glob("*")]
    assert narrow == ["usage-2026-09.parquet"]
    assert pq.read_table(tmp_path / "narrow" / narrow[0]).equals(wide[narrow[0]])


def test_sql_scrambles_as_python_does() -> None:
    with duckdb.connect() as db:
        db.execute(usage_module._MACROS)
        for number in (0, 1, 77, 0xDEADBEEF, 0xFFFFFFFF):
            (answer,) = db.execute(f"SELECT scramble({number}::UBIGINT)").fetchone() or (None,)
            assert answer == mix32(number)
