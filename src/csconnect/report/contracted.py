"""What is under contract, and what is left of each month's customers, as a person reads it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from csconnect.report.rates import cell_of, money, percent
from csconnect.report.retention import left_out
from csconnect.report.screen import Screen, counted, plain
from csconnect.stages.contracted import Cohorts, Contracted


def show_contracted(screen: Screen, found: Contracted) -> None:
    """A row a dimension and value: customers, ARR, MRR, ACV of the year, TCV."""
    rows = found.table.to_pylist()
    screen.data(
        {
            "as_of": plain(found.as_of),
            "year": {"name": found.year.name, "start": plain(found.year.start), "end": plain(found.year.end)},
            "currency": found.currency,
            "contracted": rows,
            "excluded": found.excluded.to_pylist(),
            "without_rate": found.holes.to_pylist() if found.holes else [],
        }
    )
    if screen.json:
        return
    if not rows:
        screen.say(f"Nothing is under contract on {found.as_of}.")
        return
    several = len({row["currency"] for row in rows}) > 1
    screen.table(
        [
            f"On {found.as_of}".upper(),
            *(["CURRENCY"] if several else []),
            "CUSTOMERS",
            "ARR",
            "MRR",
            f"ACV {found.year.name}",
            "TCV",
        ],
        [
            [
                cell_of(row, found.owners),
                *([row["currency"]] if several else []),
                row["customers"],
                *(money(row[name]) for name in ("arr", "mrr", "acv", "tcv")),
            ]
            for row in rows
        ],
    )
    left_out(screen, found.excluded.to_pylist(), found.holes.to_pylist() if found.holes else [])


STEPS = (1, 3, 6, 9, 12, 18, 24)
"""Months since the start that a person is shown; JSON has each."""


def show_cohorts(screen: Screen, found: Cohorts) -> None:
    """A row a month of start: its customers and ARR, and how much of the ARR ran so many months later."""
    rows = found.table.to_pylist()
    period = found.period
    screen.data(
        {
            "as_of": plain(found.as_of),
            "period": {"start": plain(period.start), "end": plain(period.end)},
            "currency": found.currency,
            "cohorts": rows,
        }
    )
    if screen.json:
        return
    if not rows:
        screen.say(f"Nobody became a customer from {period.start} on.")
        return
    by_start: dict[tuple[str, Any], dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_start[row["start_month"], row["currency"]][row["months_since"]] = row
    several = len({currency for _, currency in by_start}) > 1
    ends = {month: _months_left(month, period.end) for month, _ in by_start}
    steps = [step for step in STEPS if step < max(ends.values())]
    screen.table(
        ["STARTED", *(["CURRENCY"] if several else []), "CUSTOMERS", "ARR", *(f"+{step}" for step in steps)],
        [
            [
                month,
                *([currency] if several else []),
                since[0]["customers"] if 0 in since else 0,
                money(since[0]["arr"]) if 0 in since else None,
                *(percent(_share(since, step)) if step < ends[month] else None for step in steps),
            ]
            for (month, currency), since in sorted(by_start.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        ],
    )
    if untold := sum(row["untold_customers"] for row in rows if row["months_since"] == 0):
        screen.say(
            f"Of {counted(untold, 'customer')} the ARR cannot be told, or not in {found.currency or 'one currency'}.",
            "yellow",
        )
    screen.say(
        "ARR of those customers so many months later, out of that at the end of the month in which they started.", "dim"
    )


def _share(since: dict[int, dict[str, Any]], step: int) -> float | None:
    first = since.get(0)
    if first is None or not first["arr"]:
        return None
    return float(since[step]["arr"] / first["arr"]) if step in since else 0.0


def _months_left(month: str, end: Any) -> int:
    """How many months there were from ``month`` (YYYY-MM) until the triangle ends."""
    year, number = (int(part) for part in month.split("-"))
    return int((end.year - year) * 12 + end.month - number)
