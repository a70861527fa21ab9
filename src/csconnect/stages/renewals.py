"""The due list of a day, with health and outlook beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from csconnect.compute.renewals import renewal_list
from csconnect.compute.score import score
from csconnect.stages.owner import owner_keys
from csconnect.stages.score import Judged, judge
from csconnect.stages.workspace import Workspace
from csconnect.writeback import Writers
from csconnect.writeback.desired.renewal_fields import ACCOUNT_FIELDS, OPPORTUNITY_FIELDS, DueList

OUTLOOK = "renewal_risk"
"""The card whose score is the outlook of a renewal; health is another number (architecture, decision 16)."""


@dataclass(frozen=True)
class Renewals:
    """``rows`` are those of `csconnect.compute.renewals.renewal_list`, ``flags`` as a list, with ``score`` and ``band`` (health) and
    ``outlook`` (0 to 100, 100 is best; None where too little is known, or the library has no such card)."""

    as_of: date
    rows: list[dict[str, Any]]


def renewals(
    workspace: Workspace,
    as_of: date,
    *,
    states: Collection[str] = ("due", "deferred"),
    within: int | None = None,
    owner: str | None = None,
    flagged: bool = False,
) -> Renewals:
    """What is in one of ``states``; with ``within`` also what ends in so many days, whatever its state; of ``owner`` (name or key)
    only, `DataError` where nobody is called so; with ``flagged`` only what does not fit together."""
    with judge(workspace, as_of) as judged:
        mine = owner_keys(judged.snapshot.connection, owner) if owner is not None else None
        found = due_rows(workspace, judged)
        health = {row["account_id"]: row for row in judged.computed.scores.accounts.to_pylist()}
        outlook = outlooks(workspace, judged)
    rows = []
    for row in found:
        account = health.get(row["account_id"], {})
        row |= {
            "flags": row["flags"].split(),
            "score": account.get("score"),
            "band": account.get("band"),
            "outlook": outlook.get(row["account_id"]),
        }
        near = within is not None and 0 <= row["days"] <= within
        whose = mine is None or row["owner_id"] in mine
        if (row["state"] in states or near) and whose and (row["flags"] or not flagged):
            rows.append(row)
    return Renewals(as_of, rows)


def due_rows(workspace: Workspace, judged: Judged, *, every: bool = False) -> list[dict[str, Any]]:
    """The rows of `csconnect.compute.renewals.renewal_list` on the day of ``judged``, from the cycles that judging has made."""
    stages = [each.write_back.settings.get("stage") for each in workspace.config.connections.values()]
    first = tuple(str(stage) for stage in stages if stage)
    computed = judged.computed
    rows: list[dict[str, Any]] = renewal_list(
        judged.snapshot.connection, computed.as_of, computed.renewals, first, every=every
    ).to_pylist()
    return rows


def outlooks(workspace: Workspace, judged: Judged) -> dict[str, int | None]:
    """Account -> its score by the card `OUTLOOK`; empty where the library has no such card."""
    cards, day = workspace.library.scorecards, judged.computed.as_of
    if OUTLOOK not in cards:
        return {}
    workspace.note("looking ahead")
    grace = judged.computed.renewals.grace_days
    ahead = score(judged.snapshot.connection, cards[OUTLOOK], workspace.library.signals, day, grace_days=grace)
    return dict(zip(*(ahead.accounts.column(name).to_pylist() for name in ("account_id", "score")), strict=True))


def due_list_for(workspace: Workspace, judged: Judged, writers: Writers) -> DueList | None:
    """What ``writers`` say about renewals, if they say any of it."""
    wanted = {"account": ACCOUNT_FIELDS, "opportunity": OPPORTUNITY_FIELDS}
    said = {name for writer in writers for name in wanted.get(writer.entity, ()) if writer.field_of(name)}
    if not said:
        return None
    outlook = outlooks(workspace, judged) if "outlook" in said else {}
    return DueList(judged.computed.as_of, due_rows(workspace, judged, every=True), outlook)
