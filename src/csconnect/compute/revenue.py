"""ARR: what an account pays a year for recurring lines that run today (book §2.5.4: TCV / contract years; decks 001:1097: one-off
fees are not ARR), and the date of its next renewal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.exchange import quotes
from csconnect.compute.sold import make_sold
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def revenue(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules | None = None) -> pa.Table:
    """account_id, arr (DECIMAL(38,2)), currency, missing_rate (text or null). Accounts without a running term have no row.

    A line's ARR is amount / months * 12 over its own dates, or its term's where it has none; a term without recurring lines
    counts with its own amount, unless that is only the sum of its one-off lines. Where a deal is its own term, its lines count
    once it is won. A line that a renewal took over before its end counts no more (`csconnect.compute.succession`). Amounts are
    converted to the account's currency (or, where it has none, kept if there is only one)
    at the newest rate on or before ``as_of``; without a rate ``arr`` is null and ``missing_rate`` names the currency, which is
    ``?`` where an amount names none beside others that do: currencies are never added up undeclared (architecture, decision
    17). An account none of whose amounts names a currency has no row.

    Makes ``sold_line`` (`csconnect.compute.sold`) for the day. It adds up before it rounds, and counts lines whose amount others
    contradict (``excluded``) as it is told; retention does neither.
    """
    make_sold(facts, as_of, rules or RenewalRules())
    today = f"DATE '{as_of.isoformat()}'"
    query = f"""
    WITH yearly AS (
        SELECT account_id, currency,
            sum(CAST(amount AS DOUBLE) * 12.0 / nullif(CAST(months AS DOUBLE), 0.0)) AS arr
        FROM sold_line WHERE start <= {today} AND "end" > {today} AND counts_until > {today}
            AND months IS NOT NULL AND amount IS NOT NULL
        GROUP BY account_id, currency
    ),
    {quotes(on=as_of)},
    conversion AS (
        SELECT *, row_number() OVER (PARTITION BY source, target ORDER BY detour, rate) AS place FROM way
    ),
    wanted AS (
        SELECT yearly.*, coalesce(account.currency, min(yearly.currency) OVER (PARTITION BY yearly.account_id)) AS into_currency
        FROM yearly INNER JOIN account ON account.id = yearly.account_id AND account.is_customer
    ),
    converted AS (
        SELECT wanted.account_id, wanted.into_currency AS currency, wanted.currency AS from_currency,
            CASE WHEN wanted.currency = wanted.into_currency THEN wanted.arr
                ELSE wanted.arr * conversion.rate END AS arr
        FROM wanted LEFT JOIN conversion ON conversion.source = wanted.currency
            AND conversion.target = wanted.into_currency AND conversion.place = 1
    )
    SELECT account_id, max(currency) AS currency,
        CASE WHEN count(arr) = count(*) THEN round(CAST(sum(arr) AS DECIMAL(38, 6)), 2) END AS arr,
        max(CASE WHEN arr IS NULL THEN coalesce(from_currency, '?') END) AS missing_rate
    FROM converted GROUP BY account_id HAVING count(from_currency) > 0 ORDER BY account_id
    """  # noqa: S608
    return facts.sql(query).to_arrow_table()
