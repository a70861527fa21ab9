"""The list of scores, the worst first."""

from __future__ import annotations

from typing import Any

from csconnect.compute.explain import because, drivers_of
from csconnect.compute.score import Scores
from csconnect.report.plan import cut
from csconnect.report.screen import NOBODY, Screen, counted
from csconnect.stages.score import Judged


def show_scores(screen: Screen, judged: Judged, band: str | None, limit: int | None) -> None:
    """Account, score, band, trend, stickiness and why; accounts without a score come last."""
    rows = [row for row in score_rows(judged) if band is None or (row["band"] or "unknown") == band]
    rows.sort(key=lambda row: (row["score"] is None, row["score"] or 0, row["account"]))
    screen.data(rows)
    if not judged.roster.accounts:
        screen.warn(NOBODY)
    if screen.json:
        return
    shown = rows[:limit]
    screen.table(
        ["ACCOUNT", "SCORE", "BAND", "TREND", "LEVEL", "COVERAGE", "BECAUSE"],
        [
            [cut(r["name"], 60), r["score"], r["band"], r["trend"], r["stickiness"], f"{r['coverage']} %", r["because"]]
            for r in shown
        ],
    )
    rest = len(rows) - len(shown)
    said = f"{counted(len(rows), 'account')} on {judged.computed.as_of}"
    screen.say(said + (f", {rest:,} not shown" if rest else ""), "dim")


def show_line_scores(
    screen: Screen, judged: Judged, lines: dict[str, Scores], band: str | None, limit: int | None
) -> None:
    """A row an account and product line; who has neither score nor band there is left out."""
    rows = [
        {"account": row["account_id"], "name": judged.roster.accounts[row["account_id"]].name, "line": line}
        | {name: row[name] for name in ("score", "band", "coverage", "card")}
        for line, scores in lines.items()
        for row in scores.accounts.to_pylist()
        if row["band"] is not None and band in (None, row["band"])
    ]
    rows.sort(key=lambda row: (row["score"] is None, row["score"] or 0, row["account"], row["line"]))
    screen.data(rows)
    if screen.json:
        return
    screen.table(
        ["ACCOUNT", "PRODUCT LINE", "SCORE", "BAND", "COVERAGE"],
        [[cut(r["name"], 60), r["line"], r["score"], r["band"], f"{r['coverage']} %"] for r in rows[:limit]],
    )
    screen.say(f"{counted(len(rows), 'relationship')} on {judged.computed.as_of}", "dim")


def score_rows(judged: Judged) -> list[dict[str, Any]]:
    """One plain row an account."""
    trend = judged.trend()
    levels = {row["account_id"]: f"L{row['level']}" for row in judged.computed.stickiness.to_pylist()}
    drivers: dict[str, list[dict[str, Any]]] = {}
    for row in judged.computed.scores.drivers.to_pylist():
        drivers.setdefault(row["account_id"], []).append(row)
    rules = judged.computed.overrides()
    rows = []
    for row in judged.computed.scores.accounts.to_pylist():
        card = judged.roster.accounts[row["account_id"]]
        words = judged.roster.words(card)
        rows.append(
            {
                "account": card.id,
                "name": card.name,
                "score": row["score"],
                "band": row["band"],
                "trend": trend.get(card.id),
                "stickiness": levels.get(card.id),
                "coverage": row["coverage"],
                "because": because(drivers_of(drivers.get(card.id, [])), row["band"], words, rules.get(card.id, ())),
            }
        )
    return rows
