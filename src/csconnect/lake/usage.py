"""Usage: rolled up once, at the end of the pull, so that millions of raw rows never reach a signal.

A run's rows become one row per account, user and day, and from these the users per account, module and day. A delivered day
replaces that connection's day as a whole; the small entity ``_day`` says which run delivered a day last.
"""

from __future__ import annotations

from datetime import date, datetime

from csconnect.lake import quarantine, sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import Engine, one, run
from csconnect.lake.manifest import Count
from csconnect.lake.publish import Publication
from csconnect.lake.scan import facts
from csconnect.lake.schema import DAY, ROLLUP, USAGE
from csconnect.lake.stage import Stage

CHUNK = 250_000
"""Rows that are grouped at once: what bounds memory, since lists of modules cannot spill."""

_USERS = """CREATE OR REPLACE TEMP TABLE users AS SELECT
    account_id, "user", day,
    list_sort(list_distinct(flatten(list(coalesce(modules, []))))) AS modules,
    sum(coalesce(logins, 0))::BIGINT AS logins,
    sum(coalesce(events, 0))::BIGINT AS events,
    {connection} AS _connection, {known_at} AS _known_at
FROM read_parquet({path}, hive_partitioning = false)
WHERE day BETWEEN {first} AND {last} GROUP BY account_id, "user", day"""

_MODULES = """SELECT account_id, module, day, count(*) AS users, {connection} AS _connection, {known_at} AS _known_at
FROM (SELECT account_id, day, unnest(modules) AS module FROM users) GROUP BY account_id, module, day"""


def publish_usage(publication: Publication, stage: Stage, *, complete: bool) -> Count:
    """Roll up the days that ``stage`` delivers; with ``complete``, days that did not come are empty from now on."""
    engine, connection = publication.engine, stage.connection
    parts = {"connection": sqltext.text(connection), "known_at": publication.moment}
    run(engine, "CREATE OR REPLACE TEMP TABLE days (day DATE, rows BIGINT)")
    written = 0
    for first, last in _chunks(engine, stage):
        bounds = {"first": sqltext.day(first), "last": sqltext.day(last), "path": sqltext.text(str(stage.path))}
        run(engine, sqltext.fill(_USERS, **parts, **bounds))
        run(engine, "INSERT INTO days SELECT day, count(*) FROM users GROUP BY day")
        rows = publication.sink.write(engine, USAGE, connection, "SELECT * FROM users", (first, last))
        publication.sink.write(engine, ROLLUP, connection, sqltext.fill(_MODULES, **parts), (first, last))
        written += rows.rows if rows else 0
    run(engine, "DROP TABLE IF EXISTS users")
    quarantine.settle(engine, connection, USAGE, everything=complete)
    deleted, live = _days(publication, connection, complete=complete)
    return Count(delivered=stage.delivered, written=written, deleted=deleted, live=live)


def winners(catalog: Catalog, known: datetime | None = None, connection: str | None = None) -> str:
    """SQL for the newest delivery of every connection's day: ``_connection, day, _known_at, rows``."""
    source = facts(DAY, catalog.paths(catalog.files(DAY, connection)), known)
    return sqltext.fill(
        """(SELECT _connection, day, max(_known_at) AS _known_at, arg_max(rows, _known_at) AS rows
            FROM {source} GROUP BY _connection, day)""",
        source=source,
    )


def _chunks(engine: Engine, stage: Stage) -> list[tuple[date, date]]:
    """Spans of days, each of about `CHUNK` rows or one day, that together cover what was delivered."""
    if not stage.rows:
        return []
    counts = run(
        engine,
        sqltext.fill(
            "SELECT day, count(*) FROM read_parquet({path}, hive_partitioning = false) GROUP BY day ORDER BY day",
            path=sqltext.text(str(stage.path)),
        ),
    )
    spans: list[tuple[date, date]] = []
    size = 0
    for day, rows in counts:
        if spans and size + rows <= CHUNK:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
            size = 0
        size += rows
    return spans


def _days(publication: Publication, connection: str, *, complete: bool) -> tuple[int, int]:
    """List the delivered days; returns how many usage rows were deleted by absence, and how many there are now."""
    engine = publication.engine
    run(
        engine,
        sqltext.fill(
            """CREATE OR REPLACE TEMP TABLE before AS SELECT w.day, w.rows, d.day IS NOT NULL AS replaced
            FROM {winners} w LEFT JOIN days d USING (day)""",
            winners=winners(publication.catalog, connection=connection),
        ),
    )
    deleted = 0
    if complete:
        (deleted,) = one(engine, "SELECT coalesce(sum(rows), 0)::BIGINT FROM before WHERE NOT replaced")
        run(engine, "INSERT INTO days SELECT day, 0 FROM before WHERE NOT replaced AND rows > 0")
    publication.sink.write(
        engine,
        DAY,
        connection,
        sqltext.fill(
            "SELECT day, rows, {connection} AS _connection, {known_at} AS _known_at FROM days ORDER BY day",
            connection=sqltext.text(connection),
            known_at=publication.moment,
        ),
    )
    (live,) = one(
        engine,
        """SELECT (SELECT coalesce(sum(rows), 0) FROM days)::BIGINT
            + (SELECT coalesce(sum(rows), 0) FROM before WHERE day NOT IN (SELECT day FROM days))::BIGINT""",
    )
    return deleted, live
