"""Stickiness: the L0 to L5 product-depth level (decks 000:244-295, 498-657; INC-08 read as L4 = two lines, L5 = three or more).

| level | meaning |
|---|---|
| L0 | no module in steady use |
| L1 | only peripheral (non-core) modules |
| L2 | a core module, but no whole process |
| L3 | one product line with an end-to-end process: every core module of it in steady use |
| L4 | two product lines so |
| L5 | three or more |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class SteadyUse:
    """When a module counts as in use ("high-frequency" is not defined in the source; these thresholds are ours)."""

    window: int = 28
    """Days looked back."""
    min_days: int = 8
    """Days in the window on which anybody used it: two a week."""
    min_users: int = 2
    """Users on its best day; fewer is one person's habit. Accounts with a single user are judged by that one."""


def stickiness(facts: duckdb.DuckDBPyConnection, as_of: date, rule: SteadyUse | None = None) -> pa.Table:
    """account_id, level (0 to 5), modules, core_modules, lines (product lines with a whole process).

    Only accounts for which use by module is delivered have a row, and only where somebody says which modules are core: unknown
    is neither L0 nor L1.
    """
    rule = rule or SteadyUse()
    query = f"""
    WITH recent AS (
        SELECT * FROM usage_module_day WHERE date_diff('day', day, DATE '{as_of.isoformat()}') BETWEEN 0 AND {rule.window - 1}
    ),
    size AS (SELECT account_id, max(users) AS people FROM recent GROUP BY account_id),
    steady AS (
        SELECT recent.account_id, recent.module
        FROM recent INNER JOIN size ON size.account_id = recent.account_id
        GROUP BY recent.account_id, recent.module
        HAVING count(DISTINCT recent.day) >= {rule.min_days} AND max(recent.users) >= least({rule.min_users}, max(size.people))
    ),
    process AS (
        SELECT process, product_line, count(*) AS needed FROM module
        WHERE core AND process IS NOT NULL GROUP BY process, product_line
    ),
    whole AS (
        SELECT steady.account_id, process.product_line
        FROM steady INNER JOIN module ON module.id = steady.module AND module.core
        INNER JOIN process ON process.process = module.process AND process.product_line IS NOT DISTINCT FROM module.product_line
        GROUP BY steady.account_id, process.process, process.product_line
        HAVING count(*) = max(process.needed)
    ),
    counted AS (
        SELECT delivery.account_id,
            (SELECT count(*) FROM steady WHERE steady.account_id = delivery.account_id) AS modules,
            (SELECT count(*) FROM steady INNER JOIN module ON module.id = steady.module AND module.core
                WHERE steady.account_id = delivery.account_id) AS core_modules,
            (SELECT count(DISTINCT coalesce(product_line, '')) FROM whole WHERE whole.account_id = delivery.account_id) AS lines
        FROM delivery INNER JOIN account ON account.id = delivery.account_id AND account.is_customer
        WHERE delivery.entity = 'usage_module_day' AND EXISTS (SELECT 1 FROM module WHERE core)
    )
    SELECT account_id,
        CASE WHEN lines >= 3 THEN 5 WHEN lines = 2 THEN 4 WHEN lines = 1 THEN 3
            WHEN core_modules > 0 THEN 2 WHEN modules > 0 THEN 1 ELSE 0 END AS level,
        modules, core_modules, lines
    FROM counted ORDER BY account_id
    """  # noqa: S608
    return facts.sql(query).to_arrow_table()
