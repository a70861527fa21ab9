"""The rates of a period: what fell due, and what became of those who were there when it opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from csconnect.compute.book import FATES
from csconnect.compute.due import Book
from csconnect.compute.economics import Economics
from csconnect.report.rates import cell_of, cells, money, percent
from csconnect.report.screen import Screen, counted, plain
from csconnect.stages.retention import Retention

REASONS = {
    "no_account": "of nobody we know",
    "no_dates": "without start or end",
    "reversed": "that end before they begin",
    "overlap": "that stand there twice",
    "no_host": "that belong to no term",
    "no_amount": "without an amount",
    "no_months": "without a length",
    "no_currency": "without a currency",
    "negative": "with a negative amount",
    "sum_differs": "whose sum is not the contract's",
}
"""What is said of the lines that no figure counts, or whose amount none does."""


TOLD = {
    "symptom": "reason given",
    "cause": "root cause",
    "manageable": "manageable",
    "voluntary": "of their own choice",
}
"""How the reasons of `csconnect.compute.churn.REASONS` are headed."""
WORDS = 40
"""A reason that is longer is cut on the screen; JSON has all of it."""


def show_retention(screen: Screen, found: Retention, *, base: str, months: bool) -> None:
    """``base`` is due, opening or both; with ``months`` also what fell due month by month."""
    screen.data(as_data(found))
    if screen.json:
        return
    if base in ("due", "both"):
        for book in found.books:
            _show_book(screen, found, book, months=months)
    if base in ("opening", "both"):
        _show_opening(screen, found)
        _show_left(screen, found)
        _show_economics(screen, found)
    left_out(screen, found.excluded.to_pylist(), found.holes.to_pylist() if found.holes else [])


def _show_book(screen: Screen, found: Retention, book: Book, *, months: bool) -> None:
    if book is Book.FINANCE and found.adjustments is None:
        screen.say(
            "There is no finance book: no connection delivers adjustments, and what finance agreed to is unknown, not nothing. "
            "docs/retention.md says what to deliver.",
            "yellow",
        )
        return
    title = f"Due in {found.period.name}" + (", finance book" if book is Book.FINANCE else "")
    _show_due(screen, found, title, _of(found.due, book))
    if months:
        _show_months(screen, _of(found.months, book))
    if book is Book.FINANCE:
        _show_adjustments(screen, found)


def _of(table: pa.Table | None, book: Book) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if row["book"] == book] if table is not None else []


def _show_adjustments(screen: Screen, found: Retention) -> None:
    said = _fates(found.adjustments.to_pylist() if found.adjustments else ())
    if not any(said.values()):
        screen.say("No adjustment is approved: the finance book is the business book.", "dim")
        return
    out = {"below_zero": "would take a line below zero", "unmatched": "fit no line"}
    left = [f"{said[fate]:,} {words}" for fate, words in out.items() if said[fate]]
    tail = f" Left out: {'; '.join(left)} (csconnect quality, and JSON names each)." if left else ""
    screen.say(f"Adjustments that count: {said['counts']:,}.{tail}", "yellow" if left else "dim")


def _show_due(screen: Screen, found: Retention, title: str, rows: list[dict[str, Any]]) -> None:
    if not rows or not any(row["due_customers"] for row in rows):
        screen.say(f"Nothing falls due in {found.period.name}.")
        return
    heads = [
        "DUE",
        "RENEWED",
        "OPEN",
        "LOST",
        "RENEWAL RATE, COUNT",
        "DUE ARR",
        "RENEWED ARR",
        "OPEN ARR",
        "RENEWAL RATE, AMOUNT",
    ]
    screen.table(
        [title.upper(), *_currency_head(rows), *heads],
        [
            [
                cell_of(row, found.owners),
                *_currency(rows, row),
                *cells(row, heads),
            ]
            for row in rows
        ],
    )
    if not all(row["settled"] for row in rows):
        screen.say(
            f"So far: what is open on {found.as_of} is not decided yet, and counts as due and not renewed.", "dim"
        )


def _show_months(screen: Screen, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    screen.say("")
    heads = ["DUE", "RENEWED", "OPEN", "DUE ARR", "RENEWED ARR", "RENEWAL RATE, AMOUNT"]
    screen.table(
        ["MONTH", *_currency_head(rows), *heads],
        [
            [
                row["month"],
                *_currency(rows, row),
                *cells(row, heads),
            ]
            for row in rows
        ],
    )


def _show_opening(screen: Screen, found: Retention) -> None:
    screen.say("")
    if found.opening is None:
        screen.say(f"{found.period.name} has not begun: it has no customers at its opening yet.")
        return
    rows = found.opening.to_pylist()
    if not any(row["opening_customers"] for row in rows):
        screen.say(f"Nobody was a customer on {found.period.opening}.")
        return
    heads = [
        "CUSTOMERS",
        "RETAINED",
        "DEFERRED",
        "CHURNED",
        "LOGO CHURN",
        "OPENING ARR",
        "CLOSING ARR",
        "NDR",
        "GRR",
        "EXPANDED",
    ]
    screen.table(
        [f"Customers on {found.period.opening}".upper(), *_currency_head(rows), *heads],
        [
            [
                cell_of(row, found.owners),
                *_currency(rows, row),
                *cells(row, heads),
            ]
            for row in rows
        ],
    )
    whole = rows[0]
    if whole["deferred_customers"] and whole["ndr_if_renewed"] is not None:
        said = (
            f"NDR is {(percent(whole['ndr_if_renewed']) or '').strip()} if all deferred renew. "
            if len(_currencies(rows)) == 1
            else ""
        )
        screen.say(
            f"Deferred customers ({whole['deferred_customers']:,}) are neither retained nor churned. {said}".strip(),
            "dim",
        )


def _show_left(screen: Screen, found: Retention) -> None:
    """Why customers left, under the base of which they were a part."""
    rows = found.left.to_pylist() if found.left else []
    gone = sum(row["customers"] for row in rows if row["reason"] == "symptom")
    if not gone:
        return
    screen.say("")
    if all(row["value"] is None for row in rows):
        screen.say(f"Why {counted(gone, 'customer')} left was not told: no lost renewal names a reason.", "dim")
        return
    screen.table(
        ["WHY CUSTOMERS LEFT", *_currency_head(rows), "CUSTOMERS", "ARR"],
        [
            [
                f"{TOLD[row['reason']]}: {_said(row['value'])}",
                *_currency(rows, row),
                row["customers"],
                money(row["arr"]),
            ]
            for row in rows
        ],
    )
    whole = found.opening.to_pylist()[0] if found.opening else {}
    if len(_currencies(rows)) == 1 and whole.get("logo_churn_rate_voluntary") is not None:
        logo, amount = (percent(whole[f"{name}_churn_rate_voluntary"]) or "–" for name in ("logo", "amount"))
        screen.say(f"Of their own choice: logo churn {logo.strip()}, ARR {amount.strip()}, of the opening.", "dim")


def _said(value: str | None) -> str:
    return "not told" if value is None else value if len(value) <= WORDS else f"{value[: WORDS - 1]}…"


def _show_economics(screen: Screen, found: Retention) -> None:
    worth = found.economics
    if worth is None or worth.clt is None or worth.ltv is None:
        return
    said = f"At this churn a customer stays {worth.clt:.1f} years and is worth {money(worth.ltv):,} {found.currency or ''}".rstrip()
    if worth.ratio is not None:
        enough = "more than three times" if worth.healthy else "not more than three times"
        said += f": {worth.ratio:.1f} times what winning one costs, {enough}"
    screen.say(f"{said}.", "dim")


def left_out(screen: Screen, excluded: Sequence[dict[str, Any]], holes: Sequence[dict[str, Any]]) -> None:
    """What is in no figure: lines by reason, and those on days without an exchange rate."""
    parts = []
    for row in excluded:
        amount = f" ({money(row['arr'])} {row['currency']} a year)" if row["arr"] and row["currency"] else ""
        parts.append(f"{counted(row['lines'], 'line')} {REASONS.get(row['reason'], row['reason'])}{amount}")
    for row in holes:
        parts.append(
            f"{counted(row['lines'], 'line')} in {row['currency']}, for which {row['day']} has no exchange rate"
        )
    if parts:
        screen.say("")
        screen.say(
            "Left out, and never guessed: " + "; ".join(parts) + ". csconnect quality lists the records.", "yellow"
        )


def _currencies(rows: Sequence[dict[str, Any]]) -> set[str | None]:
    return {row["currency"] for row in rows}


def _currency_head(rows: Sequence[dict[str, Any]]) -> list[str]:
    return ["CURRENCY"] if len(_currencies(rows)) > 1 else []


def _currency(rows: Sequence[dict[str, Any]], row: dict[str, Any]) -> list[str | None]:
    return [row["currency"]] if len(_currencies(rows)) > 1 else []


def as_data(found: Retention) -> dict[str, Any]:
    """The same for machines: amounts as text to the cent, rates as parts of one, null where there is no base."""
    period = found.period
    return {
        "as_of": plain(found.as_of),
        "csms": _csms(found),
        "period": {"name": period.name, "start": plain(period.start), "end": plain(period.end)},
        "currency": found.currency,
        "due": None if found.due is None else found.due.to_pylist(),
        "due_by_month": None if found.months is None else found.months.to_pylist(),
        **_finance(found),
        "opening": None if found.opening is None else found.opening.to_pylist(),
        "left": None if found.left is None else found.left.to_pylist(),
        "economics": _worth(found.economics),
        "excluded": found.excluded.to_pylist(),
        "without_rate": [] if found.holes is None else found.holes.to_pylist(),
    }


def _csms(found: Retention) -> dict[str, str]:
    """What the CSMs of the rows are called, by their keys."""
    tables = [table for table in (found.due, found.opening) if table is not None]
    keys = {row["value"] for table in tables for row in table.to_pylist() if row["dimension"] == "csm"}
    return {key: found.owners[key] for key in sorted(keys & found.owners.keys())}


def _finance(found: Retention) -> dict[str, Any]:
    """Where the finance book was asked for: what became of its adjustments, null where there is no such book."""
    if Book.FINANCE not in found.books:
        return {}
    if found.adjustments is None:
        return {"adjustments": None}
    rows = found.adjustments.to_pylist()
    left_out = [row for row in rows if row["fate"] != "counts"]
    return {"adjustments": _fates(rows) | {"left_out": left_out}}


def _fates(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many adjustments have each fate."""
    return {fate: sum(row["fate"] == fate for row in rows) for fate in FATES}


def _worth(found: Economics | None) -> dict[str, Any] | None:
    if found is None:
        return None
    years = None if found.clt is None else round(float(found.clt), 10)
    ratio = None if found.ratio is None else round(float(found.ratio), 10)
    return {"clt": years, "ltv": plain(found.ltv), "cac": plain(found.cac), "ltv_cac": ratio, "healthy": found.healthy}
