"""The due list of a day, with health and outlook beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from csconnect.compute.renewals import renewal_list
from csconnect.compute.score import score
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace

OUTLOOK = "renewal_risk"
"""The card whose score is the outlook of a renewal; health is another number (architecture, decision 16)."""


@dataclass(frozen=True)
class Renewals:
    """``rows`` are those of `csconnect.compute.renewals.renewal_list`, ``flags`` as a list,
    with ``score`` and ``band`` (health) and ``outlook`` (0 to
    100, 100 is best; None where too little is known, or the library has no such card)."""

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
    only; with ``flagged`` only what does not fit together."""
    rules = workspace.config.renewals.rules()
    stages = [each.write_back.settings.get("stage") for each in workspace.config.connections.values()]
    with judge(workspace, as_of) as judged:
        facts = judged.snapshot.connection
        # the cycles that judging has made
        found = renewal_list(facts, as_of, rules, tuple(str(stage) for stage in stages if stage)).to_pylist()
        health = {row["account_id"]: row for row in judged.computed.scores.accounts.to_pylist()}
        cards = workspace.library.scorecards
        outlook: dict[str, Any] = {}
        if OUTLOOK in cards:
            workspace.note("looking ahead")
            ahead = score(facts, cards[OUTLOOK], workspace.library.signals, as_of, grace_days=rules.grace_days)
            outlook = {row["account_id"]: row["score"] for row in ahead.accounts.to_pylist()}
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
        whose = owner is None or owner.casefold() in (
            (row["owner"] or "").casefold(),
            (row["owner_id"] or "").casefold(),
        )
        if (row["state"] in states or near) and whose and (row["flags"] or not flagged):
            rows.append(row)
    return Renewals(as_of, rows)
