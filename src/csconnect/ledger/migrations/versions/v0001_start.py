"""The ledger's first tables. Frozen: later shapes are later migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("number", _Number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("config_hash", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("plan_of", sa.String(64)),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("summary", sa.Text),
    )
    op.create_table(
        "plans",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _journal()
    op.create_table(
        "written",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("connection", "object", "record_id", "field")),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holds",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("born", sa.Text, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("number", _Number, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("notes_by_run", "notes", ["run_id", "number"])


def _journal() -> None:
    op.create_table(
        "intents",
        sa.Column("number", _Number, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("intents_by_change", "intents", ["run_id", "change_id", "number"])
    op.create_table(
        "receipts",
        sa.Column("number", _Number, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("intent", _Number),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("connection", "object", "account")),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("record_id", sa.Text),
        sa.Column("outcome", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("code", "message", "request_id")),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("receipts_by_intent", "receipts", ["intent"])
    op.create_index("receipts_by_run", "receipts", ["run_id", "number"])
    op.create_index("receipts_by_account", "receipts", ["account", "number"])
    op.create_index("receipts_by_record", "receipts", ["connection", "object", "record_id", "number"])
