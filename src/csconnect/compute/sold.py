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
    today = {"today": f"DATE '{as_of.isoformat()}'"}
    facts.execute(_TERM_SOLD.format(**today))
    facts.execute(_ITSELF.format(**today))
    facts.execute(_LINE_SOLD.format(out="', '".join(OUT)))
    make_succession(facts, rules)
    facts.execute(_SOLD)
    for table in ("term_sold", "itself", "line_sold"):
        facts.execute(f"DROP TABLE {table}")


def excluded(facts: duckdb.DuckDBPyConnection) -> pa.Table:
    """What `make_sold` left out: reason, currency (null where unknown), lines, customers, arr (null where no line of it has one).
    Ordered by reason and currency."""
    return facts.sql(_EXCLUDED).to_arrow_table()


# A row a term: what its lines are joined with, once. ``main`` terms are those that expansions and contractions belong to; ``twice``
# is sold anew over days that an earlier term of the same agreement covers; ``differs``: its own lines are not its amount, with or
# without their one-off fees. What hangs on a term and is called an expansion or contraction is an order of its own.
_TERM_SOLD = """
CREATE OR REPLACE TEMP TABLE term_sold AS
WITH itemised AS (
    SELECT line.term_id, count(CASE WHEN line.billing = 'recurring' THEN 1 END) AS lines,
        count(CASE WHEN line.billing = 'recurring' THEN line.amount END) AS recurring, sum(line.amount) AS fees,
        sum(CASE WHEN coalesce(line.nature, term.nature) = term.nature THEN line.amount END) AS whole,
        sum(CASE WHEN line.billing = 'recurring' AND coalesce(line.nature, term.nature) = term.nature THEN line.amount END)
            AS yearly,
        count(CASE WHEN coalesce(line.currency, term.currency) <> term.currency THEN 1 END) AS foreign_lines
    FROM contract_line AS line INNER JOIN term ON term.id = line.term_id GROUP BY line.term_id
),
judged AS (
    SELECT term.id, term.account_id, term.contract_id, term.product_line, term.nature, term.signed_on, term.start, term."end",
        term.months, term.credited_days, term.amount, term.currency, term.signed_on IS NULL OR term.signed_on <= {today} AS known,
        term.nature IN ('new', 'renewal') AS main, date_diff('day', term.start, term."end") > 0 AS sound,
        coalesce(itemised.lines, 0) AS lines, coalesce(itemised.recurring, 0) AS recurring, itemised.fees,
        coalesce(itemised.foreign_lines = 0 AND abs(coalesce(itemised.yearly, 0) - term.amount) > 0.01
            AND abs(coalesce(itemised.whole, 0) - term.amount) > 0.01 AND term.currency IS NOT NULL, FALSE) AS differs
    FROM term LEFT JOIN itemised ON itemised.term_id = term.id
),
twice AS (
    SELECT DISTINCT later.id FROM judged AS later
    INNER JOIN judged AS earlier ON earlier.account_id = later.account_id
        AND coalesce(earlier.product_line, '') = coalesce(later.product_line, '')
        AND coalesce(earlier.contract_id, '') = coalesce(later.contract_id, '')
    WHERE later.nature = 'new' AND later.sound AND later.known AND earlier.main AND earlier.sound AND earlier.known
        AND earlier."end" > later.start
        AND (earlier.start < later.start OR (earlier.start = later.start AND earlier.id < later.id))
)
SELECT judged.*, twice.id IS NOT NULL AS twice FROM judged LEFT JOIN twice ON twice.id = judged.id
"""

# Of a term that is not known yet nothing counts; where nobody tells the term, nothing that lies ahead does. ``named`` says that the
# line belongs to a main term of its own; ``host_line`` and ``host_end`` are that term's, the end only if the term is sound.
_ITSELF = """
CREATE OR REPLACE TEMP TABLE itself AS
WITH told AS (
    SELECT line.id, 'contract_line' AS told_by, coalesce(line.account_id, own.account_id) AS account_id,
        coalesce(line.contract_id, own.contract_id) AS contract_id, own.id AS own_id,
        coalesce(line.product_line, own.product_line) AS product_line, coalesce(line.nature, own.nature, 'new') AS nature,
        own.signed_on, coalesce(line.start, own.start) AS start,
        -- days credited to the order are credited to each of its lines
        coalesce(CASE WHEN line.credited_days IS NULL THEN line."end" + CAST(coalesce(own.credited_days, 0) AS INTEGER)
            ELSE line."end" END, own."end") AS "end",
        coalesce(line.months, own.months) AS months, line.amount, coalesce(line.currency, own.currency) AS currency,
        coalesce(own.main, FALSE) AS named, own.product_line AS host_line, CASE WHEN own.sound THEN own."end" END AS host_end,
        coalesce(own.twice, FALSE) AS twice, coalesce(own.differs AND coalesce(line.nature, own.nature) = own.nature, FALSE) AS differs
    FROM contract_line AS line LEFT JOIN term_sold AS own ON own.id = line.term_id
    LEFT JOIN opportunity ON opportunity.id = line.term_id AND opportunity.status <> 'won'
    WHERE line.billing = 'recurring' AND (line.amount IS NOT NULL OR own.amount IS NULL OR own.recurring > 0)
        AND (own.known OR (own.id IS NULL AND opportunity.id IS NULL
            AND (line.term_id IS NULL OR line.start IS NULL OR line.start <= {today})))
    UNION ALL
    SELECT id, 'term', account_id, contract_id, id, product_line, nature, signed_on, start, "end", months, amount, currency, main,
        product_line, CASE WHEN sound THEN "end" END, twice, FALSE
    FROM term_sold
    WHERE known AND CASE WHEN amount IS NULL THEN lines = 0 ELSE recurring = 0 AND (fees IS NULL OR fees <> amount) END
)
SELECT told.*, account.id IS NOT NULL AS placed
FROM told LEFT JOIN account ON account.id = told.account_id WHERE account.id IS NULL OR account.is_customer
"""

_LINE_SOLD = """
CREATE OR REPLACE TEMP TABLE line_sold AS
WITH covering AS (
    SELECT itself.id, itself.told_by, main.id AS host_id, main.product_line AS host_line, main."end" AS host_end,
        row_number() OVER (PARTITION BY itself.id, itself.told_by
            ORDER BY CASE WHEN main.contract_id = itself.contract_id THEN 0 ELSE 1 END, main.start DESC, main.id) AS place
    FROM itself INNER JOIN term_sold AS main ON main.account_id = itself.account_id AND main.start <= itself.start
        AND main."end" > itself.start
        AND (main.product_line = itself.product_line OR main.product_line IS NULL OR itself.product_line IS NULL)
    WHERE NOT itself.named AND main.main AND main.sound AND main.known
),
hosted AS (
    SELECT itself.id, itself.told_by, itself.account_id, itself.contract_id, itself.product_line, itself.nature, itself.signed_on,
        itself.start, itself."end", itself.months, itself.amount, itself.currency, itself.twice, itself.differs, itself.placed,
        CASE WHEN itself.named THEN itself.own_id ELSE covering.host_id END AS host_id,
        CASE WHEN itself.named THEN itself.host_line ELSE covering.host_line END AS host_line,
        CASE WHEN itself.named THEN itself.host_end ELSE covering.host_end END AS host_end
    FROM itself LEFT JOIN covering ON covering.id = itself.id AND covering.told_by = itself.told_by AND covering.place = 1
),
judged AS (
    SELECT id, told_by, account_id, contract_id, host_id AS term_id,
        CASE WHEN host_id IS NULL THEN coalesce(product_line, '') ELSE coalesce(host_line, '') END AS family,
        coalesce(product_line, host_line) AS product_line, nature, signed_on, start, "end",
        CASE WHEN nature <> 'contraction' THEN "end" WHEN "end" >= host_end THEN host_end END AS due_on, months,
        CAST(amount AS DECIMAL(38, 4)) AS amount, currency,
        CAST(round(CAST(CAST(amount AS DOUBLE) * 12.0 / nullif(CAST(months AS DOUBLE), 0.0) AS DECIMAL(38, 6)), 2)
            AS DECIMAL(38, 2)) AS arr,
        CASE
            WHEN NOT placed THEN 'no_account'
            WHEN start IS NULL OR "end" IS NULL THEN 'no_dates'
            WHEN date_diff('day', start, "end") <= 0 THEN 'reversed'
            WHEN twice THEN 'overlap'
            WHEN nature = 'contraction' AND host_end IS NULL THEN 'no_host'
            WHEN amount IS NULL THEN 'no_amount'
            WHEN months IS NULL THEN 'no_months'
            WHEN currency IS NULL THEN 'no_currency'
            WHEN amount < 0 AND nature <> 'contraction' THEN 'negative'
            WHEN differs THEN 'sum_differs'
        END AS excluded
    FROM hosted
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
