"""What the scores stand on, in three tables: coverage, outliers, contradictions."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.text import Text

from csconnect.report.plan import cut
from csconnect.report.screen import COLOURS, NOBODY, Screen, cell, counted, plain
from csconnect.stages.quality import Quality

NAMES = 40
"""Characters of a name or title; a longer one pushes the numbers off the screen."""


def show_quality(screen: Screen, found: Quality, limit: int | None) -> None:
    """``limit`` outliers of each signal and records of each contradiction (None: all)."""
    screen.data(as_data(found))
    if not found.customers:
        screen.warn(NOBODY)
    if screen.json:
        return
    _show_coverage(screen, found)
    _show_outliers(screen, found, limit)
    _show_contradictions(screen, found, limit)
    screen.say("")
    screen.say(_closing(found), "dim")


def _show_coverage(screen: Screen, found: Quality) -> None:
    """The signals that know least come first; those without a gap share a line."""
    every = sorted(found.inputs.coverage.to_pylist(), key=lambda row: (row["accounts"], row["signal"]))
    rows = [row for row in every if row["share"] != 100 or row["missing"]]
    screen.table(
        ["SIGNAL", "", "ACCOUNTS", "COVERAGE", "STALE", "NOBODY DELIVERS"],
        [
            [
                row["signal"],
                cut(found.signals[row["signal"]].header.title["en"], NAMES),
                row["accounts"],
                None if row["share"] is None else Text(f"{row['share']:.0f} %", style=_colour(row["share"])),
                row["stale"],
                ", ".join(row["missing"]),
            ]
            for row in rows
        ],
    )
    if whole := [row["signal"] for row in every if row not in rows]:
        screen.say(f"Known of every customer: {', '.join(whole)}")


def _colour(share: float) -> str:
    return COLOURS["red"] if share == 0 else COLOURS["yellow"] if share < 50 else ""


def _show_outliers(screen: Screen, found: Quality, limit: int | None) -> None:
    rows: list[list[Any]] = []
    for signal, group in groupby(found.inputs.outliers.to_pylist(), key=lambda row: row["signal"]):
        outliers = list(group)
        unit = found.signals[signal].header.unit
        usual = f"{outliers[0]['low']:,.1f} to {outliers[0]['high']:,.1f}"
        for row in outliers[:limit]:
            account = row["account_id"]
            rows.append(
                [signal, cut(found.names.get(account, account), NAMES), row["value"], row["median"], usual, unit]
            )
        if rest := len(outliers) - len(outliers[:limit]):
            rows.append([signal, Text(f"and {rest:,} more", style="dim"), *[Text("")] * 4])
    if rows:
        screen.say("")
        screen.table(["OUTLIERS OF", "ACCOUNT", "VALUE", "MEDIAN", "USUAL", "UNIT"], rows)


def _show_contradictions(screen: Screen, found: Quality, limit: int | None) -> None:
    """A rule with its remedy, its records below it; warnings first, the most frequent first."""
    by_rule = {
        name: list(group) for name, group in groupby(found.contradictions.to_pylist(), key=lambda row: row["rule"])
    }
    order = sorted(by_rule, key=lambda name: (found.rules[name].header.level != "warning", -len(by_rule[name]), name))
    rows: list[list[Any]] = []
    for name in order:
        rule, records = found.rules[name], by_rule[name]
        rows.append([rule.header.level, Text(f"{len(records):,}"), rule.header.title["en"], rule.header.remedy["en"]])
        for row in records[:limit]:
            account = row["account_id"]
            whose = cut(found.names.get(account, account), NAMES) if account and account != row["id"] else ""
            what = rule.says(row["number"], row["bound"]) + (f" · {whose}" if whose else "")
            rows.append([Text(""), Text(""), cell(f"  {row['entity']} {_record(row, found)}: {row['field']}"), what])
        if rest := len(records) - len(records[:limit]):
            rows.append([Text(""), Text(""), Text(f"  and {rest:,} more", style="dim"), Text("")])
    for row in found.nameless.to_pylist():
        what = f"Accounts that {row['connection']} names and that are {row['reason']}"
        remedy = f"csconnect quarantine --accounts lists them ({counted(row['rows'], 'row')} left out)"
        rows.append(["warning", Text(f"{row['accounts']:,}"), what, remedy])
    if rows:
        screen.say("")
        screen.table(["LEVEL", "HOW MANY", "CONTRADICTION", "WHAT TO DO"], rows)


def _record(row: dict[str, Any], found: Quality) -> str:
    return found.names.get(row["id"], row["id"]) if row["entity"] == "account" else row["id"]


def _closing(found: Quality) -> str:
    coverage = found.inputs.coverage
    shares = [share for share in coverage["share"].to_pylist() if share is not None]
    mean = f"{sum(shares) / len(shares):.0f} % coverage on average" if shares else "no coverage"
    named = sum(found.nameless["accounts"].to_pylist())
    return " · ".join(
        [
            f"{counted(found.customers, 'customer')} on {found.as_of}",
            f"{counted(coverage.num_rows, 'signal')}, {mean}",
            counted(found.inputs.outliers.num_rows, "outlier"),
            counted(found.contradictions.num_rows, "contradiction"),
            f"{counted(named, 'account')} named and not known",
        ]
    )


def as_data(found: Quality) -> dict[str, Any]:
    """The same for machines, whole."""
    return {
        "as_of": plain(found.as_of),
        "customers": found.customers,
        "coverage": found.inputs.coverage.to_pylist(),
        "outliers": found.inputs.outliers.to_pylist(),
        "contradictions": [
            row
            | {
                "level": rule.header.level,
                "says": rule.says(row["number"], row["bound"]),
                "remedy": rule.header.remedy["en"],
            }
            for row in found.contradictions.to_pylist()
            for rule in (found.rules[row["rule"]],)
        ],
        "nameless": found.nameless.to_pylist(),
    }
