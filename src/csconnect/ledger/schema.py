"""The ledger's tables. The migrations make them; this module is how the rest of the package names them.

``intents`` and ``receipts`` have one row per change and attempt and are only ever added to. ``written`` is the last value that
csconnect wrote to each field, so that a person's edit can be told from its own. ``judgements`` are what judged accounts, by digest.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# SQLite numbers rows by itself only where the type is exactly INTEGER.
_Number = BigInteger().with_variant(Integer(), "sqlite")

runs = Table(
    "runs",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("config_hash", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("plan_of", String(64)),
    Column("started_at", String(32), nullable=False),
    Column("finished_at", String(32)),
    Column("outcome", String(32)),
    Column("summary", Text),
    Column("judgement", String(64)),
)

judgements = Table(
    "judgements",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("made_at", String(32), nullable=False),
    Column("document", Text, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("body", Text, nullable=False),
)

intents = Table(
    "intents",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False),
    Column("change_id", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("intents_by_change", "run_id", "change_id", "number"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False),
    Column("change_id", Text, nullable=False),
    Column("intent", _Number),
    Column("connection", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("action", String(16), nullable=False),
    Column("key", Text),
    Column("record_id", Text),
    Column("outcome", String(16), nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("receipts_by_intent", "intent"),
    Index("receipts_by_run", "run_id", "number"),
    Index("receipts_by_account", "account", "number"),
    Index("receipts_by_record", "connection", "object", "record_id", "number"),
)

written = Table(
    "written",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("run_id", String(64), nullable=False),
    sqlite_with_rowid=False,
)

holds = Table(
    "holds",
    metadata,
    Column("account", Text, primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("since", String(32), nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("token", String(64), nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("born", Text, nullable=False),
    Column("since", String(32), nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("notes_by_run", "run_id", "number"),
)
