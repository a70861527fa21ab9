"""Who is who across connections: every customer has one home account, and everything else is turned towards it.

The rule. Accounts join by a declared match key, never by name. A key's *home* is the account that carries it in the first
connection, in the order of ``homes``, in which anyone carries it. Another connection's account with the same key joins that
home. A key that two accounts of one connection carry is ambiguous: none of these accounts joins or is joined by it; an
account of a home connection then stands for itself and keeps its own rows. Connections with ``match: id`` have no accounts:
the bare account ids in their rows *are* match keys. In a home connection too, a reference that is no account's id may be a
match key: a folder of exports often names customers by their number in one file and by their record id in another. Rows that
find no home are left out of every view and listed in ``identity_finding``.

Tables made here: ``account_link`` (account_id = home, connection, source_account_id), ``identity_finding`` (connection,
account_id, reason: unmatched | ambiguous, rows), ``delivery`` (account_id, entity, through).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from csconnect.errors import ConfigError
from csconnect.lake import sqltext
from csconnect.lake.engine import Engine, run
from csconnect.lake.schema import ROLLUP, USAGE

MATCH_KEY, ID = "match_key", "id"


def load_rule(engine: Engine, homes: Sequence[str], match: Mapping[str, str]) -> None:
    """Make the tables ``home_rank`` (connection, rank) and ``bare`` (connection): the configuration as rows."""
    unknown = sorted({how for how in match.values() if how not in (MATCH_KEY, ID)})
    if unknown:
        raise ConfigError(f"match is {unknown[0]!r}", where="connections", remedy=f"Use {MATCH_KEY} or {ID}")
    ranks: dict[str, list[object]] = {"connection": list(homes), "rank": list(range(len(homes)))}
    bare: dict[str, list[object]] = {"connection": [connection for connection, how in match.items() if how == ID]}
    _table(engine, "home_rank", ranks, pa.schema([("connection", pa.string()), ("rank", pa.int64())]))
    _table(engine, "bare", bare, pa.schema([("connection", pa.string())]))


_NAMED = """CREATE TEMP TABLE keyed AS
WITH named AS (
    SELECT a._connection AS connection, a.id, a._deleted AS dead, h.rank, nullif(CASE
        WHEN a._connection IN (SELECT connection FROM bare) THEN substr(a.id, length(a._connection) + 2)
        ELSE a.match_key END, '') AS match_key
    FROM raw.account a LEFT JOIN home_rank h ON h.connection = a._connection
), carried AS (
    SELECT connection, match_key, count(*) AS n FROM named WHERE NOT dead AND match_key IS NOT NULL GROUP BY connection, match_key
)
SELECT connection, id, rank, match_key, dead, coalesce(n, 0) AS n FROM named LEFT JOIN carried USING (connection, match_key)"""

# Who carries a key in its home connection, and how many do there. What a merged account was called, its survivor is called
# too, unless another account took the key over.
_CARRIER = """CREATE TEMP TABLE carrier AS
WITH carrying AS (
    SELECT match_key, rank, id FROM keyed WHERE NOT dead
    UNION
    SELECT k.match_key, k.rank, s.id FROM keyed k JOIN alias a ON a.entity = 'account' AND a.old_id = k.id
    JOIN keyed s ON s.id = a.survivor_id AND NOT s.dead WHERE k.dead AND k.n = 0
), counted AS (
    SELECT match_key, rank, count(*) AS n, min(id) AS id FROM carrying
    WHERE match_key IS NOT NULL AND rank IS NOT NULL GROUP BY match_key, rank
)
SELECT match_key, arg_min(n, rank) AS n, arg_min(id, rank) AS id FROM counted GROUP BY match_key"""

# From account to the carrier of its key, and on until somebody carries their own: with every step to an earlier connection.
_LINK = """CREATE TABLE account_link AS
WITH RECURSIVE hop AS (
    SELECT k.connection, k.id, CASE WHEN k.n = 1 AND c.n = 1 THEN c.id ELSE k.id END AS next
    FROM keyed k LEFT JOIN carrier c USING (match_key)
    WHERE NOT k.dead AND ((k.n = 1 AND c.n = 1) OR k.rank IS NOT NULL)
), link(connection, source, home) AS (
    SELECT connection, id, next FROM hop
    UNION
    SELECT l.connection, l.source, h.next FROM link l JOIN hop h ON h.id = l.home
)
SELECT l.home AS account_id, l.connection, l.source AS source_account_id
FROM link l JOIN hop h ON h.id = l.home AND h.next = l.home"""

# Every spelling of an account that a row may use, with the home it means.
_REF = """CREATE TEMP TABLE account_ref AS
SELECT source_account_id AS source, account_id AS home FROM account_link
UNION
SELECT a.old_id, l.account_id FROM alias a JOIN account_link l ON l.source_account_id = a.survivor_id
WHERE a.entity = 'account'
UNION
SELECT b.connection || ':' || c.match_key, l.account_id
FROM carrier c JOIN account_link l ON l.source_account_id = c.id CROSS JOIN bare b WHERE c.n = 1
UNION
SELECT h.connection || ':' || c.match_key, l.account_id
FROM carrier c JOIN account_link l ON l.source_account_id = c.id CROSS JOIN home_rank h
WHERE c.n = 1 AND h.connection || ':' || c.match_key NOT IN (SELECT id FROM raw.account)"""


def link_accounts(engine: Engine) -> None:
    """Apply the rule to ``raw.account`` (deleted rows included); makes ``account_link`` and ``account_ref`` (source, home)."""
    run(engine, _NAMED)
    run(engine, _CARRIER)
    run(engine, _LINK)
    run(engine, _REF)
    run(engine, "CREATE TEMP TABLE named (connection VARCHAR, account_id VARCHAR, entity VARCHAR, rows BIGINT)")


def note_names(engine: Engine, entity: str, source: str) -> None:
    """Count how often each account is named in ``source`` (SQL), by the names its connection uses."""
    run(
        engine,
        sqltext.fill(
            """INSERT INTO named SELECT _connection, account_id, {entity}, count(*) FROM {source}
            WHERE account_id IS NOT NULL GROUP BY _connection, account_id""",
            entity=sqltext.text(entity),
            source=source,
        ),
    )


_BARE_LINKS = """INSERT INTO account_link
SELECT DISTINCT r.home, n.connection, n.account_id FROM named n JOIN account_ref r ON r.source = n.account_id
WHERE n.connection IN (SELECT connection FROM bare)
AND n.account_id NOT IN (SELECT source_account_id FROM account_link)"""

_FINDING = """CREATE TABLE identity_finding AS
WITH doubled AS (
    SELECT k.connection, k.id FROM keyed k LEFT JOIN carrier c USING (match_key) WHERE NOT k.dead AND (k.n > 1 OR c.n > 1)
), lost AS (
    SELECT n.connection, n.account_id, sum(n.rows)::BIGINT AS rows
    FROM named n ANTI JOIN account_ref r ON r.source = n.account_id GROUP BY n.connection, n.account_id
    UNION ALL
    SELECT connection, id, 0 FROM doubled
    UNION ALL
    SELECT connection, id, 1 FROM keyed ANTI JOIN account_link l ON l.source_account_id = id WHERE NOT dead
), ambiguous AS (
    SELECT id AS account_id FROM doubled
    UNION
    SELECT b.connection || ':' || c.match_key FROM carrier c CROSS JOIN bare b WHERE c.n > 1
)
SELECT connection, account_id,
    CASE WHEN account_id IN (SELECT account_id FROM ambiguous) THEN 'ambiguous' ELSE 'unmatched' END AS reason,
    sum(rows)::BIGINT AS rows
FROM lost GROUP BY connection, account_id ORDER BY connection, account_id"""

# A day that a complete delivery left out is empty, but nobody told it: usage reaches as far as the days that came with rows.
_DELIVERY = """CREATE TABLE delivery AS
WITH usage_told AS (
    SELECT _connection AS connection, max(day) AS day FROM winner WHERE rows > 0 AND day <= {until} GROUP BY _connection
), reach AS (
    SELECT d.connection, d.entity,
        CASE WHEN list_contains({usage}, d.entity) THEN u.day WHEN d.day > {until} THEN {until} ELSE d.day END AS through
    FROM delivered d LEFT JOIN usage_told u USING (connection)
)
SELECT l.account_id, r.entity, max(r.through) AS through
FROM account_link l JOIN reach r USING (connection) GROUP BY l.account_id, r.entity"""


def conclude(engine: Engine, told: Mapping[str, Mapping[str, date | None]], until: date) -> None:
    """Make ``identity_finding`` and ``delivery`` once every entity's names are noted.

    An account lives in a ``match: id`` connection when that connection names it in at least one row. ``told`` says which
    connection has delivered which entity, with or without rows, and on which day last (None: nobody knows). Usage by module is
    delivered by connections whose usage names modules at all: that nobody used any is not what an export without such a column
    says. ``through`` is the last day, not after ``until``, about which any of an account's connections told an entity: for usage
    the newest day that came, for the rest the day of the newest delivery.
    """
    run(engine, _BARE_LINKS)
    run(engine, _FINDING)
    pairs = [(connection, entity) for connection, entities in told.items() for entity in entities]
    naming = {connection for (connection,) in run(engine, f"SELECT DISTINCT _connection FROM {ROLLUP}")}  # noqa: S608
    pairs += [(connection, ROLLUP) for connection in sorted(naming & told.keys())]
    rows: dict[str, list[object]] = {
        "connection": [connection for connection, _ in pairs],
        "entity": [entity for _, entity in pairs],
        "day": [told[connection].get(entity) for connection, entity in pairs],
    }
    _table(
        engine,
        "delivered",
        rows,
        pa.schema([("connection", pa.string()), ("entity", pa.string()), ("day", pa.date32())]),
    )
    run(engine, sqltext.fill(_DELIVERY, until=sqltext.day(until), usage=sqltext.texts((USAGE, ROLLUP))))


def _table(engine: Engine, table: str, rows: dict[str, list[object]], schema: pa.Schema) -> None:
    engine.register("rows_of_it", pa.Table.from_pydict(rows, schema=schema))
    run(engine, sqltext.fill("CREATE TEMP TABLE {table} AS SELECT * FROM rows_of_it", table=table))
    engine.unregister("rows_of_it")
