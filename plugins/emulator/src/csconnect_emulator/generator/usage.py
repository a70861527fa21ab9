"""Daily usage as Parquet: one row per user and day on which somebody worked, written month by month.

Whether a user works on a day is decided by a scrambled number of (account, user, day), in whole numbers throughout, so that
a row depends on nothing but the world: not on the window asked for, the number of threads or the engine's version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.offer import menus
from csconnect_emulator.generator.readings import Meter, Reading
from csconnect_emulator.generator.rhythm import FOREVER, Piece, Rhythm, ordinal

if TYPE_CHECKING:
    from csconnect_emulator.generator.customer import Customer
    from csconnect_emulator.generator.world import World

GHOST = "TRIAL-000001"
"""A tenant in the usage export that no account claims."""

STALE_DAYS = 21
MEMORY = "600MB"

_SPRING_FESTIVAL = {
    2021: (2, 11), 2022: (1, 31), 2023: (1, 21), 2024: (2, 10), 2025: (1, 28), 2026: (2, 16), 2027: (2, 5), 2028: (1, 25),
    2029: (2, 12), 2030: (2, 2),
}  # fmt: skip

_SCHEMA = pa.schema(
    [("tenant", pa.string()), *((field.name, pa.int64()) for field in fields(Piece) if field.name != "tenant")]
)

_MACROS = """
CREATE MACRO scramble_a(x) AS ((xor(x, x >> 16) * 2246822507::UBIGINT) & 4294967295::UBIGINT);
CREATE MACRO scramble_b(x) AS ((xor(x, x >> 13) * 3266489909::UBIGINT) & 4294967295::UBIGINT);
CREATE MACRO scramble_c(x) AS xor(x, x >> 16);
CREATE MACRO scramble(x) AS scramble_c(scramble_b(scramble_a(x)));
"""

_MONTH = """
COPY (
WITH days AS (
    SELECT p.*, unnest(range(greatest(first, $begin), least(last, $stop))) AS d FROM pieces AS p
    WHERE first < $stop AND last > $begin
), crowd AS (
    SELECT tenant, seed, calendar, menu, d, turnover, hires_until,
           greatest(1, (users + (users_last - users) * (d - first) // greatest(1, last - first - 1) + 500) // 1000) AS users,
           level + (level_last - level) * (d - first) // greatest(1, last - first - 1) AS level,
           CASE WHEN (d + 3) % 7 >= 5 THEN 60 ELSE 1000 END AS open
    FROM days
), places AS (
    SELECT tenant, menu, d, turnover, hires_until, (level * coalesce(h.open, 1000) // 1000 * c.open)::UBIGINT AS odds,
           scramble(((seed + u * 2654435769) & 4294967295)::UBIGINT) AS place
    FROM (SELECT *, unnest(range(users)) AS u FROM crowd) AS c
    LEFT JOIN holidays AS h USING (calendar, d)
), candidates AS (
    SELECT tenant, menu, d, odds,
           scramble(xor(place, ((least(d, hires_until) + place % turnover) // turnover)::UBIGINT)) AS who
    FROM places
), drawn AS (
    SELECT *, scramble(xor(who, ((d * 2246822519) & 4294967295)::UBIGINT)) AS roll FROM candidates
), active AS (
    SELECT *, CASE WHEN (who >> 7) % 100 < 12 THEN 250 + who % 300 ELSE 900 + who % 100 END AS keen FROM drawn
    WHERE roll * 1000000000::UBIGINT < odds * keen * 4294967296::UBIGINT
)
SELECT tenant AS tenant_id, printf('u%08x', who) AS user_hash, DATE '1970-01-01' + d::INTEGER AS day,
       m.modules AS modules, (1 + scramble(roll + 1) % 4)::INTEGER AS logins,
       (len(m.modules) * (3 + scramble(roll + 2) % 18))::INTEGER AS events
FROM active AS a JOIN menus AS m ON m.menu = a.menu AND m.turn = (who + roll % 2 * (roll >> 8)) % m.turns
ORDER BY day, tenant_id, user_hash, logins, events
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def write_usage(world: World, folder: Path, start: date, end: date) -> list[Path]:
    """Write the usage of ``[start, end)`` as ``usage-YYYY-MM.parquet`` into ``folder``, one file a month; returns the paths.

    Columns: tenant_id (the match key), user_hash, day (date32), modules (list of text), logins, events. Three to four rows
    per account and day. Needs about 600 MB of memory at most, whatever the number of accounts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    with TemporaryDirectory(prefix=".spill-", dir=folder) as spill, duckdb.connect() as engine:
        engine.execute(f"SET memory_limit = '{MEMORY}'")
        engine.execute("SET temp_directory = ?", [spill])
        engine.execute(_MACROS)
        _load(engine, world, start, end)
        for begin, stop in _months(start, end):
            path = folder / f"usage-{begin:%Y-%m}.parquet"
            text = _MONTH.format(path=str(path).replace("'", "''"))
            engine.execute(text, {"begin": ordinal(begin), "stop": ordinal(stop)})
            out.append(path)
    return out


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start < end:
        stop = min(month_shift(start.replace(day=1), 1), end)
        yield start, stop
        start = stop


def _load(engine: Any, world: World, start: date, end: date) -> None:
    """Put the curves, the menus and the holidays where the query finds them."""
    engine.execute("CREATE TABLE menus (menu INTEGER, turn UBIGINT, turns UBIGINT, modules VARCHAR[])")
    for number, roles in enumerate(menus()):
        for turn, modules in enumerate(roles):
            engine.execute("INSERT INTO menus VALUES (?, ?, ?, ?)", [number, turn, len(roles), modules])
    engine.execute("CREATE TABLE holidays (calendar BIGINT, d BIGINT, open BIGINT)")
    engine.executemany("INSERT INTO holidays VALUES (?, ?, ?)", sorted(_holidays(start, end)))
    pieces = _pieces(world, start, end)
    first = True
    while batch := list(islice(pieces, 50_000)):
        columns = {name: [getattr(piece, name) for piece in batch] for name in _SCHEMA.names}
        engine.register("batch", pa.table(columns, schema=_SCHEMA))
        verb = "CREATE TABLE pieces AS" if first else "INSERT INTO pieces"
        engine.execute(f"{verb} SELECT * FROM batch")  # noqa: S608
        engine.unregister("batch")
        first = False


def _pieces(world: World, start: date, end: date) -> Iterator[Piece]:
    yield Piece(GHOST, 1, 0, 2, ordinal(start), ordinal(end), 3000, 3000, 700, 700, 400, FOREVER)
    for customer in world.customers():
        yield from usage_of(customer, start, end, world.as_of)


def usage_of(customer: Customer, start: date, end: date, as_of: date) -> Iterator[Piece]:
    """The usage curve of one account over ``[start, end)``, in whole pieces; nothing for those who send none."""
    if _sends(customer):
        rhythm = Rhythm(customer.seed, customer.profile, customer.life)
        yield from rhythm.pieces(start, end, _broken_since(customer, as_of))


def readings_of(customer: Customer, start: date, end: date, as_of: date) -> Iterator[Reading]:
    """What the product reports of one account over ``[start, end)``; nothing for those who send no usage."""
    if _sends(customer):
        rhythm = Rhythm(customer.seed, customer.profile, customer.life)
        yield from Meter(rhythm).readings(start, end, _broken_since(customer, as_of))


def _sends(customer: Customer) -> bool:
    profile = customer.profile
    return profile.key is not None and profile.traits.isdisjoint({"no_usage", "twin_key"}) and bool(customer.life.spans)


def _broken_since(customer: Customer, as_of: date) -> date | None:
    return as_of - timedelta(days=STALE_DAYS) if "stale_usage" in customer.profile.traits else None


def _holidays(start: date, end: date) -> set[tuple[int, int, int]]:
    """(calendar, day, openness per mille): quiet days that mean nothing, which naive scores take for churn."""
    out = set()
    for year in range(start.year - 1, end.year + 1):
        western = [(1, 1, 1), (12, 24, 8)]
        eastern = [(1, 1, 1), (5, 1, 3), (10, 1, 7), (*_SPRING_FESTIVAL.get(year, (2, 5)), 8)]
        for calendar, dates in enumerate((western, eastern)):
            for month, day, length in dates:
                out |= {(calendar, ordinal(date(year, month, day)) + extra, 80) for extra in range(length)}
    return out
