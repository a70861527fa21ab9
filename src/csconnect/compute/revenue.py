"""ARR: what an account pays a year for recurring lines that run today (book §2.5.4: TCV / contract years; decks 001:1097: one-off
fees are not ARR), and the date of its next renewal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def revenue(facts: duckdb.DuckDBPyConnection, as_of: date) -> pa.Table:
    """account_id, arr (DECIMAL(38,2)), currency, missing_rate (text or null). Accounts without a running term have no row.

    A line's ARR is amount / months * 12 over its own dates, or its term's where it has none; a term without recurring lines
    counts with its own amount, unless that is only the sum of its one-off lines. Where a deal is its own term, its lines count
    once it is won. Amounts are converted to the account's currency (or, where it has none, kept if there is only one)
    at the newest rate on or before ``as_of``; without a rate ``arr`` is null and ``missing_rate`` names the currency, which is
    ``?`` where an amount names none beside others that do: currencies are never added up undeclared (architecture, decision
    17). An account none of whose amounts names a currency has no row.
    """
    today = f"DATE '{as_of.isoformat()}'"
    query = f"""
    WITH itemised AS (
        SELECT term_id, count(CASE WHEN billing = 'recurring' THEN 1 END) AS recurring, sum(amount) AS fees
        FROM contract_line WHERE amount IS NOT NULL GROUP BY term_id
    ),
    sold AS (
        SELECT coalesce(contract_line.account_id, term.account_id) AS account_id, term.id AS term_id,
            contract_line.amount, coalesce(contract_line.months, term.months) AS months,
            coalesce(contract_line.currency, term.currency) AS currency,
            coalesce(contract_line.start, term.start) AS start, coalesce(contract_line."end", term."end") AS "end"
        FROM contract_line LEFT JOIN term ON term.id = contract_line.term_id
        LEFT JOIN opportunity ON opportunity.id = contract_line.term_id AND opportunity.status <> 'won'
        WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
            AND (term.id IS NOT NULL OR opportunity.id IS NULL)
        UNION ALL
        SELECT term.account_id, term.id, term.amount, term.months, term.currency, term.start, term."end"
        FROM term LEFT JOIN itemised ON itemised.term_id = term.id
        WHERE term.amount IS NOT NULL AND coalesce(itemised.recurring, 0) = 0
            AND (itemised.fees IS NULL OR itemised.fees <> term.amount)
    ),
    yearly AS (
        SELECT sold.account_id, sold.currency,
            sum(CAST(sold.amount AS DOUBLE) * 12.0 / nullif(CAST(sold.months AS DOUBLE), 0.0)) AS arr
        FROM sold WHERE sold.start <= {today} AND sold."end" > {today} AND sold.months IS NOT NULL
        GROUP BY sold.account_id, sold.currency
    ),
    newest AS (
        SELECT currency, base, CAST(rate AS DOUBLE) AS rate,
            row_number() OVER (PARTITION BY currency, base ORDER BY "on" DESC, id DESC) AS place
        FROM fx_rate WHERE "on" <= {today}
    ),
    rate AS (SELECT * FROM newest WHERE place = 1),
    way AS (
        SELECT currency AS source, base AS target, rate, 1 AS detour FROM rate
        UNION ALL SELECT base, currency, 1.0 / nullif(rate, 0.0), 2 FROM rate
        UNION ALL SELECT there.currency, back.currency, there.rate / nullif(back.rate, 0.0), 3
        FROM rate AS there INNER JOIN rate AS back ON back.base = there.base AND back.currency <> there.currency
    ),
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
