"""What judged accounts then and what judges them now: kept with every run, and compared when a change is to be explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect.compute.change import BandChanges, because_of
from csconnect.compute.judgement import Judgement, digest_of, parse_judgement
from csconnect.compute.score import Scores
from csconnect.errors import CardError, DataError
from csconnect.stages.before import bands_before
from csconnect.stages.score import Judged, in_force, judge, score_by
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


def why_bands_change(workspace: Workspace, judged: Judged) -> BandChanges | None:
    """How many bands in the CRMs will be others because of the card, and how many because of customers; None where what judged in the
    last run that wrote is what judges today, is not known, or can no longer be read: no run stops for want of that."""
    written = workspace.ledger.last_written_run()
    document = workspace.ledger.judgement_of(written) if written else None
    if document is None:
        return None
    try:
        old = other_than_today(workspace, document, f"what judged in run {written}")
    except CardError as error:
        workspace.note(str(error))
        return None
    if old is None:
        return None
    workspace.note("scoring by the judgement of the last run that wrote")
    before = bands_before(workspace, judged.snapshot)
    under_old = score_by(judged.snapshot, old, judged.computed.as_of, before)
    return because_of(before, _bands(under_old), _bands(judged.computed.scores))


def _bands(scores: Scores) -> dict[str, str | None]:
    columns = (scores.accounts.column(name).to_pylist() for name in ("account_id", "band"))
    return dict(zip(*columns, strict=True))
