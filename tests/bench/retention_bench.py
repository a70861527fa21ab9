"""What retention costs: every rate by every dimension, over contracts of five years.

    .venv/bin/python tests/bench/retention_bench.py                      # 100,000 contracts
    .venv/bin/python tests/bench/retention_bench.py --contracts 5000

Facts are made up in the engine itself: each contract has a term a year, renewed early, on time, late or not at all, two lines a term
and an expansion now and then; four currencies with a rate a month. Two accounts in three have one contract, the third has two. The
facts stand in a file, as a snapshot of the lake does. Quote processor seconds: those of the wall depend on what else the machine
does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

import duckdb

from csconnect.compute.cohort import make_cohort
from csconnect.compute.dimension import DIMENSIONS
from csconnect.compute.due import make_due
from csconnect.compute.due_rates import due_by_month, due_rates
from csconnect.compute.exchange import make_exchange
from csconnect.compute.forecast import forecasts
from csconnect.compute.month import inputs_of
from csconnect.compute.opening_rates import opening_rates, start_month_triangle
from csconnect.compute.period import Period, parse_period
from csconnect.compute.revenue import revenue
from csconnect.compute.sold import make_sold
from csconnect.compute.statement import Statement, reckon
from csconnect.compute.terms import RenewalRules
from csconnect.lake.engine import MEMORY, open_engine
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema

AS_OF = date(2026, 11, 22)
YEARS = range(2022, 2027)
CURRENCY = "USD"
MONTH = parse_period("2026-10")

# Contract i is of account i * 3 // 4: of four contracts two are of one account.
FACTS = """
INSERT INTO account BY NAME SELECT 'sf:' || i AS id, 'Account ' || i AS name, true AS is_customer, 'sf:o' || i % 300 AS owner_id,
    ['strategic', 'enterprise', 'micro', 'micro'][i % 4 + 1] AS segment, 'industry ' || i % 20 AS industry, 'region ' || i % 8 AS region,
    'country ' || i % 30 AS country FROM range({n} * 3 // 4 + 1) t(i);
INSERT INTO contract BY NAME SELECT 'sf:b' || i AS id, 'sf:' || i * 3 // 4 AS account_id FROM range({n}) t(i);
INSERT INTO term BY NAME
    SELECT 'sf:t' || i || '-' || k AS id, 'sf:' || i * 3 // 4 AS account_id, 'sf:b' || i AS contract_id,
        ['CRM', 'BI', 'Service', 'Portal'][i % 4 + 1] AS product_line, CASE WHEN k = 0 THEN 'new' ELSE 'renewal' END AS nature,
        began + (k * 365)::INTEGER + late AS start, began + (k * 365 + 365)::INTEGER AS "end", 12 AS months,
        1000 + (i * 7919 + k * 131) % 90000 AS amount, ['USD', 'USD', 'EUR', 'CNY'][i // 4 % 4 + 1] AS currency
    FROM (SELECT i, k, DATE '2021-06-01' + (i * 17 % 700)::INTEGER AS began,
            CASE WHEN k = 0 THEN 0 WHEN (i + k) % 11 = 0 THEN 30 WHEN (i + k) % 13 = 0 THEN -20 ELSE 0 END::INTEGER AS late
        FROM range({n}) t(i), range(5) s(k) WHERE k <= i % 10 OR i % 10 > 5);
INSERT INTO contract_line BY NAME
    SELECT id || '-' || j AS id, id AS term_id, account_id, contract_id, product_line, 'recurring' AS billing,
        CASE j WHEN 0 THEN CAST(amount * 0.25 AS DECIMAL(38, 4)) ELSE amount - CAST(amount * 0.25 AS DECIMAL(38, 4)) END AS amount,
        currency FROM term, range(2) t(j);
INSERT INTO contract_line BY NAME
    SELECT id || '-x' AS id, id AS term_id, account_id, contract_id, product_line, 'recurring' AS billing, 'expansion' AS nature,
        start + 100 AS start, "end", 8 AS months, CAST(amount * 0.1 AS DECIMAL(38, 4)) AS amount, currency
    FROM term WHERE amount % 3 = 0;
INSERT INTO fx_rate BY NAME SELECT c || d AS id, c AS currency, 'USD' AS base, (DATE '2021-01-01' + (d * 30)::INTEGER) AS "on",
    0.1 + length(c) * 0.01 + d % 7 * 0.003 AS rate FROM (VALUES ('EUR'), ('CNY'), ('GBP')) t(c), range(100) s(d);
"""


def make(spill: Path, contracts: int) -> duckdb.DuckDBPyConnection:
    """The facts of so many contracts."""
    engine = open_engine(temp=spill / "spill", database=spill / "snapshot.duckdb")
    for name, entity in ENTITIES.items():
        engine.register("blank", arrow_schema(entity).empty_table())
        engine.execute(f'CREATE TABLE "{name}" AS FROM blank')
    for statement in FACTS.format(n=contracts).split(";\n"):
        if statement.strip():
            engine.execute(statement)
    return engine


def opening_base(facts: duckdb.DuckDBPyConnection) -> None:
    for year in YEARS:
        make_cohort(facts, date(year, 1, 1), date(year + 1, 1, 1), AS_OF, CURRENCY)
        opening_rates(facts, DIMENSIONS)


def main(contracts: int) -> None:
    rules, five = RenewalRules(), Period(date(2022, 1, 1), date(2027, 1, 1), "five years")
    with tempfile.TemporaryDirectory() as folder:
        facts = make(Path(folder), contracts)
        counts = {
            name: facts.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            for name in ("account", "term", "contract_line")
        }
        print(
            f"{contracts:,} contracts, "
            + ", ".join(f"{n:,} {name}" for name, n in counts.items())
            + f", memory {MEMORY}\n"
        )
        steps: dict[str, Callable[[], object]] = {
            "what was sold": lambda: make_sold(facts, AS_OF, rules),
            "due and renewed lines": lambda: make_due(facts, AS_OF, rules),
            "dated rates": lambda: make_exchange(facts, CURRENCY),
            "due base, five years, all dimensions": lambda: [
                due_rates(facts, parse_period(str(year)), DIMENSIONS, currency=CURRENCY) for year in YEARS
            ],
            "due base, sixty months, all dimensions": lambda: due_by_month(facts, five, DIMENSIONS, currency=CURRENCY),
            "opening base, five years, all dimensions": lambda: opening_base(facts),
            "start months": lambda: start_month_triangle(facts, five, CURRENCY),
            "ARR of every account": lambda: revenue(facts, AS_OF, rules),
            "has anything come of a closed month": lambda: inputs_of(facts, MONTH),
            "a month's statement": lambda: statements.append(reckon(facts, MONTH, rules, CURRENCY, 45)),
            "its digest": lambda: statements[-1].digest,
            "open renewals of a week": lambda: forecasts(facts, AS_OF, rules),
        }
        statements: list[Statement] = []
        total = [0.0, 0.0]
        for name, step in steps.items():
            wall, cpu = perf_counter(), process_time()
            step()
            took = process_time() - cpu, perf_counter() - wall
            total = [before + more for before, more in zip(total, took, strict=True)]
            print(f"{name:42} {took[0]:7.1f} processor seconds {took[1]:7.1f} by the wall")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'all':42} {total[0]:7.1f} processor seconds {total[1]:7.1f} by the wall, peak {peak:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=100_000)
    main(parser.parse_args().contracts)
