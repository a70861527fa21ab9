"""Where output goes: a rich terminal, a plain pipe, or JSON. Progress is shown only to a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {
    "green": "green",
    "yellow": "yellow",
    "red": "red",
    "ok": "green",
    "note": "cyan",
    "warning": "yellow",
    "error": "red",
    "PRODUCTION": "bold white on red",
    "sandbox": "bold black on green",
}


NOBODY = (
    "no account is a customer: csconnect pull reads accounts, customers: in the configuration says which of them count"
)
"""Said where there is nothing to score: most often a misspelt filter, or a lake that is still empty."""
PIPE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe, where nobody can widen the window."""


class Screen:
    """Prints for one command. ``form`` is ``table`` or ``json``; news and warnings go to stderr, results to stdout."""

    def __init__(self, form: str = "table", out: Console | None = None, err: Console | None = None) -> None:
        self.form = form
        self.out = out or Console(highlight=False)
        if out is None and not self.out.is_terminal:
            self.out.width = PIPE_WIDTH
        self.err = err or Console(stderr=True, highlight=False)
        self._status: Any = None

    @property
    def json(self) -> bool:
        return self.form == "json"

    @property
    def spells(self) -> bool:
        """Whether results go where any character can be written; elsewhere only ASCII is sure to arrive."""
        return (self.out.encoding or "").lower().startswith("utf")

    def note(self, text: str) -> None:
        """News of long work: a spinner on a terminal, nothing elsewhere."""
        if not self.err.is_terminal:
            return
        if self._status is None:
            self._status = self.err.status(Text(tame(text)))
            self._status.start()
        self._status.update(Text(tame(text)))

    def progress(self, what: str) -> Callable[[int, int], None]:
        """A callback for counted work."""
        return lambda done, total: self.note(f"{what} {done:,} of {total:,}")

    def done(self) -> None:
        """Take the spinner away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def warn(self, text: str) -> None:
        self.done()
        self.err.print(Text(f"warning: {tame(text)}", style="yellow"), soft_wrap=True)

    def trouble(self, text: str) -> None:
        """What a person must see even where results go into a log: on stderr, in JSON too."""
        self.done()
        self.err.print(Text(tame(text), style="red"), soft_wrap=True)

    @property
    def one_place(self) -> bool:
        """Whether results and news meet on one terminal, so that a thing need not be said on both."""
        return self.out.is_terminal and self.err.is_terminal

    def say(self, text: str | Text, style: str = "") -> None:
        """One line for people; silent in JSON."""
        if not self.json:
            self.done()
            self.out.print(text if isinstance(text, Text) else Text(tame(text), style=style), soft_wrap=True)

    def line(self, head: str, text: str) -> None:
        """A labelled line, as in the summary of a run."""
        self.say(Text.assemble((f"  {head:<11}", "bold"), " ", tame(text)))

    def data(self, value: Any) -> None:
        """One JSON value for machines; silent for people."""
        if self.json:
            self.done()
            # What a log cannot spell would come out as "?": there JSON has its own way of spelling it.
            self.out.file.write(json.dumps(value, ensure_ascii=not self.spells, indent=1, default=plain) + "\n")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> None:
        """A table for people; right-aligned where every cell is a number."""
        if self.json:
            return
        self.done()
        table = Table(
            title=title or None,
            title_justify="left",
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
            header_style="bold",
        )
        for place, head in enumerate(heads):
            numeric = bool(rows) and all(isinstance(row[place], int | float | Decimal) for row in rows)
            table.add_column(head, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(cell(value) for value in row))
        self.out.print(table)


def cell(value: Any) -> Text:
    """A value as a coloured cell; what is unknown is a dash, never a zero."""
    if value is None or value == "":
        return Text("–", style="dim")
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(f"{value:,}")
    if isinstance(value, float):
        return Text(f"{value:,.1f}")
    text = tame(str(value))
    return Text(text, style=COLOURS.get(text, ""))


def tame(text: str) -> str:
    """``text`` on one line and without control characters: a name from a CRM may hold anything, orders to the terminal too."""
    return "".join(c if c.isprintable() else " " for c in text) if not text.isprintable() else text


def counted(count: int, one: str, many: str = "") -> str:
    """``1 account``, ``2 accounts``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def plain(value: Any) -> Any:
    """What JSON cannot spell: dates as ISO text, decimals as text so that no cent is lost."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return str(value)
