"""The stages of a run, as lines of a summary."""

from __future__ import annotations

from collections import Counter

from csconnect.model.values import Outcome
from csconnect.report.screen import NOBODY, Screen, counted
from csconnect.stages.pull import PullReport
from csconnect.sync import SyncReport, outcomes
from csconnect.writeback import ApplyResult, UndoResult

PLURALS = {
    "opportunity": "opportunities",
    "survey": "surveys",
    "advocacy": "advocacies",
    "usage_day": "usage rows",
    "consumption": "amounts consumed",
}


def show_pull(screen: Screen, report: PullReport) -> None:
    """What each connection gave."""
    for each in report.connections:
        rows = [f"{count:,} {plural(entity, count)}" for entity, count in each.rows.items() if count]
        what = ", ".join(rows) if rows else "nothing new"
        screen.line("pull", f"{each.connection}: {what} · {each.calls:,} calls · {each.seconds:.1f} s")
    rejected = sum(each.rejected for each in report.connections)
    if rejected:
        screen.line("", f"{rejected:,} rows set aside (csconnect quarantine)")


def plural(entity: str, count: int) -> str:
    """The entity's name, in the number that fits."""
    name = entity.replace("_", " ")
    return PLURALS.get(entity, f"{name}s" if count != 1 else name) if count != 1 else name


def show_bands(screen: Screen, report: SyncReport) -> None:
    """How many accounts have which colour."""
    total = counted(sum(report.bands.values()), "account")
    parts = [f"{report.bands[band]:,} {band}" for band in ("red", "yellow", "green") if band in report.bands]
    if unknown := report.bands.get("unknown"):
        parts.append(f"{unknown:,} without enough data")
    coverage = f" · coverage {report.coverage} %" if report.coverage is not None else ""
    if report.nameless:
        each = ", ".join(f"{connection} {rows:,}" for connection, rows in report.nameless.items())
        screen.line(
            "", f"rows left out, for they name no customer or several: {each} (csconnect quarantine --accounts)"
        )
    if report.without_currency:
        each = ", ".join(f"{connection} {count:,}" for connection, count in report.without_currency.items())
        screen.line(
            "", f"amounts that name no currency, and count in no ARR: {each} (set currency: for the connection)"
        )
    if not report.bands:
        screen.warn(NOBODY)
    bands = f" · {', '.join(parts)}" if parts else ""
    screen.line("score", f"{total}{bands}{coverage} · {report.seconds.get('score', 0):.1f} s")


def show_closed(screen: Screen, report: SyncReport) -> None:
    """The months that the run closed or stated anew; nothing where it had nothing to state."""
    found = report.closed
    if found is None:
        return
    if found.problem:
        screen.line("close", f"no month was closed, the next run will: {found.problem}")
    parts = [f"{' and '.join(found.closed)} closed"] if found.closed else []
    if found.restated:
        parts.append(
            f"{' and '.join(found.restated)} restated (csconnect retention month {found.restated[-1]} --changes)"
        )
    if parts:
        screen.line("close", " · ".join(parts))


def show_applied(screen: Screen, result: ApplyResult, seconds: float | None = None) -> None:
    """What became of every change; refusals one by one, with the system's own words."""
    counts = outcomes(result)
    done = counts.get(Outcome.WRITTEN, 0)
    rest = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()) if name != Outcome.WRITTEN)
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    screen.line("apply", f"{done:,} written{', ' + rest if rest else ', 0 refused'}{took}")
    refused = [r for r in result.receipts if r.outcome in (Outcome.REFUSED, Outcome.CONFLICT, Outcome.UNKNOWN)]
    for (code, message), count in Counter((r.code, r.message) for r in refused).most_common(10):
        screen.say(f"    {count:,} × {code} {message}", "yellow")
    show_unfinished(screen, result)


def show_unfinished(screen: Screen, result: ApplyResult) -> None:
    """Why something was not written: beside the receipts, and on stderr for those who only mail that."""
    for connection, error in result.stopped.items():
        if not screen.one_place:
            screen.say(f"    {connection} stopped: {error}", "red")
        screen.trouble(f"{connection} stopped: {error}")
    if result.interrupted:
        screen.trouble("Stopped. Run the same command again to go on.")
    elif not result.complete:
        done = result.count(Outcome.WRITTEN) + result.count(Outcome.UNCHANGED)
        missing = counted(result.planned - done, "change")
        screen.trouble(f"{missing} of {result.planned:,} not written; run again to go on")


def show_undo(screen: Screen, result: UndoResult) -> None:
    """What was restored, what was withdrawn, what was left alone and why."""
    ok = {r.change_id for r in result.applied.receipts if r.outcome in (Outcome.WRITTEN, Outcome.UNCHANGED)}
    done = [change for change in result.plan.changes if change.id in ok]
    fields = sum(len(change.values) for change in done if change.entity == "account")
    closed = Counter(change.entity for change in done if change.entity != "account")
    parts = [
        f"{fields:,} fields as before",
        *(f"{n:,} {plural(e, n)} closed as withdrawn" for e, n in sorted(closed.items())),
    ]
    nothing = not result.plan.changes
    screen.line("undo", "nothing of that run is left to take back" if nothing else ", ".join(parts))
    if result.left:
        screen.line("", f"{len(result.left):,} left alone:")
        for why, count in Counter(left.why for left in result.left).most_common():
            screen.say(f"    {count:,} × {why}", "yellow")
    screen.line("", f"{counted(len(result.held), 'account')} held until csconnect undo --release")
    show_unfinished(screen, result.applied)
