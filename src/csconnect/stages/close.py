"""Close the months that are over: freeze their figures in the lake, and state them anew when they turn out otherwise.

A statement is reckoned as of the closing of its month (its first day after) from what is known when it is made. Nothing of it is ever
overwritten: another result is another version, a restatement. Nothing here reads or writes a system.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from csconnect.compute.forecast import forecasts, week_of
from csconnect.compute.month import INPUTS, inputs_of, month_before, month_of
from csconnect.compute.period import Period
from csconnect.compute.restated import Context, Reason, gone, reasons
from csconnect.compute.statement import BY, RECKONING, Statement, reckon
from csconnect.lake.schema import FIGURE, FORECAST, MONTH, STATEMENT, fact_schema
from csconnect.stages.frozen import Health, first_said, frozen, health_in
from csconnect.stages.score import in_force, scores_on
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    from csconnect.lake import Snapshot

CATCH_UP = 3
"""How many months one run closes at most; before the first statement these are the newest ones, and none before them is ever closed."""
KEY = "statements"
"""Where a run's summary in the ledger keeps what it saw months to be reckoned from."""
_BACK = 100


@dataclass(frozen=True)
class Closed:
    """What a run stated: names of months, and how many open renewals it noted. ``inputs`` is month -> what it is reckoned from now, so
    that the next run need not reckon it again. ``problem`` is what kept it from stating anything."""

    closed: list[str] = field(default_factory=list)
    restated: list[str] = field(default_factory=list)
    forecasts: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class _News:
    """A version to be written."""

    month: Period
    version: int
    reconstructed: bool
    inputs: str
    statement: Statement
    why: Mapping[str, Reason]


def close_months(workspace: Workspace, facts: Snapshot, day: date, run_id: str) -> Closed:
    """Close what is over on ``day`` and reckon the last closed months again, from ``facts``, the lake's view of that day; publish all of
    it together, or nothing where nothing is new.

    A day that lies ahead of us closes nothing, nor does a lake in which no customer has an order (a misspelt filter, an export without
    rows): that would state zeros. The temporary tables of ``facts`` are those of other days afterwards.
    """
    if day > workspace.today or not _orders(facts):
        return Closed()
    heads = _heads(workspace)
    noted = _forecasts(workspace, facts, day)
    seen = _seen(workspace)
    news, inputs = [], {}
    for month in (*_to_close(heads, day), *_to_check(workspace, heads, day)):
        inputs[month.name] = _inputs(workspace, facts, month)
        versions = heads.get(month.start, [])
        if versions and inputs[month.name] in (versions[-1]["inputs"], seen.get(month.name)):
            continue
        found = _reckoned(workspace, facts, month, versions, inputs[month.name])
        if found is not None:
            news.append(found)
    if (news or noted.num_rows) and not _publish(workspace, run_id, heads, news, noted):
        return Closed()
    return Closed(
        [each.month.name for each in news if each.version == 1],
        [each.month.name for each in news if each.version > 1],
        noted.num_rows,
        inputs,
    )


def _orders(facts: Snapshot) -> bool:
    """Whether any customer has one."""
    ((orders,),) = facts.connection.sql(
        """SELECT count(*) FROM account WHERE is_customer AND (id IN (SELECT account_id FROM term WHERE account_id IS NOT NULL)
            OR id IN (SELECT account_id FROM contract_line WHERE account_id IS NOT NULL))"""
    ).fetchall()
    return bool(orders)


def _heads(workspace: Workspace) -> dict[date, list[dict[str, Any]]]:
    """First day of a month -> its statements, the first version first."""
    found: dict[date, list[dict[str, Any]]] = {}
    for row in workspace.lake.stated(STATEMENT).to_pylist():
        found.setdefault(row["month"], []).append(row)
    return {month: sorted(rows, key=lambda row: row["version"]) for month, rows in sorted(found.items())}


def _last_over(day: date) -> Period:
    """The newest month that is over, and so is the day as of which it is stated: what is signed on that day may still come until its
    evening, whatever hour the night's run has."""
    month = month_before(month_of(day))
    return month if day > month.closing else month_before(month)


def _to_close(heads: Mapping[date, Any], day: date) -> list[Period]:
    """The oldest `CATCH_UP` months without a statement, from the first that has one, or else of the newest."""
    month = _last_over(day)
    missing: list[Period] = []
    first = min(heads, default=None)
    while month.start > first if first else len(missing) < CATCH_UP:
        if month.start not in heads:
            missing.append(month)
        month = month_before(month)
    return missing[::-1][:CATCH_UP]


def _to_check(workspace: Workspace, heads: Mapping[date, Any], day: date) -> list[Period]:
    """The closed ones of the last months that are over today, oldest first; of a run for an earlier day those that were over then."""
    month, found = _last_over(workspace.today), []
    for _ in range(workspace.config.retention.restate_months):
        if month.start in heads and month.closing < day:
            found.append(month)
        month = month_before(month)
    return found[::-1]


def settings_of(workspace: Workspace) -> str:
    """What of the configuration, and of the way of reckoning, decides the figures, as JSON."""
    config = workspace.config
    said = {
        "reckoning": RECKONING,
        "by": BY,
        "currency": config.retention.currency,
        "rate_max_age_days": config.retention.rate_max_age_days,
        "grace_days": config.renewals.grace_days,
        "homes": config.homes or list(config.connections),
        "match": {name: each.match for name, each in config.connections.items()},
    }
    return json.dumps(said, sort_keys=True)


def _inputs(workspace: Workspace, facts: Snapshot, month: Period) -> str:
    settings = hashlib.sha256(settings_of(workspace).encode()).hexdigest()[:16]
    return f"{settings}-{inputs_of(facts.connection, month)}"


def _seen(workspace: Workspace) -> dict[str, str]:
    """What the last run that looked saw months to be reckoned from. Losing the ledger costs one reckoning."""
    for run in workspace.ledger.runs(_BACK, ("sync", "plan"), ("done", "planned", "partial")):
        if KEY in run.summary:
            return dict(run.summary[KEY])
    return {}


def _reckoned(
    workspace: Workspace, facts: Snapshot, month: Period, versions: Sequence[Mapping[str, Any]], inputs: str
) -> _News | None:
    """The next version of ``month``; None where it would say what the last one says."""
    workspace.note(f"reckoning {month.name} again" if versions else f"closing {month.name}")
    known = _known(workspace, month)
    if not versions:
        statement = _statement(workspace, facts, month, _health(workspace, facts, month) if known else {})
        return _News(month, 1, not known, inputs, statement, {})
    stated, last = workspace.lake.stated(MONTH, [month.start]), versions[-1]
    first = first_said(stated)
    with frozen(facts, first):
        statement = _statement(workspace, facts, month, health_in(first))
    if statement.digest == last["digest"]:
        return None
    context = Context(last["settings"] != settings_of(workspace), _ids(facts), _fresh(facts, last["_known_at"]))
    before = _version(stated, last["version"]).to_pylist()
    why = reasons(before, statement.accounts.to_pylist(), context)
    return _News(month, last["version"] + 1, not known, inputs, statement, why)


def _statement(workspace: Workspace, facts: Snapshot, month: Period, health: Health) -> Statement:
    config = workspace.config
    return reckon(
        facts.connection,
        month,
        config.renewals.rules(),
        config.retention.currency,
        config.retention.rate_max_age_days,
        health,
    )


def _version(stated: pa.Table, version: int) -> pa.Table:
    """The accounts of one version."""
    return stated.filter(pc.equal(stated["version"], version))


def _known(workspace: Workspace, month: Period) -> bool:
    """Whether the lake knew the closing of ``month`` on its evening, rather than being told of it later."""
    first = workspace.lake.known_since(workspace.config.connections.keys(), INPUTS)
    return first is not None and first <= datetime.combine(month.closing, time.max, UTC)


def _health(workspace: Workspace, facts: Snapshot, month: Period) -> Health:
    """Account -> band and score at the closing. Of a month that the lake did not know nobody asks: what a card would say of it today
    is not what it said."""
    scores, _ = scores_on(workspace, facts, in_force(workspace), month.closing)
    columns = (scores.accounts.column(name).to_pylist() for name in ("account_id", "band", "score"))
    return {account: (band, score) for account, band, score in zip(*columns, strict=True)}


def _ids(facts: Snapshot) -> frozenset[str]:
    return frozenset(row[0] for row in facts.connection.sql("SELECT id FROM account").fetchall())


def _fresh(facts: Snapshot, since: datetime) -> frozenset[str]:
    """Accounts of which an order came or changed after ``since``."""
    rows = facts.connection.execute(
        """SELECT account_id FROM term WHERE _known_at > $since
        UNION SELECT coalesce(line.account_id, term.account_id) FROM contract_line AS line LEFT JOIN term ON term.id = line.term_id
        WHERE line._known_at > $since""",
        {"since": since},
    ).fetchall()
    return frozenset(row[0] for row in rows if row[0])


def _forecasts(workspace: Workspace, facts: Snapshot, day: date) -> pa.Table:
    """The open renewals of this week, where no run of the week has noted them yet. Of no other day: what was open then, and for how
    much, nobody knows any more."""
    if day != workspace.today or workspace.lake.stated(FORECAST, week_of(day)).num_rows:
        return fact_schema(FORECAST).empty_table()
    ((some,),) = facts.connection.sql(
        "SELECT count(*) FROM opportunity WHERE status = 'open' AND coalesce(kind, 'renewal') = 'renewal'"
    ).fetchall()
    if not some:
        return fact_schema(FORECAST).empty_table()
    workspace.note("noting open renewals")
    return forecasts(facts.connection, day, workspace.config.renewals.rules())


def _publish(
    workspace: Workspace, run_id: str, heads: Mapping[date, Any], news: Sequence[_News], noted: pa.Table
) -> bool:
    """Write all of it as one run; False where another run has closed something meanwhile, which then stands."""
    with workspace.lake.begin(f"{run_id}-close", workspace.now()) as run:
        noted_meanwhile = noted.num_rows and workspace.lake.stated(FORECAST, week_of(noted["day"][0].as_py())).num_rows
        if _heads(workspace) != heads or noted_meanwhile:
            return False
        settings, currency = settings_of(workspace), workspace.config.retention.currency
        for each in news:
            head = {"as_of": each.month.closing, "currency": currency, "reconstructed": each.reconstructed}
            made = {"settings": settings, "inputs": each.inputs, "digest": each.statement.digest}
            run.state(STATEMENT, _rows(STATEMENT, each, [head | made]))
            run.state(FIGURE, _rows(FIGURE, each, each.statement.figures))
            run.state(MONTH, _month_rows(each))
        run.state(FORECAST, noted)
        run.publish()
    return True


def _rows(entity: str, news: _News, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    at = {"month": news.month.start, "version": news.version}
    return pa.Table.from_pylist([{**at, **row} for row in rows], schema=fact_schema(entity))


def _month_rows(news: _News) -> pa.Table:
    """The accounts of a statement with their reasons, and after them those that are no longer in it."""
    accounts = news.statement.accounts
    ids = accounts["account_id"].to_pylist()
    columns = {
        "month": pa.array([news.month.start] * len(ids), pa.date32()),
        "version": pa.array([news.version] * len(ids), pa.int64()),
        "reason": pa.array([news.why.get(account) for account in ids], pa.string()),
    }
    for name, values in columns.items():
        accounts = accounts.append_column(name, values)
    schema = fact_schema(MONTH)
    stated = schema.names[:-1]
    here = set(ids)
    left = _rows(MONTH, news, [gone(account, why) for account, why in news.why.items() if account not in here])
    return pa.concat_tables([accounts.select(stated).cast(left.select(stated).schema), left.select(stated)])
