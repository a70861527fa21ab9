"""What the shipped cards say 90 days ahead about renewals, on the generator's three years. SYNTHETIC: the customers and their fate
are made up, so this shows that the machinery tells what there is to tell and nothing more; it says nothing about your customers.

    .venv/bin/python tests/bench/card_power.py                 # a table in Markdown; a few minutes
    .venv/bin/python tests/bench/card_power.py --accounts 300 --months 6

Each month's first day is judged from what had happened by then; counted are the terms that end 90 to 120 days later and whose
outcome is known. AUC: how often a customer who stayed scored higher than one who left (0.5 is chance, ties count half). Lift: how much
more often the lowest tenth left than everybody did. The null control is the same company with every cause of churn switched off: its
losses are pure chance, so nothing may tell them, and its AUC must be near 0.5.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from csconnect.compute.assign import Cards
from csconnect.compute.measure import measure
from csconnect.compute.score import not_served, score_measured
from csconnect.library.load import Library, load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect_emulator.generator import Causes, World, generate, write_usage
from csconnect_emulator.generator.export_rows import PER_ACCOUNT, modules
from csconnect_emulator.generator.exports import FILES

AS_OF = date(2026, 11, 22)
AHEAD = timedelta(days=90)
LOST = ("churned", "won_back")


@dataclass(frozen=True)
class Power:
    """What one card says: ``stayed`` and ``left`` are scores; ``terms`` counts those without a score too."""

    stayed: list[float]
    left: list[float]
    terms: int

    @property
    def known(self) -> float:
        """The share of terms that had a score."""
        return (len(self.stayed) + len(self.left)) / max(1, self.terms)

    @property
    def auc(self) -> float:
        return auc(self.stayed, self.left)

    @property
    def error(self) -> float:
        """Standard error of the AUC (Hanley and McNeil 1982)."""
        a, n, m = self.auc, len(self.left), len(self.stayed)
        q, r = a / (2 - a), 2 * a * a / (1 + a)
        return math.sqrt(max(0.0, a * (1 - a) + (n - 1) * (q - a * a) + (m - 1) * (r - a * a)) / (n * m))

    @property
    def lift(self) -> float:
        """Rate of losses among the lowest tenth over the rate among all."""
        return lift(self.stayed, self.left)


def auc(stayed: list[float], left: list[float]) -> float:
    """The share of pairs in which the one who stayed scored higher, ties half; by ranks."""
    ranked = sorted([(score, True) for score in stayed] + [(score, False) for score in left])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        total += middle * sum(1 for _, good in ranked[place:end] if good)
        place = end
    n, m = len(stayed), len(left)
    return (total - n * (n + 1) / 2) / (n * m)


def lift(stayed: list[float], left: list[float]) -> float:
    """How much more often the lowest tenth left than everybody did; equal scores at its edge count in proportion."""
    everyone = sorted(stayed + left)
    room = max(1, len(everyone) // 10)
    edge = everyone[room - 1]
    places = room - sum(score < edge for score in everyone)
    lost = sum(score < edge for score in left) + places * left.count(edge) / everyone.count(edge)
    return lost / room / (len(left) / len(everyone))


def together(found: list[Power]) -> Power:
    """The terms of several companies as if they were one."""
    return Power(
        [score for each in found for score in each.stayed],
        [score for each in found for score in each.left],
        sum(each.terms for each in found),
    )


@contextmanager
def facts_of(world: World, until: date | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The canonical tables of a world, everything in them delivered for everybody; usage for those whom its export names, no
    later than ``until`` (None: all there is)."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
        write_usage(world, Path(folder), world.first_day, until or world.as_of)
        for name, entity in ENTITIES.items():
            db.register("blank", arrow_schema(entity).empty_table())
            db.execute(f'CREATE TABLE "{name}" AS FROM blank')
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list, modules=list(modules(world)))
        for customer in world.customers():
            for name, made in PER_ACCOUNT.items():
                rows[name] += made(customer)
        for name, found in rows.items():
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
        told = [FILES[name] for name in PER_ACCOUNT]
        db.execute("CREATE TABLE delivery (account_id VARCHAR, entity VARCHAR, through DATE)")
        db.execute("INSERT INTO delivery SELECT id, unnest(?), NULL FROM account", [told])
        db.execute(
            """INSERT INTO delivery SELECT account_id, unnest(['usage_day', 'usage_module_day']), NULL
            FROM (SELECT DISTINCT account_id FROM usage_day)"""
        )
        # How complete the records are, and how the customer's business goes, is known of today only: it would tell the future.
        db.execute("UPDATE account SET data_quality = NULL, business_health = NULL")
        yield db


@contextmanager
def as_it_was(db: duckdb.DuckDBPyConnection, day: date) -> Iterator[None]:
    """Show only what had happened by ``day``, as a reconstructed view of the lake does."""
    db.execute("CREATE SCHEMA past")
    for name, entity in ENTITIES.items():
        if entity.happened:
            db.execute(
                f"""CREATE VIEW past."{name}" AS SELECT * FROM main."{name}"
                WHERE "{entity.happened}" IS NULL OR CAST("{entity.happened}" AS DATE) <= DATE '{day}'"""
            )
    db.execute("SET search_path = 'past,main'")
    try:
        yield
    finally:
        db.execute("SET search_path = 'main'")
        db.execute("DROP SCHEMA past CASCADE")


def months(count: int) -> list[date]:
    """First days of ``count`` months, the last of which has its terms settled by `AS_OF`."""
    found: list[date] = []
    day = (AS_OF - timedelta(days=300)).replace(day=1)
    while len(found) < count:
        found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return sorted(found)


def outcomes(world: World, days: list[date], ahead: timedelta) -> dict[date, dict[str, bool]]:
    """Day -> account -> whether it left, for the terms that end in the 30 days that begin ``ahead``."""
    ids = {customer.n: next(PER_ACCOUNT["accounts"](customer))["id"] for customer in world.customers()}
    found: dict[date, dict[str, bool]] = {day: {} for day in days}
    for truth in world.truth:
        if truth.outcome == "open":
            continue
        for day in days:
            if day + ahead <= truth.end < day + ahead + timedelta(days=30):
                account = ids[truth.account_number]
                found[day][account] = found[day].get(account, False) or truth.fate in LOST
    return found


def powers(
    world: World,
    library: Library,
    cards: list[str],
    days: list[date],
    ahead: timedelta = AHEAD,
    until: date | None = None,
) -> dict[str, Power]:
    """Card -> what it says so long ahead; ``until`` the last day of the usage that is written at all."""
    scores: dict[str, list[tuple[float | None, bool]]] = {name: [] for name in cards}
    truth = outcomes(world, days, ahead)
    wanted = dict.fromkeys(signal for name in cards for signal in library.card(name).needs())
    with facts_of(world, until) as db:
        for day in days:
            with as_it_was(db, day):
                measure(db, [library.signals[name] for name in wanted], day)
                for name in cards:
                    found = score_measured(
                        db, Cards(library.card(name)), library.signals, not_served=not_served(day, 90)
                    )
                    of = {
                        row["account_id"]: None if row["score"] is None else row["points"]
                        for row in found.accounts.to_pylist()
                    }
                    scores[name] += [(of.get(account), lost) for account, lost in truth[day].items()]
    return {
        name: Power(
            [score for score, lost in each if score is not None and not lost],
            [score for score, lost in each if score is not None and lost],
            len(each),
        )
        for name, each in scores.items()
    }


def report(accounts: int, seeds: list[int], count: int, cards: list[str]) -> None:
    library = load_library()
    cards = cards or sorted(library.scorecards)
    found = {}
    for kind, causes in (("causes", Causes()), ("null", Causes.none())):
        each = [powers(generate(accounts, 1095, seed, AS_OF, causes), library, cards, months(count)) for seed in seeds]
        found[kind] = {name: together([company[name] for company in each]) for name in cards}
    print(
        f"SYNTHETIC · {accounts} accounts a company, seeds {' '.join(map(str, seeds))}, {count} months, judged 90 to 120 days "
        "before the end\n"
    )
    print("| card | terms | with a score | left | AUC | lift of the lowest tenth | AUC, causes switched off |")
    print("|---|---|---|---|---|---|---|")
    for name in cards:
        one, null = found["causes"][name], found["null"][name]
        print(
            f"| `{name}` | {one.terms} | {one.known:.0%} | {len(one.left)} "
            f"| {one.auc:.2f} ± {one.error:.2f} | {one.lift:.1f} | {null.auc:.2f} ± {null.error:.2f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="a company each; their terms are pooled")
    parser.add_argument("--cards", nargs="+", default=[], help="names of cards; default all")
    given = parser.parse_args()
    report(given.accounts, given.seeds, given.months, given.cards)
