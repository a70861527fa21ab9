"""Usage in a snapshot: the newest delivery of every day, under home accounts, within the horizon."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from csconnect.lake import identity, sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, one, run
from csconnect.lake.scan import facts
from csconnect.lake.schema import ROLLUP, USAGE, columns
from csconnect.lake.usage import winners

_SEEN = """(SELECT f.* FROM {facts} f SEMI JOIN winner USING (_connection, day, _known_at)
WHERE f.day BETWEEN {first} AND {last})"""

_HOMED = """CREATE TABLE {entity} AS SELECT r.home AS account_id, {rest}, u._connection
FROM {seen} u JOIN account_ref r ON r.source = u.account_id"""

# Homes whose usage comes under several names (merged accounts, two usage connections): their users may overlap.
_SEVERAL = """CREATE TEMP TABLE several AS
SELECT r.home FROM (SELECT DISTINCT account_id FROM named WHERE entity = 'usage_day') n
JOIN account_ref r ON r.source = n.account_id GROUP BY r.home HAVING count(*) > 1"""

_MERGE_USERS = """CREATE TEMP TABLE merged_users AS SELECT
    account_id, "user", day, list_sort(list_distinct(flatten(list(modules)))) AS modules,
    sum(logins)::BIGINT AS logins, sum(events)::BIGINT AS events, min(_connection) AS _connection
FROM usage_day WHERE account_id IN (SELECT home FROM several) GROUP BY account_id, "user", day"""

_MERGE_MODULES = """CREATE TEMP TABLE merged_modules AS
SELECT account_id, module, day, count(*) AS users, min(_connection) AS _connection
FROM (SELECT account_id, day, _connection, unnest(modules) AS module FROM merged_users)
GROUP BY account_id, module, day"""


def make_usage(engine: Engine, catalog: Catalog, *, until: date, known: datetime | None, horizon_days: int) -> None:
    """Make the tables ``usage_day`` and ``usage_module_day`` for the ``horizon_days`` days up to and with ``until``."""
    first = until - timedelta(days=horizon_days - 1)
    run(
        engine,
        sqltext.fill(
            "CREATE TEMP TABLE winner AS SELECT * FROM {winners}",
            winners=winners(catalog, known),
        ),
    )
    for entity in (USAGE, ROLLUP):
        seen = sqltext.fill(
            _SEEN,
            facts=facts(entity, catalog.paths(catalog.usage_files(entity, first, until)), known),
            first=sqltext.day(first),
            last=sqltext.day(until),
        )
        if entity == USAGE:
            identity.note_names(engine, entity, seen)
        rest = sqltext.names((c for c in columns(entity) if c != "account_id"), "u")
        run(engine, sqltext.fill(_HOMED, entity=entity, rest=rest, seen=seen))
    _merge(engine)


def _merge(engine: Engine) -> None:
    run(engine, _SEVERAL)
    (homes,) = one(engine, "SELECT count(*) FROM several")
    if not homes:
        return
    run(engine, _MERGE_USERS)
    run(engine, _MERGE_MODULES)
    for table, merged in ((USAGE, "merged_users"), (ROLLUP, "merged_modules")):
        run(
            engine,
            sqltext.fill(
                "DELETE FROM {table} WHERE account_id IN (SELECT home FROM several);"
                "INSERT INTO {table} BY NAME SELECT * FROM {merged}",
                table=table,
                merged=merged,
            ),
        )
