"""What was sold: recurring order lines, each once, with the days on which its ARR counts. ARR, due lines, renewed lines, cohorts and
rates are all read from here, so they agree.

An order line is the unit from which due and renewed lines are made (decks 001:2787); implementation and service lines are no ARR
(001:1097-1099). A term without recurring lines is its own line, unless its amount is only the sum of its one-off lines. Lines of a
deal that is not won were not sold.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.succession import make_succession

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from csconnect.compute.terms import RenewalRules

OUT = ("no_account", "no_dates", "reversed", "overlap", "no_host")
"""Why a line is left out of everything: nobody knows whose it is or when it runs, or it stands there twice."""
UNTOLD = ("no_amount", "no_months", "no_currency", "negative", "sum_differs")
"""Why only the amount of a line is left out: that the customer bought or renewed is known, and counts; for how much is not."""


def make_sold(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules) -> None:
    """Make the temporary table ``sold_line``, a row a recurring order line or term without such lines:

    id, told_by (contract_line | term), account_id, contract_id, term_id (its host: the new or renewal term it belongs to, or null),
    family, product_line, nature, signed_on, start, end, due_on, months, amount (DECIMAL(38,4)), currency, arr (DECIMAL(38,2)),
    counts_from, counts_until, excluded (a reason of `OUT` or `UNTOLD`, or null), counts (false for those of `OUT`).

    Accounts that are no customers have no rows, nor has what was signed after ``as_of``. ``arr`` is amount / months * 12, rounded to
    the cent line by line, so that it adds up to the cent by whatever it is grouped. ``family`` is the product line of the host, ''
    where that names none, as in `csconnect.compute.terms`; a line without a host has its own. ``due_on`` is the end; of a
    contraction that of its host, or null where it ends before it: what falls due then is the whole again.

    ARR counts in ``[counts_from, counts_until)``: until the order that renews the line begins (`csconnect.compute.succession`), so
    that nothing counts twice where that begins early, and nothing is lost for the days between where it begins late but in grace.
    """
    facts.execute(_LINES.format(today=f"DATE '{as_of.isoformat()}'", out="', '".join(OUT)))
    make_succession(facts, rules)
    facts.execute(_SOLD)


def excluded(facts: duckdb.DuckDBPyConnection) -> pa.Table:
    """What `make_sold` left out: reason, currency (null where unknown), lines, customers, arr (null where no line of it has one).
    Ordered by reason and currency."""
    return facts.sql(_EXCLUDED).to_arrow_table()


_LINES = """
CREATE OR REPLACE TEMP TABLE line_sold AS
WITH known AS (
    SELECT * FROM term WHERE signed_on IS NULL OR signed_on <= {today}
),
-- what of a term is itemised; an expansion or contraction that hangs on it is an order of its own
itemised AS (
    SELECT line.term_id, count(CASE WHEN line.billing = 'recurring' THEN 1 END) AS lines,
        count(CASE WHEN line.billing = 'recurring' THEN line.amount END) AS recurring, sum(line.amount) AS fees,
        sum(CASE WHEN coalesce(line.nature, term.nature) = term.nature THEN line.amount END) AS whole,
        sum(CASE WHEN line.billing = 'recurring' AND coalesce(line.nature, term.nature) = term.nature THEN line.amount END) AS yearly,
        count(CASE WHEN coalesce(line.currency, term.currency) <> term.currency THEN 1 END) AS foreign_lines
    FROM contract_line AS line INNER JOIN term ON term.id = line.term_id GROUP BY line.term_id
),
itself AS (
    SELECT line.id, 'contract_line' AS told_by, coalesce(line.account_id, own.account_id) AS account_id,
        coalesce(line.contract_id, own.contract_id) AS contract_id, own.id AS own_id, own.nature AS own_nature,
        coalesce(line.product_line, own.product_line) AS product_line, coalesce(line.nature, own.nature, 'new') AS nature,
        own.signed_on, coalesce(line.start, own.start) AS start, coalesce(line."end", own."end") AS "end",
        coalesce(line.months, own.months) AS months, line.amount, coalesce(line.currency, own.currency) AS currency
    FROM contract_line AS line LEFT JOIN known AS own ON own.id = line.term_id
    LEFT JOIN term AS any_term ON any_term.id = line.term_id
    LEFT JOIN opportunity ON opportunity.id = line.term_id AND opportunity.status <> 'won'
    LEFT JOIN itemised ON itemised.term_id = own.id
    WHERE line.billing = 'recurring' AND (line.amount IS NOT NULL OR own.amount IS NULL OR itemised.recurring > 0)
        -- of a term that is not known yet nothing counts; where nobody tells the term, nothing that lies ahead does
        AND (own.id IS NOT NULL OR (any_term.id IS NULL AND opportunity.id IS NULL
            AND (line.term_id IS NULL OR line.start IS NULL OR line.start <= {today})))
    UNION ALL
    SELECT known.id, 'term', known.account_id, known.contract_id, known.id, known.nature, known.product_line, known.nature,
        known.signed_on, known.start, known."end", known.months, known.amount, known.currency
    FROM known LEFT JOIN itemised ON itemised.term_id = known.id
    WHERE itemised.term_id IS NULL OR (itemised.recurring = 0 AND known.amount IS NOT NULL
        AND (itemised.fees IS NULL OR itemised.fees <> known.amount)) OR (itemised.lines = 0 AND known.amount IS NULL)
),
mine AS (
    SELECT itself.*, account.id AS known_account
    FROM itself LEFT JOIN account ON account.id = itself.account_id
    WHERE account.id IS NULL OR account.is_customer
),
main AS (
    SELECT * FROM known WHERE nature IN ('new', 'renewal') AND date_diff('day', start, "end") > 0
),
covering AS (
    SELECT mine.id, mine.told_by, main.id AS host_id, row_number() OVER (PARTITION BY mine.id, mine.told_by
        ORDER BY CASE WHEN main.contract_id = mine.contract_id THEN 0 ELSE 1 END, main.start DESC, main.id) AS place
    FROM mine INNER JOIN main ON main.account_id = mine.account_id AND main.start <= mine.start AND main."end" > mine.start
        AND (main.product_line = mine.product_line OR main.product_line IS NULL OR mine.product_line IS NULL)
    WHERE coalesce(mine.own_nature, '') NOT IN ('new', 'renewal')
),
hosted AS (
    SELECT mine.*, CASE WHEN mine.own_nature IN ('new', 'renewal') THEN mine.own_id ELSE covering.host_id END AS host_id
    FROM mine LEFT JOIN covering ON covering.id = mine.id AND covering.told_by = mine.told_by AND covering.place = 1
),
-- sold anew over days that an earlier term of the same agreement covers
twice AS (
    SELECT DISTINCT later.id FROM main AS later
    INNER JOIN main AS earlier ON earlier.account_id = later.account_id
        AND coalesce(earlier.product_line, '') = coalesce(later.product_line, '')
        AND coalesce(earlier.contract_id, '') = coalesce(later.contract_id, '')
    WHERE later.nature = 'new' AND earlier."end" > later.start
        AND (earlier.start < later.start OR (earlier.start = later.start AND earlier.id < later.id))
),
judged AS (
    SELECT hosted.id, hosted.told_by, hosted.account_id, hosted.contract_id, hosted.host_id AS term_id,
        CASE WHEN hosted.host_id IS NULL THEN coalesce(hosted.product_line, '') ELSE coalesce(named.product_line, '') END AS family,
        coalesce(hosted.product_line, named.product_line) AS product_line, hosted.nature, hosted.signed_on, hosted.start, hosted."end",
        CASE WHEN hosted.nature <> 'contraction' THEN hosted."end" WHEN hosted."end" >= host."end" THEN host."end" END AS due_on,
        hosted.months, CAST(hosted.amount AS DECIMAL(38, 4)) AS amount, hosted.currency,
        CAST(round(CAST(CAST(hosted.amount AS DOUBLE) * 12.0 / nullif(CAST(hosted.months AS DOUBLE), 0.0) AS DECIMAL(38, 6)), 2)
            AS DECIMAL(38, 2)) AS arr,
        CASE
            WHEN hosted.known_account IS NULL THEN 'no_account'
            WHEN hosted.start IS NULL OR hosted."end" IS NULL THEN 'no_dates'
            WHEN date_diff('day', hosted.start, hosted."end") <= 0 THEN 'reversed'
            WHEN twice.id IS NOT NULL THEN 'overlap'
            WHEN hosted.nature = 'contraction' AND host.id IS NULL THEN 'no_host'
            WHEN hosted.amount IS NULL THEN 'no_amount'
            WHEN hosted.months IS NULL THEN 'no_months'
            WHEN hosted.currency IS NULL THEN 'no_currency'
            WHEN hosted.amount < 0 AND hosted.nature <> 'contraction' THEN 'negative'
            WHEN hosted.told_by = 'contract_line' AND hosted.nature = own.nature AND itemised.foreign_lines = 0
                AND abs(itemised.yearly - own.amount) > 0.01 AND abs(itemised.whole - own.amount) > 0.01 THEN 'sum_differs'
        END AS excluded
    FROM hosted LEFT JOIN main AS host ON host.id = hosted.host_id
    LEFT JOIN known AS named ON named.id = hosted.host_id
    LEFT JOIN known AS own ON own.id = hosted.own_id
    LEFT JOIN itemised ON itemised.term_id = hosted.own_id
    LEFT JOIN twice ON twice.id = hosted.own_id
)
SELECT *, coalesce(excluded, '') NOT IN ('{out}') AS counts FROM judged
"""

_SOLD = """
CREATE OR REPLACE TEMP TABLE sold_line AS
WITH renewed AS (
    SELECT account_id, family, due_on, min(start) AS start FROM succession GROUP BY account_id, family, due_on
),
timed AS (
    SELECT line.*, line.start AS counts_from, coalesce(renewed.start, line.due_on, line."end") AS until
    FROM line_sold AS line LEFT JOIN renewed ON renewed.account_id = line.account_id AND renewed.family = line.family
        AND renewed.due_on = line.due_on
)
SELECT id, told_by, account_id, contract_id, term_id, family, product_line, nature, signed_on, start, "end", due_on, months, amount,
    currency, arr, counts_from, CASE WHEN until > start THEN until ELSE start END AS counts_until, excluded, counts
FROM timed
"""

_EXCLUDED = """
SELECT excluded AS reason, currency, count(*) AS lines, count(DISTINCT account_id) AS customers, sum(arr) AS arr
FROM sold_line WHERE excluded IS NOT NULL GROUP BY excluded, currency ORDER BY excluded, currency NULLS LAST
"""
