"""What judged accounts then and what judges them now: kept with every run, and compared when a change is to be explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect.compute.judgement import Judgement, digest_of, parse_judgement
from csconnect.errors import CardError, DataError
from csconnect.stages.score import Judged, in_force, judge
from csconnect.stages.workspace import Workspace


def remember(workspace: Workspace, run_id: str) -> None:
    """Keep what judges today with a run."""
    document = in_force(workspace).document()
    workspace.ledger.keep_judgement(run_id, digest_of(document), document)


@dataclass(frozen=True)
class Past:
    """What judged on a day. ``judgement`` is None where it is that of today; ``recorded`` says whether a run then left it behind."""

    judgement: Judgement | None
    recorded: bool


def past(workspace: Workspace, day: date) -> Past:
    """The judgement in force on ``day``; today's where no run on or before it left one behind."""
    document = workspace.ledger.judgement_on(day)
    if document is None:
        return Past(None, recorded=False)
    return Past(other_than_today(workspace, document, f"what judged on {day}"), recorded=True)


def other_than_today(workspace: Workspace, document: str, called: str) -> Judgement | None:
    """The judgement of ``document``; None where it is today's. `CardError` when it can no longer be read."""
    if digest_of(document) == in_force(workspace).digest:
        return None
    try:
        return parse_judgement(document, called)
    except CardError as error:
        remedy = "This version no longer knows what that was made of; ask for a later day, with explain --since"
        raise CardError(error.what, where=error.where, remedy=remedy) from None


def judge_since(workspace: Workspace, as_of: date, since: date | None = None) -> tuple[Judged, Past]:
    """Judge ``as_of`` against ``since`` (the trend day unless given), with the judgement that was in force then.

    `DataError` when ``since`` is not before ``as_of``.
    """
    then_on = since or as_of - timedelta(days=workspace.cards.default.trend_days)
    if then_on >= as_of:
        raise DataError(
            f"{then_on} is not before {as_of}", where="--since", remedy="Name an earlier day", code="E-SINCE"
        )
    found = past(workspace, then_on)
    return judge(workspace, as_of, since=then_on, old=found.judgement), found
