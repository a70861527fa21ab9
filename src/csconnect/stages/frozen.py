"""What of an account a closed month keeps as it was first stated, whatever is said of it today."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from csconnect.lake import Snapshot

Health = dict[str, tuple[str | None, int | None]]
"""Account -> band and score."""
KEPT = ("segment", "industry", "region", "owner_id")


def first_said(stated: pa.Table) -> pa.Table:
    """Of all versions of a month (rows of `csconnect.lake.schema.MONTH`) those of each account in the version that first had it."""
    first = stated.group_by("account_id").aggregate([("version", "min")])
    return stated.join(first, ["account_id", "version"], ["account_id", "version_min"], join_type="inner")


def health_in(first: pa.Table) -> Health:
    """The health that the first statement of each account (`first_said`) gives it."""
    columns = (first.column(name).to_pylist() for name in ("account_id", "band", "score"))
    return {account: (band, score) for account, band, score in zip(*columns, strict=True)}


@contextmanager
def frozen(facts: Snapshot, first: pa.Table) -> Iterator[None]:
    """For a while accounts are as the first statement that has them says (`first_said`): of its segment, industry, region and CSM, and
    customers, so that nobody who left is left out of the month in which he was there, and nobody's cell moves because his CSM changed
    since.

    The temporary table ``account`` stands before the snapshot's own of that name.
    """
    engine = facts.connection
    engine.register("frozen_rows", first.select(["account_id", *KEPT]))
    engine.execute("CREATE OR REPLACE TEMP TABLE frozen_account AS SELECT DISTINCT * FROM frozen_rows")
    engine.unregister("frozen_rows")
    kept = ", ".join(
        f"CASE WHEN frozen.account_id IS NULL THEN known.{name} ELSE frozen.{name} END AS {name}" for name in KEPT
    )
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE account AS
        SELECT known.* REPLACE (known.is_customer OR frozen.account_id IS NOT NULL AS is_customer, {kept})
        FROM main.account AS known LEFT JOIN frozen_account AS frozen ON frozen.account_id = known.id"""  # noqa: S608
    )
    try:
        yield
    finally:
        engine.execute("DROP TABLE temp.account; DROP TABLE temp.frozen_account")
