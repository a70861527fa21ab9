"""The due list: what falls due when, for how much, what is open for it, and what of that does not fit together."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FLAGS = (
    "nothing_open",
    "several_open",
    "still_first",
    "past_close",
    "above_cap",
    "won_without_order",
    "lost_but_renewed",
)
"""What a row may be marked with, worst first:

- ``nothing_open``: in the last 30 days before the end, or after it, nobody has made a renewal.
- ``several_open``: two open renewals could be this one's; csconnect makes none and closes none.
- ``still_first``: in the last 30 days its opportunity stands where it began (阶段与到期时间不符; decks 001:2616-2618).
- ``past_close``: its opportunity should have closed by now.
- ``above_cap``: the amount, by the year, is above what the contract lets the price rise (book §5.2.1); the cap itself is allowed.
- ``won_without_order``: its opportunity was won since the term began, and no order renews it.
- ``lost_but_renewed``: its opportunity was lost, and an order renews it.
"""
LAST_DAYS = 30


def renewal_list(
    facts: duckdb.DuckDBPyConnection,
    as_of: date,
    rules: RenewalRules,
    first_stages: tuple[str, ...] = (),
    *,
    every: bool = False,
) -> pa.Table:
    """A row a cycle that is or was to be renewed, after `csconnect.compute.due.make_due` for the same day and rules:

    account_id, account (its name), segment, product_line (null where the term has none), contract_id, last_day (the last that is
    covered), days (until then; below zero after it), state, months, due_arr, renewed_arr, currency, owner_id, owner (name),
    opportunity_id, opportunity (name), status, stage, close_on, amount, amount_currency (of it), expected (due ARR over its
    months), flags (those of `FLAGS` that hold, a space between two).

    ``first_stages`` are the stages in which a renewal begins. With ``every`` there is a row for each open renewal of a cycle, otherwise
    for the one that closes last. Cycles that are not due yet are in it, so that one can look ahead.
    Ordered by last day, account and product line.
    """
    stages = ", ".join(f"'{stage.replace(chr(39), chr(39) * 2)}'" for stage in first_stages) or "NULL"
    today = f"DATE '{as_of.isoformat()}'"
    return facts.sql(
        _LIST.format(
            today=today, stands_for=stands_for(rules), last=LAST_DAYS, stages=stages, every="TRUE" if every else "FALSE"
        )
    ).to_arrow_table()


def stands_for(rules: RenewalRules) -> str:
    """SQL of a SELECT of the renewals that may stand for a cycle, after `csconnect.compute.due.make_due`: account_id, family, due_on, id,
    name, stage, status, close_on, amount, currency (of the opportunity), nearest (1 where no other cycle of the account is nearer to it).
    """
    return _STANDS_FOR.format(grace=rules.grace_days, reach=rules.due_days + 30, agreed=_AGREED, subject=_IN_KEY)


# The contracts and terms that end together in a cycle; several where several contracts of one product line do.
# ``subject`` is what a key of ours names: the contract of the term, or, where it has none, the term.
_AGREED = """SELECT line.account_id, line.family, line.due_on, line.contract_id, coalesce(term.contract_id, line.term_id) AS subject
            FROM sold_line AS line LEFT JOIN term ON term.id = line.term_id WHERE line.counts AND line.nature IN ('new', 'renewal')
            UNION SELECT account_id, family, due_on, contract_id, NULL FROM cycle"""

# As an id stands in a key (`csconnect.writeback.keys`).
_IN_KEY = "replace(replace(agreed.subject, '%', '%25'), '|', '%7C')"

_STANDS_FOR = """
    SELECT cycle.account_id, cycle.family, cycle.due_on, opportunity.id, opportunity.name, opportunity.stage, opportunity.status,
        opportunity.close_on, opportunity.amount, opportunity.currency,
        -- one renewal serves all that falls due together: the product lines of a contract, but not its next year
        rank() OVER (
            PARTITION BY opportunity.id
            ORDER BY abs(date_diff('day', opportunity.close_on, cycle.due_on)) NULLS LAST, cycle.due_on
        ) AS nearest
    FROM (
        -- by contract, also where it stands on another account, such as the parent's
        SELECT agreed.account_id, agreed.family, agreed.due_on, opportunity.id FROM ({agreed}) AS agreed
        INNER JOIN opportunity ON opportunity.contract_id = agreed.contract_id
        UNION
        -- by account and day; one of ours that could name no contract says in its key what it is about
        SELECT agreed.account_id, agreed.family, agreed.due_on, opportunity.id FROM ({agreed}) AS agreed
        INNER JOIN opportunity ON opportunity.account_id = agreed.account_id AND opportunity.contract_id IS NULL
            AND (opportunity.kind = 'renewal' OR opportunity.key IS NOT NULL)
            AND date_diff('day', opportunity.close_on, agreed.due_on) BETWEEN -{grace} AND {reach}
            AND (opportunity.key IS NULL OR starts_with(opportunity.key, 'renewal|' || {subject} || '|'))
    ) AS paired
    INNER JOIN cycle ON cycle.account_id = paired.account_id AND cycle.family = paired.family AND cycle.due_on = paired.due_on
    INNER JOIN opportunity ON opportunity.id = paired.id AND opportunity.status <> 'void'
        AND coalesce(opportunity.kind, 'renewal') = 'renewal'
        AND (opportunity.status = 'open' OR coalesce(CAST(opportunity.closed_at AS DATE), opportunity.close_on) >= cycle.term_start)
"""

_LIST = """
WITH candidate AS ({stands_for}),
taken AS (
    SELECT *, count(CASE WHEN status = 'open' THEN 1 END) OVER (PARTITION BY account_id, family, due_on) AS open_ones,
        row_number() OVER (
            PARTITION BY account_id, family, due_on ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, close_on DESC NULLS LAST, id
        ) AS place
    FROM candidate WHERE nearest = 1
),
listed AS (
    SELECT cycle.account_id, account.name AS account, account.segment, nullif(cycle.family, '') AS product_line, cycle.contract_id,
        cycle.due_on - INTERVAL 1 DAY AS last_day, date_diff('day', {today}, cycle.due_on) - 1 AS days, cycle.state, cycle.months,
        cycle.due_arr, cycle.renewed_arr, cycle.currency, account.owner_id, owner.name AS owner, cycle.due_on,
        taken.id AS opportunity_id, taken.name AS opportunity, taken.stage, taken.status, taken.close_on, taken.amount,
        taken.currency AS amount_currency, coalesce(taken.open_ones, 0) AS open_ones, cycle.contracts,
        contract.price_increase_cap AS cap, cycle.worth AS expected
    FROM cycle
    INNER JOIN account ON account.id = cycle.account_id
    LEFT JOIN owner ON owner.id = account.owner_id
    LEFT JOIN contract ON contract.id = cycle.contract_id
    LEFT JOIN taken ON taken.account_id = cycle.account_id AND taken.family = cycle.family AND taken.due_on = cycle.due_on
        AND (taken.place = 1 OR ({every} AND taken.status = 'open'))
),
flagged AS (
    SELECT *, state IN ('due', 'deferred') AND days < {last} AS pressing, state IN ('due', 'deferred', 'churned') AS unrenewed,
        -- one opportunity may renew several product lines: its amount is held against all of them
        sum(expected) OVER served AS expected_of_all, count(expected) OVER served = count(*) OVER served
            AND min(currency) OVER served = max(currency) OVER served AS comparable, min(cap) OVER served AS lowest_cap
    FROM listed WINDOW served AS (PARTITION BY coalesce(opportunity_id, account_id || ' ' || coalesce(product_line, '') || due_on))
)
SELECT account_id, account, segment, product_line, contract_id, CAST(last_day AS DATE) AS last_day, days, state, months, due_arr,
    renewed_arr, currency, owner_id, owner, opportunity_id, opportunity, status, stage, close_on, amount, amount_currency, expected,
    concat_ws(' ',
        CASE WHEN pressing AND open_ones = 0 AND status IS NULL THEN 'nothing_open' END,
        CASE WHEN open_ones > contracts THEN 'several_open' END,
        CASE WHEN pressing AND status = 'open' AND stage IN ({stages}) THEN 'still_first' END,
        CASE WHEN status = 'open' AND close_on < {today} THEN 'past_close' END,
        CASE WHEN status = 'open' AND comparable AND amount_currency IS NOT DISTINCT FROM currency
            AND amount > expected_of_all * (1 + lowest_cap / 100) THEN 'above_cap' END,
        CASE WHEN status = 'won' AND unrenewed THEN 'won_without_order' END,
        CASE WHEN status = 'lost' AND state = 'renewed' THEN 'lost_but_renewed' END
    ) AS flags
FROM flagged ORDER BY due_on, account_id, product_line
"""
