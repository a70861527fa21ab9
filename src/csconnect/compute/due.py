"""Due lines and renewed lines, matched in cycles: what falls due together, and what renews it (decks 001:2789-2840).

Every sold line makes a due line at its end; an order that renews makes renewed lines for the cycles before it. A cycle is what one
account has of one product line that ends on one day.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from csconnect.compute.terms import RenewalRules, days_before

if TYPE_CHECKING:
    import duckdb


class Book(StrEnum):
    """The business book (业务) has the lines as they are made; in the finance book (财务) approved requests have adjusted them."""

    BUSINESS = "business"
    FINANCE = "finance"


def make_due(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules) -> None:
    """Make the temporary tables of the business book, after `csconnect.compute.sold.make_sold` for the same day and rules.

    ``cycle``, a row an account, family and due_on: account_id, family, due_on (first day not covered), term_start, contract_id, months,
    due_arr, currency (of the due lines; both null where they have several), state (a TermState value), next_start (of the order that
    renews it, or, where none does, of the first later one), renewed_arr (null unless renewed), renewed_currency (likewise), renewed_on
    (the day the first renewing order was signed, or its start), open_id (the renewal opportunity that a term or its contract names),
    untold (an amount of it cannot be told: it counts by count, never by amount), mixed (due and renewed lines have several currencies),
    contracts (how many end together in it, 1 at least), worth (what it is due, over its months).

    ``due_line``, a row a line: told_by, line_id, term_id (the host), account_id, family, due_on, nature, product_line, arr, currency,
    rated_on (the day whose exchange rate holds for it: due_on, or ``as_of`` where that lies ahead). A contraction's is negative; one
    that ends before what it takes from makes none.

    ``renewed_line``, a row a line of a renewing order and cycle that it renews: told_by, line_id, term_id, account_id, family, due_on,
    signed_on, start, product_line, arr (this cycle's part), currency, share (DOUBLE: this cycle's part of the line; 1 but where an order
    renews several cycles), rated_on (the same day for both). An order that renews several is split by their due ARR, to the cent,
    by largest remainder; evenly where that cannot be told or is in several currencies.

    In both ``arr`` is null where the amount cannot be told (`csconnect.compute.sold.UNTOLD`).
    """
    today = f"DATE '{as_of.isoformat()}'"
    facts.execute(_DUE_LINE.format(today=today))
    facts.execute(_RENEWED_LINE.format(today=today))
    facts.execute(_CYCLE.format(today=today, due=days_before(rules), grace=rules.grace_days))


_DUE_LINE = """
CREATE OR REPLACE TEMP TABLE due_line AS
SELECT line.told_by, line.id AS line_id, line.term_id, line.account_id, line.family, line.due_on, line.nature, line.product_line,
    CASE WHEN line.excluded IS NULL THEN line.arr END AS arr, line.currency,
    CASE WHEN line.due_on > {today} THEN {today} ELSE line.due_on END AS rated_on
FROM sold_line AS line INNER JOIN turn ON turn.account_id = line.account_id AND turn.family = line.family
    AND turn.due_on = line.due_on
WHERE line.counts
"""

# Most orders renew one cycle and are not split; those that renew several are few.
_RENEWED_LINE = """
CREATE OR REPLACE TEMP TABLE renewed_line AS
WITH counted AS (
    SELECT *, count(*) OVER (PARTITION BY account_id, family, start, "end", nature) AS cycles FROM succession
),
matched AS (
    SELECT line.told_by, line.id AS line_id, line.term_id, line.account_id, line.family, counted.due_on, line.signed_on, line.start,
        line.product_line, CASE WHEN line.excluded IS NULL THEN line.arr END AS arr, line.currency, counted.cycles
    FROM counted INNER JOIN sold_line AS line ON line.account_id = counted.account_id AND line.family = counted.family
        AND line.start = counted.start AND line."end" = counted."end" AND line.nature = counted.nature
    WHERE line.counts
),
owed AS (
    SELECT line.account_id, line.family, line.due_on, CASE WHEN count(line.arr) = count(*) THEN sum(line.arr) END AS arr,
        min(line.currency) AS low, max(line.currency) AS high
    FROM due_line AS line INNER JOIN (SELECT DISTINCT account_id, family, due_on FROM counted WHERE cycles > 1) AS shared
        ON shared.account_id = line.account_id AND shared.family = line.family AND shared.due_on = line.due_on
    GROUP BY line.account_id, line.family, line.due_on
),
fair AS (
    SELECT matched.*, owed.arr AS owed, min(owed.low) OVER one = max(owed.high) OVER one AND count(owed.arr) OVER one = count(*) OVER one
            AND min(owed.arr) OVER one > 0 AS by_arr
    FROM matched INNER JOIN owed ON owed.account_id = matched.account_id AND owed.family = matched.family
        AND owed.due_on = matched.due_on
    WHERE matched.cycles > 1
    WINDOW one AS (PARTITION BY matched.told_by, matched.line_id)
),
weighed AS (
    SELECT *, CAST(arr * 100 AS HUGEINT) AS cents,
        CASE WHEN by_arr THEN CAST(owed * 100 AS HUGEINT) ELSE CAST(1 AS HUGEINT) END AS weight
    FROM fair
),
whole AS (
    SELECT *, sum(weight) OVER (PARTITION BY told_by, line_id) AS weights FROM weighed
),
cut AS (
    SELECT *, cents * weight // nullif(weights, 0) AS least_cents, cents * weight % nullif(weights, 0) AS rest FROM whole
),
shared AS (
    SELECT *, cents - sum(least_cents) OVER (PARTITION BY told_by, line_id) AS left_over,
        row_number() OVER (PARTITION BY told_by, line_id ORDER BY rest DESC, due_on) AS place
    FROM cut
)
SELECT told_by, line_id, term_id, account_id, family, due_on, signed_on, start, product_line, arr, currency, CAST(1 AS DOUBLE) AS share,
    CASE WHEN due_on > {today} THEN {today} ELSE due_on END AS rated_on
FROM matched WHERE cycles = 1
UNION ALL
SELECT told_by, line_id, term_id, account_id, family, due_on, signed_on, start, product_line,
    CAST(CAST(least_cents + CASE WHEN place <= left_over THEN 1 ELSE 0 END AS DECIMAL(36, 0)) * 0.01 AS DECIMAL(38, 2)), currency,
    CAST(weight AS DOUBLE) / nullif(CAST(weights AS DOUBLE), 0.0), CASE WHEN due_on > {today} THEN {today} ELSE due_on END
FROM shared
"""

_CYCLE = """
CREATE OR REPLACE TEMP TABLE cycle AS
WITH owed AS (
    SELECT account_id, family, due_on, sum(arr) AS arr, min(currency) AS low, max(currency) AS high,
        count(arr) < count(*) AS untold
    FROM due_line GROUP BY account_id, family, due_on
),
paid AS (
    SELECT account_id, family, due_on, sum(arr) AS arr, min(currency) AS low, max(currency) AS high,
        count(arr) < count(*) AS untold, min(start) AS start, min(coalesce(signed_on, start)) AS renewed_on
    FROM renewed_line GROUP BY account_id, family, due_on
),
agreed AS (
    SELECT line.account_id, line.family, line.due_on, max(line.months) AS months,
        -- an expansion may be a contract of its own; what is renewed is that of the main order
        coalesce(min(CASE WHEN line.nature IN ('new', 'renewal') THEN line.contract_id END), min(line.contract_id)) AS contract_id,
        min(coalesce(term.renewal_opportunity_id, contract.renewal_opportunity_id)) AS open_id,
        count(DISTINCT CASE WHEN line.counts AND line.nature IN ('new', 'renewal') THEN line.contract_id END) AS contracts,
        sum(CASE WHEN line.counts AND line.excluded IS NULL THEN line.amount END) AS amount
    FROM sold_line AS line LEFT JOIN term ON term.id = line.term_id LEFT JOIN contract ON contract.id = line.contract_id
    WHERE line.nature <> 'contraction' GROUP BY line.account_id, line.family, line.due_on
),
later AS (
    SELECT turn.account_id, turn.family, turn.due_on, min(line.start) AS start
    FROM turn INNER JOIN sold_line AS line ON line.account_id = turn.account_id AND line.family = turn.family
    LEFT JOIN paid ON paid.account_id = turn.account_id AND paid.family = turn.family AND paid.due_on = turn.due_on
    WHERE paid.due_on IS NULL AND line.counts AND line.nature IN ('new', 'renewal')
        AND date_diff('day', turn.due_on, line.start) > {grace}
    GROUP BY turn.account_id, turn.family, turn.due_on
),
joined AS (
    SELECT turn.*, agreed.months, agreed.contract_id, agreed.open_id, agreed.contracts, agreed.amount,
        owed.arr AS due_arr, owed.low AS due_low, owed.high AS due_high,
        paid.arr AS renewed_arr, paid.low AS paid_low, paid.high AS paid_high, paid.renewed_on, paid.start AS renewed_start,
        coalesce(paid.start, later.start) AS next_start, owed.untold OR coalesce(paid.untold, FALSE) AS untold,
        date_diff('day', {today}, turn.due_on) AS days_to_end, account.segment
    FROM turn INNER JOIN account ON account.id = turn.account_id
    INNER JOIN owed ON owed.account_id = turn.account_id AND owed.family = turn.family AND owed.due_on = turn.due_on
    INNER JOIN agreed ON agreed.account_id = turn.account_id AND agreed.family = turn.family AND agreed.due_on = turn.due_on
    LEFT JOIN paid ON paid.account_id = turn.account_id AND paid.family = turn.family AND paid.due_on = turn.due_on
    LEFT JOIN later ON later.account_id = turn.account_id AND later.family = turn.family AND later.due_on = turn.due_on
)
SELECT account_id, family, due_on, start AS term_start, contract_id, months,
    CASE WHEN due_low = due_high THEN due_arr END AS due_arr, CASE WHEN due_low = due_high THEN due_low END AS currency,
    CASE
        WHEN renewed_start IS NOT NULL THEN 'renewed'
        WHEN days_to_end > {due} THEN 'not_due'
        WHEN days_to_end > 0 THEN 'due'
        WHEN days_to_end >= -{grace} THEN 'deferred'
        WHEN next_start <= {today} THEN 'won_back'
        ELSE 'churned'
    END AS state,
    next_start, CASE WHEN paid_low = paid_high THEN renewed_arr END AS renewed_arr,
    CASE WHEN paid_low = paid_high THEN paid_low END AS renewed_currency, renewed_on, open_id, untold,
    CASE WHEN due_low <> due_high OR coalesce(paid_low <> due_low OR paid_high <> due_low, FALSE) THEN TRUE ELSE FALSE END AS mixed,
    CASE WHEN contracts > 1 THEN contracts ELSE 1 END AS contracts,
    CASE WHEN due_low = due_high THEN CAST(CASE
        -- ARR is rounded to the cent: the orders' own amounts are nearer to the truth than a hundredth a year too much or too little
        WHEN abs(due_arr * months / 12 - amount) <= CASE WHEN months > 12 THEN 0.01 * months / 12 ELSE 0.01 END THEN amount
        ELSE round(due_arr * months / 12, 2) END AS DECIMAL(38, 4)) END AS worth
FROM joined
"""
