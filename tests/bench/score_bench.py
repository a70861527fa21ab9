"""What scoring costs: every signal of the library against the ten of the first card as they were first written (`first_card/`).

A scoring is what the stage `score` of a run does with a lake: a snapshot of it for the day, the signals, the card, then what does not
depend on the card. With the first card that was the levels, the terms and the revenue; today the dangers, and the cycles of renewals
with their amounts, are in it too.

    .venv/bin/python tests/bench/score_bench.py                      # 100,000 accounts, 90 days
    .venv/bin/python tests/bench/score_bench.py --accounts 5000

Facts are made up in the engine itself, about a hundred user-days of usage an account, spread over six users who come on some days
and not on others, and stand in a lake on disk. Every step runs in a process of its own, so that none finds the facts warm and each has
its own peak; the steps take turns, and of the rounds the one with the least processor time counts. Quote the ratio of processor
seconds: those of the wall depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import pyarrow as pa

from csconnect.compute.assign import Cards
from csconnect.compute.danger import find_dangers
from csconnect.compute.due import make_due
from csconnect.compute.measure import measure
from csconnect.compute.renewal_amount import with_amounts
from csconnect.compute.revenue import revenue
from csconnect.compute.score import not_served, score_measured
from csconnect.compute.signal import Signal, parse_signal
from csconnect.compute.stickiness import stickiness
from csconnect.compute.terms import RenewalRules, term_states
from csconnect.lake import Lake
from csconnect.lake.engine import MEMORY, open_engine
from csconnect.library.load import Library, load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.base import Entity

AS_OF = date(2026, 11, 22)
FIRST = Path(__file__).parent / "first_card"

FACTS = """
INSERT INTO account BY NAME SELECT 'sf:' || i AS id, 'Account ' || i AS name, true AS is_customer, 'sf:o' || i % 500 AS owner_id,
    (i * 37 % 100)::DOUBLE AS data_quality, CASE i % 3 WHEN 0 THEN 'US' WHEN 1 THEN 'CN' ELSE 'DE' END AS country,
    i % 97 = 0 AS red_light, i % 5 <> 0 AS is_target FROM range({n}) t(i);
INSERT INTO module BY NAME SELECT 'm' || i AS id, 'm' AS name, i < 4 AS core, CASE WHEN i < 4 THEN 'l2c' END AS process,
    'CRM' AS product_line, ['recording', 'process', 'analytics', 'integration', 'customisation'][i % 5 + 1] AS kind, false AS rare
    FROM range(12) t(i);
INSERT INTO usage_day BY NAME SELECT 'sf:' || i AS account_id, 'u' || u AS "user", DATE '{day}' - d::INTEGER AS day,
    ['m' || (i + u + d) % 12, 'm' || (i + u) % 12] AS modules, 1 AS logins, 3 AS events
    FROM range({n}) a(i), range(6) b(u), range({days}) c(d)
    WHERE (i * 7 + u * 13 + d * d * 17 + d * 29 + u * d * 5) % 97 < 40 // (1 + u // 2) - 4 * (u % 2);
INSERT INTO usage_module_day BY NAME SELECT account_id, m AS module, day, count(*) AS users
    FROM (SELECT account_id, day, unnest(list_distinct(modules)) AS m FROM usage_day) GROUP BY ALL;
INSERT INTO term BY NAME SELECT 'sf:t' || i AS id, 'sf:' || i AS account_id, 'CRM' AS product_line, 'new' AS nature, 5 + i % 20 AS seats,
    DATE '{day}' - (i % 300)::INTEGER AS start, DATE '{day}' - (i % 300)::INTEGER + 365 AS "end" FROM range({n}) t(i);
INSERT INTO contact BY NAME SELECT 'sf:c' || i || '-' || k AS id, 'sf:' || i AS account_id, 'N' || k AS name,
    [['decision_maker'], ['champion', 'key_user'], ['administrator'], ['department_head']][k + 1] AS roles,
    CASE WHEN (i + k) % 29 = 0 THEN DATE '{day}' - 20 END AS left_on FROM range({n}) t(i), range(4) s(k);
INSERT INTO touchpoint BY NAME SELECT 'sf:p' || i || '-' || k AS id, 'sf:' || i AS account_id, 'meeting' AS kind,
    ['N' || k % 4] AS attendees,
    (DATE '{day}' - (k * 11 + i % 7)::INTEGER)::TIMESTAMPTZ AS happened_at, (i + k) % 6 = 0 AS executive,
    (i * k % 60)::DOUBLE AS replied_within_hours, 'held' AS outcome FROM range({n}) t(i), range(10) s(k);
INSERT INTO ticket BY NAME SELECT 'sf:k' || i || '-' || k AS id, 'sf:' || i AS account_id, 'bug' AS category, 'p' || k % 4 AS priority,
    (DATE '{day}' - (k * 17 + i % 9)::INTEGER)::TIMESTAMPTZ AS opened_at, (i * k % 50)::DOUBLE AS first_response_hours,
    CASE WHEN (i + k) % 4 > 0 THEN (DATE '{day}' - (k * 17)::INTEGER)::TIMESTAMPTZ END AS closed_at FROM range({n}) t(i), range(6) s(k);
INSERT INTO survey BY NAME SELECT 'sf:s' || i AS id, 'sf:' || i AS account_id, 'nps' AS kind, (i % 11)::DOUBLE AS score,
    DATE '{day}' - (i % 300)::INTEGER AS answered_on, 'key_user' AS respondent_role FROM range({n}) t(i);
INSERT INTO goal BY NAME SELECT 'sf:g' || i AS id, 'sf:' || i AS account_id, 'm' AS metric, 0.0 AS baseline, 100.0 AS target,
    (i % 120)::DOUBLE AS actual, DATE '{day}' - 10 AS measured_on FROM range({n}) t(i);
INSERT INTO advocacy BY NAME SELECT 'sf:a' || i AS id, 'sf:' || i AS account_id, 'referral' AS kind, DATE '{day}' - 40 AS happened_on
    FROM range({n}) t(i) WHERE i % 4 = 0;
INSERT INTO payment BY NAME SELECT 'sf:y' || i || '-' || k AS id, 'sf:' || i AS account_id, 10 AS amount,
    DATE '{day}' - (k * 90)::INTEGER AS due_on,
    CASE WHEN i % 9 > 0 THEN DATE '{day}' - (k * 90)::INTEGER END AS paid_on FROM range({n}) t(i), range(4) s(k);
INSERT INTO commitment BY NAME SELECT 'sf:m' || i AS id, 'sf:' || i AS account_id, 'ours' AS side, DATE '{day}' - 60 AS made_on,
    DATE '{day}' - 5 AS due_on FROM range({n}) t(i) WHERE i % 3 = 0;
INSERT INTO project BY NAME SELECT 'sf:j' || i AS id, 'sf:' || i AS account_id, DATE '{day}' - 200 AS started_on,
    DATE '{day}' - 140 AS planned_live_on, CASE WHEN i % 8 > 0 THEN DATE '{day}' - 130 END AS live_on FROM range({n}) t(i);
INSERT INTO reading BY NAME SELECT 'sf:r' || i || '-' || k AS id, 'sf:' || i AS account_id, 'opened_seats' AS metric,
    DATE '{day}' - (k * 30)::INTEGER AS day, (4 + i % 9)::DOUBLE AS value FROM range({n}) t(i), range(3) s(k);
INSERT INTO concern BY NAME SELECT 'sf:n' || i AS id, 'sf:' || i AS account_id, 'competitor' AS cause, DATE '{day}' - 15 AS raised_on
    FROM range({n}) t(i) WHERE i % 40 = 0;
INSERT INTO role_change BY NAME SELECT 'sf:h' || i AS id, 'sf:' || i AS account_id, 'sf:c' || i || '-0' AS contact_id,
    'decision_maker' AS role, 'left' AS change, DATE '{day}' - (i % 400)::INTEGER AS changed_on FROM range({n}) t(i) WHERE i % 10 = 0;
INSERT INTO contract BY NAME SELECT 'sf:b' || i AS id, 'sf:' || i AS account_id, 5 + i % 20 AS seats,
    DATE '{day}' - (i % 300)::INTEGER AS signed_on, DATE '{day}' - (i % 300)::INTEGER AS start,
    DATE '{day}' - (i % 300)::INTEGER + 365 AS "end" FROM range({n}) t(i);
INSERT INTO quota BY NAME SELECT 'sf:q' || i AS id, 'sf:' || i AS account_id, 'storage' AS resource, 100.0 AS bought,
    (i % 110)::DOUBLE AS used, DATE '{day}' - 3 AS measured_on FROM range({n}) t(i);
"""


def make(root: Path, spill: Path, accounts: int, days: int) -> int:
    """A lake at ``root`` with one run of one connection; returns how many rows of usage it has."""
    engine = open_engine(temp=spill)
    for name, entity in ENTITIES.items():
        engine.register("blank", arrow_schema(entity).empty_table())
        engine.execute(f'CREATE TABLE "{name}" AS FROM blank')
    for statement in FACTS.format(n=accounts, days=days, day=AS_OF).split(";\n"):
        if statement.strip():
            engine.execute(statement)
    with Lake(root).begin("bench", datetime.combine(AS_OF, time(23), UTC)) as run:
        for name, entity in ENTITIES.items():
            if name != "usage_module_day":  # the lake makes it from usage_day
                for batch in engine.sql(
                    f'SELECT *, NULL::VARCHAR AS _owned, NULL::VARCHAR AS _version FROM "{name}"'
                ).to_arrow_reader(100_000):
                    run.append("sf", name, _as_pulled(batch, entity), name, "bench")
        run.publish()
    rows: int = engine.execute("SELECT count(*) FROM usage_day").fetchall()[0][0]
    engine.close()
    return rows


def _as_pulled(batch: pa.RecordBatch, entity: type[Entity]) -> pa.RecordBatch:
    """The columns as a connector brings them, and the two that mappings add."""
    own = pa.schema([pa.field("_owned", pa.string()), pa.field("_version", pa.string())])
    schema = pa.schema([*arrow_schema(entity), *own])
    return pa.RecordBatch.from_arrays([batch.column(each.name).cast(each.type) for each in schema], schema=schema)


class Cost(NamedTuple):
    """What one step took: processor seconds of the snapshot, of measuring, of scoring with the card and of the rest; seconds of all by
    the wall; the most memory its process had (MB)."""

    snapshot: float
    measuring: float
    scoring: float
    rest: float
    wall: float
    peak: float

    @property
    def all(self) -> float:
        return self.snapshot + self.measuring + self.scoring + self.rest


STEPS = {
    "first": "the first card's ten signals as first written, and the card",
    "today": "what the card needs today, and the card",
    "all": "every signal of the library, and the card",
}


def signals_of(step: str, library: Library) -> Iterable[Signal]:
    """The signals that a step measures."""
    if step == "first":
        return [parse_signal(path.stem, path.read_text("utf-8"), path.name) for path in sorted(FIRST.glob("*.sql"))]
    if step == "today":
        return [library.signals[name] for name in library.card("weekly_health").needs()]
    return library.signals.values()


def run(step: str, folder: str) -> Cost:
    """Score once; called in a fresh process."""
    library = load_library()
    card = library.card("weekly_health")
    signals = list(signals_of(step, library))
    began = perf_counter()
    marks = [process_time()]
    with Lake(Path(folder) / "lake").snapshot(until=AS_OF, known=None, homes=["sf"], match={}) as snapshot:
        marks.append(process_time())
        facts = snapshot.connection
        measure(facts, signals, AS_OF)
        marks.append(process_time())
        gone = not_served(AS_OF, RenewalRules.grace_days)
        score_measured(facts, Cards(card), library.signals, not_served=gone)
        marks.append(process_time())
        stickiness(facts, AS_OF, None)
        terms = term_states(facts, AS_OF, RenewalRules())
        revenue(facts, AS_OF)
        if step != "first":
            make_due(facts, AS_OF, RenewalRules())
            with_amounts(facts, terms)
            if step == "all":  # the dangers' signals are among all signals
                find_dangers(facts, library.causes("book"), library.signals, not_served=gone)
    marks.append(process_time())
    snapshot_took, measuring, scoring, rest = (after - before for before, after in pairwise(marks))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(snapshot_took, measuring, scoring, rest, perf_counter() - began, peak)


def apart(step: str, folder: str) -> Cost:
    """`run` in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, step, folder).result()


def main(accounts: int, days: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = make(Path(folder) / "lake", Path(folder) / "spill", accounts, days)
        print(f"{accounts:,} accounts, {days} days, {rows:,} user-days of usage, memory {MEMORY}, best of {rounds}\n")
        found: dict[str, list[Cost]] = {step: [] for step in STEPS}
        for _ in range(rounds):
            for step in STEPS:
                found[step].append(apart(step, folder))
    best = {step: min(costs, key=lambda cost: cost.all) for step, costs in found.items()}
    first = best["first"]
    print("processor seconds:\n")
    print("| what | snapshot | measuring | scoring | the rest | all | times the first card | wall | peak |")
    print("|---|---|---|---|---|---|---|---|---|")
    for step, cost in best.items():
        print(
            f"| {STEPS[step]} | {cost.snapshot:.1f} | {cost.measuring:.1f} | {cost.scoring:.1f} | {cost.rest:.1f} | {cost.all:.1f} "
            f"| {cost.all / first.all:.2f} | {cost.wall:.1f} s | {cost.peak:.0f} MB |"
        )
    every = best["all"]
    alone = (every.measuring + every.scoring) / (first.measuring + first.scoring)
    print(f"\nevery signal, measuring and scoring alone: {alone:.2f} times the first card")
    for step, costs in found.items():
        print(f"{step}, each round, all (wall): {', '.join(f'{cost.all:.1f} ({cost.wall:.1f})' for cost in costs)} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(given.accounts, given.days, given.rounds)
