"""Scores per product line: a customer of two products has two relationships with us, and one may be well while the other dies.

The same cards judge the same signals on less: of terms, order lines, modules and use only what belongs to the line. What no product
line can be told of (tickets, people, surveys, payments) counts for every line that the account has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards
from csconnect.compute.score import Scores, score
from csconnect.compute.signal import Signal
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb

SCHEMA = "of_line"

_LINES = """SELECT DISTINCT product_line FROM term INNER JOIN account ON account.id = term.account_id AND account.is_customer
WHERE product_line IS NOT NULL ORDER BY 1"""

_VIEWS = {
    "term": "SELECT * FROM main.term WHERE product_line = {line}",
    "contract_line": """SELECT contract_line.* FROM main.contract_line LEFT JOIN main.term ON term.id = contract_line.term_id
        WHERE coalesce(contract_line.product_line, term.product_line) = {line}""",
    "module": "SELECT * FROM main.module WHERE coalesce(product_line, {line}) = {line}",
    "account": """SELECT account.* REPLACE (account.is_customer AND account.id IN
        (SELECT account_id FROM main.term WHERE product_line = {line}) AS is_customer) FROM main.account""",
    "usage_module_day": """SELECT used.* FROM main.usage_module_day AS used
        WHERE used.module IN (SELECT id FROM main.module WHERE coalesce(product_line, {line}) = {line})""",
    "usage_day": """SELECT used.* REPLACE (list_intersect(used.modules, named.modules) AS modules)
        FROM main.usage_day AS used CROSS JOIN
            (SELECT list(id) AS modules FROM main.module WHERE coalesce(product_line, {line}) = {line}) AS named
        WHERE len(used.modules) = 0 OR list_has_any(used.modules, named.modules)""",
}


def score_lines(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    grace_days: int = RenewalRules.grace_days,
) -> dict[str, Scores]:
    """Product line -> scores of the accounts that have or had a term of it. A user's day without modules counts for every line,
    since nobody says for which."""
    found = {}
    for (line,) in facts.execute(_LINES).fetchall():
        with _only(facts, line):
            found[line] = score(facts, cards, signals, as_of, grace_days=grace_days)
    return found


@contextmanager
def _only(facts: duckdb.DuckDBPyConnection, line: str) -> Iterator[None]:
    """Let the tables that know product lines show one only."""
    quoted = "'" + line.replace("'", "''") + "'"
    (path,) = facts.execute("SELECT current_setting('search_path')").fetchall()[0]
    facts.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        for name, query in _VIEWS.items():
            facts.execute(f"CREATE VIEW {SCHEMA}.{name} AS {query.format(line=quoted)}")
        facts.execute(f"SET search_path = '{SCHEMA},main'")
        yield
    finally:
        facts.execute(f"SET search_path = '{path}'")
        facts.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
