"""Healthy ARR of a day against that of a month before: what it is, how it moved, and what of it is whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from csconnect.compute.due import make_due
from csconnect.compute.economics import commission
from csconnect.compute.exchange import make_exchange
from csconnect.compute.healthy import HealthyArr, Standing, healthy_arr, healthy_arr_mom, standings
from csconnect.compute.sold import UNTOLD, make_sold
from csconnect.compute.waterfall import Waterfall, waterfall
from csconnect.stages.owner import owner_names
from csconnect.stages.retention import only_currency
from csconnect.stages.score import judge, snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Earner:
    """What one CSM's accounts have of healthy ARR, and what it earns (`csconnect.compute.economics.Commission`)."""

    owner_id: str
    name: str
    then: HealthyArr
    now: HealthyArr
    commission: Decimal | None


@dataclass(frozen=True)
class HealthyMonth:
    """Healthy ARR on ``then_on`` and on ``as_of``, all in ``currency`` at the rates of ``then_on``, so that no exchange rate makes a
    step. ``earners`` are the CSMs who have any, the largest first; an account counts with who has it on ``as_of``."""

    as_of: date
    then_on: date
    currency: str
    then: HealthyArr
    now: HealthyArr
    bridge: Waterfall
    earners: list[Earner]


def month_before(day: date) -> date:
    """The same day of the month before, or its last day where it is shorter."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def healthy_month(workspace: Workspace, as_of: date, currency: str | None) -> HealthyMonth:
    """Judge both days and reckon; ``currency`` may be left out where only one is in use."""
    then_on = month_before(as_of)
    with judge(workspace, as_of, since=then_on) as judged:
        bands = _bands(judged.computed.scores.accounts)
        bands_then = _bands(judged.then.accounts)
        owners = {id: card.owner_id for id, card in judged.roster.accounts.items() if card.owner_id}
        facts = judged.snapshot.connection
        names = owner_names(facts)
        target = currency or only_currency(facts)  # of sold_line, which judging has made, as it has the cycles
        now = _month(workspace, facts, as_of, then_on, bands, target)
    rules = workspace.config.renewals.rules()
    with closing(snapshot(workspace, then_on)) as earlier:
        make_sold(earlier.connection, then_on, rules)
        make_due(earlier.connection, then_on, rules)
        then = _month(workspace, earlier.connection, then_on, then_on, bands_then, target)
    return HealthyMonth(
        as_of,
        then_on,
        target,
        healthy_arr(then.values()),
        healthy_arr(now.values()),
        waterfall(then, now),
        _earners(workspace, then, now, owners, names),
    )


def _bands(accounts: pa.Table) -> dict[str, str | None]:
    return dict(zip(accounts["account_id"].to_pylist(), accounts["band"].to_pylist(), strict=True))


def _month(
    workspace: Workspace,
    facts: duckdb.DuckDBPyConnection,
    day: date,
    rates_of: date,
    bands: Mapping[str, str | None],
    currency: str,
) -> dict[str, Standing]:
    """Account -> how it stands on ``day``, whose ``facts`` and cycles these are, amounts at the rates of ``rates_of``."""
    workspace.note(f"adding up {day}")
    make_exchange(facts, currency, max_age_days=workspace.config.retention.rate_max_age_days)
    _note_bands(facts, bands)
    untold = ", ".join(f"'{reason}'" for reason in UNTOLD)
    on, rated = (f"DATE '{each.isoformat()}'" for each in (day, rates_of))
    return standings(facts.sql(_MONTH.format(day=on, rates_of=rated, untold=untold)).to_arrow_table())


def _note_bands(facts: duckdb.DuckDBPyConnection, bands: Mapping[str, str | None]) -> None:
    import pyarrow as pa

    table = pa.table({"account_id": pa.array(bands, pa.string()), "band": pa.array(bands.values(), pa.string())})
    facts.register("judged_bands", table)
    facts.execute("CREATE OR REPLACE TEMP TABLE judged_band AS SELECT * FROM judged_bands")
    facts.unregister("judged_bands")


_MONTH = """
WITH running AS (
    SELECT sold_line.account_id,
        CASE WHEN count(CASE WHEN sold_line.excluded IN ({untold}) OR exchange.rate IS NULL THEN 1 END) = 0
            THEN sum(CAST(round(sold_line.arr * exchange.rate, 2) AS DECIMAL(38, 2))) END AS arr
    FROM sold_line
    LEFT JOIN exchange ON exchange.source = sold_line.currency
        AND exchange.from_day <= {rates_of} AND exchange.until_day > {rates_of}
    WHERE (sold_line.excluded IS NULL OR sold_line.excluded IN ({untold}))
        AND sold_line.counts_from <= {day} AND sold_line.counts_until > {day}
    GROUP BY sold_line.account_id
),
since AS (
    SELECT account_id, min(start) AS day FROM sold_line WHERE start IS NOT NULL GROUP BY account_id
),
waiting AS (
    SELECT DISTINCT account_id FROM cycle WHERE state = 'deferred'
)
SELECT account.id AS account_id, account.is_customer, judged_band.band, waiting.account_id IS NOT NULL AS deferred,
    CASE WHEN running.account_id IS NULL THEN CAST(0 AS DECIMAL(38, 2)) ELSE running.arr END AS arr,
    coalesce(since.day <= {rates_of}, false) AS known_before
FROM account
LEFT JOIN running ON running.account_id = account.id
LEFT JOIN since ON since.account_id = account.id
LEFT JOIN waiting ON waiting.account_id = account.id
LEFT JOIN judged_band ON judged_band.account_id = account.id
WHERE account.is_customer
ORDER BY account.id
"""


def _earners(
    workspace: Workspace,
    then: Mapping[str, Standing],
    now: Mapping[str, Standing],
    owners: Mapping[str, str],
    names: Mapping[str, str],
) -> list[Earner]:
    rule = workspace.config.retention.commission.rule()
    accounts: dict[str, list[str]] = defaultdict(list)
    for account, owner in owners.items():
        accounts[owner].append(account)
    found = []
    for owner, mine in accounts.items():
        before = healthy_arr(then[each] for each in mine if each in then)
        after = healthy_arr(now[each] for each in mine if each in now)
        if before.healthy or after.healthy:
            mom = healthy_arr_mom(before, after).value
            found.append(Earner(owner, names.get(owner, owner), before, after, commission(after.healthy, rule, mom)))
    return sorted(found, key=lambda each: (-each.now.healthy, each.owner_id))
